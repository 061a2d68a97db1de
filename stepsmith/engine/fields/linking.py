"""How a state hangs together with the machine around it: what it may go to, how it is entered and left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from stepsmith.asl.model import Branch, ItemProcessor, QueryLanguage, State
from stepsmith.engine.fields.assign import Assign
from stepsmith.engine.fields.expressions import Evaluate
from stepsmith.engine.kernel.frames import END, Execution, Flow, Frame, Node, Program, Step
from stepsmith.engine.kernel.settings import MachineType
from stepsmith.frozen import frozen

Leave: TypeAlias = "Callable[[Execution, Frame, Any, Any], Node]"
"""Leaves a state with a result and, if it is known, the result's text; gives the next state."""


@frozen
class Linking:
    """The states that a state may go to, and the machine's settings."""

    nodes: Mapping[str, Node]
    language: QueryLanguage
    """The query language of the machine."""
    compile_flow: Callable[[Branch | ItemProcessor], Flow]
    compile_child: Callable[[ItemProcessor, MachineType], Program]
    """Compiles the processor of a distributed Map, whose iterations are executions of their own."""

    def is_query(self, state: State) -> bool:
        """Tell whether a state uses JSONata."""
        return (state.query_language or self.language) == "JSONata"

    def following(self, next: str | None) -> Node:
        """Give the state named by Next, or END."""
        return END if next is None else self.nodes[next]


def compile_entry(node: Node, attempt: Step) -> Step:
    """Compile the entry of a state with work: record it and try for the first time."""
    kind, name = f"{node.kind}StateEntered", node.name

    def enter(run: Execution, frame: Frame) -> Node | None:
        run.record((kind, run.now, frame.previous, name, frame.text))
        frame.entered = run.last = run.last + 1
        frame.retries = None
        frame.retry_count = 0
        frame.visits += 1
        return attempt(run, frame)

    return enter


def pass_through(kind: str, name: str, following: Node) -> Step:
    """Compile a whole state that changes nothing: entry and exit are one piece of record."""
    entry, exit = f"{kind}StateEntered", f"{kind}StateExited"

    def enter(run: Execution, frame: Frame) -> Node:
        text = frame.text
        frame.entered = entered = run.last + 1
        run.record((entry, run.now, frame.previous, name, text, exit, run.now, entered, name, text))
        frame.previous = run.last = entered + 1
        return following

    return enter


def compile_leave(
    kind: str,
    name: str,
    output: Evaluate | None,
    assign: Assign | None,
    names: tuple[str, ...],
    following: Node,
) -> Leave:
    """Compile the end of a state of Type `kind`; without `output` the result becomes the output."""
    exited = f"{kind}StateExited"
    if assign is not None:
        return _with_variables(exited, name, output, assign, names, following)

    def leave(run: Execution, frame: Frame, result: Any, text: Any) -> Node:
        if output is not None:
            value = output(run, frame, result)
            if value is not result or text is None:
                text = frame.text if value is frame.value else run.text(value, name)
        else:
            value = result
            if text is None:
                text = run.text(value, name)
        previous, entered = frame.previous, frame.entered
        run.record((exited, run.now, previous if previous > entered else entered, name, text))
        frame.value = value
        frame.text = text
        frame.previous = run.last = run.last + 1
        return following

    return leave


def _with_variables(
    exited: str,
    name: str,
    output: Evaluate | None,
    assign: Assign,
    names: tuple[str, ...],
    following: Node,
) -> Leave:
    subject = (name, names)

    def leave(run: Execution, frame: Frame, result: Any, text: Any) -> Node:
        variables, texts = assign(run, frame, result)
        value = result if output is None else output(run, frame, result)
        if value is not result or text is None:
            text = frame.text if value is frame.value else run.text(value, name)
        previous, entered = frame.previous, frame.entered
        run.record((exited, run.now, previous if previous > entered else entered, subject, (text, *texts)))
        frame.variables = variables
        frame.value = value
        frame.text = text
        frame.previous = run.last = run.last + 1
        return following

    return leave
