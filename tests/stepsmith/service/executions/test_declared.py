"""What comes of an execution: the declared type, or the error that was raised; and waiting for it in an event loop."""

import asyncio
import threading
from dataclasses import dataclass

import pytest

from stepsmith.errors import ExecutionFailed, TaskFailed, TaskTimeout
from stepsmith.expressions.types import Json
from stepsmith.service.executions.declared import Declared, awaited


class OutOfCola(Exception):
    """The machine is empty."""


@dataclass(frozen=True)
class Ended:
    status: str = "FAILED"
    output: Json = None
    error: str | None = None
    cause: str | None = None


DECLARED = Declared[int](convert=lambda output: int(str(output)), errors={"OutOfCola": OutOfCola}, spans={})


def test_an_output_becomes_what_was_declared() -> None:
    assert DECLARED.result_of(Ended(status="SUCCEEDED", output="150")) == 150


@pytest.mark.parametrize(
    ("ended", "kind", "message"),
    [
        (Ended(error="OutOfCola", cause='{"errorMessage": "none left"}'), OutOfCola, "none left"),
        (Ended(error="States.TaskFailed", cause="broken"), TaskFailed, "broken"),
        (Ended(status="TIMED_OUT"), TaskTimeout, "the execution took too long"),
        (Ended(error="Other", cause="unknown here"), ExecutionFailed, "Other: unknown here"),
        (Ended(status="ABORTED"), ExecutionFailed, "ABORTED: no cause"),
    ],
)
def test_an_error_is_raised_as_its_class(ended: Ended, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as raised:
        DECLARED.result_of(ended)

    assert str(raised.value) == message


def test_a_result_is_awaited_while_the_event_loop_goes_on() -> None:
    may_end = threading.Event()

    def result() -> str:
        may_end.wait(5)
        return "done"

    async def both() -> str:
        waiting = asyncio.ensure_future(awaited(result))
        await asyncio.sleep(0)
        may_end.set()
        return await waiting

    assert asyncio.run(both()) == "done"


@pytest.mark.parametrize("stops", [True, False])
def test_what_is_cancelled_while_it_waits_stops_the_execution_where_that_is_asked_for(stops: bool) -> None:
    began, may_end, stopped = threading.Event(), threading.Event(), []

    def result() -> str:
        began.set()
        may_end.wait(5)
        raise ExecutionFailed("Interrupted", None)

    def stop() -> None:
        stopped.append("stopped")
        may_end.set()

    async def cancelled() -> None:
        waiting = asyncio.ensure_future(awaited(result, stop=stop if stops else None))
        await asyncio.to_thread(began.wait, 5)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        may_end.set()

    asyncio.run(cancelled())

    assert stopped == (["stopped"] if stops else [])
