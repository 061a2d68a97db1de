"""A workflow that keeps a hand on something, and one that lets go of it when the first one ended badly."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pydantic import JsonValue

from stepsmith import task, wait, workflow

LIMIT = timedelta(seconds=100)
HELD: list[str] = []
"""What is held."""
TOLD: list[dict[str, Any]] = []
"""What was said of executions that ended badly."""


def forget() -> None:
    """Let everything begin anew."""
    HELD.clear()
    TOLD.clear()


@task(timeout=timedelta(seconds=10))
def hold(thing: str) -> None:
    HELD.append(thing)
    if thing == "hot":
        raise ValueError("too hot")


@task(timeout=timedelta(seconds=10))
def let_go(thing: str) -> None:
    if thing in HELD:
        HELD.remove(thing)


@task(timeout=timedelta(seconds=10))
def tell(detail: dict[str, JsonValue]) -> str:
    TOLD.append(detail)
    return str(detail["input"])[10:-2]


@workflow
def let_go_of_it(detail: dict[str, JsonValue]) -> str:
    """Let go of what an execution held."""
    thing = tell(detail)
    wait(5)
    let_go(thing)
    return thing


@workflow(ended=let_go_of_it, timeout=LIMIT)
def hold_on(thing: str) -> str:
    """Hold something for a while."""
    hold(thing)
    if thing == "heavy":
        wait(200)
    wait(30)
    let_go(thing)
    return thing


@workflow
def ask_another(thing: str) -> str:
    """Have another workflow hold something."""
    return hold_on(thing)
