"""Annotations and what they mean in expressions."""

import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Annotated, Any, Literal, NotRequired

import pytest
from pydantic import BaseModel, Field, field_validator
from typing_extensions import TypedDict

from stepsmith import TaskTimeout, WorkflowError
from stepsmith.authoring.calls.converter import Converter
from stepsmith.authoring.values.types import constant, error_name, error_names, from_annotation, resolve
from stepsmith.expressions.typed.static_types import (
    ANY,
    BOOL,
    DATETIME,
    FLOAT,
    INT,
    NONE,
    STR,
    DictType,
    EnumType,
    ListType,
    ModelType,
    Opaque,
    OptionalType,
    TupleType,
    UnionType,
    assignable,
    describe,
    join,
)
from stepsmith.expressions.types import UNDEFINED


class Inside(typing.TypedDict, total=False):
    a: typing.Required[int]
    b: list[int]


class Around(typing.TypedDict):
    inside: Inside
    more: typing.NotRequired[list[Inside]]


def test_typed_dicts_of_typing_hold_each_other_under_keys_that_may_be_absent() -> None:
    made = Converter(Around, {})

    given = {"inside": {"a": 1}, "more": [{"a": 2, "b": [3]}]}
    assert made.from_json(given) == given
    assert made.from_json({"inside": {"a": 1}}) == {"inside": {"a": 1}}


class Colour(StrEnum):
    RED = "red"


class Level(IntEnum):
    LOW = 1


class Plain(Enum):
    A = "a"


class Mixed(Enum):
    A = "a"
    B = 2


class Node(BaseModel):
    name: str = Field(alias="nodeName")
    size: int = 3
    tags: list[str] = Field(default_factory=list)
    next: "Node | None" = None


class Checked(BaseModel):
    size: Annotated[int, Field(gt=0)]


class Validated(BaseModel):
    size: int

    @field_validator("size")
    @classmethod
    def check(cls, value: int) -> int:
        return value


@dataclass
class Point:
    x: int
    y: int = 0
    tags: list[str] = field(default_factory=list)


class Keys(TypedDict):
    a: int
    b: NotRequired[str]


SIMPLE = [
    (int, INT),
    (float, FLOAT),
    (bool, BOOL),
    (str, STR),
    (None, NONE),
    (datetime, DATETIME),
    (Any, ANY),
    (list[int], ListType(INT)),
    (Sequence[str], ListType(STR)),
    (dict[str, int], DictType(INT)),
    (Mapping[str, bool], DictType(BOOL)),
    (tuple[int, str], TupleType((INT, STR))),
    (tuple[int, ...], ListType(INT)),
    (int | None, OptionalType(INT)),
    (Annotated[int, "metres"], INT),
    (list, ListType(ANY)),
    (Decimal, Opaque("Decimal")),
    (int | str, UnionType((INT, STR))),
    (int | list[str] | None, OptionalType(UnionType((INT, ListType(STR))))),
    (dict[int, int], Opaque("dict[int, int]")),
]


@pytest.mark.parametrize(("annotation", "kind"), SIMPLE, ids=[str(annotation) for annotation, _ in SIMPLE])
def test_an_annotation_has_a_type(annotation: object, kind: object) -> None:
    assert from_annotation(annotation) == kind


def test_enums_are_known_by_what_they_are_equal_to() -> None:
    assert from_annotation(Colour) == EnumType("Colour", ("red",), "str", Colour)
    assert from_annotation(Level) == EnumType("Level", (1,), "int", Level)
    assert from_annotation(Plain) == EnumType("Plain", ("a",), "none", Plain)
    assert from_annotation(Mixed) == Opaque("Mixed")


def test_literals_are_enums_without_a_class() -> None:
    assert from_annotation(Literal["a", "b"]) == EnumType("Literal['a', 'b']", ("a", "b"), "str")
    assert from_annotation(Literal["a", None]) == OptionalType(EnumType("Literal['a']", ("a",), "str"))


def test_a_model_knows_aliases_defaults_and_itself() -> None:
    kind = from_annotation(Node)

    assert isinstance(kind, ModelType)
    assert kind.fields["name"].key == "nodeName"
    assert kind.fields["size"].default == 3
    assert kind.fields["tags"].default == []
    assert kind.fields["next"].type == OptionalType(kind)
    assert not kind.code


def test_a_model_that_checks_its_fields_is_known_as_such() -> None:
    assert isinstance(checked := from_annotation(Checked), ModelType)
    assert isinstance(validated := from_annotation(Validated), ModelType)
    assert checked.code
    assert validated.code


def test_dataclasses_and_typed_dicts_are_models() -> None:
    point, keys = from_annotation(Point), from_annotation(Keys)

    assert isinstance(point, ModelType)
    assert isinstance(keys, ModelType)
    assert [(f.name, f.required, f.default) for f in point.fields.values()] == [
        ("x", True, UNDEFINED),
        ("y", False, 0),
        ("tags", False, []),
    ]
    assert [(f.name, f.always) for f in keys.fields.values()] == [("a", True), ("b", False)]


def test_types_are_described_as_annotations_are_written() -> None:
    assert describe(from_annotation(dict[str, list[Point] | None])) == "dict[str, list[Point] | None]"


def test_an_int_may_stand_for_a_float_and_a_value_for_an_optional_one() -> None:
    assert assignable(INT, FLOAT)
    assert not assignable(FLOAT, INT)
    assert assignable(STR, OptionalType(STR))
    assert not assignable(OptionalType(STR), STR)
    assert not assignable(BOOL, INT)


def test_two_types_join_to_the_narrowest_that_both_fit() -> None:
    assert join(INT, FLOAT) == FLOAT
    assert join(NONE, STR) == OptionalType(STR)
    assert join(ListType(INT), ListType(FLOAT)) == ListType(FLOAT)
    assert join(INT, STR) is None


def test_constants_become_json() -> None:
    assert constant([Colour.RED, 1, None]) == ["red", 1, None]
    assert constant({"a": (1, 2)}) == {"a": [1, 2]}
    assert constant(object()) is UNDEFINED


def test_a_text_is_resolved_among_names() -> None:
    assert resolve("list[Point]", {"Point": Point}) == list[Point]
    with pytest.raises(NameError):
        resolve("Absent", {})


class Broken(WorkflowError): ...


class VeryBroken(Broken): ...


def test_error_names_are_class_names_or_what_the_class_says() -> None:
    assert error_name(VeryBroken) == "VeryBroken"
    assert error_name(TaskTimeout) == "States.Timeout"
    assert error_names(Broken) == ("Broken", "VeryBroken")
    assert error_names(Exception) == ("States.ALL",)


def test_failures_of_any_task_are_no_workflow_error() -> None:
    assert "States.TaskFailed" not in error_names(WorkflowError)
