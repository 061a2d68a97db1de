"""What the sources of the fixtures may name: models, errors and tasks, and random values of their types."""

import base64
import dataclasses
import hashlib
import json
import math
import os
import random
import typing
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, IntEnum, StrEnum
from random import Random
from types import ModuleType, NoneType, UnionType
from typing import Annotated, Any, Literal, NotRequired, assert_never

from pydantic import BaseModel, Field
from typing_extensions import TypedDict, is_typeddict

from stepsmith import (
    CompensationFailed,
    Retry,
    TaskToken,
    WorkflowError,
    callback_task,
    compensation,
    context,
    csv_rows,
    integration,
    json_items,
    json_lines,
    jsonata,
    map_items,
    now,
    parallel,
    s3_objects,
    services,
    task,
    uuid,
    wait,
    wait_until,
    workflow,
)

LIMIT = 3
TOWNS = ["Cork", "Rome"]
PRICES = {"small": 5, "large": 8}
ODD = frozenset({1, 3, 5})
NAMES_OF_SIZES = {"small", "large"}
MIXED = {1, "a"}
OPENING = datetime(2026, 1, 2, tzinfo=UTC)


class Size(StrEnum):
    SMALL = "small"
    LARGE = "large"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Color(Enum):
    RED = "red"
    BLUE = "blue"


class Line(BaseModel):
    sku: str
    quantity: int
    price: float
    note: str | None


class Order(BaseModel):
    id: str
    lines: list[Line]
    size: Size
    paid: bool
    limit: int | None
    tags: dict[str, int]


@dataclass
class Pair:
    first: int
    second: str


class Basket(BaseModel):
    owner: str
    size: Size = Size.SMALL
    limit: int | None = 3
    tags: list[str] = []
    spare: Pair | None = None


@dataclass
class Shelf:
    baskets: list[Basket]
    by: dict[str, Basket] = field(default_factory=dict)


class Address(TypedDict):
    street: str
    town: str
    floor: NotRequired[int]


class Card(BaseModel):
    kind: Literal["card"] = "card"
    number: str
    limit: int | None = None


class Cash(BaseModel):
    kind: Literal["cash"] = "cash"
    amount: int


class Voucher(BaseModel):
    kind: Literal["voucher"] = "voucher"
    code: str = "none"
    amount: int = 3


@dataclass
class Ready:
    value: int
    code: int = 1


@dataclass
class Longer:
    value: int
    more: int


@dataclass
class Later(Ready):
    hours: int = 0


@dataclass
class Failed:
    reason: str
    code: int = 2


class Here(TypedDict):
    kind: Literal["here"]
    shelf: int


class There(TypedDict):
    kind: Literal["there"]
    town: str


Payment = Annotated[Card | Cash | Voucher, Field(discriminator="kind")]


class Purchase(BaseModel):
    payment: Card | Cash | Voucher = Field(discriminator="kind")
    parts: list[Card | Cash] = []


class Problem(WorkflowError): ...


class SmallProblem(Problem): ...


class OtherProblem(WorkflowError): ...


@task
def echo(text: str) -> str:
    return text


@task
def double(number: int) -> int:
    return number * 2


@task
def note(text: str) -> None: ...


@task
def risky(number: int) -> int:
    if number % 5 == 0:
        raise SmallProblem(f"{number} is a multiple of five")
    if number % 7 == 0:
        raise OtherProblem(f"{number} is a multiple of seven")
    return number


@task(retry=[Retry.on(Problem, max_attempts=2, interval=timedelta(seconds=3))], timeout=timedelta(minutes=2))
def retried(number: int, by: int = 2) -> int:
    if number % 5 == 0:
        raise SmallProblem("again")
    return number + by


@task
def divide(number: int, by: int) -> tuple[int, int]:
    return divmod(number, by or 1)


@task
def count(lines: list[Line]) -> int:
    return sum(line.quantity for line in lines)


@task
def first(order: Order) -> Line | None:
    return order.lines[0] if order.lines else None


@task
def amount(line: Line) -> int:
    return line.quantity


