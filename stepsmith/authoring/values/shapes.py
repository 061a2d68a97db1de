"""Static types of what services of AWS take and give, from their models."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

from stepsmith.asl.services import Naming, ServiceModel
from stepsmith.expressions.typed.static_types import (
    ANY,
    BOOL,
    DATETIME,
    FLOAT,
    INT,
    STR,
    DictType,
    ListType,
    ModelField,
    ModelType,
    OptionalType,
    Type,
)
from stepsmith.frozen import frozen

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

_SCALARS: Final = {
    "string": STR,
    "character": STR,
    "blob": STR,
    "boolean": BOOL,
    "integer": INT,
    "long": INT,
    "bigInteger": INT,
    "float": FLOAT,
    "double": FLOAT,
    "bigDecimal": FLOAT,
}
_JSON_TEXTS: Final = frozenset(
    {
        ("sns", "PublishInput", "Message"),
        ("sqs", "SendMessageRequest", "MessageBody"),
        ("events", "PutEventsRequestEntry", "Detail"),
        ("stepfunctions", "StartExecutionInput", "Input"),
        ("lambda", "InvocationRequest", "Payload"),
    }
)
"""Texts that Step Functions makes of any JSON."""
_PARSED: Final = frozenset(
    {
        ("stepfunctions", "DescribeExecutionOutput", "Input"),
        ("stepfunctions", "DescribeExecutionOutput", "Output"),
    }
)
"""Texts that are JSON in the result of `.sync:2`, the one optimised action that gives them."""


class ShapeTypes:
    """The types of one service's shapes, with members as Step Functions names them.

    Structures are like TypedDicts whose keys may be absent, but for those that the model requires. One shape is another
    type under other names: `NULL` of DynamoDB is `Nul` in SDK integrations. Optimised actions give points in time as
    numbers or as texts, so their type is not known.
    """

    def __init__(self, model: ServiceModel, service: str, naming: Naming) -> None:
        self._model = model
        self._service = service
        self._naming: Naming = naming
        self._structures: dict[str, ModelType] = {}

    def of(self, shape: str) -> Type:
        """Give the type of a shape."""
        kind = self._model.kind(shape)
        match kind:
            case "structure":
                return self.structure(shape)
            case "list":
                return ListType(self.of(self._model.inner(shape)))
            case "map":
                return DictType(self.of(self._model.inner(shape)))
            case "timestamp":
                return DATETIME if self._naming == "sdk" else ANY
            case _:
                return _SCALARS.get(kind, ANY)

    def structure(self, shape: str) -> ModelType:
        """Give the type of a structure; it may contain itself."""
        known = self._structures.get(shape)
        if known is not None:
            return known
        name = f"{'aws-sdk:' if self._naming == 'sdk' else ''}{self._service}.{shape}"
        made = self._structures[shape] = ModelType(name, "TypedDict")
        fields = cast("dict[str, ModelField]", made.fields)
        required = self._model.required(shape, self._naming)
        for name, inner in self._model.members(shape, self._naming).items():
            needed = name in required
            fields[name] = ModelField(
                name, name, self._member(shape, name, inner), required=needed, always=needed
            )
        return made

    def _member(self, shape: str, name: str, inner: str) -> Type:
        member = (self._service, shape, name)
        if member in _JSON_TEXTS or (self._naming == "optimised" and member in _PARSED):
            return ANY
        return self.of(inner)


@frozen
class StaticType:
    """In `Annotated[Any, StaticType(...)]`: the static type of a value that is JSON in Python, too, but for times."""

    type: Type

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Read points in time where the type has them, and take everything else as it is."""
        from pydantic_core import core_schema

        def read(value: object) -> object:
            return _with_times(value, self.type)

        return core_schema.no_info_after_validator_function(read, handler(source))


def annotated(kind: Type) -> object:
    """Give an annotation that stands for a static type."""
    return Annotated[Any, StaticType(kind)]


def _with_times(value: object, kind: Type) -> object:
    match kind, value:
        case _ if kind == DATETIME and isinstance(value, str):
            return datetime.fromisoformat(value)
        case (OptionalType(inner=inner), _) if value is not None:
            return _with_times(value, inner)
        case (ListType(item=item), list()):
            return [_with_times(each, item) for each in cast("list[object]", value)]
        case (DictType(value=item), dict()):
            return {key: _with_times(each, item) for key, each in cast("dict[str, object]", value).items()}
        case (ModelType(fields=fields), dict()):
            members = cast("dict[str, object]", value)
            return {
                key: _with_times(each, fields[key].type) if key in fields else each
                for key, each in members.items()
            }
        case _:
            return value
