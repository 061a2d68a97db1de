"""Wait: goes on after a time span or at an instant."""

from __future__ import annotations

from typing import Any, Final

from stepsmith.asl.model import Wait
from stepsmith.engine.fields.assign import compile_assign
from stepsmith.engine.fields.data_flow import compile_input, compile_output
from stepsmith.engine.fields.expressions import Evaluate, expression_text, is_expression, wrong_type
from stepsmith.engine.fields.linking import Linking, compile_leave
from stepsmith.engine.fields.query import compile_value
from stepsmith.engine.kernel.frames import Execution, Frame, Node
from stepsmith.engine.values.failures import evaluation, runtime
from stepsmith.engine.values.payload import text_of
from stepsmith.engine.values.timestamps import parse_instant, seconds_of
from stepsmith.expressions.jsonpath import PathMiss, compile_path
from stepsmith.expressions.types import UNDEFINED, Json, Undefined

LONGEST: Final = 2**31 - 1
"""Most seconds that a Wait state may wait."""


def compile_wait(node: Node, state: Wait, linking: Linking) -> None:
    """Compile a Wait state into its node."""
    name = node.name
    query = linking.is_query(state)
    assign, names = compile_assign(state.assign, query=query)
    if query:
        effective = None
        output = None if isinstance(state.output, Undefined) else compile_value(state.output, "Output")
    else:
        effective = compile_input(state.input_path)
        output = compile_output(UNDEFINED, UNDEFINED, state.output_path)
    leave = compile_leave("Wait", name, output, assign, names, node.following)
    until = _deadline(state, query=query)

    def enter(run: Execution, frame: Frame) -> Node | None:
        frame.entered = run.event("WaitStateEntered", frame.previous, name, frame.text)
        value = frame.value if effective is None else effective(run, frame)
        due = until(run, frame, value)
        if due - run.now > LONGEST:
            raise runtime("Wait state delay is too long.")
        frame.result = value
        if due <= run.now:
            return over(run, frame)
        run.wake(frame, due, over)
        return None

    def over(run: Execution, frame: Frame) -> Node:
        frame.work = None
        value, frame.result = frame.result, None
        return leave(run, frame, value, frame.text if value is frame.value else None)

    node.enter = enter


def _deadline(state: Wait, *, query: bool) -> Any:
    if state.seconds is not None:
        return _seconds(state.seconds, query=query)
    if state.timestamp is not None:
        return _timestamp(state.timestamp, query=query)
    if state.seconds_path is not None:
        return _seconds_path(state.seconds_path)
    return _timestamp_path(state.timestamp_path or "$")


def _seconds(seconds: Json, *, query: bool) -> Any:
    evaluate: Evaluate = compile_value(seconds, "Seconds")
    text = expression_text(str(seconds)) if query and is_expression(seconds) else str(seconds)

    def until(run: Execution, frame: Frame, effective: Json) -> float:
        value = evaluate(run, frame, None)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise wrong_type(text, "Seconds", "number", value)
        if value != int(value):
            raise evaluation(
                f"The JSONata expression '{text}' specified for the field 'Seconds' returned a value that is not"
                f" an integer: {text_of(value)}",
                "Seconds",
            )
        if value < 0:
            raise evaluation(f"The Seconds field has a negative value: {text_of(value)}", "Seconds")
        return run.now + value

    return until


def _timestamp(timestamp: str, *, query: bool) -> Any:
    evaluate: Evaluate = compile_value(timestamp, "Timestamp")
    text = expression_text(timestamp) if query and is_expression(timestamp) else timestamp

    def until(run: Execution, frame: Frame, effective: Json) -> float:
        value = evaluate(run, frame, None)
        if not isinstance(value, str):
            raise wrong_type(text, "Timestamp", "string", value)
        instant = parse_instant(value)
        if instant is None:
            detail = "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: "
            if not query:
                raise runtime(detail + value)
            raise evaluation(detail + value, "Timestamp", after_entry=True)
        return seconds_of(instant)

    return until


def _seconds_path(path: str) -> Any:
    reader = compile_path(path).evaluate

    def until(run: Execution, frame: Frame, effective: Json) -> float:
        run.scope.input = effective
        run.scope.variables = frame.variables
        try:
            value = reader(run.scope)
        except PathMiss:
            raise runtime(f"The SecondsPath parameter does not reference an input value: {path}") from None
        if isinstance(value, bool) or not isinstance(value, int):
            shown = value if isinstance(value, str) else text_of(value)
            raise runtime(f"The SecondsPath parameter cannot be parsed as a long value: {path} == {shown}")
        if value < 0:
            raise runtime(f"The SecondsPath parameter references a negative value: {path} == {value}")
        return run.now + value

    return until


def _timestamp_path(path: str) -> Any:
    reader = compile_path(path).evaluate

    def until(run: Execution, frame: Frame, effective: Json) -> float:
        run.scope.input = effective
        run.scope.variables = frame.variables
        try:
            value = reader(run.scope)
        except PathMiss:
            raise runtime(f"The TimestampPath parameter does not reference an input value: {path}") from None
        instant = parse_instant(value) if isinstance(value, str) else None
        if instant is None:
            shown = value if isinstance(value, str) else text_of(value)
            raise runtime(
                "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format"
                f" string: {path} == {shown}"
            )
        return seconds_of(instant)

    return until
