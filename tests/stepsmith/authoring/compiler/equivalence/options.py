"""Workflow functions with options of their own, and children with options of theirs."""

from datetime import timedelta

from stepsmith import Retry, TaskTimeout, WorkflowError, task, wait, workflow


class Bad(WorkflowError): ...


class Worse(Bad):
    error_name = "Much.Worse"


@task
def once(number: int) -> int:
    if number % 3 == 0:
        raise Bad("three")
    if number % 4 == 0:
        raise Worse("four")
    return number


@workflow
def slow(number: int) -> int:
    wait(10)
    try:
        once(1)
        if number > 25:
            wait(100)
    except Exception:
        return 0
    finally:
        once(2)
    return once(number)


@workflow(timeout=timedelta(seconds=60))
def limited(number: int) -> int:
    wait(10)
    try:
        if number > 25:
            wait(100)
        return once(number)
    finally:
        once(1)


insistent = slow.with_options(
    name="Ask again",
    retry=[Retry.on("States.TaskFailed", max_attempts=2, interval=timedelta(seconds=4))],
    timeout=timedelta(seconds=50),
)


@workflow
def with_insistent_child(number: int, other: int) -> str:
    try:
        first = insistent(number)
        second = slow(other)
        return f"{first} {second}"
    except Bad as error:
        return f"failed {error.name}"


@workflow
def with_late_child(number: int) -> str:
    try:
        return f"{insistent(number)}"
    except TaskTimeout as error:
        return f"late {error.name}"
    except Bad as error:
        return f"{error.name}: {error}"


@workflow
def with_limited_child(number: int) -> str:
    try:
        return f"{limited(number)}"
    except Bad as error:
        return f"{error.name}: {error}"


@workflow(express=True, timeout=timedelta(minutes=4))
def quick(number: int) -> str:
    try:
        return f"{once(number)}"
    except WorkflowError as error:
        return error.name
