"""The fields that every Map state has: its items, what each iteration gets, how many may fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, cast

from stepsmith.asl.model import Map
from stepsmith.engine.fields.data_flow import compile_input, read
from stepsmith.engine.fields.expressions import expression_text, is_expression, wrong_type
from stepsmith.engine.fields.numbers import compile_number
from stepsmith.engine.fields.query import compile_value
from stepsmith.engine.kernel.children import Tolerance
from stepsmith.engine.kernel.frames import Execution, Frame, Item
from stepsmith.engine.values.failures import evaluation, runtime
from stepsmith.engine.values.payload import text_of
from stepsmith.expressions.jsonpath import compile_path
from stepsmith.expressions.templates import compile_template
from stepsmith.expressions.types import Json, Undefined

Items: TypeAlias = list[Json] | dict[str, Json]
ItemsOf: TypeAlias = "Callable[[Execution, Frame], Items]"
Select: TypeAlias = "Callable[[Execution, Frame, Json, Item], Json]"
"""Gives the input of an iteration from the effective input and the item."""

ToleranceOf: TypeAlias = "Callable[[Execution, Frame], Tolerance]"


def is_distributed(state: Map) -> bool:
    """Tell whether the iterations of a Map state are child executions."""
    config = state.item_processor.processor_config
    return config is not None and config.mode == "DISTRIBUTED"


def compile_items(state: Map, *, query: bool, objects: bool = False) -> ItemsOf:
    """Compile Items or ItemsPath; with `objects` an object gives its pairs, as in distributed Maps."""
    if not query:
        return _by_path(state, objects)
    return _from_input(objects) if isinstance(state.items, Undefined) else _by_query(state.items, objects)


def _fits(value: Json, objects: bool) -> bool:
    return isinstance(value, list) or (objects and isinstance(value, dict))


def _by_query(items: Json, objects: bool) -> ItemsOf:
    evaluate = compile_value(items, "Items")
    text = expression_text(items) if isinstance(items, str) and is_expression(items) else text_of(items)

    def of(run: Execution, frame: Frame) -> Items:
        value = evaluate(run, frame, None)
        if not _fits(value, objects):
            raise wrong_type(text, "Items", "array", value)
        return cast(Items, value)

    return of


def _from_input(objects: bool) -> ItemsOf:
    def of(run: Execution, frame: Frame) -> Items:
        if not _fits(frame.value, objects):
            raise evaluation(f"Map state input must be an array but was: {text_of(frame.value)}")
        return cast(Items, frame.value)

    return of


def _by_path(state: Map, objects: bool) -> ItemsOf:
    effective = compile_input(state.input_path)
    path = state.items_path or "$"
    shown = path.removeprefix("$") if path.startswith("$$") else path
    reader = compile_path(path).evaluate

    def of(run: Execution, frame: Frame) -> Items:
        value = frame.value if effective is None else effective(run, frame)
        value = read(run, frame, value, reader)
        if not _fits(value, objects):
            raise runtime(f'Reference path "{shown}" must point to array.')
        return cast(Items, value)

    return of


def compile_selector(state: Map, *, query: bool) -> tuple[Any, Select | None]:
    """Compile the effective input of JSONPath and ItemSelector (or the older Parameters)."""
    template = state.parameters if isinstance(state.item_selector, Undefined) else state.item_selector
    effective = None if query else compile_input(state.input_path)
    if isinstance(template, Undefined):
        return effective, None
    if query:
        evaluate = compile_value(template, "ItemSelector")
        return effective, _selector(lambda run, frame, _: evaluate(run, frame, None))
    return effective, _selector(_compile_template_selector(template))


def _compile_template_selector(template: Json) -> Callable[[Execution, Frame, Json], Json]:
    """Compile an ItemSelector of a JSONPath state; the third argument is what `$` stands for."""
    reader = compile_template(template).evaluate
    return lambda run, frame, effective: read(run, frame, effective, reader)


def _selector(evaluate: Callable[[Execution, Frame, Json], Json]) -> Select:
    """Evaluate with the item in the context object."""

    def select(run: Execution, frame: Frame, effective: Json, item: Item) -> Json:
        outer, frame.item = frame.item, item
        current, run.frame = run.frame, frame
        try:
            return evaluate(run, frame, effective)
        finally:
            frame.item = outer
            run.frame = current

    return select


def compile_tolerance(state: Map, *, query: bool) -> ToleranceOf | None:
    """Compile the fields of tolerated failures; None where there are none."""
    count_of = compile_number(
        "ToleratedFailureCount",
        state.tolerated_failure_count,
        state.tolerated_failure_count_path,
        query=query,
    )
    percentage_of = compile_number(
        "ToleratedFailurePercentage",
        state.tolerated_failure_percentage,
        state.tolerated_failure_percentage_path,
        query=query,
        whole=False,
    )
    if count_of is None and percentage_of is None:
        return None

    def tolerance(run: Execution, frame: Frame) -> Tolerance:
        count = None if count_of is None else count_of(run, frame)
        percentage = None if percentage_of is None else percentage_of(run, frame)
        if count is not None and count < 0:
            raise runtime("ToleratedFailureCount cannot be negative.")
        if percentage is not None and not 0 <= percentage <= 100:
            raise runtime("ToleratedFailurePercentage must be between 0 and 100.")
        return Tolerance(count, percentage)

    return tolerance
