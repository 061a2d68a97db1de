"""What random programs are made of: models, errors and tasks, and how a program's text becomes a workflow."""

from __future__ import annotations

import base64
import json
import linecache
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, IntEnum, StrEnum
from itertools import count as counting
from typing import Any, Final, Literal, NotRequired, TypedDict

from pydantic import BaseModel

from stepsmith import (
    Retry,
    Workflow,
    WorkflowError,
    compensation,
    map_items,
    now,
    parallel,
    services,
    task,
    uuid,
    wait,
    wait_until,
    workflow,
)
from tests.stepsmith.authoring.compiler.programs import outside

OF_PROGRAMS: Final = (
    UTC,
    base64,
    compensation,
    json,
    math,
    services,
    timedelta,
    map_items,
    now,
    parallel,
    uuid,
    wait,
    wait_until,
    workflow,
    Any,
    Literal,
)
"""What programs name, and this module does not."""


class Color(StrEnum):
    RED = "red"
    BLUE = "blue"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Kind(Enum):
    FIRST = "first"
    SECOND = "second"


class Item(BaseModel):
    n: int
    s: str = "plain"
    note: str | None = None
    tags: list[str] = []
    when: datetime | None = None


@dataclass
class Pair:
    a: int
    b: list[int]


class Row(TypedDict):
    key: str
    size: int
    count: NotRequired[int]


class Problem(WorkflowError): ...


class SmallProblem(Problem): ...


class OtherProblem(WorkflowError): ...


def _fail_by(number: int) -> None:
    if number % 5 == 4:
        raise SmallProblem(f"{number} is small")
    if number % 7 == 6:
        raise OtherProblem('{"errorMessage": "other"}')


@task
def double(number: int) -> int:
    return number * 2


@task
def risky(number: int) -> int:
    _fail_by(number)
    return number + 1


@task(retry=[Retry.never(OtherProblem), Retry(max_attempts=2, interval=timedelta(seconds=3))])
def retried(number: int) -> int:
    _fail_by(number)
    return number - 1


@task
def shout(text: str, times: int = 2) -> str:
    return text.upper() * min(max(times, 0), 3)


@task
def both(first: int, second: str) -> tuple[int, str]:
    return first + 1, second + "!"


@task
def item_of(number: int, text: str) -> Item:
    _fail_by(number)
    return Item(n=number, s=text, note=text or None, tags=[text, "t"])


@task
def maybe(number: int) -> int | None:
    return number if number > 1 else None


@task
def spread(number: int) -> list[int]:
    return list(range(min(max(number, 0), 4)))


@task
def see_number(value: int) -> None: ...


@task
def see_text(value: str) -> None: ...


@task
def see_numbers(value: list[int]) -> None: ...


@task
def see_item(value: Item) -> None: ...


@task
def see_moment(value: datetime | None) -> None: ...


@task
def undo_number(number: int) -> None:
    if number % 3 == 0:
        raise OtherProblem(f"{number} stays")


@task
def undo_text(text: str, times: int = 1) -> None: ...


def squared(number: int) -> int:
    return number * number % 100


def labelled(text: str, *, loud: bool = False) -> str:
    return f"<{text.upper() if loud else text:>4}>"


def careful(number: int, otherwise: int = -1) -> int:
    try:
        found = risky(number)
        if found > 5:
            return found
    except SmallProblem as error:
        see_text(str(error))
        return otherwise
    return double(found)


def several(number: int) -> tuple[int, str]:
    for part in range(3):
        if part == number:
            return part, "found"
    see_number(number)
    return number, f"{number:>3}"


def applied(function: Callable[[int], int], number: int, times: int = 1) -> int:
    found = number
    for _ in range(times):
        found = function(found)
    return found


def nested(number: int, *, word: str = "n") -> str:
    first, second = several(number % 4)
    return f"{labelled(word, loud=first > 1)}{second}{careful(first)}"


@workflow
def child(number: int) -> int:
    if number > 3:
        raise SmallProblem("too many for the child")
    return number + 10


_numbers = counting()


def workflow_of(text: str, names: Mapping[str, Any] | None = None) -> Workflow[..., Any]:
    """Define the workflow `program` of a text that sees these names. Raises DefinitionError where it is refused."""
    file = f"<program {next(_numbers)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    seen = {**vars(outside), **globals()} if names is None else dict(names)
    try:
        exec(compile(text, file, "exec", dont_inherit=True), seen)
    finally:
        del linecache.cache[file]
    return seen["program"]
