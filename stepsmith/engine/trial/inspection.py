"""What TestState shows of the way of the data through a state."""

from __future__ import annotations

import json
from typing import Any

from stepsmith.asl.model import Choice, Fail, Map, Parallel, Pass, State, Succeed, Task, Wait
from stepsmith.engine.fields.data_flow import compile_output, compile_path_field, compile_template_field, read
from stepsmith.engine.fields.numbers import compile_number
from stepsmith.engine.fields.query import compile_input_value
from stepsmith.engine.kernel.children import Tolerance
from stepsmith.engine.kernel.frames import Execution, Frame
from stepsmith.engine.maps.items import compile_items, compile_selector, compile_tolerance, is_distributed
from stepsmith.engine.values.failures import StateFailure
from stepsmith.engine.values.payload import text_of
from stepsmith.errors import ExpressionError
from stepsmith.expressions.types import UNDEFINED, Json, Undefined

Data = dict[str, Json]


def inspect_work(run: Execution, frame: Frame, state: State, query: bool, data: Data) -> None:
    """Add what a state does before and instead of work; stops where the state fails."""
    try:
        if query:
            _inspect_arguments(run, frame, state, data)
        else:
            _inspect_input(run, frame, state, data)
    except (StateFailure, ExpressionError):
        return


def _inspect_arguments(run: Execution, frame: Frame, state: State, data: Data) -> None:
    if isinstance(state, Task) and not isinstance(state.arguments, Undefined):
        data["afterArguments"] = text_of(compile_input_value(state.arguments, "Arguments")(run, frame))


def _inspect_input(run: Execution, frame: Frame, state: State, data: Data) -> None:
    match state:
        case Pass(result=result) if not isinstance(result, Undefined):
            data["result"] = text_of(result)
            inspect_result(run, frame, state, result, False, data)
        case Pass() | Task():
            value = _after_input_path(run, frame, state.input_path, data)
            template = compile_template_field(state.parameters)
            value = value if template is None else read(run, frame, value, template)
            data["afterParameters"] = text_of(value)
            if isinstance(state, Pass):
                inspect_result(run, frame, state, value, False, data)
        case Choice() | Wait() | Succeed():
            _after_input_path(run, frame, state.input_path, data)
        case Fail():
            data["afterInputPath"] = text_of(frame.value)
        case _:
            pass


def _after_input_path(run: Execution, frame: Frame, path: Any, data: Data) -> Json:
    reader = compile_path_field(path)
    value = frame.value if reader is None else read(run, frame, frame.value, reader)
    data["afterInputPath"] = text_of(value)
    return value


def inspect_result(run: Execution, frame: Frame, state: State, result: Json, query: bool, data: Data) -> None:
    """Add what becomes of the result of a state."""
    if isinstance(state, Task):
        data["result"] = text_of(result)
    if query or not isinstance(state, Task | Map | Parallel | Pass):
        return
    selector: Json | Undefined = UNDEFINED if isinstance(state, Pass) else state.result_selector
    try:
        selected = compile_output(selector, "$", "$")
        result = result if selected is None else selected(run, frame, result)
        data["afterResultSelector"] = text_of(result)
        placed = compile_output(UNDEFINED, state.result_path, "$")
        data["afterResultPath"] = text_of(result if placed is None else placed(run, frame, result))
    except (StateFailure, ExpressionError):
        return


def inspect_map(
    run: Execution, frame: Frame, state: Map, query: bool, data: Data, source: str | None
) -> tuple[Tolerance, int | None]:
    """Add what a Map works out before its iterations; gives the tolerance and the number of items, if it is known."""
    if not query:
        _after_input_path(run, frame, state.input_path, data)
    items: Any = None
    if state.item_reader is None:
        items = compile_items(state, query=query, objects=is_distributed(state))(run, frame)
        if not query:
            data["afterItemsPath"] = text_of(items)
    elif source is not None:
        items = _parsed(source)
    _inspect_selector(run, frame, state, query, data, items)
    concurrency = compile_number(
        "MaxConcurrency", state.max_concurrency, state.max_concurrency_path, query=query
    )
    data["maxConcurrency"] = 0 if concurrency is None else concurrency(run, frame)
    tolerance_of = compile_tolerance(state, query=query)
    tolerance = Tolerance(None, None) if tolerance_of is None else tolerance_of(run, frame)
    if tolerance.count is not None:
        data["toleratedFailureCount"] = tolerance.count
    if tolerance.percentage is not None:
        data["toleratedFailurePercentage"] = float(tolerance.percentage)
    return tolerance, None if items is None else len(items)


def _inspect_selector(
    run: Execution,
    frame: Frame,
    state: Map,
    query: bool,
    data: Data,
    items: list[Json] | dict[str, Json] | None,
) -> None:
    effective_of, select = compile_selector(state, query=query)
    if select is None or items is None:
        return
    effective = frame.value if effective_of is None else effective_of(run, frame)
    keys: list[Any] = list(items) if isinstance(items, dict) else [None] * len(items)
    values: list[Json] = list(items.values()) if isinstance(items, dict) else items
    selected = [
        select(run, frame, effective, (index, value, keys[index], None)) for index, value in enumerate(values)
    ]
    data["afterItemSelector"] = text_of(selected)


def _parsed(source: str) -> Any:
    try:
        value: Json = json.loads(source)
    except ValueError:
        return [line for line in source.splitlines() if line.strip()]
    return value if isinstance(value, list | dict) else None
