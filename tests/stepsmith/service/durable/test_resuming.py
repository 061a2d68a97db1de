"""What an execution waited for when its process ended is waited for, answered or asked about by the next one."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import boto3
import pytest

from stepsmith.expressions.types import Json
from stepsmith.integrations import ClientRegistry
from stepsmith.service import TokenError
from stepsmith.service.durable.conductor import Conductor
from stepsmith.service.journals.journal import Journal
from stepsmith.store import Reader, Store
from tests.stepsmith.service.durable.engines import (
    Answers,
    Clock,
    Crash,
    driven,
    finish,
    shown,
    started,
    task,
)

PATIENCE = 20.0
ACTIVITY = "arn:aws:states:us-east-1:123456789012:activity:pick"


def one(state: dict[str, Any]) -> dict[str, Any]:
    return {"StartAt": "Only", "States": {"Only": {"Type": "Task", "End": True, **state}}}


ASK = one(
    {
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": {"FunctionName": "ask", "Payload": {"token.$": "$$.Task.Token"}},
        "HeartbeatSeconds": 60,
        "Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "Silent"}],
    }
)
ASK["States"]["Silent"] = {"Type": "Pass", "Result": "silent", "End": True}
PICK = one({"Resource": ACTIVITY})
JOB = one(
    {"Resource": "arn:aws:states:::athena:startQueryExecution.sync", "Parameters": {"QueryString": "etl"}}
)


def nothing(payload: Json) -> Json:
    return None


def dying(payload: Json) -> Json:
    raise Crash


@pytest.mark.parametrize("machine", [ASK, PICK], ids=["callback", "activity"])
@pytest.mark.parametrize(("attended", "dies"), [(True, True), (False, True), (True, False)])
def test_a_responder_answers_what_an_earlier_process_has_handed_out(
    tmp_path: Path, machine: dict[str, Any], attended: bool, dies: bool
) -> None:
    """It died while it was about to answer, or nobody was there to answer at all."""
    path = tmp_path / "j.db"
    started(path, machine, attended=attended)
    with suppress(Crash):
        driven(path, Answers({"ask": nothing}, responders={"Only": dying} if dies else {})).close()
    assert len(Journal(path).execution("one").waiting) == 1

    store = Store(path, synchronous="NORMAL")
    answers = Answers({"ask": nothing}, responders={"Only": lambda payload: "answered"})
    conductor = Conductor(store, answers, is_direct=True, only={1})
    conductor.want(1)
    conductor.run()
    store.close()

    assert shown(path)[:2] == ("SUCCEEDED", "answered")


def test_the_task_of_an_activity_is_left_to_a_worker_before_and_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    started(path, PICK, virtual=False, now=(begun := time.time()))
    driven(path, Answers()).close()
    driven(path, Answers()).close()
    reader = Reader(path)
    (waiting,) = Journal(path).execution("one").waiting
    assert reader.head(1).count == 1
    assert reader.head(1).due > begun + 86_400  # when its time is up
    reader.close()

    Journal(path).answer(waiting.token, "picked")
    finish(path, Answers())

    assert shown(path)[:2] == ("SUCCEEDED", "picked")


class Jobs:
    """A service that runs jobs, which are in these states when it is asked about them."""

    def __init__(self, *states: str) -> None:
        self.states = list(states)
        self.started = list[str]()
        self.asked, self.stopped = threading.Event(), threading.Event()

    def answers(self) -> Answers:
        client = boto3.client(
            "athena", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
        )
        client.start_query_execution = self._start  # type: ignore[method-assign, assignment]
        client.get_query_execution = self._look  # type: ignore[method-assign, assignment]
        client.stop_query_execution = self._stop  # type: ignore[method-assign, assignment]
        return Answers(clients=ClientRegistry.local({"athena": client}))

    def _start(self, **arguments: Json) -> dict[str, Json]:
        self.started.append(str(arguments["QueryString"]))
        return {"QueryExecutionId": "q1"}

    def _look(self, **arguments: Json) -> dict[str, Json]:
        state = self.states[0] if len(self.states) == 1 else self.states.pop(0)
        self.asked.set()
        return {
            "QueryExecution": {"QueryExecutionId": arguments["QueryExecutionId"], "Status": {"State": state}}
        }

    def _stop(self, **arguments: Json) -> dict[str, Json]:
        assert arguments == {"QueryExecutionId": "q1"}
        self.stopped.set()
        return {}


@contextmanager
def driving(path: Path, jobs: Jobs) -> Generator[Conductor]:
    """Drive on another thread until the job is known to have been started, and inside."""
    store = Store(path, synchronous="NORMAL")
    conductor = Conductor(store, jobs.answers())
    thread = threading.Thread(target=conductor.run)
    thread.start()
    reader, end = Reader(path), time.monotonic() + PATIENCE
    while reader.head(1).count < 2 and time.monotonic() < end:
        time.sleep(0.01)
    assert jobs.asked.wait(PATIENCE)
    yield conductor
    conductor.stop(grace=0)
    thread.join(PATIENCE)
    reader.close()
    store.close()


def test_a_job_that_an_earlier_process_has_started_is_asked_about_and_not_started_again(
    tmp_path: Path,
) -> None:
    path, first, second = tmp_path / "j.db", Jobs("RUNNING"), Jobs("RUNNING", "SUCCEEDED")
    started(path, JOB, virtual=False, now=time.time())
    with driving(path, first):
        pass
    first.states[:] = ["SUCCEEDED"]
    reader = Reader(path)
    assert reader.head(1).due == 0.0  # whoever comes next has something to do
    reader.close()

    finish(path, second.answers())

    assert shown(path)[0] == "SUCCEEDED"
    assert first.started + second.started == ["etl"]
    assert not first.stopped.is_set()
    assert not second.stopped.is_set()


def test_a_job_is_asked_to_stop_with_the_execution_that_waits_for_it(tmp_path: Path) -> None:
    path, jobs = tmp_path / "j.db", Jobs("RUNNING")
    started(path, JOB, virtual=False, now=time.time())

    with driving(path, jobs):
        Journal(path).execution("one").stop()

        assert jobs.stopped.wait(PATIENCE)
    assert shown(path)[0] == "ABORTED"


def asked(path: Path, clock: Clock) -> str:
    """Let an execution hand out a token, and return it."""
    started(path, ASK, virtual=False, now=clock.now())
    driven(path, Answers({"ask": nothing}), clock=clock).close()
    (waiting,) = Journal(path).execution("one").waiting
    return waiting.token


def test_a_heartbeat_that_came_while_nobody_drove_lets_a_task_live_on(tmp_path: Path) -> None:
    path, clock = tmp_path / "j.db", Clock(time.time())
    token = asked(path, clock)

    Journal(path).heartbeat(token)
    driven(path, Answers({"ask": nothing}), clock=clock).close()
    clock.instant += 59.0
    driven(path, Answers({"ask": nothing}), clock=clock).close()

    assert Journal(path).execution("one").status == "RUNNING"
    clock.instant += 2.0
    finish(path, Answers({"ask": nothing}), clock=clock)
    assert shown(path)[:2] == ("SUCCEEDED", "silent")


def test_a_heartbeat_for_a_task_that_takes_no_answer_is_refused_and_asks_nothing(tmp_path: Path) -> None:
    path, clock = tmp_path / "j.db", Clock(time.time())
    token = asked(path, clock)
    Journal(path).answer(token, 1)
    reader = Reader(path)
    before = reader.requests(1)

    with pytest.raises(TokenError, match="Task Timed Out"):
        Journal(path).heartbeat(token)
    with pytest.raises(TokenError, match="Task Timed Out"):
        Journal(path).execution("one").send_task_heartbeat(token)
    with pytest.raises(TokenError, match="Invalid token"):
        Journal(path).heartbeat("nobody")

    assert reader.requests(1) == before
    reader.close()


def test_a_token_closes_with_the_execution_that_is_stopped(tmp_path: Path) -> None:
    path, clock = tmp_path / "j.db", Clock(time.time())
    token = asked(path, clock)

    Journal(path).execution("one").stop()

    with pytest.raises(TokenError, match="Task Timed Out"):
        Journal(path).fail(token, "Late")
    assert Journal(path).execution("one").waiting == []


def test_a_task_that_was_answered_after_its_retry_began_is_not_waited_for(tmp_path: Path) -> None:
    """A retry hands out another token: the one before it takes no answer any more."""
    path, clock, tokens = tmp_path / "j.db", Clock(time.time()), list[str]()
    machine = one(
        {**ASK["States"]["Only"], "Retry": [{"ErrorEquals": ["Again"], "IntervalSeconds": 1}], "Catch": []}
    )

    def ask(payload: Json) -> Json:
        assert isinstance(payload, dict)
        tokens.append(str(payload["token"]))
        return None

    started(path, machine, virtual=False, now=clock.now())
    driven(path, Answers({"ask": ask}), clock=clock).close()
    Journal(path).fail(tokens[0], "Again")
    driven(path, Answers({"ask": ask}), clock=clock).close()
    clock.instant += 60.0  # answers are of the instant at which they were given
    driven(path, Answers({"ask": ask}), clock=clock).close()

    with pytest.raises(TokenError, match="Task Timed Out"):
        Journal(path).answer(tokens[0], 1)
    Journal(path).answer(tokens[1], 2)
    finish(path, Answers({"ask": ask}), clock=clock)
    assert (shown(path)[1], len(tokens)) == (2, 2)


def test_a_task_is_called_once_by_those_that_come_and_go_before_it_has_its_turn(tmp_path: Path) -> None:
    """Nothing begins in a conductor that was asked to stop; the next one does it."""
    path, calls = tmp_path / "j.db", list[Json]()
    started(path, {"StartAt": "T", "States": {"T": task("t", End=True)}}, {"n": 1})
    store = Store(path, synchronous="NORMAL")
    conductor = Conductor(store, Answers({"t": calls.append}), is_direct=True)
    conductor.is_stopping = True
    conductor.take_up(1)
    conductor.turn()
    conductor.close()
    store.close()
    assert calls == []

    finish(path, Answers({"t": calls.append}))

    assert calls == [{"n": 1}]
