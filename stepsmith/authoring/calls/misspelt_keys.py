"""Which key of a model was misspelt in a value that does not fit it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import cast

from stepsmith.errors import nearest
from stepsmith.expressions.typed.static_types import (
    DictType,
    ListType,
    ModelType,
    OptionalType,
    TupleType,
    Type,
)


def misspelt_key(kind: Type, value: object, place: Sequence[int | str]) -> str | None:
    """Say that a key in the object around a place is not one of its model, with the nearest one that is.

    The place is that of a key that is missing, or of one too many. None where no key looks misspelt.
    """
    if not place or not isinstance(place[-1], str):
        return None
    found = _model_at(kind, value, place[:-1])
    if found is None:
        return None
    model, given = found
    known = [field.key for field in model.fields.values()]
    if place[-1] not in known:
        return f"there is no field {place[-1]!r:.102}{nearest(place[-1], known, otherwise='the fields are')}"
    others = [key for key in given if key not in known]
    close = difflib.get_close_matches(place[-1], others, n=1)
    return f"there is no field {close[0]!r:.102}; did you mean {place[-1]!r}?" if close else None


def _model_at(
    kind: Type, value: object, place: Sequence[int | str]
) -> tuple[ModelType, Mapping[str, object]] | None:
    for part in place:
        kind = _bare(kind)
        match kind, part:
            case ModelType(), str():
                fields = [field.type for field in kind.fields.values() if field.key == part]
                if not fields or not isinstance(value, Mapping):
                    return None
                kind, value = fields[0], cast("Mapping[str, object]", value).get(part)
            case DictType(), str() if isinstance(value, Mapping):
                kind, value = kind.value, cast("Mapping[str, object]", value).get(part)
            case ListType(), int() if isinstance(value, Sequence):
                kind, value = kind.item, cast("Sequence[object]", value)[part]
            case TupleType(), int() if isinstance(value, Sequence):
                kind, value = kind.items[part], cast("Sequence[object]", value)[part]
            case _:
                return None
    kind = _bare(kind)
    if isinstance(kind, ModelType) and isinstance(value, Mapping):
        return kind, cast("Mapping[str, object]", value)
    return None


def _bare(kind: Type) -> Type:
    return kind.inner if isinstance(kind, OptionalType) else kind
