"""A task that was quick and is not any more holds its thread, and nothing else."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from queue import SimpleQueue
from types import SimpleNamespace
from typing import Any

import pytest

from stepsmith.engine.ports import MoreItems
from stepsmith.expressions.types import Json
from stepsmith.integrations import ClientRegistry, Dispatcher
from stepsmith.service.durable.calls import QUICK_SECONDS, Calls, Displaced
from stepsmith.service.durable.conductor import Conductor
from stepsmith.store import Store
from tests.stepsmith.service.durable.engines import Answers, shown, started, task
from tests.stepsmith.service.durable.workloads import LOOP

PATIENCE = 20.0


def quick(work: Any, *, deadline: float | None = None) -> Any:
    dispatcher = Dispatcher(ClientRegistry.local())
    live = SimpleNamespace(means=SimpleNamespace(dispatcher=dispatcher))
    return SimpleNamespace(
        live=live,
        command=MoreItems(id=1, limit=1),
        work=work,
        kind=MoreItems,
        deadline=deadline,
        is_up=True,
    )


@pytest.fixture
def calls() -> Any:
    """Calls that know a command to be quick, with what they have said and who has taken over."""
    inbox, taken, displaced = SimpleQueue[Any](), list[Any](), threading.Event()
    made = Calls(inbox, lambda flight, answer: taken.append(answer), displaced.set, is_direct=False)
    made._costs[MoreItems] = QUICK_SECONDS / 2
    yield SimpleNamespace(calls=made, inbox=inbox, taken=taken, displaced=displaced)
    made.close()


def test_what_is_quick_is_carried_out_on_the_driving_thread(calls: Any) -> None:
    threads: list[int] = []

    def work(post: Any) -> None:
        threads.append(threading.get_ident())
        post("answer")

    calls.calls.add(quick(work))
    calls.calls.make()

    assert threads == [threading.get_ident()]
    assert calls.taken == ["answer", None]
    assert not calls.displaced.is_set()


def test_what_turns_out_not_to_be_is_given_up_by_the_thread_and_its_answer_comes_as_from_any_other(
    calls: Any,
) -> None:
    def work(post: Any) -> None:
        assert calls.displaced.wait(PATIENCE)
        post("answer")

    calls.calls.add(quick(work))
    with pytest.raises(Displaced):
        calls.calls.make()

    assert calls.taken == []
    while not calls.inbox.empty():
        calls.inbox.get()()
    assert calls.taken == ["answer", None]


def test_what_nobody_waits_for_any_more_is_not_carried_out(calls: Any) -> None:
    flight = quick(lambda post: post("answer"))
    calls.calls.add(flight)
    flight.is_up = False

    assert calls.calls.make()

    assert calls.taken == []


def test_what_nobody_waits_for_once_it_has_answered_is_not_said_to_be_over(calls: Any) -> None:
    flight = quick(lambda post: post("answer"))

    def take(taken: Any, answer: Any) -> None:
        calls.taken.append(answer)
        flight.is_up = False

    calls.calls._take = take
    calls.calls.add(flight)
    calls.calls.make()

    assert calls.taken == ["answer"]


def test_what_says_nothing_is_said_to_be_over_on_whichever_thread_it_was(calls: Any) -> None:
    calls.calls.add(quick(lambda post: None))
    calls.calls.make()
    here = list(calls.taken)

    calls.calls._costs.clear()
    calls.calls.add(quick(lambda post: None))
    calls.inbox.get(timeout=PATIENCE)()

    assert here == [None]
    assert calls.taken == [None, None]


def test_what_has_a_limit_on_the_wall_or_is_not_known_to_be_quick_is_carried_out_beside(calls: Any) -> None:
    threads: list[int] = []

    def work(post: Any) -> None:
        threads.append(threading.get_ident())

    calls.calls.add(quick(work, deadline=time.monotonic() + 100))
    calls.inbox.get(timeout=PATIENCE)()
    calls.calls._costs[MoreItems] = QUICK_SECONDS
    calls.calls.add(quick(work))
    calls.inbox.get(timeout=PATIENCE)()

    assert threading.get_ident() not in threads
    assert len(threads) == 2


def test_what_takes_less_than_before_counts_at_once_and_what_takes_more_little_by_little(calls: Any) -> None:
    learn, costs = calls.calls._learn, calls.calls._costs
    flight, other = quick(None), quick(None)
    other.kind = "other"

    learn(flight, QUICK_SECONDS)
    first = costs[MoreItems]
    learn(flight, QUICK_SECONDS / 4)
    second = costs[MoreItems]
    learn(flight, QUICK_SECONDS * 2 + QUICK_SECONDS / 4)
    learn(other, 3.0)

    assert first == pytest.approx(QUICK_SECONDS * 0.55)
    assert second == pytest.approx(QUICK_SECONDS / 4)
    assert costs[MoreItems] == pytest.approx(QUICK_SECONDS * 0.45)
    assert costs["other"] == 3.0


def test_the_driving_thread_looks_up_between_tasks_that_take_their_time_together(
    calls: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stepsmith.service.durable.calls.TURN_SECONDS", -1.0)
    for number in range(3):
        calls.calls.add(quick(lambda post, number=number: post(number)))

    assert calls.calls.make()
    assert calls.taken == [0, None]
    assert calls.calls.make()
    assert calls.taken == [0, None, 1, None]


def test_an_execution_goes_on_while_a_task_of_another_that_was_quick_hangs(tmp_path: Path) -> None:
    path, count, release = tmp_path / "j.db", [0], threading.Event()

    def step(payload: Json) -> Json:
        assert isinstance(payload, dict)
        count[0] += 1
        assert count[0] < 40 or release.wait(PATIENCE)
        return {"n": payload["n"]}

    def let_go(payload: Json) -> Json:
        release.set()
        return None

    loop = {**LOOP, "States": {**LOOP["States"]}}
    more = {"Variable": "$.i", "NumericLessThan": 40, "Next": "Step"}
    loop["States"]["More"] = {"Type": "Choice", "Choices": [more], "Default": "Done"}
    waiting = {
        "StartAt": "While",
        "States": {
            "While": {"Type": "Wait", "Seconds": 1, "Next": "Go"},
            "Go": task("let_go", End=True),
        },
    }
    started(path, loop, {"n": 1}, name="loop", virtual=True)
    started(path, waiting, name="other", virtual=False, now=time.time())
    store = Store(path, synchronous="NORMAL")

    Conductor(store, Answers({"step": step, "let_go": let_go})).run()

    store.close()
    assert [shown(path, name)[0] for name in ("loop", "other")] == ["SUCCEEDED"] * 2
    assert count == [40]
