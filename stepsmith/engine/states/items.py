"""The items of a Map state: where they come from and what each iteration gets."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from stepsmith.asl.model import Map
from stepsmith.engine.data_flow import compile_input, compile_template_field
from stepsmith.engine.failures import evaluation, runtime
from stepsmith.engine.payload import text_of
from stepsmith.engine.query import compile_value, expression_text, is_expression, wrong_type
from stepsmith.expressions.jsonpath import compile_path
from stepsmith.expressions.types import UNDEFINED, Json, Undefined

if TYPE_CHECKING:
    from stepsmith.engine.frames import Frame, Item
    from stepsmith.engine.run import Run

ItemsOf: TypeAlias = "Callable[[Run, Frame], list[Json] | dict[str, Json]]"
Select: TypeAlias = "Callable[[Run, Frame, Json, Item], Json]"
"""Gives the input of an iteration from the effective input and the item."""


def compile_items(state: Map, *, query: bool) -> ItemsOf:
    """Compile Items or ItemsPath."""
    if query:
        return _by_query(state.items)
    return _by_path(state)


def _by_query(items: Json | Undefined) -> ItemsOf:
    if isinstance(items, Undefined):
        return _input_items
    evaluate = compile_value(items, "Items")
    text = expression_text(items) if isinstance(items, str) and is_expression(items) else text_of(items)

    def of(run: Run, frame: Frame) -> list[Json] | dict[str, Json]:
        value = evaluate(run, frame, None)
        if not isinstance(value, list):
            raise wrong_type(text, "Items", "array", value)
        return value

    return of


def _input_items(run: Run, frame: Frame) -> list[Json] | dict[str, Json]:
    if not isinstance(frame.value, list):
        raise evaluation(f"Map state input must be an array but was: {text_of(frame.value)}")
    return frame.value


def _by_path(state: Map) -> ItemsOf:
    effective = compile_input(state.input_path)
    path = state.items_path or "$"
    shown = path.removeprefix("$") if path.startswith("$$") else path
    reader = compile_path(path).evaluate

    def of(run: Run, frame: Frame) -> list[Json] | dict[str, Json]:
        scope = run.scope
        scope.variables = frame.variables
        scope.input = frame.value if effective is None else effective(run, frame)
        value = reader(scope)
        if not isinstance(value, list):
            raise runtime(f'Reference path "{shown}" must point to array.')
        return value

    return of


def compile_selector(state: Map, *, query: bool) -> tuple[Any, Select | None]:
    """Compile the effective input of JSONPath and ItemSelector (or the older Parameters)."""
    template = state.parameters if isinstance(state.item_selector, Undefined) else state.item_selector
    effective = None if query else compile_input(state.input_path)
    if isinstance(template, Undefined):
        return effective, None
    if query:
        return effective, _query_selector(template)
    return effective, _path_selector(template)


def _query_selector(template: Json) -> Select:
    evaluate = compile_value(template, "ItemSelector")

    def select(run: Run, frame: Frame, effective: Json, item: Item) -> Json:
        outer, frame.item = frame.item, item
        current, run.frame = run.frame, frame
        try:
            return evaluate(run, frame, None)
        finally:
            frame.item = outer
            run.frame = current

    return select


def _path_selector(template: Json) -> Select:
    reader = compile_template_field(template)
    assert reader is not None

    def select(run: Run, frame: Frame, effective: Json, item: Item) -> Json:
        outer, frame.item = frame.item, item
        current, run.frame = run.frame, frame
        try:
            scope = run.scope
            scope.input = effective
            scope.variables = frame.variables
            return reader(scope)
        finally:
            frame.item = outer
            run.frame = current

    return select


__all__ = ["UNDEFINED", "ItemsOf", "Select", "compile_items", "compile_selector"]
