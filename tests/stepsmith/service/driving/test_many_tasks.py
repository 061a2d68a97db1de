"""Many tasks without limits: one thread carries them out and drives on, as long as they are quick."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from stepsmith import load
from stepsmith.expressions.types import Json
from stepsmith.service.driving import driver as driving
from stepsmith.service.driving import flights
from stepsmith.service.executions.execution import Execution
from stepsmith.service.machines import machine as machines
from tests.stepsmith.service.small_machines import task

ITEMS = list(range(300))


def run(work: Callable[[Json], Json], *, seconds: int = 3600, **options: Any) -> Execution[Json]:
    """Have each item worked on, 40 at once as an inline Map does."""
    processor = {"StartAt": "T", "States": {"T": {**task(), "End": True}}}
    mapping: dict[str, Any] = {"Type": "Map", "ItemProcessor": processor, "End": True}
    definition = {"StartAt": "Each", "TimeoutSeconds": seconds, "States": {"Each": mapping}}
    return load(definition).run(list(ITEMS), tasks={"work": work}, **options)


def events(execution: Execution[Json]) -> list[tuple[Any, ...]]:
    """Give what a history says, in order."""
    return [(each["id"], each["previousEventId"], each["type"]) for each in execution.history]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for tasks without limits a tenth of a second only."""
    monkeypatch.setattr(flights, "LONG_SECONDS", 0.1)
    monkeypatch.setattr(flights, "SHORT_SECONDS", 0.1)


def test_one_thread_carries_out_many_quick_tasks() -> None:
    threads: set[int] = set()

    def work(item: Json) -> Json:
        threads.add(threading.get_ident())
        return item

    assert run(work).output == ITEMS
    assert len(threads) == 1
    assert threading.get_ident() not in threads


@pytest.mark.parametrize("slow", [[0], [7, 8], [7, 8, 9, 250, 251, 299], ITEMS[::7]], ids=str)
def test_slow_tasks_among_quick_ones_change_no_history(slow: list[int]) -> None:
    def work(item: Json) -> Json:
        if item in slow:
            time.sleep(0.004)
        return item

    assert events(run(work)) == events(run(lambda item: item))


@pytest.mark.parametrize("failing", [0, 45, 299])
def test_a_slow_task_that_fails_changes_no_history(failing: int) -> None:
    def work(seconds: float) -> Callable[[Json], Json]:
        def call(item: Json) -> Json:
            if item == failing:
                time.sleep(seconds)
                raise ValueError(item)
            return item

        return call

    assert events(run(work(0.02))) == events(run(work(0.0)))


def test_all_tasks_that_are_ready_at_once_may_wait_for_each_other() -> None:
    meeting = threading.Barrier(40, timeout=10)

    def work(item: Json) -> Json:
        # the first hundred are quick, and the next forty meet
        if isinstance(item, int) and 120 <= item < 160:
            meeting.wait()
        return item

    assert run(work).output == ITEMS


@pytest.mark.slow
@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("hanging", [0, 39, 150])
def test_one_of_many_that_never_returns_holds_up_no_other(hanging: int) -> None:
    end = threading.Event()
    called: list[Json] = []

    def work(item: Json) -> Json:
        called.append(item)
        if item == hanging:
            end.wait(30)
        return item

    execution = run(work, seconds=1)
    end.set()

    # all others are worked on, and then nothing is left but the machine's own limit
    assert execution.status == "TIMED_OUT"
    assert sorted(called, key=str) == sorted(ITEMS, key=str)
    done = [each for each in execution.history if each["type"] == "LambdaFunctionSucceeded"]
    assert len(done) == len(ITEMS) - 1


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("hanging", [3, 39])
def test_a_map_that_has_failed_waits_for_nothing_and_calls_no_more(hanging: int) -> None:
    end = threading.Event()
    called: list[Json] = []

    def work(item: Json) -> Json:
        called.append(item)
        if item == hanging:
            end.wait(30)
        if item == 2:
            raise ValueError("refused")
        return item

    execution = run(work)
    end.set()

    assert (execution.status, execution.error) == ("FAILED", "ValueError")
    assert max(each for each in called if isinstance(each, int)) < 40


def test_what_a_listener_raises_while_tasks_are_carried_out_is_raised_by_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = driving.Driver._advance

    def advance(self: driving.Driver, live: Any) -> bool:
        if threading.current_thread() is not threading.main_thread():
            raise LookupError("told on another thread")
        return clock(self, live)

    monkeypatch.setattr(driving.Driver, "_advance", advance)

    with pytest.raises(LookupError, match="told on another thread"):
        run(lambda item: item)


def test_ctrl_c_while_another_thread_drives_stops_the_execution() -> None:
    def work(item: Json) -> Json:
        if item == 200:
            signal.raise_signal(signal.SIGINT)  # handled by the main thread, which waits
            time.sleep(0.05)
        return item

    with pytest.raises(KeyboardInterrupt) as caught:
        run(work)

    assert caught.value.__notes__[0].startswith("running: T")


def test_a_run_that_is_watched_is_driven_by_its_own_thread() -> None:
    threads: set[threading.Thread] = set()

    class Watcher:
        def changed(self, run: object) -> None:
            threads.add(threading.current_thread())

    run(lambda item: item, watcher=Watcher())

    assert threads == {threading.main_thread()}


def test_listeners_hear_of_an_execution_on_the_thread_that_asked_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    threads: list[threading.Thread] = []
    monkeypatch.setattr(
        machines, "listeners", [lambda machine, execution: threads.append(threading.current_thread())]
    )

    run(lambda item: item)

    assert threads == [threading.main_thread()]


@pytest.mark.parametrize("seconds", [0.0, 0.01])
def test_an_activity_beside_tasks_that_are_slow_is_offered_once(seconds: float) -> None:
    def work(item: Json) -> Json:
        time.sleep(seconds)
        return item

    activity = {"Type": "Task", "Resource": "arn:aws:states:us-east-1:123456789012:activity:approve"}
    each: dict[str, Any] = {"StartAt": "T", "States": {"T": {**task(), "End": True}}}
    asking: dict[str, Any] = {"StartAt": "Ask", "States": {"Ask": {**activity, "End": True}}}
    mapping = {"StartAt": "Each", "States": {"Each": {"Type": "Map", "ItemProcessor": each, "End": True}}}
    both = {"Type": "Parallel", "Branches": [asking, mapping], "End": True}

    execution = load({"StartAt": "Both", "States": {"Both": both}}).run(
        [1, 2, 3], tasks={"work": work}, responders={"Ask": lambda payload: "yes"}
    )

    assert execution.output == ["yes", [1, 2, 3]]
    assert [event["type"] for event in execution.history].count("ActivityScheduled") == 1
