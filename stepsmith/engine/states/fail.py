"""Fail: ends its machine, branch or iteration with an error."""

from __future__ import annotations

from typing import Any

from stepsmith.asl.model import Fail
from stepsmith.engine.fields.data_flow import read
from stepsmith.engine.fields.expressions import Evaluate
from stepsmith.engine.fields.linking import Linking
from stepsmith.engine.fields.query import compile_typed
from stepsmith.engine.kernel.frames import Execution, Frame, Node
from stepsmith.engine.values.failures import StateFailure, runtime
from stepsmith.engine.values.payload import text_of
from stepsmith.expressions.intrinsics import compile_call
from stepsmith.expressions.jsonpath import PathMiss, compile_path
from stepsmith.expressions.types import Json


def compile_fail(node: Node, state: Fail, linking: Linking) -> None:
    """Compile a Fail state into its node."""
    name = node.name
    query = linking.is_query(state)
    error = _part("Error", state.error, state.error_path, query=query)
    cause = _part("Cause", state.cause, state.cause_path, query=query)

    def enter(run: Execution, frame: Frame) -> Node:
        frame.entered = run.event("FailStateEntered", frame.previous, name, frame.text)
        given = [None if part is None else part(run, frame, None) for part in (error, cause)]
        raise StateFailure(*(None if text is None else str(text) for text in given))

    node.enter = enter


def _part(field: str, literal: str | None, path: str | None, *, query: bool) -> Evaluate | None:
    if path is not None:
        return _path_part(f"{field}Path", path)
    if literal is None:
        return None
    if query:
        return compile_typed(literal, field, "string")
    return lambda run, frame, given: literal


def _path_part(field: str, path: str) -> Evaluate:
    reader = compile_path(path).evaluate if path.startswith("$") else compile_call(path).evaluate

    def part(run: Execution, frame: Frame, given: Any) -> Json:
        try:
            value = read(run, frame, frame.value, reader)
        except PathMiss:
            raise runtime(
                f"The JSONPath '{path}' specified for the field '{field}' could not be found in the input"
                f" '{text_of(frame.value)}'"
            ) from None
        if not isinstance(value, str):
            raise runtime(f"The field '{field}' must refer to a string, but '{path}' is {text_of(value)}")
        return value

    return part