@task
def together(numbers: list[int]) -> int:
    return sum(numbers)


@callback_task(Size, timeout=timedelta(hours=2), heartbeat=timedelta(hours=1))
def ask(token: TaskToken, question: str) -> None: ...


@task
def undo_risky(number: int) -> None:
    if number % 3 == 0:
        raise OtherProblem(f"{number} cannot be undone")


@task(retry=[Retry.on(Problem, max_attempts=1)])
def undo_echo(text: str, times: int = 1) -> None: ...


def undo_both(number: int, reason: str) -> None:
    undo_risky(number)
    note(reason)


def square(number: int) -> int:
    """Give the square."""
    return number * number


def shout(text: str, *, times: int = 1, loud: bool = True) -> str:
    said = text
    if loud:
        said = echo(text.upper())
    for _ in range(times):
        said = f"{said}!"
    return said


def careful(number: int, otherwise: int = -1) -> int:
    try:
        return risky(number)
    except SmallProblem as error:
        # Tell what was small.
        note(str(error))
        return otherwise
    finally:
        note("tried")


def refuse(text: str) -> None:
    raise OtherProblem(text)


def twice(number: int, by: "Callable[[int], int]") -> int:
    return by(by(number))


@integration("dynamodb:putItem")
def put_item(TableName: str, Item: dict[str, Any]) -> dict[str, Any]:
    return {}


@integration("lambda:invoke")
def invoke(FunctionName: str, Payload: dict[str, int]) -> dict[str, Any]:
    return {"Payload": Payload}


@workflow
def child(number: int) -> int:
    if number > 9:
        raise Problem(f"{number} is too large")
    return number + 1


NAMES: dict[str, object] = {
    name: value
    for name, value in globals().items()
    if not name.startswith("_")
    and (
        not isinstance(value, ModuleType)
        or name in ("base64", "dataclasses", "hashlib", "json", "math", "os", "random")
    )
}
"""Everything above."""
TEXTS = ["", "a", "b", "ab", "x y", "é", "😀z", "Cork", "'", "{%", "a.b", " a\n", "\u2003 x\t "]
INTS = [0, 1, 2, 3, -1, -2, 5, 7, 10, -13]
FLOATS = [0.0, 0.5, 1.0, -0.5, 2.5, 0.1, -7.75, 100.125]
KEYS = ["a", "b", "x y"]


def random_value(kind: Any, chance: Random) -> Any:
    """Give a value of an annotation."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, UnionType):
        return random_value(chance.choice(arguments), chance)
    if origin is Annotated:
        return random_value(arguments[0], chance)
    if origin is Literal:
        return chance.choice(arguments)
    if origin is list:
        return [random_value(arguments[0], chance) for _ in range(chance.randrange(4))]
    if origin is tuple:
        return tuple(random_value(inner, chance) for inner in arguments)
    if origin is dict:
        return {key: random_value(arguments[1], chance) for key in KEYS if chance.random() < 0.6}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return chance.choice(list(kind))
    if is_typeddict(kind):
        hints = typing.get_type_hints(kind)
        return {name: random_value(hints[name], chance) for name in _present(kind, chance)}
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind(
            **{name: random_value(each.annotation, chance) for name, each in kind.model_fields.items()}
        )
    if is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return kind(**{each.name: random_value(hints[each.name], chance) for each in fields(kind)})
    return _scalar(kind, chance)


def _present(kind: Any, chance: Random) -> Iterable[str]:
    needed = kind.__required_keys__
    return [name for name in kind.__annotations__ if name in needed or chance.random() < 0.5]


def _scalar(kind: Any, chance: Random) -> Any:
    simple: dict[Any, Any] = {
        int: chance.choice(INTS),
        float: chance.choice(FLOATS),
        str: chance.choice(TEXTS),
        bool: chance.random() < 0.5,
        datetime: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=chance.randrange(60)),
        NoneType: None,
        Any: chance.choice([None, 3, "a", [1], {"a": 2}]),
    }
    return simple[kind]
