"""Static types of what services of AWS take and give, from their models."""

from __future__ import annotations

from typing import Final, cast

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
    Type,
)

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
