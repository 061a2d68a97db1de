"""A small workflow that goes wrong in known ways, and a world for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pydantic import BaseModel, JsonValue

from stepsmith import (
    Retry,
    TaskTimeout,
    TaskToken,
    WorkflowError,
    callback_task,
    client,
    parallel,
    task,
    wait,
    workflow,
)
from stepsmith.testing import Ending

QUICK = timedelta(seconds=10)
BUSY = Retry.on("Busy", interval=timedelta(seconds=5), max_attempts=2)


class Busy(WorkflowError):
    """The bank asks to be called again."""


class TooDear(WorkflowError):
    """Nobody pays that much."""


class Answer(BaseModel):
    yes: bool


class Till:
    """Money that was taken, and bread that was given, by execution."""

    def __init__(self) -> None:
        self.taken = 0
        self.loaves: list[str] = []


TILL: Any = client("till")


@task(retry=[BUSY], timeout=QUICK)
def charge(cents: int, *, till: Till = TILL) -> int:
    """Take money, again each time that it is called. Raises TooDear."""
    if cents > 1000:
        raise TooDear(f"{cents} cents for a loaf")
    till.taken += cents
    return cents


@callback_task(Answer, timeout=timedelta(hours=1))
def ask(token: TaskToken, question: str) -> None:
    """Ask the customer something."""


@task
def hand_over(what: str, *, till: Till = TILL) -> None:
    """Give bread."""
    till.loaves.append(what)


@task(retry=[Retry.on("Runtime.ExitError", max_attempts=1)])
def hand_out(what: str, *, till: Till = TILL) -> None:
    """Give bread, and try again where that failed in a known way."""
    till.loaves.append(what)


@task(timeout=QUICK)
def refund(*, till: Till = TILL) -> None:
    """Give back what was taken for bread that was not given."""
    till.taken = 300 * len(till.loaves)


@workflow
def baked_badly(detail: dict[str, JsonValue]) -> None:
    """Give money back after an execution that did not come to its end."""
    refund()


@workflow(ended=baked_badly)
def bake_carefully(cents: int) -> str:
    """Sell a loaf, or give the money back."""
    charge(cents)
    hand_out("whole")
    return "sold"


@workflow
def bake(cents: int) -> str:
    """Sell a loaf to whoever says yes."""
    charge(cents)
    wait(60)
    try:
        answer = ask("sliced?")
    except TaskTimeout:
        return "nobody there"
    hand_over("sliced" if answer.yes else "whole")
    return "sold"


@workflow
def bake_for_two(cents: int) -> str:
    """Give two loaves at once."""
    parallel(hand_over("rye"), hand_over("wheat"))
    charge(cents)
    return "sold"


class Bakery:
    """A till, and a customer."""

    def __init__(self) -> None:
        self.till = Till()
        self.questions = 0

    @property
    def clients(self) -> dict[str, object]:
        return {"till": self.till}

    def snapshot(self) -> object:
        return self.till.taken, self.till.loaves, self.questions


def say_yes(bakery: Bakery) -> dict[str, object]:
    def answer(payload: Any) -> dict[str, bool]:
        bakery.questions += 1
        return {"yes": True}

    return {"ask": answer}


def nobody_pays_without_bread(ending: Ending[Bakery]) -> None:
    till = ending.world.till
    assert till.taken <= 300 * len(till.loaves), f"{till.taken} cents for {len(till.loaves)} loaves"


def nothing_is_taken_twice(bakery: Bakery) -> None:
    assert bakery.till.taken <= 300


class ClosedBakery(Bakery):
    """One that cannot be looked into."""

    snapshot = None  # type: ignore[assignment]  # it has none
