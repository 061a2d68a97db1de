"""A Map Run: one attempt of a distributed Map state and its child executions."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from stepsmith.engine.kernel.children import Child, Tolerance
from stepsmith.engine.kernel.frames import Execution, Frame, Node, Program, Step
from stepsmith.engine.maps.batches import ItemStream
from stepsmith.engine.maps.distributed_fields import Destination, Source
from stepsmith.engine.maps.results import Export, Results
from stepsmith.engine.ports import ItemsRead, MoreItems, ReadFailed, ReadItems, ResultsWritten, WriteFailed
from stepsmith.engine.values.failures import (
    ITEM_READER,
    RESULT_WRITER,
    TOO_MANY_FAILURES,
    StateFailure,
    as_failure,
    data_limit,
)
from stepsmith.errors import ExpressionError
from stepsmith.expressions.types import Json

MOST_PARALLEL: Final = 10_000
"""Child executions at a time where nothing says how many."""
PAGE: Final = 1000
"""Items asked for at a time."""
MOST_KEPT: Final = 1000
"""Failed children that are kept whole, so that a redrive can continue them from their failed state."""
Ending: TypeAlias = Literal["succeeded", "failed", "timedOut", "aborted"]
_ENDINGS: Final[dict[str, Ending]] = {
    "SUCCEEDED": "succeeded", "FAILED": "failed", "TIMED_OUT": "timedOut", "ABORTED": "aborted"
}  # fmt: skip


@dataclass(slots=True)
class _Job:
    """The input of one child execution, and the child while it is of use."""

    index: int
    value: Json
    items: int
    child: Child | None = None


class MapRun:
    """Starts children as items come and others end, counts how they end, and gives the state's result."""

    def __init__(
        self,
        run: Execution,
        owner: Frame,
        node: Node,
        *,
        label: str,
        program: Program,
        stream: ItemStream,
        source: Source | None,
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
        self.redrive_count = 0
        self.redriven: float | None = None
        """When it was redriven last, in seconds since 1970."""
        self.max_concurrency = concurrency
        self.tolerance = tolerance
        self._known: list[tuple[Child, int]] = []
        self._executions: dict[str, int] = dict.fromkeys(_ENDINGS.values(), 0)
        self._items: dict[str, int] = dict.fromkeys(_ENDINGS.values(), 0)
        self._running_items = 0
        self._program = program
        self._settings = replace(
            run.settings,
            state_machine_name=f"{run.settings.state_machine_name}/{label}",
            state_machine_arn=f"{run.settings.machine_arn}/{label}",
        )
        self._stream = stream
        self._source = source
        self._step = step
        self._children: dict[str, _Job] = {}
        self._started_children = 0
        self._unsuccessful: dict[int, _Job] = {}
        self._again: deque[_Job] = deque()
        self._results = Results(destination, quotas=run.settings.quotas)
        exports = destination is not None and destination.resource is not None
        self._export = Export(self, destination) if exports and destination is not None else None
        self._read_id = 0
        self._reading = False
        self._skip = 0
        self._start_event = 0

    # -- the state's side ---------------------------------------------------------------

    def begin(self, run: Execution) -> None:
        """Record the start, open the source of items if there is one, and start children."""
        self._start_event = self.owner.previous = run.event("MapRunStarted", self.owner.last, self.arn)
        run.map_runs = (*run.map_runs, self)
        most = None if self._source is None else self._source.config.get("MaxItems")
        if isinstance(most, int) and most < 0:
            self._fail(StateFailure(ITEM_READER, "field MaxItems must be positive"))
            return
        self._open()
        self._fill()

    def abort(self, run: Execution, cause: int) -> None:
        """End all children because of an event outside."""
        if self._close("ABORTED") and cause:
            run.event("MapRunAborted", cause)

    def revive(self, run: Execution, previous: int) -> bool:
        """Run the children again that did not succeed, and those that were not started."""
        if self.status == "SUCCEEDED" or (self._export is not None and self._export.id):
            return False
        self.status = "RUNNING"
        self.stopped = None
        self.redrive_count += 1
        self.redriven = run.now
        self._start_event = self.owner.previous = run.event(
            "MapRunRedriven", previous, self.arn, self.redrive_count
        )
        for kind in ("failed", "timedOut", "aborted"):
            self._executions[kind] = self._items[kind] = 0
        self._again.extend(self._unsuccessful[index] for index in sorted(self._unsuccessful))
        self._unsuccessful.clear()
        for job in self._again:
            self._results.forget(job.index)
        self._open()
        self._fill()
        return True

    @property
    def execution_counts(self) -> dict[str, int]:
        """Children by status, as DescribeMapRun gives them."""
        running, waiting = len(self._children), len(self._again)
        total = running + waiting + sum(self._executions.values())
        return {"pending": waiting, "running": running, "total": total, **self._executions}

    @property
    def item_counts(self) -> dict[str, int]:
        """Items by the status of their child, as DescribeMapRun gives them."""
        waiting = len(self._stream.pending) + sum(job.items for job in self._again)
        total = self._running_items + waiting + sum(self._items.values())
        return {"pending": waiting, "running": self._running_items, "total": total, **self._items}

    @property
    def known_children(self) -> tuple[Child, ...]:
        """Children in the order of their start, where the settings say that they are kept."""
        return tuple(child for child, _ in self._known)

    def items_of(self, child: Child) -> int:
        """Return how many items a child that is kept has."""
        return next((items for each, items in self._known if each is child), 0)

    def update(self, concurrency: int | None, count: int | None, percentage: float | None) -> None:
        """Change what bounds it, as UpdateMapRun does, and go on accordingly; None changes nothing."""
        if concurrency is not None:
            self.max_concurrency = concurrency
        before = self.tolerance
        self.tolerance = Tolerance(
            before.count if count is None else count, before.percentage if percentage is None else percentage
        )
        if self.status == "RUNNING" and self._exceeded():
            self._fail_for_threshold()
        else:
            self._fill()

    # -- answers ------------------------------------------------------------------------

    def succeed(self, run: Execution, output: Json, text: str) -> None:
        """A Map Run is no task: such an answer is not for it."""

    def items_read(self, run: Execution, answer: ItemsRead) -> None:
        """Take a page of items."""
        if answer.id != self._read_id:
            return
        self._reading = False
        items, skip = answer.items, min(self._skip, len(answer.items))
        self._skip -= skip
        self._stream.feed(((item, None, answer.source) for item in items[skip:]), last=answer.last)
        if self._stream.closed:
            run.scheduler.waiting.pop(self._read_id, None)
        self._fill()

    def read_failed(self, run: Execution, answer: ReadFailed) -> None:
        """Fail because the source cannot be read."""
        self._fail(StateFailure(ITEM_READER, answer.cause))

    def written(self, run: Execution, answer: ResultsWritten) -> None:
        """Take notice of a written page; the last one ends the Map Run."""
        if self._export is not None and self._export.written():
            details: Json = dict(answer.details or {})
            self._succeed({"MapRunArn": self.arn, "ResultWriterDetails": details})
        else:
            self._fill()

    def write_failed(self, run: Execution, answer: WriteFailed) -> None:
        """Fail because the destination cannot be written."""
        self._fail(StateFailure(RESULT_WRITER, answer.cause))

    # -- items --------------------------------------------------------------------------

    def _open(self) -> None:
        """Ask for the first page of items, past those that were taken before."""
        if self._source is None or self._stream.closed:
            return
        scheduler = self.run.scheduler
        self._skip = self._stream.fed
        self._read_id = scheduler.next_id()
        scheduler.waiting[self._read_id] = self
        self._reading = True
        scheduler.commands.append(
            ReadItems(
                id=self._read_id,
                state=self.node.name,
                resource=self._source.resource,
                arguments=self._source.arguments,
                config=self._source.config,
                limit=PAGE,
            )
        )

    def _fill(self) -> None:
        """Start as many children as may run, ask for more items, or end."""
        export = self._export
        most = min(self.max_concurrency or MOST_PARALLEL, self.run.settings.most_children)
        while self.status == "RUNNING" and len(self._children) < most:
            if export is not None and export.is_behind:
                return
            try:
                job = self._next_job()
                if job is None:
                    break
                self._start_child(job)
            except (StateFailure, ExpressionError) as problem:
                self._fail(as_failure(problem))
        stream = self._stream
        if self.status != "RUNNING" or self._children:
            more = self.status == "RUNNING" and not stream.closed and len(stream.pending) < PAGE
        elif stream.closed and not stream.pending and not self._again:
            self._complete()
            return
        else:
            more = not stream.closed
        if more and not self._reading:
            self._reading = True
            self.run.scheduler.commands.append(MoreItems(id=self._read_id, limit=PAGE))

    def _next_job(self) -> _Job | None:
        if self._again:
            return self._again.popleft()
        given = self._stream.next()
        if given is None:
            return None
        self._started_children += 1
        return _Job(self._started_children - 1, *given)

    # -- children -----------------------------------------------------------------------

    def _start_child(self, job: _Job) -> None:
        run = self.run
        if job.child is not None:  # a redrive goes on with it
            child = job.child
            child.redo(run.now, self._child_ended)
        else:
            run.text(job.value, self.node.name)
            child = job.child = run.child(self._program, self._settings, job.value, self._child_ended)
            if run.settings.keeps_children:
                self._known.append((child, job.items))
        self._children[child.name] = job
        self._running_items += job.items

    def _child_ended(self, child: Child) -> None:
        job = self._children.pop(child.name)
        self.run.now = child.now
        self._count(job, _ENDINGS[child.status])
        if child.status != "SUCCEEDED" and self._exceeded():
            self._fail_for_threshold()
            return
        if self._export is not None:
            self._export.keep(child)
        else:
            self._results.keep(child, job.index)
        self._fill()

    def _count(self, job: _Job, ending: Ending) -> None:
        self._running_items -= job.items
        self._executions[ending] += 1
        self._items[ending] += job.items
        if ending != "succeeded":
            if self._program.type == "EXPRESS" or len(self._unsuccessful) >= MOST_KEPT:
                job.child = None
            self._unsuccessful[job.index] = job

    def _exceeded(self) -> bool:
        failed = self._items["failed"] + self._items["timedOut"] + self._items["aborted"]
        count = self.tolerance.count
        if self.tolerance.percentage and not self._stream.closed:
            return bool(count) and failed > count  # the share can only be told once all items are known
        return self.tolerance.exceeded(failed, self.item_counts["total"])

    def _fail_for_threshold(self) -> None:
        cause = "The specified tolerated failure threshold was exceeded"
        self._fail(StateFailure(TOO_MANY_FAILURES, cause))

    # -- the end ------------------------------------------------------------------------

    def _complete(self) -> None:
        if self._exceeded():
            self._fail_for_threshold()
        elif self._export is not None:
            self._export.close()
        elif self._results.oversize:
            self._fail(data_limit(self.node.name))
        else:
            self._succeed(self._results.array())

    def _succeed(self, result: Json) -> None:
        self._close("SUCCEEDED")
        run, owner = self.run, self.owner
        self._unsuccessful.clear()
        self._results = Results(None, quotas=False)
        owner.work = None
        owner.previous = self._start_event
        owner.result = (result, run.event("MapRunSucceeded", self._start_event))
        run.scheduler.ready.append((run, owner, self._step))

    def _fail(self, failure: StateFailure) -> None:
        if not self._close("FAILED"):
            return
        owner, run = self.owner, self.run
        owner.redo = self
        owner.previous = run.event("MapRunFailed", self._start_event, None, (failure.error, failure.cause))
        run.resume_failed(owner, failure)

    def _close(self, status: str) -> bool:
        """Take no more answers and stop the children; tells whether it was open."""
        if self.status != "RUNNING":
            return False
        self.status = status
        self.stopped = self.run.now
        for id in (self._read_id, 0 if self._export is None else self._export.id):
            self.run.scheduler.waiting.pop(id, None)
        self._reading = False
        children, self._children = self._children, {}
        for job in children.values():
            if job.child is not None:
                job.child.now = self.run.now
                job.child.abandon()
            self._count(job, "aborted")
        return True
