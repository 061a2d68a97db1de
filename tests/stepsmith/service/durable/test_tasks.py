"""Tasks of recorded executions: the same token for a repeated attempt, and at most once for those that ask for it."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from stepsmith import TaskInterrupted, idempotency_token, task, workflow
from stepsmith.expressions.types import Json
from stepsmith.service import load
from stepsmith.service.durable.conductor import Conductor
from stepsmith.store import Store
from tests.stepsmith.service.durable.engines import Answers, Crash, driven, finish, shown, started
from tests.stepsmith.service.durable.engines import task as task_state

TOKENS: list[str] = []
CHARGED: list[int] = []
DEATHS: list[int] = []


def charge_once(cents: int) -> int:
    TOKENS.append(idempotency_token())
    CHARGED.append(cents)
    if DEATHS:
        DEATHS.pop()
        raise Crash
    return cents


repeated = task(charge_once)
at_most_once = task(on_interrupt="fail")(charge_once)


@pytest.fixture(autouse=True)
def _no_deaths() -> None:
    for each in (TOKENS, CHARGED, DEATHS):
        each.clear()


@workflow
def pay_once(cents: int) -> str:
    try:
        at_most_once(cents)
    except TaskInterrupted as error:
        return str(error)
    return "paid"


@workflow
def pay(cents: int) -> int:
    return repeated(cents)


def interrupted(path: Path, answers: Answers) -> None:
    DEATHS.append(1)
    with suppress(Crash):
        driven(path, answers).close()


def test_a_repeated_attempt_has_the_same_token(tmp_path: Path) -> None:
    path, answers = tmp_path / "journal.db", Answers({"charge_once": repeated})
    started(path, load(pay.definition.to_json()), {"cents": 5})

    interrupted(path, answers)
    finish(path, answers)

    assert shown(path)[:2] == ("SUCCEEDED", 5)
    assert len(TOKENS) == 2
    assert len(set(TOKENS)) == 1
    assert TOKENS[0].startswith("arn:aws:states:us-east-1:123456789012:execution:machine:one/")


def test_a_retry_has_another_token(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    tokens: list[str] = []

    def flaky(payload: Json) -> Json:
        tokens.append(idempotency_token())
        if len(tokens) < 3:
            raise ConnectionError
        return None

    retry = [{"ErrorEquals": ["ConnectionError"], "IntervalSeconds": 1}]
    started(path, {"StartAt": "T", "States": {"T": task_state("flaky", Retry=retry, End=True)}})
    finish(path, Answers({"flaky": flaky}))

    assert len(set(tokens)) == 3


def test_a_task_that_must_not_run_twice_fails_by_name_and_the_workflow_decides(tmp_path: Path) -> None:
    path, answers = tmp_path / "journal.db", Answers({"charge_once": at_most_once})
    started(path, load(pay_once.definition.to_json()), {"cents": 5})

    interrupted(path, answers)
    finish(path, answers)

    status, output, _ = shown(path)
    assert status == "SUCCEEDED"
    assert output == "Charge once was under way when the process that ran it ended"
    assert CHARGED == [5]


def test_such_a_task_runs_as_any_other_when_nothing_ends(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    started(path, load(pay_once.definition.to_json()), {"cents": 5})

    finish(path, Answers({"charge_once": at_most_once}))

    assert shown(path)[:2] == ("SUCCEEDED", "paid")


def test_a_function_that_is_simply_called_has_a_token_of_its_own() -> None:
    repeated(1)
    repeated(1)

    assert len(set(TOKENS)) == 2


@pytest.mark.slow
@pytest.mark.parametrize("virtual", [False, True])
def test_a_deadline_holds_although_a_task_never_returns_and_what_it_says_later_is_not_heard(
    tmp_path: Path, virtual: bool
) -> None:
    path, release = tmp_path / "journal.db", threading.Event()

    def hang(payload: Json) -> Json:
        release.wait()
        return "late"

    caught = [{"ErrorEquals": ["States.Timeout"], "Next": "Late"}]
    machine = {
        "StartAt": "Hang",
        "States": {
            "Hang": task_state("hang", TimeoutSeconds=1, Catch=caught, End=True),
            "Late": task_state("after", End=True),
        },
    }
    started(path, machine, virtual=virtual, now=time.time())
    store = Store(path)

    def after(payload: Json) -> Json:
        release.set()
        return "in time"

    Conductor(store, Answers({"hang": hang, "after": after})).run()
    store.close()

    assert shown(path)[:2] == ("SUCCEEDED", "in time")
