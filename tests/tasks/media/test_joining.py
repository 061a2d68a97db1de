"""How an execution is started, joined and waited for."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from stepsmith.authoring.calls.pausing import pausing_by
from tasks.errors import Throttled, Unavailable
from tasks.media.joining import MOST_TRIES, PATIENCE, Failed, made
from tasks.media.models import Derived

NOW = datetime(2026, 5, 1, 12, 0, 9, tzinfo=UTC)
PICTURE = Derived(key="derived/x/a", etag="e", content_type="image/png", bytes=3, source="s")


class AlreadyThere(Exception):
    pass


class States:
    """Step Functions with one answer for each time that it is asked about an execution."""

    class exceptions:
        ExecutionAlreadyExists = AlreadyThere

    def __init__(self, *answers: dict[str, Any], used: int = 0) -> None:
        self.answers = list(answers)
        self.used = used
        self.started: list[dict[str, Any]] = []

    def start_execution(self, **given: Any) -> dict[str, Any]:
        self.started.append(given)
        if len(self.started) <= self.used:
            raise AlreadyThere
        return {"executionArn": f"arn:{given['name']}"}

    def describe_execution(self, **given: Any) -> dict[str, Any]:
        assert given == {"executionArn": f"arn:{self.started[-1]['name']}"}
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


RUNNING = {"status": "RUNNING"}
DONE = {"status": "SUCCEEDED", "output": PICTURE.model_dump_json()}


def ask(states: States, *, mark: str = "m", now: datetime = NOW) -> tuple[Derived | Failed, list[float]]:
    waits: list[float] = []
    with pausing_by(waits.append):
        return made(states, {"b": 1, "a": 2}, mark, now), waits


def test_an_execution_is_started_and_asked_until_it_has_ended() -> None:
    states = States(RUNNING, RUNNING, RUNNING, DONE)
    found, waits = ask(states)

    assert found == PICTURE
    assert waits == [0.02, 0.03, 0.05]
    assert states.started[0]["stateMachineArn"] == "media_transform"
    assert states.started[0]["input"] == '{"a": 2, "b": 1}'


def test_all_who_ask_for_the_same_in_ten_seconds_use_one_name() -> None:
    def name(mark: str, seconds: float) -> str:
        states = States(DONE)
        ask(states, mark=mark, now=NOW + timedelta(seconds=seconds))
        return states.started[0]["name"]

    assert name("m", 0) == name("m", 0.9)
    assert len({name("m", 0), name("m", 1), name("n", 0)}) == 3
    assert len(name("m", 0)) <= 80


def test_how_an_execution_has_failed_is_told() -> None:
    assert ask(States({"status": "FAILED", "error": "Corrupt", "cause": "no"}))[0] == Failed("Corrupt", "no")
    assert ask(States({"status": "TIMED_OUT"}))[0] == Failed("TIMED_OUT", "")


def test_one_that_has_ended_is_not_joined_and_only_so_many_are_started() -> None:
    states = States(DONE, used=2)
    found, _ = ask(states)

    assert found == PICTURE
    assert [each["name"][-2:] for each in states.started] == ["-0", "-1", "-2"]
    with pytest.raises(Unavailable, match="tried 5 times in 10 seconds"):
        ask(States(DONE, used=MOST_TRIES))


def test_nobody_waits_longer_than_an_api_does() -> None:
    waits: list[float] = []
    with pausing_by(waits.append), pytest.raises(Unavailable, match="still being made"):
        made(States(RUNNING), {}, "m", NOW)

    assert PATIENCE.total_seconds() <= sum(waits) < 29


def test_a_service_that_is_asked_too_often_is_throttled() -> None:
    class Busy(States):
        def start_execution(self, **_: Any) -> dict[str, Any]:
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow"}}, "StartExecution")

    with pytest.raises(Throttled):
        ask(Busy())
