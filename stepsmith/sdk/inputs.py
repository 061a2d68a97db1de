"""The SDK's schemas of execution inputs as pydantic models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, Field, create_model

from stepsmith.errors import InvalidInput
from stepsmith.sdk.placeholders import shape_of


def input_model(source: object) -> type[BaseModel] | None:
    """Give the model of the inputs that a Workflow or an ExecutionInput of the SDK takes; None where it takes any.

    A member that was used without a type is a text, as the SDK has it; a member that was indexed is a list. Members
    that are not in the schema are allowed, as in the SDK.
    """
    placeholder: Any = source
    match shape_of(source):
        case "Workflow":
            placeholder = placeholder.workflow_input
        case "Placeholder":
            pass
        case _:
            raise InvalidInput(
                f"{type(source).__name__} is not a Workflow or ExecutionInput of the stepfunctions SDK"
            )
    if placeholder is None:
        return None
    return _model("ExecutionInput", placeholder.get_schema_as_dict())


def _model(name: str, schema: Mapping[str, object]) -> type[BaseModel]:
    fields: dict[str, Any] = {
        key if _names_a_field(key) else f"member_{index}": (_type(key, wanted), Field(alias=key))
        for index, (key, wanted) in enumerate(schema.items())
    }
    settings = ConfigDict(extra="allow", strict=True, serialize_by_alias=True)
    return create_model(name, __config__=settings, **fields)


def _names_a_field(key: str) -> bool:
    """Say whether a member can be a field by its own name; of others the name is only the alias."""
    return (
        key.isidentifier() and not key.startswith(("_", "model_", "member_")) and not hasattr(BaseModel, key)
    )


def _type(name: str, wanted: object) -> Any:
    if not isinstance(wanted, Mapping):
        return wanted
    inner = cast("Mapping[Any, object]", wanted)
    return list if any(isinstance(key, int) for key in inner) else _model(name, inner)
