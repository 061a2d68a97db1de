"""Pass: shapes data."""

from __future__ import annotations

from typing import Any

from stepsmith.asl.model import Pass
from stepsmith.engine.fields.assign import compile_assign
from stepsmith.engine.fields.data_flow import compile_input, compile_output
from stepsmith.engine.fields.expressions import Evaluate
from stepsmith.engine.fields.linking import Leave, Linking, compile_leave, pass_through
from stepsmith.engine.fields.query import compile_value
from stepsmith.engine.kernel.frames import Execution, Frame, Node
from stepsmith.expressions.types import UNDEFINED, Json, Undefined


def compile_pass(node: Node, state: Pass, linking: Linking) -> None:
    """Compile a Pass state into its node."""
    query = linking.is_query(state)
    assign, names = compile_assign(state.assign, query=query)
    shape = _query_shape(state) if query else _path_shape(state)
    if assign is None and shape is None:
        node.enter = pass_through("Pass", node.name, node.following)
    elif assign is None and shape is not None:
        node.enter = _shaped(node, shape)
    else:
        default: Evaluate = lambda run, frame, given: frame.value  # noqa: E731
        result, output = _query_parts(state, default) if query else _path_parts(state, default)
        node.enter = _general(
            node, result, compile_leave("Pass", node.name, output, assign, names, node.following)
        )


def _query_shape(state: Pass) -> Evaluate | None:
    return None if isinstance(state.output, Undefined) else compile_value(state.output, "Output")


def _path_shape(state: Pass) -> Evaluate | None:
    default: Evaluate = lambda run, frame, given: frame.value  # noqa: E731
    result, output = _path_parts(state, default)
    constant: Any = state.result
    if output is not None and not isinstance(constant, Undefined) and _takes_all(state):
        return lambda run, frame, given: output(run, frame, constant)
    if output is None:
        return None if result is default else result
    if result is default:
        return lambda run, frame, given: output(run, frame, frame.value)
    return lambda run, frame, given: output(run, frame, result(run, frame, given))


def _takes_all(state: Pass) -> bool:
    return compile_input(state.input_path, state.parameters) is None


def _query_parts(state: Pass, default: Evaluate) -> tuple[Evaluate, Evaluate | None]:
    return default, _query_shape(state)


def _path_parts(state: Pass, default: Evaluate) -> tuple[Evaluate, Evaluate | None]:
    output = compile_output(UNDEFINED, state.result_path, state.output_path)
    if not isinstance(state.result, Undefined):
        constant: Json = state.result
        effective = compile_input(state.input_path, state.parameters)
        if effective is None:
            return (lambda run, frame, given: constant), output

        def checked(run: Execution, frame: Frame, given: Any) -> Json:
            effective(run, frame)  # a path that leads nowhere fails the state all the same
            return constant

        return checked, output
    effective = compile_input(state.input_path, state.parameters)
    return (default if effective is None else lambda run, frame, given: effective(run, frame)), output


def _shaped(node: Node, shape: Evaluate) -> Any:
    name, following = node.name, node.following

    def enter(run: Execution, frame: Frame) -> Node:
        frame.entered = entered = run.last + 1
        try:
            value = shape(run, frame, None)
            text = run.text(value, name)
        except BaseException:
            run.event("PassStateEntered", frame.previous, name, frame.text)
            raise
        run.record(
            (
                "PassStateEntered", run.now, frame.previous, name, frame.text,
                "PassStateExited", run.now, entered, name, text,
            )
        )  # fmt: skip
        frame.value = value
        frame.text = text
        frame.previous = run.last = entered + 1
        return following

    return enter


def _general(node: Node, result: Evaluate, leave: Leave) -> Any:
    name = node.name

    def enter(run: Execution, frame: Frame) -> Node:
        frame.entered = run.event("PassStateEntered", frame.previous, name, frame.text)
        value = result(run, frame, None)
        return leave(run, frame, value, frame.text if value is frame.value else None)

    return enter
