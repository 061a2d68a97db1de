"""Map: runs its processor once for each item, here as lines of control of the same execution.

In a distributed Map they are executions of their own.
"""

from __future__ import annotations

from typing import Any

from stepsmith.asl.model import Map
from stepsmith.engine.fields.assign import compile_assign
from stepsmith.engine.fields.catching import compile_catchers
from stepsmith.engine.fields.data_flow import compile_output
from stepsmith.engine.fields.linking import Leave, Linking, compile_entry, compile_leave
from stepsmith.engine.fields.numbers import compile_number
from stepsmith.engine.fields.query import compile_value
from stepsmith.engine.kernel.aborting import abort_frame, revive_frame
from stepsmith.engine.kernel.frames import Execution, Flow, Frame, Node
from stepsmith.engine.kernel.settings import MOST_INLINE_ITERATIONS
from stepsmith.engine.maps.items import (
    Select,
    compile_items,
    compile_selector,
    compile_tolerance,
    is_distributed,
)
from stepsmith.engine.values.failures import RUNTIME, StateFailure, as_failure
from stepsmith.errors import ExpressionError
from stepsmith.expressions.types import Json, Undefined


class Iterations:
    """The iterations of one attempt of an inline Map state."""

    __slots__ = (
        "effective", "flow", "frames", "items", "next", "node", "owner", "pending", "place", "results",
        "select", "step", "unfinished",
    )  # fmt: skip

    def __init__(self, owner: Frame, node: Node, flow: Flow, items: list[Json], step: Any) -> None:
        self.owner = owner
        self.node = node
        self.place = f"{owner.path}/{node.name}:{owner.visits}."
        self.flow = flow
        self.items = items
        self.next = 0
        self.pending = len(items)
        self.results: list[Json] = [None] * len(items)
        self.unfinished: list[Frame] = []
        """The iterations that did not end well, for a redrive."""
        self.frames: dict[int, Frame] = {}
        """The running iterations by index."""
        self.select: Select | None = None
        self.effective: Json = None
        self.step = step
        """Goes on with the outputs."""

    def start(self, run: Execution, previous: int, frame: Frame | None = None) -> None:
        """Start the next iteration; a frame that has ended is used again."""
        index = self.next
        self.next = index + 1
        owner, value = self.owner, self.items[index]
        item = (index, value, None, None)
        run.record(("MapIterationStarted", run.now, previous, self.node.name, index))
        started = run.last = run.last + 1
        start = self.flow.start
        if frame is None:
            frame = Frame(start, value, "", started, owner.variables, self, index, item)
        else:
            frame.node = start
            frame.value = value
            frame.previous = started
            frame.entered = 0
            frame.variables = owner.variables
            frame.index = index
            frame.item = item
            frame.visits = 0
        self.frames[index] = frame
        run.scheduler.ready.append((run, frame, self.begin))

    def begin(self, run: Execution, frame: Frame) -> Node | None:
        """Work out the input of an iteration and enter its first state."""
        try:
            if self.select is not None and frame.item is not None:
                frame.value = self.select(run, self.owner, self.effective, frame.item)
            frame.text = run.text(frame.value, self.node.name)
        except (StateFailure, ExpressionError) as problem:
            failure = as_failure(problem)
            if failure.error == RUNTIME:
                self.owner.previous = frame.last
                return run.fail(self.owner, failure)
            self.failed(run, frame, failure)
            return None
        return self.flow.start

    def done(self, run: Execution, frame: Frame) -> None:
        """Take the output of an iteration and start the next one."""
        index = frame.index
        self.results[index] = frame.value
        del self.frames[index]
        self.pending -= 1
        run.record(("MapIterationSucceeded", run.now, frame.previous, self.node.name, index))
        run.last += 1
        if self.next < len(self.items):
            self.start(run, frame.previous, frame)
        else:
            frame.live = False
            if self.pending == 0:
                owner = self.owner
                owner.work = None
                owner.previous = run.last
                owner.result = self.results
                run.scheduler.ready.append((run, owner, self.step))

    def failed(self, run: Execution, frame: Frame, failure: StateFailure) -> None:
        """End the other iterations, and the state with this failure."""
        frame.live = False
        self.frames.pop(frame.index, None)
        self.unfinished.append(frame)
        cause, name = frame.last, self.node.name
        run.event("MapIterationFailed", cause, name, frame.index)
        self.abort(run, cause)
        if frame.entered and frame.node.kind == "Task":
            run.event("TaskStateAborted", cause)
        self.owner.work = None
        self.owner.redo = self
        self.owner.previous = cause
        run.resume_failed(self.owner, failure, inner=True)

    def abort(self, run: Execution, cause: int) -> None:
        """End all iterations."""
        for index, frame in sorted(self.frames.items()):
            abort_frame(run, frame, cause)
            self.unfinished.append(frame)
            if cause:
                run.event("MapIterationAborted", cause, self.node.name, index)
        self.frames.clear()

    def revive(self, run: Execution, previous: int) -> bool:
        """Redo the iterations that did not end well; those not started yet follow as before."""
        again, self.unfinished = sorted(self.unfinished, key=lambda frame: frame.index), []
        for frame in again:
            self.frames[frame.index] = frame
            if frame.entered:
                revive_frame(run, frame, previous)
            else:
                frame.live = True
                frame.previous = previous
                run.scheduler.ready.append((run, frame, self.begin))
        return bool(again)


