from __future__ import annotations

import asyncio
import signal
import threading
from datetime import timedelta

import pytest

from stepsmith.expressions.types import Json
from stepsmith.service import TokenError
from stepsmith.service.executions.execution import Execution
from tests.stepsmith.service.small_machines import callback, machine, task, wait


def started(asked: threading.Event, **more: object) -> Execution[Json]:
    """An execution in the background that waits for somebody to answer."""

    def ask(payload: Json) -> Json:
        asked.set()
        return None

    execution = machine(("Ask", callback(**more))).start({}, tasks={"ask": ask})
    assert asked.wait(5)
    for _ in execution.events():
        if execution.waiting and execution.history.of("TaskSubmitted"):
            break
    return execution


def test_an_execution_in_the_background_waits_for_its_answer() -> None:
    execution = started(threading.Event(), TimeoutSeconds=60)
    (task,) = execution.waiting

    execution.send_task_success(task.token, {"yes": 1})

    assert execution.wait(5).output == {"yes": 1}
    assert (task.state, execution.waiting) == ("Ask", [])
    assert execution.elapsed == timedelta(0)


def test_a_failure_is_sent_by_name() -> None:
    execution = started(threading.Event())

    execution.send_task_failure(execution.waiting[0].token, "Refused", "no")

    execution.wait(5)
    assert (execution.status, execution.error, execution.cause) == ("FAILED", "Refused", "no")


def test_virtual_time_passes_while_it_waits_when_it_is_told_to() -> None:
    execution = started(threading.Event(), TimeoutSeconds=3600)

    execution.advance(timedelta(hours=2))

    execution.wait(5)
    assert (execution.status, execution.error) == ("FAILED", "States.Timeout")


def test_heartbeats_keep_a_task_alive() -> None:
    execution = started(threading.Event(), HeartbeatSeconds=60, TimeoutSeconds=3600)
    token = execution.waiting[0].token
    for _ in range(3):
        execution.advance(timedelta(seconds=50))
        execution.send_task_heartbeat(token)

    execution.send_task_success(token, "alive")

    assert execution.wait(5).output == "alive"
    assert execution.elapsed == timedelta(seconds=150)


def test_an_execution_can_be_stopped() -> None:
    execution = started(threading.Event())

    execution.stop("Enough", "of this")

    assert (execution.status, execution.error, execution.cause) == ("ABORTED", "Enough", "of this")
    execution.stop()
    assert execution.wait(5).status == "ABORTED"


def test_a_token_is_good_for_one_answer() -> None:
    execution = started(threading.Event())
    token = execution.waiting[0].token
    execution.send_task_success(token)
    execution.wait(5)

    with pytest.raises(TokenError) as caught:
        execution.send_task_success(token)

    assert caught.value.code == "TaskTimedOut"


def test_a_token_that_nobody_gave_is_invalid() -> None:
    execution = started(threading.Event())

    with pytest.raises(TokenError) as caught:
        execution.send_task_failure("made up")

    assert caught.value.code == "InvalidToken"
    execution.stop()


def test_events_come_up_to_the_last() -> None:
    execution = machine(("Settle", wait(9)), ("Call", task())).start({}, tasks={"work": lambda _: 1})

    kinds = [event["type"] for event in execution.events()]

    assert kinds[0] == "ExecutionStarted"
    assert kinds[-1] == "ExecutionSucceeded"
    assert len(kinds) == len(execution.history)


def test_an_execution_can_be_awaited() -> None:
    async def run() -> Json:
        return await machine(("Call", task())).start({}, tasks={"work": lambda _: {"a": 1}})

    assert asyncio.run(run()) == {"a": 1}


def test_waiting_has_an_end() -> None:
    execution = started(threading.Event())

    with pytest.raises(TimeoutError, match="still runs"):
        execution.wait(0.01)
    execution.stop()


def test_what_goes_wrong_in_the_background_is_raised_by_wait() -> None:
    def work(payload: Json) -> Json:
        return 1

    class Watcher:
        def changed(self, run: object) -> None:
            raise ValueError("watcher")

    with pytest.raises(ValueError, match="watcher"):
        machine(("Call", task())).run({}, tasks={"work": work}, watcher=Watcher())


def test_a_stopped_task_in_flight_is_not_waited_for() -> None:
    begun, release = threading.Event(), threading.Event()

    def work(payload: Json) -> Json:
        begun.set()
        release.wait(10)
        return 1

    execution = machine(("Call", task())).start({}, tasks={"work": work})
    assert begun.wait(5)

    execution.stop()
    release.set()

    assert execution.wait(5).status == "ABORTED"


def test_an_interrupted_wait_stops_what_it_waited_for() -> None:
    execution = machine(("Hold", wait(3600))).start(real_time=True)

    threading.Timer(0.05, signal.pthread_kill, (threading.get_ident(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        execution.wait(10)

    assert (execution.status, execution.error) == ("ABORTED", "Interrupted")


def test_a_cancelled_await_stops_what_it_waited_for() -> None:
    execution = machine(("Hold", wait(3600))).start(real_time=True)

    async def give_up() -> None:
        async def awaited() -> None:
            await execution

        task = asyncio.ensure_future(awaited())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled()

    asyncio.run(give_up())

    assert (execution.status, execution.error) == ("ABORTED", "Interrupted")
