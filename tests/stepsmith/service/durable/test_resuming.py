"""What an execution waited for when its process ended is waited for, answered or asked about by the next one."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
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
JOB = one({"Resource": "arn:aws:states:::glue:startJobRun.sync", "Parameters": {"JobName": "etl"}})


def nothing(payload: Json) -> Json:
    return None


def dying(payload: Json) -> Json:
    raise Crash


@pytest.mark.parametrize("machine", [ASK, PICK], ids=["callback", "activity"])
@pytest.mark.parametrize("attended", [True, False])
def test_a_responder_answers_what_an_earlier_process_has_handed_out(
    tmp_path: Path, machine: dict[str, Any], attended: bool
) -> None:
    path = tmp_path / "j.db"
    started(path, machine, attended=attended)
    with suppress(Crash):
        driven(path, Answers({"ask": nothing}, responders={"Only": dying})).close()
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


def glue(states: list[str], starts: list[str], asked: threading.Event, release: threading.Event) -> Any:
    """Return a client of a service that runs jobs, in these states when it is asked about them."""
    client = boto3.client("glue", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")

    def start(**arguments: Json) -> dict[str, Json]:
        starts.append(str(arguments["JobName"]))
        return {"JobRunId": f"jr_{len(starts)}"}

    def look(**arguments: Json) -> dict[str, Json]:
        asked.set()
        assert release.wait(PATIENCE)
        return {"JobRun": {"Id": arguments["RunId"], "JobName": "etl", "JobRunState": states.pop(0)}}

    client.start_job_run, client.get_job_run = start, look  # type: ignore[method-assign, assignment]
    return client


def test_a_job_that_an_earlier_process_has_started_is_asked_about_and_not_started_again(
    tmp_path: Path,
) -> None:
    path, starts, asked, release = tmp_path / "j.db", list[str](), threading.Event(), threading.Event()
    started(path, JOB, virtual=False, now=time.time())
    first = glue(["RUNNING"] * 1000, starts, asked, release)
    store = Store(path, synchronous="NORMAL")
    conductor = Conductor(store, Answers(clients=ClientRegistry.local({"glue": first})))
    thread = threading.Thread(target=conductor.run)
    thread.start()
    reader, end = Reader(path), time.monotonic() + PATIENCE
    while reader.head(1).count < 2 and time.monotonic() < end:
        time.sleep(0.01)
    assert asked.wait(PATIENCE)
    conductor.stop(grace=0)
    thread.join(PATIENCE)
    store.close()
    assert reader.head(1).due == 0.0  # whoever comes next has something to do
    reader.close()
    release.set()

    second = glue(["RUNNING", "SUCCEEDED"], starts, asked, release)
    finish(path, Answers(clients=ClientRegistry.local({"glue": second})))

    assert shown(path)[:2] == ("SUCCEEDED", {"Id": "jr_1", "JobName": "etl", "JobRunState": "SUCCEEDED"})
    assert starts == ["etl"]


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
