"""What random programs get from outside: answers of people and of services as JSON, models that check, unions."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Annotated, Any, Final, Literal, assert_never
from zlib import crc32

from pydantic import BaseModel, Field

from stepsmith import (
    CompensationFailed,
    Retry,
    TaskTimeout,
    TaskToken,
    callback_task,
    context,
    integration,
    jsonata,
    task,
)
from stepsmith.expressions.types import Json

OF_PROGRAMS: Final = (CompensationFailed, Retry, TaskTimeout, assert_never, dataclasses, hashlib, jsonata)
"""What programs name, and this module does not."""
THE_CONTEXT: Final = context


class Part(BaseModel):
    n: int = 3
    note: str | None = None


class Answer(BaseModel):
    accepted: bool
    note: str = "none"
    stars: int = 0
    parts: dict[str, dict[str, Part]] = {}
    pair: tuple[int, Part] = (1, Part())
    due: datetime | None = None


class Card(BaseModel):
    kind: Literal["card"] = "card"
    number: str = "0"
    limit: int | None = None


class Cash(BaseModel):
    kind: Literal["cash"] = "cash"
    cents: int = 3


class Checked(BaseModel):
    """Fits what it is made of, so that what checks it changes nothing and refuses nothing."""

    size: Annotated[int, Field(gt=-100)] = 1
    word: Annotated[str, Field(max_length=100)] = "w"


@dataclass(eq=False)
class Weighed:
    """Says itself whether it is true, and what it is equal to."""

    n: int

    def __bool__(self) -> bool:
        return self.n > 2

    def __eq__(self, other: object) -> bool:
        return True


class Size(StrEnum):
    SMALL = "small"
    LARGE = "large"


PRICES: Final = {"small": 3, "large": 7}
WORDS: Final = frozenset({"a", "red", ""})


@callback_task(Answer, timeout=timedelta(hours=1))
def ask(token: TaskToken, question: str) -> None: ...


@callback_task(Answer, timeout=timedelta(hours=1))
def ask_anybody(token: TaskToken, question: str) -> None: ...


@callback_task(int, timeout=timedelta(minutes=7))
def ask_nobody(token: TaskToken, question: str) -> None: ...


@integration("sns:publish")
def publish(TopicArn: str, Message: str) -> Answer: ...


@task
async def rated(number: int) -> float:
    return number / 4


@task
def see_checked(value: Checked) -> int:
    return value.size


@task
def see_weighed(value: Weighed) -> int:
    return value.n


@task
def see_answer(value: Answer) -> None: ...


@task
def see_attempt(number: int, attempt: int) -> int:
    return number + attempt


FITTING: Final[tuple[Json, ...]] = (
    {"accepted": True},
    {"accepted": False, "note": "n", "stars": 4},
    {"accepted": "true", "stars": "4"},
    {"accepted": True, "parts": {"a": {"b": {}, "a": {"n": 5}}, "red": {}}},
    {"accepted": True, "pair": [2, {}], "due": "2026-01-01T02:30:00+02:00", "more": 1},
    {"accepted": False, "pair": ["7", {"note": "x"}], "due": None, "parts": {"": {"a": {"note": "y"}}}},
)
OTHERS: Final[tuple[Json, ...]] = (
    {"accepted": "perhaps"},
    {},
    {"accepted": True, "stars": "x"},
    {"accepted": True, "parts": {"a": {"b": {"n": "many"}}}},
    {"accepted": True, "pair": [1]},
    "text",
    None,
)


def _by(name: str, answers: tuple[Json, ...]) -> Callable[[Json], Json]:
    def answer(payload: Json) -> Json:
        assert isinstance(payload, dict)
        return answers[crc32(str(payload[name]).encode()) % len(answers)]

    return answer


RESULTS: Final[Mapping[str, Callable[[Json], Json]]] = {"publish": _by("Message", FITTING)}
"""What services give, by the names of the functions that call them."""
ANSWERS: Final[Mapping[str, Callable[[Json], Json]]] = {
    "ask": _by("question", FITTING),
    "ask_anybody": _by("question", (*FITTING, *OTHERS)),
}
"""What callbacks are answered, by the names of the tasks."""


def as_json(value: Any) -> Json:
    """Give an argument as the JSON in which somebody else would send it."""
    match value:
        case datetime():
            return value.isoformat()
        case list() | tuple():
            return [as_json(item) for item in value]
        case dict():
            return {key: as_json(item) for key, item in value.items()}
        case _:
            return value


def spoilt(drawn: Random, value: Json) -> Json:
    """Give JSON in which one part is of another kind, or is not there."""
    match value:
        case dict() if value and drawn.random() < 0.8:
            name = drawn.choice(list(value))
            if drawn.random() < 0.2:
                return {key: item for key, item in value.items() if key != name}
            return {**value, name: spoilt(drawn, value[name])}
        case list() if value and drawn.random() < 0.8:
            place = drawn.randrange(len(value))
            return [*value[:place], spoilt(drawn, value[place]), *value[place + 1 :]]
        case _:
            return drawn.choice((None, "x", "3", 3, 1.5, True, [], {}, "2026-01-01T00:00:00Z"))
