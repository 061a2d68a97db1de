"""What is asked of an execution from outside: answers, stops and redrives, whoever drives it."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepsmith.errors import InvalidInput, NotFound
from stepsmith.expressions.types import Json
from stepsmith.service import TokenError, load
from stepsmith.service.durable.starting import ExecutionAlreadyExists
from stepsmith.service.journals.journal import Journal
from tests.stepsmith.service.durable.engines import Answers, Clock, driven, finish, shown, started, task

ASKS = {
    "StartAt": "Ask",
    "States": {
        "Ask": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
            "Parameters": {"FunctionName": "ask", "Payload": {"token.$": "$$.Task.Token"}},
            "TimeoutSeconds": 3600,
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Late"}],
            "End": True,
        },
        "Late": {"Type": "Pass", "Result": "late", "End": True},
    },
}


def waiting(path: Path, *, virtual: bool = True, clock: Clock | None = None) -> list[str]:
    """Start an execution that asks for an answer, and return the tokens that it has handed out."""
    tokens: list[str] = []

    def ask(payload: Json) -> Json:
        assert isinstance(payload, dict)
        tokens.append(str(payload["token"]))
        return None

    started(path, ASKS, virtual=virtual, now=(clock or Clock()).now())
    driven(path, Answers({"ask": ask}), clock=clock).close()
    return tokens


@pytest.mark.parametrize("virtual", [True, False])
def test_a_token_is_answered_although_nobody_drives_and_the_answer_is_taken_later(
    tmp_path: Path, virtual: bool
) -> None:
    path, clock = tmp_path / "journal.db", Clock()
    (token,) = waiting(path, virtual=virtual, clock=clock)
    assert len(token) >= 32
    assert [each.token for each in Journal(path).execution("one").waiting] == [token]

    Journal(path).answer(token, {"yes": True})
    finish(path, Answers(), clock=clock)

    assert shown(path)[:2] == ("SUCCEEDED", {"yes": True})
    assert Journal(path).execution("one").waiting == []


def test_of_two_answers_the_first_counts(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    (token,) = waiting(path)

    Journal(path).answer(token, 1)
    with pytest.raises(TokenError, match="Task Timed Out"):
        Journal(path).answer(token, 2)
    with pytest.raises(TokenError, match="Invalid token"):
        Journal(path).answer("nobody", 2)
    finish(path, Answers())

    assert shown(path)[1] == 1


def test_an_answer_that_was_taken_before_the_deadline_counts_although_nobody_drove_until_after_it(
    tmp_path: Path,
) -> None:
    path, clock = tmp_path / "journal.db", Clock(__import__("time").time())
    (token,) = waiting(path, virtual=False, clock=clock)

    Journal(path).answer(token, "in time")
    clock.instant += 7200
    finish(path, Answers(), clock=clock)

    assert shown(path)[:2] == ("SUCCEEDED", "in time")


def test_an_answer_after_the_deadline_is_refused(tmp_path: Path) -> None:
    path, clock = tmp_path / "journal.db", Clock()
    (token,) = waiting(path, virtual=False, clock=clock)
    clock.instant += 3600
    finish(path, Answers(), clock=clock)
    assert shown(path)[:2] == ("SUCCEEDED", "late")

    with pytest.raises(TokenError, match="Task Timed Out"):
        Journal(path).answer(token, "too late")


def test_a_failure_and_a_heartbeat_may_be_sent_too(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    (token,) = waiting(path)

    Journal(path).heartbeat(token)
    Journal(path).fail(token, "Refused", "not today")
    finish(path, Answers())

    failed = [each for each in shown(path)[2] if each["type"] == "TaskFailed"]
    assert failed[0]["taskFailedEventDetails"]["error"] == "Refused"  # type: ignore[index, call-overload]


def test_an_execution_is_stopped_whoever_drives_it(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    waiting(path)

    Journal(path).execution("one").stop("Enough", "of this")

    found = Journal(path).execution("one")
    assert (found.status, found.error, found.cause) == ("ABORTED", "Enough", "of this")
    finish(path, Answers())


def test_a_failed_execution_is_redriven_from_where_it_failed(tmp_path: Path) -> None:
    path, calls = tmp_path / "journal.db", []
    machine = {"StartAt": "A", "States": {"A": task("a", Next="B"), "B": task("b", End=True)}}
    started(path, machine)

    def b(payload: Json) -> Json:
        calls.append("b")
        if len(calls) == 2:
            raise ValueError("not yet")
        return "done"

    def a(payload: Json) -> Json:
        calls.append("a")
        return 1

    finish(path, Answers({"a": a, "b": b}))
    assert shown(path)[0] == "FAILED"

    Journal(path).execution("one").redrive()
    finish(path, Answers({"a": a, "b": b}))

    assert shown(path)[:2] == ("SUCCEEDED", "done")
    assert calls == ["a", "b", "b"]
    with pytest.raises(InvalidInput):
        Journal(path).execution("one").redrive()


def test_the_same_name_and_input_is_the_same_execution_while_it_runs(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    waiting(path)

    assert started(path, ASKS) == 1
    with pytest.raises(ExecutionAlreadyExists, match="with another input"):
        started(path, ASKS, {"other": 1})
    Journal(path).execution("one").stop()
    with pytest.raises(ExecutionAlreadyExists, match="and is ABORTED"):
        started(path, ASKS)


def test_an_execution_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    waiting(path)

    with pytest.raises(NotFound, match=r"there is no execution 'two' in .*journal\.db"):
        Journal(path).execution("two")
    started(path, load(ASKS, name="other"), name="one")
    with pytest.raises(InvalidInput, match="several executions are named 'one'"):
        Journal(path).execution("one")
