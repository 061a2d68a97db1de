"""What a Map Run makes of the ends of its children: an array in its own execution, or pages for a ResultWriter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from stepsmith.engine.maps.child_records import child_record, contribution
from stepsmith.engine.maps.distributed_fields import Destination
from stepsmith.engine.ports import WriteResults
from stepsmith.engine.values.payload import LIMIT, size_of, text_of
from stepsmith.expressions.types import Json

if TYPE_CHECKING:
    from stepsmith.engine.kernel.run import Run
    from stepsmith.engine.maps.map_run import MapRun

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

    def keep(self, child: Run, index: int) -> None:
        """Take what a child contributes."""
        if self.oversize:
            return
        value = contribution(child, self._config)
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


class Export:
    """Hands records of children to a ResultWriter, page by page."""

    __slots__ = ("_closed", "_destination", "_map_run", "_page", "_unwritten", "id")

    def __init__(self, map_run: MapRun, destination: Destination) -> None:
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

    def keep(self, child: Run) -> None:
        """Take the record of a child."""
        self._page.append(child_record(child))
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
