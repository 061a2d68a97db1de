"""How a state is left: output, variables, the exited event."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from stepsmith.engine.fields.assign import Assign
from stepsmith.expressions.types import Json

if TYPE_CHECKING:
    from stepsmith.engine.kernel.frames import Frame, Node, Step
    from stepsmith.engine.kernel.run import Run

Leave: TypeAlias = "Callable[[Run, Frame, Any, Any], Node]"
"""Leaves a state with a result and, if it is known, the result's text; gives the next state."""
Output: TypeAlias = "Callable[[Run, Frame, Any], Json]"


def pass_through(kind: str, name: str, following: Node) -> Step:
    """Compile a whole state that changes nothing: entry and exit are one piece of record."""
    entry, exit = f"{kind}StateEntered", f"{kind}StateExited"

    def enter(run: Run, frame: Frame) -> Node:
        text = frame.text
        frame.entered = entered = run.last + 1
        run.record((entry, run.now, frame.previous, name, text, exit, run.now, entered, name, text))
        frame.previous = run.last = entered + 1
        return following

    return enter


def compile_leave(
    kind: str,
    name: str,
    output: Output | None,
    assign: Assign | None,
    names: tuple[str, ...],
    following: Node,
) -> Leave:
    """Compile the end of a state of Type `kind`; without `output` the result becomes the output."""
    exited = f"{kind}StateExited"
    if assign is not None:
        return _with_variables(exited, name, output, assign, names, following)

    def leave(run: Run, frame: Frame, result: Any, text: Any) -> Node:
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
    output: Output | None,
    assign: Assign,
    names: tuple[str, ...],
    following: Node,
) -> Leave:
    subject = (name, names)

    def leave(run: Run, frame: Frame, result: Any, text: Any) -> Node:
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
