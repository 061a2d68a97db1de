"""The items of a Map state: where they come from and what each iteration gets."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from stepsmith.asl.model import Map
from stepsmith.engine.fields.data_flow import compile_input, read
from stepsmith.engine.fields.query import compile_value, expression_text, is_expression, wrong_type
from stepsmith.engine.values.failures import evaluation, runtime
from stepsmith.engine.values.payload import text_of
from stepsmith.expressions.jsonpath import compile_path
from stepsmith.expressions.templates import compile_template
from stepsmith.expressions.types import Json, Undefined

if TYPE_CHECKING:
    from stepsmith.engine.kernel.frames import Frame, Item
    from stepsmith.engine.kernel.run import Run

Items: TypeAlias = list[Json] | dict[str, Json]
ItemsOf: TypeAlias = "Callable[[Run, Frame], Items]"
Select: TypeAlias = "Callable[[Run, Frame, Json, Item], Json]"
"""Gives the input of an iteration from the effective input and the item."""


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

    def of(run: Run, frame: Frame) -> Items:
        value = evaluate(run, frame, None)
        if not _fits(value, objects):
            raise wrong_type(text, "Items", "array", value)
        return cast(Items, value)

    return of


def _from_input(objects: bool) -> ItemsOf:
    def of(run: Run, frame: Frame) -> Items:
        if not _fits(frame.value, objects):
            raise evaluation(f"Map state input must be an array but was: {text_of(frame.value)}")
        return cast(Items, frame.value)

    return of


def _by_path(state: Map, objects: bool) -> ItemsOf:
    effective = compile_input(state.input_path)
    path = state.items_path or "$"
    shown = path.removeprefix("$") if path.startswith("$$") else path
    reader = compile_path(path).evaluate

    def of(run: Run, frame: Frame) -> Items:
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


def _compile_template_selector(template: Json) -> Callable[[Run, Frame, Json], Json]:
    """Compile an ItemSelector of a JSONPath state; the third argument is what `$` stands for."""
    reader = compile_template(template).evaluate
    return lambda run, frame, effective: read(run, frame, effective, reader)


def _selector(evaluate: Callable[[Run, Frame, Json], Json]) -> Select:
    """Evaluate with the item in the context object."""

    def select(run: Run, frame: Frame, effective: Json, item: Item) -> Json:
        outer, frame.item = frame.item, item
        current, run.frame = run.frame, frame
        try:
            return evaluate(run, frame, effective)
        finally:
            frame.item = outer
            run.frame = current

    return select
