"""`async def` tasks: awaited wherever they are called."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextvars import ContextVar

import pytest

from stepsmith import (
    DefinitionError,
    Retry,
    TaskToken,
    WorkflowError,
    callback_task,
    parallel,
    task,
    workflow,
)
from stepsmith.testing import assert_equivalent

ASKED: list[str] = []
LANGUAGE = ContextVar("LANGUAGE", default="en")


class Busy(WorkflowError): ...


@task
async def fetch(key: str, times: int = 1) -> str:
    """Give a key after a moment."""
    await asyncio.sleep(0)
    return key * times


@task(retry=[Retry.on(Busy, max_attempts=1)])
async def busy(key: str) -> str:
    await asyncio.sleep(0)
    raise Busy(key)


@task
async def language() -> str:
    return LANGUAGE.get()


@callback_task(str)
async def ask(token: TaskToken, question: str) -> None:
    await asyncio.sleep(0)
    ASKED.append(question)


@workflow
def reading(key: str) -> str:
    first, second = parallel(fetch(key), fetch(key, times=2))
    try:
        return busy(first)
    except Busy as error:
        return f"{error} {second} {ask(key)}"


def test_an_asynchronous_task_is_called_like_any_other() -> None:
    assert fetch("a", times=3) == "aaa"


def test_both_ways_of_running_await_it() -> None:
    ASKED.clear()

    assert_equivalent(reading, responders={ask: lambda question: question.upper()}, key="a")

    assert ASKED == ["a", "a"]


def test_the_lambda_handler_awaits_it() -> None:
    assert fetch.handle({"key": "b"}) == "b"


def test_what_it_raises_is_what_the_caller_gets() -> None:
    with pytest.raises(Busy, match="b"):
        busy("b")


def test_it_can_be_called_where_an_event_loop_runs() -> None:
    LANGUAGE.set("ga")

    async def inside() -> tuple[str, str]:
        return fetch("c"), language()

    assert asyncio.run(inside()) == ("c", "ga")


def test_what_it_raises_comes_through_beside_an_event_loop() -> None:
    async def inside() -> str:
        return busy("c")

    with pytest.raises(Busy, match="c"):
        asyncio.run(inside())


def test_generators_are_refused() -> None:
    async def later() -> AsyncIterator[str]:
        yield "a"

    def now() -> Iterator[str]:
        yield "a"

    with pytest.raises(DefinitionError, match=r"W233 later\(\) is an async generator"):
        task(later)
    with pytest.raises(DefinitionError, match=r"W233 now\(\) is a generator"):
        task(now)


def test_a_parameter_of_an_asynchronous_task_that_json_cannot_name_is_refused() -> None:
    async def wrong(*keys: str) -> str:
        return ""

    with pytest.raises(DefinitionError, match="W108"):
        task(wrong)


def test_an_asynchronous_workflow_function_is_refused() -> None:
    async def wrong(key: str) -> str:
        return key

    with pytest.raises(DefinitionError, match="W100 wrong is asynchronous"):
        workflow(wrong)
