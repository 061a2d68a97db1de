"""Small executions, really run, whose histories the tests of the views read."""

from collections.abc import Callable
from typing import Any

from stepsmith.service import Execution, load


def task(**fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": "arn:aws:lambda:eu-west-1:1:function:work", "End": True, **fields}


def branch(**states: Any) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


def parallel(*branches: Any, **fields: Any) -> dict[str, Any]:
    return {"Type": "Parallel", "Branches": list(branches), "End": True, **fields}


def each(**states: Any) -> dict[str, Any]:
    return {"Type": "Map", "ItemProcessor": branch(**states), "End": True}


def wait(**fields: Any) -> dict[str, Any]:
    return {"Type": "Wait", "Seconds": 50, "End": True, **fields}


def fail_once() -> Callable[[object], int]:
    calls: list[object] = []

    def work(payload: object) -> int:
        calls.append(payload)
        if len(calls) == 1:
            raise ValueError("not yet")
        return 1

    return work


def refuse(payload: object) -> None:
    raise ValueError("no")


def run(input: Any = None, *, work: Callable[[Any], Any] = refuse, **states: Any) -> Execution[Any]:
    return load(branch(**states)).run(input or {}, tasks={"work": work})
