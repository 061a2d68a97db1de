"""Classes that do more than their fields say."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Annotated, Any, Literal

import pydantic.dataclasses
import pytest
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    PositiveInt,
    PrivateAttr,
    RootModel,
    computed_field,
    field_serializer,
    field_validator,
    model_serializer,
    model_validator,
)
from typing_extensions import TypedDict

from stepsmith import Personal
from stepsmith.authoring.values.code import code_of_enum, code_of_equality, code_of_making, code_of_truth
from stepsmith.authoring.values.types import from_annotation
from stepsmith.expressions.typed.static_types import EnumType, ModelType, Opaque
from stepsmith.expressions.types import UNDEFINED


def _same(value: Any) -> Any:
    return value


class Inner(TypedDict):
    n: PositiveInt


class InList(BaseModel):
    n: list[PositiveInt]


class OrNone(BaseModel):
    n: PositiveInt | None


class InDict(BaseModel):
    n: dict[str, list[Annotated[int, AfterValidator(_same)]]]


class Before(BaseModel):
    n: tuple[Annotated[int, BeforeValidator(_same)], int]


class Plain(BaseModel):
    n: Annotated[int, PlainValidator(_same)]


class InTypedDict(BaseModel):
    n: Inner


class Lower(BaseModel):
    model_config = ConfigDict(str_to_lower=True)
    n: str


class Stripped(BaseModel):
    model_config = ConfigDict(str_strip_whitespace=True)
    n: str


class Bounded(BaseModel):
    n: Annotated[int, Field(gt=0)]


class OwnInit(BaseModel):
    n: int

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)


class OwnSetattr(BaseModel):
    n: int

    def __setattr__(self, name: str, value: Any) -> None: ...


class Private(BaseModel):
    n: int
    _cache: int = PrivateAttr(0)


class OwnValidator(BaseModel):
    n: int

    @field_validator("n")
    @classmethod
    def check(cls, value: int) -> int:
        return value


class WholeValidator(BaseModel):
    n: int

    @model_validator(mode="after")
    def check(self) -> "WholeValidator":
        return self


class Computed(BaseModel):
    n: int

    @computed_field
    @property
    def double(self) -> int:
        return 2 * self.n


class Heir(Lower):
    m: int


@pydantic.dataclasses.dataclass
class Checked:
    n: list[PositiveInt]


@pydantic.dataclasses.dataclass
class CheckedWhole:
    n: int

    @field_validator("n")
    @classmethod
    def check(cls, value: int) -> int:
        return value


@dataclass
class After:
    n: int

    def __post_init__(self) -> None: ...


@dataclass
class Apart:
    n: int
    m: int = field(init=False, default=3)


MAKING = [
    *(InList, OrNone, InDict, Before, Plain, InTypedDict, Lower, Stripped, Bounded, OwnInit, OwnSetattr),
    *(Private, OwnValidator, WholeValidator, Computed, Heir, Checked, CheckedWhole, After, Apart),
]


@pytest.mark.parametrize("python", MAKING, ids=lambda python: python.__name__)
def test_a_class_that_checks_or_changes_what_it_is_made_of_is_known(python: type[Any]) -> None:
    kind = from_annotation(python)

    assert isinstance(kind, ModelType)
    assert kind.code == code_of_making(python) != ""


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow")
    n: Annotated[int, "a note"]
    name: Personal[str]
    names: list[Personal[str]] = []
    kind: Literal["a", "b"] = "a"
    due: AwareDatetime | None = None


@pydantic.dataclasses.dataclass
class Unchecked:
    n: int
    name: str = Field(default="x", alias="theName")


@dataclass(frozen=True, slots=True, order=True)
class Ordered:
    n: int = 0


@pytest.mark.parametrize("python", [Frozen, Unchecked, Ordered], ids=lambda python: python.__name__)
def test_a_class_of_fields_alone_runs_nothing(python: type[Any]) -> None:
    kind = from_annotation(python)

    assert isinstance(kind, ModelType)
    assert kind.code == ""


def test_a_pydantic_dataclass_has_aliases_and_defaults() -> None:
    kind = from_annotation(Unchecked)

    assert isinstance(kind, ModelType)
    assert kind.fields["name"].key == "theName"
    assert kind.fields["name"].default == "x"


class OwnText(BaseModel):
    n: int

    @field_serializer("n")
    def write(self, value: int) -> str:
        return str(value)


class OwnForm(BaseModel):
    n: int

    @model_serializer
    def write(self) -> dict[str, Any]:
        return {}


class LeftOut(BaseModel):
    n: int = Field(exclude=True)


class ByMetadata(BaseModel):
    n: list[Annotated[int, PlainSerializer(str)]]


class ByValue(BaseModel):
    model_config = ConfigDict(use_enum_values=True)
    n: int


@pytest.mark.parametrize("python", [OwnText, OwnForm, LeftOut, ByMetadata, ByValue])
def test_a_class_whose_json_is_another_than_its_fields_is_known(python: type[Any]) -> None:
    kind = from_annotation(python)

    assert isinstance(kind, ModelType)
    assert kind.written_by != ""
    assert kind.code != ""


def test_a_root_model_is_carried_and_not_looked_into() -> None:
    assert from_annotation(RootModel[list[int]]) == Opaque("RootModel[list[int]]")


class OwnEqual(BaseModel):
    n: int

    def __eq__(self, other: object) -> bool:
        return True


@dataclass
class DataOwnEqual:
    n: int

    def __eq__(self, other: object) -> bool:
        return True


@dataclass(eq=False)
class Identity:
    n: int


@dataclass
class Uncompared:
    n: int
    m: int = field(default=0, compare=False)


class Always(Enum):
    A = "a"

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0


@pytest.mark.parametrize("python", [OwnEqual, DataOwnEqual, Identity, Uncompared, Always])
def test_equality_that_does_not_compare_fields_is_known(python: type[Any]) -> None:
    assert code_of_equality(python) != ""


class Loud(StrEnum):
    A = "a"

    def __str__(self) -> str:
        return "A!"


class Backwards(IntEnum):
    A = 1

    def __lt__(self, other: object) -> bool:
        return True


@pytest.mark.parametrize("python", [Loud, Backwards])
def test_a_member_with_operators_of_its_own_is_no_text_and_no_number(python: type[Enum]) -> None:
    kind = from_annotation(python)

    assert isinstance(kind, EnumType)
    assert kind.base == "none"
    assert code_of_enum(python) != ""


class Text(str, Enum):  # noqa: UP042 - what is meant here is the older form
    EMPTY = ""


class Empty(BaseModel):
    def __len__(self) -> int:
        return 0


class Maybe(TypedDict, total=False):
    n: int


@pytest.mark.parametrize("python", [Text, Empty, Maybe])
def test_a_value_that_may_be_false_is_known(python: type[Any]) -> None:
    assert code_of_truth(python) != ""


class Defaults(BaseModel):
    span: timedelta = timedelta(seconds=90)
    price: Decimal = Decimal("1.50")
    ordered: Ordered = Field(default_factory=Ordered)
    some: list[int] = Field(default_factory=lambda: [1, 2])
    other: Ordered = Field(default_factory=lambda: Ordered(n=4))
    fresh: str = Field(default_factory=lambda: str(id(object())))


def test_defaults_that_are_always_the_same_are_known_in_json() -> None:
    kind = from_annotation(Defaults)

    assert isinstance(kind, ModelType)
    assert {name: one.default for name, one in kind.fields.items()} == {
        "span": "PT1M30S",
        "price": "1.50",
        "ordered": {"n": 0},
        "some": [1, 2],
        "other": {"n": 4},
        "fresh": UNDEFINED,
    }
