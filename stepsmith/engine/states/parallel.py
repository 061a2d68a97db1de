"""Parallel: runs branches side by side and gives their outputs in branch order."""

from __future__ import annotations

from typing import Any

from stepsmith.asl.model import Parallel
from stepsmith.engine.fields.assign import compile_assign
from stepsmith.engine.fields.catching import compile_catchers
from stepsmith.engine.fields.data_flow import compile_input, compile_output
from stepsmith.engine.fields.linking import Linking, compile_entry, compile_leave
from stepsmith.engine.fields.query import compile_input_value, compile_value
from stepsmith.engine.kernel.aborting import abort_frame, revive_frame
from stepsmith.engine.kernel.frames import END, Execution, Flow, Frame, Node
from stepsmith.engine.values.failures import StateFailure
from stepsmith.expressions.types import Json, Undefined


class Branches:
    """The branches of one attempt of a Parallel state."""

    __slots__ = ("frames", "node", "owner", "pending", "place", "results", "step")

    def __init__(self, owner: Frame, node: Node, count: int, step: Any) -> None:
        self.owner = owner
        self.node = node
        self.place = f"{owner.path}/{node.name}:{owner.visits}."
        self.results: list[Json] = [None] * count
        self.pending = count
        self.frames: list[Frame] = []
        self.step = step
        """Goes on with the outputs."""

    def done(self, run: Execution, frame: Frame) -> None:
        """Take the output of a branch."""
        frame.live = False
        self.results[frame.index] = frame.value
        self.pending -= 1
        if self.pending == 0:
            owner = self.owner
            owner.work = None
            owner.previous = frame.previous
            owner.result = self.results
            run.scheduler.ready.append((run, owner, self.step))

    def failed(self, run: Execution, frame: Frame, failure: StateFailure) -> None:
        """End the other branches, and the state with this failure."""
        frame.live = False
        cause = frame.last
        for other in self.frames:
            if other.live:
                abort_frame(run, other, cause)
        if frame.node.kind == "Task":
            run.event("TaskStateAborted", cause)
        self.owner.work = None
        self.owner.redo = self
        self.owner.previous = cause
        run.resume_failed(self.owner, failure, inner=True)

    def abort(self, run: Execution, cause: int) -> None:
        """End all branches."""
        for frame in self.frames:
            if frame.live:
                abort_frame(run, frame, cause)

    def revive(self, run: Execution, previous: int) -> bool:
        """Redo the branches that did not end well."""
        for frame in self.frames:
            if frame.node is not END:
                revive_frame(run, frame, previous)
        return True


def compile_parallel(node: Node, state: Parallel, linking: Linking) -> None:
    """Compile a Parallel state into its node."""
    name = node.name
    query = linking.is_query(state)
    flows: list[Flow] = [linking.compile_flow(branch) for branch in state.branches]
    assign, names = compile_assign(state.assign, query=query, extra="result")
    if query:
        given = state.arguments
        effective = None if isinstance(given, Undefined) else compile_input_value(given, "Arguments")
        output = (
            None if isinstance(state.output, Undefined) else compile_value(state.output, "Output", "result")
        )
    else:
        effective = compile_input(state.input_path, state.parameters)
        output = compile_output(state.result_selector, state.result_path, state.output_path)
    leave = compile_leave("Parallel", name, output, assign, names, node.following)
    node.catchers = compile_catchers(node, state.catch, linking, query=query)

    def attempt(run: Execution, frame: Frame) -> None:
        value = frame.value if effective is None else effective(run, frame)
        text = frame.text if value is frame.value else run.text(value, name)
        started = frame.previous = run.event("ParallelStateStarted", frame.last)
        join = frame.work = Branches(frame, node, len(flows), finish)
        for index, flow in enumerate(flows):
            branch = Frame(flow.start, value, text, started, frame.variables, join, index)
            join.frames.append(branch)
            run.scheduler.ready.append((run, branch, flow.start.enter))

    def finish(run: Execution, frame: Frame) -> Node:
        results, frame.result = frame.result, None
        run.event("ParallelStateSucceeded", frame.previous)
        return leave(run, frame, results, None)

    node.enter = compile_entry(node, attempt)
    node.attempt = attempt
