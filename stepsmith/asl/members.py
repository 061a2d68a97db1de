"""The fields of the language in a definition that may be broken, by the table of the language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, cast

from stepsmith.asl.checks.choices import LOGIC, OPERATORS
from stepsmith.asl.fields import PARTS, STATES, Field, Kind, by_name
from stepsmith.asl.placeholders import holds_placeholder
from stepsmith.expressions.json_scan import Place
from stepsmith.expressions.types import UNDEFINED, Json

_ITERATOR: Final = Field("Iterator", "item_processor", "processor")
_TYPE: Final = Field("Type", "type", "enum", words=tuple(STATES))
_STATES: Final = {name: by_name((_TYPE, *fields, _ITERATOR)) for name, fields in STATES.items()}
_PARTS: Final = {name: by_name(fields) for name, fields in PARTS.items()}
UNNAMED: Final = Field("", "", "string")
"""Stands for a field whose name holds a placeholder; the name is given in the place of its value."""
_RULE: Final = Field("Choices", "choices", "choices")
_INSIDE: Final[Mapping[Kind, str]] = {
    "branches": "Branch",
    "processor": "ItemProcessor",
    "retriers": "Retrier",
    "catchers": "Catcher",
    "choices": "ChoiceRule",
    "processor config": "ProcessorConfig",
    "item reader": "ItemReader",
    "reader config": "ReaderConfig",
    "item batcher": "ItemBatcher",
    "result writer": "ResultWriter",
    "writer config": "WriterConfig",
}
"""The kinds of fields that hold objects of the language, or lists of them."""


def value_at(value: Json, place: Place) -> object:
    """Give what is at a place; UNDEFINED where nothing is."""
    found: object = value
    for step in place:
        if isinstance(found, dict) and step in found:
            found = cast("dict[str | int, object]", found)[step]
        elif isinstance(found, list) and isinstance(step, int) and step < len(cast("list[object]", found)):
            found = cast("list[object]", found)[step]
        else:
            return UNDEFINED
    return found


def fields_of(definition: Json) -> Iterator[tuple[Place, Json, Field]]:
    """Give every field of the language in a definition, with its place, value and row in the table of the language."""
    return _fields(definition, _PARTS["StateMachine"], ())


def _fields(value: Json, table: Mapping[str, Field], place: Place) -> Iterator[tuple[Place, Json, Field]]:
    if not isinstance(value, dict):
        return
    for key, item in value.items():
        field, where = table.get(key), (*place, key)
        if field is None:
            if holds_placeholder(key):
                yield where, key, UNNAMED
            elif table is _PARTS["ChoiceRule"]:
                yield from _operand(key, item, where)
            continue
        yield where, item, field
        if field.kind == "states" and isinstance(item, dict):
            for name, state in item.items():
                kind = state.get("Type") if isinstance(state, dict) else None
                inner = _STATES.get(kind, _STATES["Task"]) if isinstance(kind, str) else _STATES["Task"]
                yield from _fields(state, inner, (*where, name))
        elif field.kind in _INSIDE:
            inner = _PARTS[_INSIDE[field.kind]]
            if isinstance(item, list):
                for index, each in enumerate(item):
                    yield from _fields(each, inner, (*where, index))
            else:
                yield from _fields(item, inner, where)


def _operand(name: str, value: Json, place: Place) -> Iterator[tuple[Place, Json, Field]]:
    """Give what a rule of a Choice state compares with, and the rules inside it."""
    if name in OPERATORS or name == "Variable":
        is_boolean = name == "BooleanEquals" or name.startswith("Is")
        is_number = name.startswith("Numeric") and not name.endswith("Path")
        kind: Kind = "boolean" if is_boolean else "number" if is_number else "string"
        yield place, value, Field(name, name, kind)
    elif name in LOGIC:
        listed = isinstance(value, list)
        for index, each in enumerate(value if listed else [value]):
            where = (*place, index) if listed else place
            if isinstance(each, dict):
                yield from _fields(each, _PARTS["ChoiceRule"], where)
            else:
                yield where, each, _RULE
