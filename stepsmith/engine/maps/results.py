"""What a Map Run makes of the ends of its children: an array in its own execution, or pages for a ResultWriter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from stepsmith.engine.kernel.children import Child
from stepsmith.engine.kernel.frames import Node, Receiver
from stepsmith.engine.maps.distributed_fields import Destination
from stepsmith.engine.ports import WriteResults
from stepsmith.engine.values.payload import LIMIT, size_of, text_of
from stepsmith.engine.values.timestamps import iso
from stepsmith.expressions.types import Json, Undefined

PAGE: Final = 1000
"""Records written at a time."""
MOST_UNWRITTEN: Final = 4
"""Pages on their way out before no more children are started."""


class Results:
    """Collects outputs by index; forgets them all once they are too many for a payload."""

    __slots__ = ("_config", "_outputs", "_quotas", "_size", "oversize")

    def __init__(self, destination: Destination | None, *, quotas: bool) -> None:
        self._config = None if destination is None else destination.config
        self._outputs: dict[int, Json] = {}
        self._quotas = quotas
        self._size = 0
        self.oversize = False

    def keep(self, child: Child, index: int) -> None:
        """Take what a child contributes."""
        if self.oversize:
            return
        value = _contribution(child, self._config)
        self._outputs[index] = value
        if self._quotas:
            self._size += size_of(text_of(value)) + 1
            if self._size > LIMIT + 1:
                self.oversize = True
                self._outputs.clear()

    def forget(self, index: int) -> None:
        """Drop what a child contributed that runs again."""
        self._outputs.pop(index, None)

    def array(self) -> list[Json]:
        """Give the outputs in the order of the items."""
        outputs = [self._outputs[index] for index in sorted(self._outputs)]
        if self._config is None or self._config.get("Transformation") != "FLATTEN":
            return outputs
        return [part for output in outputs for part in (output if isinstance(output, list) else [output])]


class Exporter(Receiver, Protocol):
    """The Map Run that an export belongs to."""

    arn: str
    node: Node


class Export:
    """Hands records of children to a ResultWriter, page by page."""

    __slots__ = ("_closed", "_destination", "_map_run", "_page", "_unwritten", "id")

    def __init__(self, map_run: Exporter, destination: Destination) -> None:
        self._map_run = map_run
        self._destination = destination
        self._page: list[Mapping[str, Json]] = []
        self._unwritten = 0
        self._closed = False
        self.id = 0
        """Id of its commands; 0 before the first."""

    @property
    def is_behind(self) -> bool:
        """Whether so much is unwritten that no more should be done meanwhile."""
        return self._unwritten >= MOST_UNWRITTEN

    def keep(self, child: Child) -> None:
        """Take the record of a child."""
        self._page.append(_record(child))
        if len(self._page) >= PAGE:
            self._write(last=False)

    def close(self) -> None:
        """Write the last page; once."""
        if not self._closed:
            self._closed = True
            self._write(last=True)

    def written(self) -> bool:
        """Take notice of a written page; tells whether it was the last of all."""
        self._unwritten -= 1
        return self._closed and self._unwritten == 0

    def _write(self, *, last: bool) -> None:
        map_run = self._map_run
        scheduler = map_run.run.scheduler
        if not self.id:
            self.id = scheduler.next_id()
            scheduler.waiting[self.id] = map_run
        self._unwritten += 1
        page, self._page = tuple(self._page), []
        scheduler.commands.append(
            WriteResults(
                id=self.id,
                state=map_run.node.name,
                resource=self._destination.resource or "",
                arguments=self._destination.arguments,
                config=self._destination.config,
                map_run_arn=map_run.arn,
                records=page,
                last=last,
            )
        )


def _record(child: Child) -> dict[str, Json]:
    """Describe a child as the files of a ResultWriter do."""
    record: dict[str, Json] = {"ExecutionArn": child.arn}
    if child.status != "SUCCEEDED":
        record |= {
            name: text for name, text in (("Cause", child.cause), ("Error", child.error)) if text is not None
        }
    record |= {"Input": text_of(child.input), "InputDetails": {"Included": True}, "Name": child.name}
    if not isinstance(child.output, Undefined):
        record |= {"Output": text_of(child.output), "OutputDetails": {"Included": True}}
    failed = child.status != "SUCCEEDED"
    return record | {
        "RedriveCount": child.redrive_count,
        "RedriveStatus": "REDRIVABLE" if failed else "NOT_REDRIVABLE",
        **({} if failed else {"RedriveStatusReason": "Execution is SUCCEEDED and cannot be redriven"}),
        "StartDate": iso(child.started),
        "StateMachineArn": child.machine_arn,
        "Status": child.status,
        "StopDate": iso(child.stopped or child.now),
    }


def _contribution(child: Child, config: Mapping[str, Json] | None) -> Json:
    """Give a child's element in the result of a Map that is not exported."""
    whole = config is not None and config.get("Transformation") == "NONE"
    if whole or isinstance(child.output, Undefined):
        return _record(child)
    return child.output
