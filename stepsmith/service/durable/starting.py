"""Starts executions in a journal, and asks things of those that are there."""

from __future__ import annotations

from stepsmith.engine.values.payload import text_of
from stepsmith.errors import InvalidInput, NotFound
from stepsmith.expressions.json_text import read
from stepsmith.store import Reader, Start, Store, Summary, Tail, Unit


class ExecutionAlreadyExists(InvalidInput):
    """An execution of this name is there already, with another input or at its end."""


def begin(store: Store, reader: Reader, start: Start) -> int:
    """Record an execution and give its id; the same name and input again while it runs is the same execution.

    Raises ExecutionAlreadyExists.
    """
    unit = Unit(tail=Tail(), start=start)
    found = reader.find(start.arn)
    if not found:
        store.commit([unit])
        if not unit.refused:
            return unit.tail.execution
        found = reader.find(start.arn)
    return _same(reader, found[0], start)


def _same(reader: Reader, found: Summary, start: Start) -> int:
    if found.status == "RUNNING" and _value(reader.start(found.id)) == _value(start):
        return found.id
    reason = "with another input" if found.status == "RUNNING" else f"and is {found.status}"
    raise ExecutionAlreadyExists(
        f"there is an execution {start.name!r} of {start.machine} already, {reason} (ExecutionAlreadyExists): "
        "give another name, or prune it when it has ended"
    )


def _value(start: Start) -> str:
    return text_of(read(start.input, repeated_keys=True))


def find(reader: Reader, name: str) -> Summary:
    """Return the execution of a name or an ARN; raises NotFound, and InvalidInput where several have the name."""
    found = reader.find(name)
    if not found:
        raise NotFound(f"there is no execution {name!r} in {reader.path}")
    if len(found) > 1:
        raise InvalidInput(f"several executions are named {name!r}: {', '.join(each.arn for each in found)}")
    return found[0]
