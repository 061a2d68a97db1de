"""Where the personal parts of a value are, by its annotation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Final, TypeAlias, TypeVar, cast

from pydantic import Field, PydanticUserError, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue

from stepsmith.expressions.types import Json

T = TypeVar("T")

KEYWORD: Final = "personal"
"""The member of a JSON schema that says so."""

Personal = Annotated[T, Field(json_schema_extra={KEYWORD: True})]
"""Marks what says something about a person: `email: Personal[str]`, `place: Personal[Geo | None] = None`.

It changes nothing but what is shown: reports, notebooks and the command line mask what such a field holds. In the JSON
schema of a model it is `"personal": true`. On a whole model it marks every field of it.
"""


Schema: TypeAlias = "Mapping[str, Any]"
Found: TypeAlias = tuple[str, Json]
"""A personal text, number or truth value, and the name of the member that holds it."""

_REFERENCE: Final = "#/$defs/"
_UNIONS: Final = ("anyOf", "oneOf", "allOf")
_MODES: Final[tuple[JsonSchemaMode, ...]] = ("validation", "serialization")


class Shape:
    """The JSON schema of an annotation, read when it is first asked for."""

    def __init__(self, annotation: Callable[[], object]) -> None:
        self._annotation = annotation

    def find(self, value: Json) -> Iterator[Found]:
        """Give what the marked parts of a value hold; parts that do not fit the annotation are passed over."""
        for schema in self._schemas:
            yield from _find(schema, value, "", schema.get("$defs", {}), personal=False)

    @property
    def is_marked(self) -> bool:
        """Whether any part is personal."""
        return bool(self._schemas)

    @cached_property
    def _schemas(self) -> tuple[Schema, ...]:
        """The schemas that hold a mark: names may differ between what is read and what is written."""
        try:
            adapter = TypeAdapter[Any](cast("Any", self._annotation()))
        except (PydanticUserError, NameError):
            # no value can have this type: its function fails before it is given one
            return ()
        found: list[Schema] = []
        for mode in _MODES:
            schema = adapter.json_schema(by_alias=True, mode=mode, schema_generator=_Generator)
            if _is_marked(schema) and schema not in found:
                found.append(schema)
        return tuple(found)


class _Generator(GenerateJsonSchema):
    """Leaves what has no JSON schema open instead of refusing the whole; a mark around it counts all the same."""

    def handle_invalid_for_json_schema(self, schema: Any, error_info: str) -> JsonSchemaValue:
        """Say nothing about it."""
        return {}

    def emit_warning(self, kind: Any, detail: str) -> None:
        """Stay silent: defaults that are no JSON say nothing about marks."""


def _is_marked(schema: object) -> bool:
    if isinstance(schema, list):
        return any(_is_marked(each) for each in cast("list[object]", schema))
    if not isinstance(schema, dict):
        return False
    members = cast("dict[str, object]", schema)
    return members.get(KEYWORD) is True or any(_is_marked(each) for each in members.values())


def _find(schema: Schema, value: Json, name: str, models: Schema, *, personal: bool) -> Iterator[Found]:
    personal = personal or schema.get(KEYWORD) is True
    for inner in _alternatives(schema, models):
        yield from _find(inner, value, name, models, personal=personal)
    match value:
        case dict():
            yield from _in_object(schema, value, models, personal=personal)
        case list():
            first: list[Schema] = schema.get("prefixItems", [])
            rest = _schema(schema.get("items"))
            for index, item in enumerate(value):
                inner = first[index] if index < len(first) else rest
                yield from _find(inner, item, name, models, personal=personal)
        case None:
            return
        case _ if personal:
            yield name, value
        case _:
            return


def _alternatives(schema: Schema, models: Schema) -> Iterator[Schema]:
    """Give the schemas that a value may or must also fit."""
    reference = str(schema.get("$ref", ""))
    if reference.startswith(_REFERENCE):
        yield _schema(models.get(reference.removeprefix(_REFERENCE)))
    for union in _UNIONS:
        yield from schema.get(union, ())


def _in_object(schema: Schema, value: dict[str, Json], models: Schema, *, personal: bool) -> Iterator[Found]:
    fields = _schema(schema.get("properties"))
    others = schema.get("additionalProperties")
    keys = _schema(schema.get("propertyNames"))
    # the keys of a dict are data, those of a model are not
    keys_are_personal = keys.get(KEYWORD) is True or (personal and bool(others))
    for key, inner in value.items():
        if key not in fields and keys_are_personal:
            yield "", key
        yield from _find(_schema(fields.get(key, others)), inner, key, models, personal=personal)


def _schema(value: object) -> Schema:
    return cast("Schema", value) if isinstance(value, dict) else {}
