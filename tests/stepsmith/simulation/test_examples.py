"""Examples of JSON schemas."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from typing import Any, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, Field, TypeAdapter

from stepsmith.simulation.examples import example


class Colour(Enum):
    """Two."""

    RED = "red"
    BLUE = "blue"


class Inner(BaseModel):
    """A part."""

    number: int = Field(ge=3)
    share: float = Field(gt=0)
    colour: Colour
    words: list[str] = Field(min_length=2)
    note: str = "n"


class Outer(BaseModel):
    """With a part."""

    inner: Inner
    pair: tuple[int, bool]
    maybe: Inner | None
    kind: Literal["a", "b"]
    text: str = Field(min_length=4)


@pytest.mark.parametrize(
    "kind",
    [
        int,
        str,
        bool,
        float,
        list[int],
        dict[str, int],
        Outer,
        Inner | str,
        Colour,
        date,
        datetime,
        UUID,
        type(None),
        Any,
    ],
)
def test_an_example_is_of_its_type(kind: Any) -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(kind)

    adapter.validate_python(example(adapter.json_schema()), strict=False)


def test_a_schema_that_holds_itself_ends() -> None:
    schema = {
        "$ref": "#/$defs/A",
        "$defs": {"A": {"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}}},
    }

    assert isinstance(example(schema), dict)
