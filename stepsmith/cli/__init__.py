"""The command line: `stepsmith`."""

from __future__ import annotations


def main() -> None:
    """Run the command that the process's arguments name, and end the process with its exit code."""
    import sys

    from stepsmith.cli.app import call
    from stepsmith.cli.output.messages import open_streams

    open_streams()
    sys.exit(call(sys.argv[1:]))


__all__ = ["main"]
