"""The kill test over the project's own workloads: `python -m tests.durability.kill`."""