def compile_map(node: Node, state: Map, linking: Linking) -> None:
    """Compile a Map state into its node."""
    query = linking.is_query(state)
    assign, names = compile_assign(state.assign, query=query, extra="result")
    if query:
        output = (
            None if isinstance(state.output, Undefined) else compile_value(state.output, "Output", "result")
        )
    else:
        output = compile_output(state.result_selector, state.result_path, state.output_path)
    leave = compile_leave("Map", node.name, output, assign, names, node.following)
    node.catchers = compile_catchers(node, state.catch, linking, query=query)
    if is_distributed(state):
        # Half of the engine's code for Maps; machines without a distributed one start faster.
        from stepsmith.engine.maps.distributed import link_distributed

        link_distributed(node, state, linking, leave)
    else:
        _link_inline(node, state, linking, leave)


def _link_inline(node: Node, state: Map, linking: Linking, leave: Leave) -> None:
    """Compile the entry and the end of an inline Map state into its node."""
    query = linking.is_query(state)
    flow = linking.compile_flow(state.item_processor)
    items_of = compile_items(state, query=query)
    effective_of, select = compile_selector(state, query=query)
    concurrency_of = compile_number(
        "MaxConcurrency", state.max_concurrency, state.max_concurrency_path, query=query
    )
    tolerance_of = compile_tolerance(state, query=query)

    def attempt(run: Execution, frame: Frame) -> Node | None:
        given = items_of(run, frame)
        concurrency = 0 if concurrency_of is None else concurrency_of(run, frame)
        items = list(given)
        started = frame.previous = run.event("MapStateStarted", frame.last, None, len(items))
        if tolerance_of is not None:
            tolerance_of(run, frame)
        join = frame.work = Iterations(frame, node, flow, items, finish)
        if select is not None:
            join.select = select
            join.effective = frame.value if effective_of is None else effective_of(run, frame)
        if not items:
            frame.work = None
            frame.result = []
            return finish(run, frame)
        for _ in range(min(concurrency or MOST_INLINE_ITERATIONS, MOST_INLINE_ITERATIONS, len(items))):
            join.start(run, started)
        return None

    def finish(run: Execution, frame: Frame) -> Node:
        results, frame.result = frame.result, None
        run.event("MapStateSucceeded", frame.previous)
        return leave(run, frame, results, None)

    node.enter = compile_entry(node, attempt)
    node.attempt = attempt
