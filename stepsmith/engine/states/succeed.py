"""Succeed: ends its machine, branch or iteration well."""

from __future__ import annotations

from stepsmith.asl.model import Succeed
from stepsmith.engine.fields.data_flow import compile_input, compile_output
from stepsmith.engine.fields.linking import Linking, compile_leave, pass_through
from stepsmith.engine.fields.query import compile_value
from stepsmith.engine.kernel.frames import END, Execution, Frame, Node
from stepsmith.expressions.types import UNDEFINED, Undefined


def compile_succeed(node: Node, state: Succeed, linking: Linking) -> None:
    """Compile a Succeed state into its node."""
    name = node.name
    if linking.is_query(state):
        effective = None
        output = None if isinstance(state.output, Undefined) else compile_value(state.output, "Output")
    else:
        effective = compile_input(state.input_path)
        output = compile_output(UNDEFINED, UNDEFINED, state.output_path)
    if effective is None and output is None:
        node.enter = pass_through("Succeed", name, END)
        return
    leave = compile_leave("Succeed", name, output, None, (), END)

    def enter(run: Execution, frame: Frame) -> Node:
        frame.entered = run.event("SucceedStateEntered", frame.previous, name, frame.text)
        if effective is None:
            return leave(run, frame, frame.value, frame.text)
        return leave(run, frame, effective(run, frame), None)

    node.enter = enter
