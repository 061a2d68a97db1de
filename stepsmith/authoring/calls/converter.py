"""Values of one annotated type, as JSON and back."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from stepsmith.authoring.calls.without_code import runs_code, without_code
from stepsmith.authoring.values.reading import reading
from stepsmith.authoring.values.types import for_pydantic, from_annotation, resolve
from stepsmith.expressions.copies import Doubtful, taken
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.evaluate import evaluate
from stepsmith.expressions.typed.static_types import Type
from stepsmith.expressions.types import Json

if TYPE_CHECKING:
    from pydantic import TypeAdapter
    from pydantic_core import SchemaValidator

EMPTY = inspect.Parameter.empty
ABSENT: Any = object()
"""Stands for JSON that is not there."""


class Converter:
    """Converts values of one annotated type; built on first use.

    `to_json` and `from_json` run the validators of the type, as at the beginning of an execution and in a task.
    `written` and `read` do not: so values pass between the states of an execution.
    """

    def __init__(self, annotation: object, names: Mapping[str, object]) -> None:
        self._written = annotation
        self._names = names

    @cached_property
    def annotation(self) -> object:
        """The annotation, resolved. Raises NameError where a name in it does not exist."""
        return Any if self._written is EMPTY else resolve(self._written, self._names)

    @cached_property
    def type(self) -> Type:
        """The static type."""
        return from_annotation(self.annotation)

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        from pydantic import TypeAdapter

        return TypeAdapter[Any](cast(Any, for_pydantic(self.annotation)))

    def schema(self, *, written: bool = False) -> dict[str, Any]:
        """Give the JSON schema of what is read, or of what is written; one that allows all where there is none."""
        from pydantic.errors import PydanticInvalidForJsonSchema

        try:
            return self._adapter.json_schema(mode="serialization" if written else "validation")
        except PydanticInvalidForJsonSchema:
            return {}

    def prepare(self) -> None:
        """Make ready what reads and writes values."""
        _ = self._adapter

    @cached_property
    def _plain(self) -> Any:
        """The type of JSON that stands for itself, where the annotation is one."""
        found: Any = self.annotation
        return found if found in (int, str, bool) else None

    @cached_property
    def _reader(self) -> TypeAdapter[Any] | SchemaValidator:
        """What reads values without running code of the type."""
        schema = without_code(self._adapter.core_schema)
        return self._adapter if schema is self._adapter.core_schema else _validator(schema)

    @cached_property
    def runs_code(self) -> bool:
        """Whether users' functions check or change values of the type."""
        return runs_code(self._adapter.core_schema)

    def checked(self, value: Json, place: str) -> Any:
        """Give the object that JSON which nobody has checked stands for, as a state machine reads it.

        Raises UnreadableValue, naming the field, where it does not fit.
        """
        read = reading(tree.Variable(name="value", type=self.type), self.type, place)
        return self.read(evaluate(read, {} if value is ABSENT else {"value": value}))

    def strictly(self, value: Json) -> Any:
        """Give the object that JSON of exactly this type stands for: no number is a text. Raises ValidationError."""
        return self._adapter.validate_json(json.dumps(_whole(value)), strict=True)

    def to_json(self, value: object) -> Json:
        """Give the JSON of a value. Raises pydantic's ValidationError where it is not of the type."""
        adapter = self._adapter
        # its two parts, since it is called for every task and takes as long as they do
        valid = adapter.validator.validate_python(value)
        try:  # the same in a third of the time
            return taken(adapter.serializer.to_python(valid, mode="json", by_alias=True))
        except Doubtful:
            return json.loads(adapter.dump_json(valid, by_alias=True))

    def from_json(self, value: Json) -> Any:
        """Give the object that JSON stands for. Raises pydantic's ValidationError where it does not fit."""
        if type(value) is self._plain and (type(value) is not str or value.isascii()):
            return value
        return self._adapter.validate_json(json.dumps(value))

    def written(self, value: object) -> Json:
        """Give the JSON of a value as a state machine writes it. Raises ValidationError where it is not of the type."""
        return json.loads(self._adapter.dump_json(self._reader.validate_python(value), by_alias=True))

    def read(self, value: Json) -> Any:
        """Give the object that JSON which was written stands for. Raises ValidationError where it does not fit."""
        return self._reader.validate_json(json.dumps(value))


def _whole(value: Json) -> Json:
    """Write numbers without a fraction as whole numbers, which JSON does not tell apart."""
    match value:
        case float() if value.is_integer():
            return int(value)
        case list():
            return [_whole(item) for item in value]
        case dict():
            return {key: _whole(item) for key, item in value.items()}
        case _:
            return value


def _validator(schema: Any) -> SchemaValidator:
    from pydantic_core import SchemaValidator

    try:
        return SchemaValidator(schema, None, _use_prebuilt=False)
    except TypeError:  # pydantic 2.11 always takes the validators that classes have
        return SchemaValidator(schema)
