"""A Map Run: one attempt of a distributed Map state and its child executions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from stepsmith.engine.batches import ItemStream
from stepsmith.engine.child_records import child_record, contribution
from stepsmith.engine.failures import (
    ITEM_READER,
    RESULT_WRITER,
    TOO_MANY_FAILURES,
    StateFailure,
    as_failure,
    data_limit,
)
from stepsmith.engine.frames import Frame, Node, Step
from stepsmith.engine.payload import LIMIT, size_of, text_of
from stepsmith.engine.ports import (
    ItemsRead,
    MoreItems,
    ReadFailed,
    ReadItems,
    ResultsWritten,
    WriteFailed,
    WriteResults,
)
from stepsmith.engine.states.distributed_fields import Destination, Source
from stepsmith.engine.states.tolerance import Tolerance
from stepsmith.errors import ExpressionError
from stepsmith.expressions.types import Json

if TYPE_CHECKING:
    from stepsmith.engine.program import Program
    from stepsmith.engine.run import Run

PAGE: Final = 1000
"""Items asked for, and records written, at a time."""
MOST_UNWRITTEN: Final = 4
"""Pages of records on their way out before no more children are started."""
ARN_STATUS: Final = {
    "SUCCEEDED": "succeeded",
    "FAILED": "failed",
    "TIMED_OUT": "timedOut",
    "ABORTED": "aborted",
}


class MapRun:
    """Starts children as items come and others end, counts how they end, and gives the state's result."""

    __slots__ = (
        "_children", "_concurrency", "_destination", "_ended", "_failed_items", "_id", "_name", "_oversize",
        "_page", "_program", "_reading", "_results", "_size", "_started_event", "_step", "_stream", "_tolerance",
        "_unwritten", "_write_id", "arn", "counts", "items", "label", "node", "owner", "run", "started", "status",
        "stopped",
    )  # fmt: skip

    def __init__(
        self,
        run: Run,
        owner: Frame,
        node: Node,
        *,
        label: str,
        program: Program,
        stream: ItemStream,
        concurrency: int,
        tolerance: Tolerance,
        destination: Destination | None,
        step: Step,
    ) -> None:
        self.run = run
        self.owner = owner
        self.node = node
        self.label = label
        machine = run.settings.machine_arn.replace(":stateMachine:", ":mapRun:", 1)
        self.arn = f"{machine}/{label}:{run.random.uuid()}"
        self.status = "RUNNING"
        self.started = run.now
        self.stopped: float | None = None
        self.counts: dict[str, int] = dict.fromkeys(("succeeded", "failed", "timedOut", "aborted"), 0)
        """Children by how they ended."""
        self.items: dict[str, int] = dict.fromkeys(("succeeded", "failed", "timedOut", "aborted"), 0)
        """Items by how their child ended."""
        self._program = program
        self._name = f"{run.settings.state_machine_name}/{label}"
        self._stream = stream
        self._concurrency = concurrency
        self._tolerance = tolerance
        self._destination = destination
        self._step = step
        self._children: dict[str, tuple[Run, int, int]] = {}
        self._results: dict[int, Json] = {}
        self._size = 0
        self._oversize = False
        self._page: list[Mapping[str, Json]] = []
        self._unwritten = 0
        self._id = 0
        self._write_id = 0
        self._reading = False
        self._failed_items = 0
        self._ended = False
        self._started_event = 0

    # -- the state's side ---------------------------------------------------------------

    def begin(self, run: Run, source: Source | None) -> None:
        """Record the start, open the source of items if there is one, and start children."""
        self._started_event = self.owner.previous = run.event("MapRunStarted", self.owner.last, self.arn)
        run.map_runs.append(self)
        if source is not None:
            most = source.config.get("MaxItems")
            if isinstance(most, int) and most < 0:
                self._fail(run, StateFailure(ITEM_READER, "field MaxItems must be positive"))
                return
            self._id = run.scheduler.next_id()
            run.scheduler.waiting[self._id] = (run, self)
            self._reading = True
            run.scheduler.commands.append(
                ReadItems(
                    id=self._id,
                    state=self.node.name,
                    resource=source.resource,
                    arguments=source.arguments,
                    config=source.config,
                    limit=PAGE,
                )
            )
        self._fill(run)

    def abort(self, run: Run, cause: int) -> None:
        """End all children because of an event outside."""
        if self._close("ABORTED") and cause:
            run.event("MapRunAborted", cause)

    @property
    def execution_counts(self) -> dict[str, int]:
        """Children by status, as DescribeMapRun gives them."""
        running = len(self._children)
        total = running + sum(self.counts.values())
        return {"pending": 0, "running": running, "total": total, **self.counts}

    @property
    def item_counts(self) -> dict[str, int]:
        """Items by the status of their child."""
        running = sum(count for _, _, count in self._children.values())
        pending = len(self._stream.pending)
        total = running + pending + sum(self.items.values())
        return {"pending": pending, "running": running, "total": total, **self.items}

    # -- answers ------------------------------------------------------------------------

    def items_read(self, run: Run, answer: ItemsRead) -> None:
        """Take a page of items."""
        if self._ended or answer.id != self._id:
            return
        self._reading = False
        self._stream.feed(((item, None, answer.source) for item in answer.items), last=answer.last)
        if self._stream.closed:
            run.scheduler.waiting.pop(self._id, None)
        self._fill(run)

    def read_failed(self, run: Run, answer: ReadFailed) -> None:
        """Fail because the source cannot be read."""
        self._fail(run, StateFailure(ITEM_READER, answer.cause))

    def written(self, run: Run, answer: ResultsWritten) -> None:
        """Take notice of a written page; the last one ends the Map Run."""
        if self._ended:
            return
        self._unwritten -= 1
        if answer.details is not None and self._unwritten == 0 and self._is_done:
            details: Json = dict(answer.details)
            self._succeed(run, {"MapRunArn": self.arn, "ResultWriterDetails": details})
        else:
            self._fill(run)

    def write_failed(self, run: Run, answer: WriteFailed) -> None:
        """Fail because the destination cannot be written."""
        self._fail(run, StateFailure(RESULT_WRITER, answer.cause))

    # -- children -----------------------------------------------------------------------

    @property
    def _is_done(self) -> bool:
        return self._stream.closed and not self._stream.pending and not self._children

    def _fill(self, run: Run) -> None:
        """Start as many children as may run, ask for more items, or end."""
        while (
            not self._ended and len(self._children) < self._concurrency and self._unwritten < MOST_UNWRITTEN
        ):
            try:
                given = self._stream.next()
                if given is None:
                    break
                self._start_child(run, *given)
            except (StateFailure, ExpressionError) as problem:
                self._fail(run, as_failure(problem))
                return
        if self._ended:
            return
        if self._is_done:
            self._complete(run)
        elif not self._stream.closed and not self._reading and len(self._stream.pending) < PAGE:
            self._reading = True
            run.scheduler.commands.append(MoreItems(id=self._id, limit=PAGE))

    def _start_child(self, run: Run, value: Json, items: int) -> None:
        run.text(value, self.node.name)
        index = len(self._children) + sum(self.counts.values())
        name = run.random.uuid()
        settings = self._child_settings(run)
        child = type(run)(
            self._program,
            settings,
            value,
            now=run.now,
            name=name,
            random=run.random,
            scheduler=run.scheduler,
            on_end=self._child_ended,
        )
        self._children[child.arn] = (child, index, items)

    def _child_settings(self, run: Run) -> Any:
        settings = run.child_settings.get(self.label)
        if settings is None:
            arn = f"{run.settings.machine_arn}/{self.label}"
            settings = replace(run.settings, state_machine_name=self._name, state_machine_arn=arn)
            run.child_settings[self.label] = settings
        return settings

    def _child_ended(self, child: Run) -> None:
        if self._ended:
            return
        run = self.run
        run.now = child.now
        _, index, items = self._children.pop(child.arn)
        kind = ARN_STATUS[child.status]
        self.counts[kind] += 1
        self.items[kind] += items
        if run.settings.child_ended is not None:
            run.settings.child_ended(child)
        if child.status != "SUCCEEDED":
            self._failed_items += items
            if self._exceeded():
                self._fail_for_threshold(run)
                return
        self._keep(run, child, index)
        self._fill(run)

    def _exceeded(self) -> bool:
        total = self.item_counts["total"]
        if self._tolerance.percentage is not None and not self._stream.closed:
            # The share can only be told once all items are known.
            return Tolerance(self._tolerance.count, 100).exceeded(self._failed_items, total)
        return self._tolerance.exceeded(self._failed_items, total)

    def _fail_for_threshold(self, run: Run) -> None:
        cause = "The specified tolerated failure threshold was exceeded"
        self._fail(run, StateFailure(TOO_MANY_FAILURES, cause))

    def _keep(self, run: Run, child: Run, index: int) -> None:
        destination = self._destination
        if destination is not None and destination.resource is not None:
            self._page.append(child_record(child))
            if len(self._page) >= PAGE:
                self._write(run, destination, last=False)
            return
        if self._oversize:
            return
        value = contribution(child, None if destination is None else destination.config)
        self._results[index] = value
        if run.settings.quotas:
            self._size += size_of(text_of(value)) + 1
            if self._size > LIMIT + 1:
                self._oversize = True
                self._results.clear()

    def _write(self, run: Run, destination: Destination, *, last: bool) -> None:
        if not self._write_id:
            self._write_id = run.scheduler.next_id()
            run.scheduler.waiting[self._write_id] = (run, self)
        self._unwritten += 1
        page, self._page = tuple(self._page), []
        run.scheduler.commands.append(
            WriteResults(
                id=self._write_id,
                state=self.node.name,
                resource=destination.resource or "",
                arguments=destination.arguments,
                config=destination.config,
                map_run_arn=self.arn,
                records=page,
                last=last,
            )
        )

    # -- the end ------------------------------------------------------------------------

    def _complete(self, run: Run) -> None:
        if self._exceeded():
            self._fail_for_threshold(run)
            return
        destination = self._destination
        if destination is not None and destination.resource is not None:
            self._write(run, destination, last=True)
            return
        if self._oversize:
            self._fail(run, data_limit(self.node.name))
            return
        outputs = [self._results[index] for index in sorted(self._results)]
        if destination is not None and destination.config.get("Transformation") == "FLATTEN":
            outputs = [
                part for output in outputs for part in (output if isinstance(output, list) else [output])
            ]
        self._succeed(run, outputs)

    def _succeed(self, run: Run, result: Json) -> None:
        self._close("SUCCEEDED")
        owner = self.owner
        owner.work = None
        owner.previous = self._started_event
        owner.result = (result, run.event("MapRunSucceeded", self._started_event))
        run.scheduler.ready.append((run, owner, self._step))

    def _fail(self, run: Run, failure: StateFailure) -> None:
        if not self._close("FAILED"):
            return
        self.owner.work = None
        shown = (failure.error, failure.cause)
        self.owner.previous = run.event("MapRunFailed", self._started_event, None, shown)
        run.resume_failed(self.owner, failure)

    def _close(self, status: str) -> bool:
        """Take no more answers and stop the children; tells whether it was open."""
        if self._ended:
            return False
        self._ended = True
        self.status = status
        self.stopped = self.run.now
        for id in (self._id, self._write_id):
            self.run.scheduler.waiting.pop(id, None)
        children, self._children = self._children, {}
        for child, _, items in children.values():
            self.counts["aborted"] += 1
            self.items["aborted"] += items
            child.now = self.run.now
            child.abandon()
        self._stream.pending.clear()
        return True
