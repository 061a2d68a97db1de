"""What is deployed beside tasks, and what they may do with it: `from stepsmith.resources import Table, allow`."""

from stepsmith.authoring.tasks.provisions import (
    Bucket,
    Index,
    Parameter,
    Policy,
    Queue,
    StateMachine,
    Stream,
    Table,
    Topic,
    allow,
    creation,
)

__all__ = [
    "Bucket",
    "Index",
    "Parameter",
    "Policy",
    "Queue",
    "StateMachine",
    "Stream",
    "Table",
    "Topic",
    "allow",
    "creation",
]
