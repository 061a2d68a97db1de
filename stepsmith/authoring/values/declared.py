"""Static types as annotations, where no class of Python stands for them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, cast

from stepsmith.expressions.typed.static_types import (
    DATETIME,
    DictType,
    ListType,
    ModelType,
    OptionalType,
    Type,
)
from stepsmith.frozen import frozen

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema


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
