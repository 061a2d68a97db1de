"""The same commands for executions on AWS and for those in a journal here."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.stepsmith.cli.conftest import Outcome

TASKS = """
import os, time
def double(event):
    time.sleep(event.get("seconds", 0))
    return {"n": event["n"] * 2}
def no(event):
    if not os.path.exists("mended"):
        raise ValueError("no")
    return "yes"
def ask(event):
    open("token", "w").write(event["token"])
"""
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:"
DOUBLE = {"StartAt": "D", "States": {"D": {"Type": "Task", "Resource": f"{FUNCTION}double", "End": True}}}
NO = {"StartAt": "N", "States": {"N": {"Type": "Task", "Resource": f"{FUNCTION}no", "End": True}}}
ASK = {
    "StartAt": "Ask",
    "States": {
        "Ask": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
            "Parameters": {"FunctionName": "ask", "Payload": {"token.$": "$$.Task.Token"}},
            "End": True,
        }
    },
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "answers.py").write_text(TASKS)
    for name, definition in (("double", DOUBLE), ("no", NO), ("ask", ASK)):
        (tmp_path / f"{name}.asl.json").write_text(json.dumps(definition))
    return tmp_path


def start(stepsmith: Any, definition: str, name: str, input: str = "{}") -> Outcome:
    return stepsmith(
        "start",
        f"{definition}.asl.json",
        "--name",
        name,
        "--input",
        input,
        "--journal",
        "j.db",
        "--tasks",
        "answers.py",
    )


def history(stepsmith: Any, name: str) -> dict[str, Any]:
    return json.loads(stepsmith("history", name, "--journal", "j.db", "--json").out)


def test_an_execution_is_started_worked_on_and_shown(here: Path, stepsmith: Any) -> None:
    started = start(stepsmith, "double", "one", '{"n": 4}')
    assert started.out == "arn:aws:states:us-east-1:123456789012:execution:double:one\n"
    assert history(stepsmith, "one")["status"] == "RUNNING"

    worked = stepsmith("work", "--journal", "j.db")

    assert worked.code == 0
    found = history(stepsmith, "one")
    assert (found["status"], found["output"]) == ("SUCCEEDED", {"n": 8})
    assert [each["id"] for each in found["events"]] == list(range(1, len(found["events"]) + 1))
    shown = stepsmith("history", "one", "--journal", "j.db").out
    assert "SUCCEEDED" in shown
    assert "execution:double:one" in shown


def test_a_start_is_not_repeated(here: Path, stepsmith: Any) -> None:
    start(stepsmith, "double", "one", '{"n": 4}')

    again, other = (
        start(stepsmith, "double", "one", '{"n": 4}'),
        start(stepsmith, "double", "one", '{"n": 5}'),
    )

    assert again.code == 0
    assert other.code == 2
    assert "there is an execution 'one' of double already, with another input" in other.err


def test_executions_are_listed(here: Path, stepsmith: Any) -> None:
    start(stepsmith, "double", "one", '{"n": 4}')
    start(stepsmith, "no", "two")
    stepsmith("work", "--journal", "j.db")

    every = json.loads(stepsmith("executions", "--journal", "j.db", "--json").out)
    failed = stepsmith("executions", "--journal", "j.db", "--status", "FAILED").out
    of_one = stepsmith("executions", "double", "--journal", "j.db").out

    assert [each["name"] for each in every] == ["two", "one"]
    assert "no:two" in failed
    assert "double:one" not in failed
    assert "no:two" not in of_one


def test_a_failed_execution_is_redriven(here: Path, stepsmith: Any) -> None:
    start(stepsmith, "no", "one")
    stepsmith("work", "--journal", "j.db")
    assert stepsmith("history", "one", "--journal", "j.db").code == 1
    (here / "mended").touch()

    redriven = stepsmith("redrive", "one", "--journal", "j.db")
    assert redriven.err == "one goes on with: stepsmith work --journal j.db\n"
    stepsmith("work", "--journal", "j.db")

    assert history(stepsmith, "one")["output"] == "yes"


def test_a_waiting_task_is_answered_and_another_answer_is_refused(here: Path, stepsmith: Any) -> None:
    start(stepsmith, "ask", "one")
    worker = work(here)
    for _ in range(500):
        if (here / "token").exists() and (here / "token").read_text():
            break
        time.sleep(0.02)
    token = (here / "token").read_text()
    assert (
        f"stepsmith answer {token} JSON --journal j.db"
        in stepsmith("history", "one", "--journal", "j.db").err
    )

    wrong = stepsmith("answer", token, "{", "--journal", "j.db")
    (here / "answer.json").write_text('{"yes": 1}')
    first = stepsmith("answer", token, "@answer.json", "--journal", "j.db")
    second = stepsmith("answer", token, "2", "--journal", "j.db")

    assert (wrong.code, first.code, second.code) == (1, 0, 1)
    assert "InvalidOutput" in wrong.err
    assert "TaskTimedOut" in second.err
    worker.communicate(timeout=20)
    assert worker.returncode == 0
    assert history(stepsmith, "one")["output"] == {"yes": 1}


def test_an_execution_is_stopped(here: Path, stepsmith: Any) -> None:
    start(stepsmith, "ask", "one")

    stopped = stepsmith("stop", "one", "--journal", "j.db", "--error", "Enough")

    assert stopped.err == "one is ABORTED\n"
    assert history(stepsmith, "one")["error"] == "Enough"


def test_every_command_finds_the_journal_of_the_folder(here: Path, stepsmith: Any) -> None:
    tasks = ("--tasks", "answers.py")
    stepsmith("start", "no.asl.json", "--name", "one", "--durable", *tasks)
    stepsmith("work")

    listed = stepsmith("executions", "--durable", "--status", "FAILED", "--json")
    shown = stepsmith("history", "one", "--durable", "--json")
    redriven = stepsmith("redrive", "one", "--durable")
    stopped = stepsmith("stop", "one", "--durable", "--error", "E")

    assert [each["name"] for each in json.loads(listed.out)] == ["one"]
    assert json.loads(shown.out)["status"] == "FAILED"
    assert redriven.err == "one goes on with: stepsmith work --journal .stepsmith/journal.db\n"
    assert stopped.err == "one is ABORTED\n"
    both = stepsmith("stop", "one", "--durable", "--region", "eu-west-1")
    assert both.err.startswith("stepsmith: --region is for executions on AWS, and --journal for those here")


def test_a_journal_is_verified_and_pruned(here: Path, stepsmith: Any) -> None:
    start(stepsmith, "double", "one", '{"n": 4}')
    stepsmith("work", "--journal", "j.db")

    assert stepsmith("verify", "--journal", "j.db").err == "j.db: 1 execution, all as they were written\n"
    assert stepsmith("prune", "--journal", "j.db").err == "0 executions forgotten\n"
    assert stepsmith("prune", "--journal", "j.db", "--days", "0").err == "1 execution forgotten\n"
    assert stepsmith("executions", "--journal", "j.db").err == "no executions\n"


def test_damage_is_reported(here: Path, stepsmith: Any) -> None:
    start(stepsmith, "double", "one", '{"n": 4}')
    stepsmith("work", "--journal", "j.db")
    content = bytearray(Path("j.db").read_bytes())
    place = content.index(b'["succeeded"')
    content[place + 20] ^= 1
    Path("j.db").write_bytes(content)

    verified, shown = (
        stepsmith("verify", "--journal", "j.db"),
        stepsmith("history", "one", "--journal", "j.db"),
    )

    assert verified.code == 1
    assert "record 2 of execution 1 is not what was written" in verified.out
    assert shown.code == 1
    assert "is damaged" in shown.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["work", "--journal", "none.db"], "there is no journal none.db"),
        (["work", "--journal", "."], ". is a folder; a journal is a file"),
        (["executions", "--journal", "double.asl.json"], "double.asl.json is no journal"),
        (["history", "one", "--journal", "none.db"], "there is no journal none.db"),
        (["start", "double.asl.json", "--tasks", "answers.py"], "--tasks is for executions here"),
        (["start", "double.asl.json", "--journal", "j.db", "--wait"], "--wait is for executions on AWS"),
        (["executions"], "name a workflow or the ARN of a state machine"),
        (
            ["start", "double.asl.json", "--journal", "new.db", "--name", "../x"],
            "'../x' cannot be the name of an execution (InvalidName)",
        ),
        (
            ["run", "double.asl.json", "--durable", "--name", "two words"],
            "'two words' cannot be the name of an execution (InvalidName)",
        ),
        (["answer", "token", "@none.json"], "'none.json' cannot be read: No such file"),
        (["answer", "token", "@"], "the output @ names no file; write @input.json"),
        (["answer", "token"], "give the output as JSON, or --error and --cause, or --heartbeat"),
        (["run", "double.asl.json", "--name", "one"], "--name is for executions here"),
        (
            ["run", "double.asl.json", "--journal", "j.db", "--express"],
            "--express is for runs that no journal holds",
        ),
    ],
)
def test_a_wrong_call_has_one_message(here: Path, stepsmith: Any, arguments: list[str], message: str) -> None:
    outcome = stepsmith(*arguments)

    assert outcome.code in (1, 2)
    assert outcome.out == ""
    assert outcome.err.startswith(f"stepsmith: {message}")
    assert outcome.err.count("\n") == 1


def test_a_durable_run_is_recorded_and_not_run_twice(here: Path, stepsmith: Any) -> None:
    call = ["run", "double.asl.json", "n=4", "--tasks", "answers.py", "--durable", "--name", "one"]

    first, second = stepsmith(*call), stepsmith(*call)

    assert json.loads(first.out) == {"n": 8}
    assert second.code == 2
    assert "and is SUCCEEDED" in second.err
    assert "double:one" in stepsmith("executions", "--journal", ".stepsmith/journal.db").out


def work(here: Path, *more: str, **environment: str) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-m", "stepsmith", "work", "--journal", "j.db", *more]
    return subprocess.Popen(
        arguments, cwd=here, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, **environment},
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_lets_the_running_task_end_and_says_how_to_go_on(
    here: Path, stepsmith: Any, number: int, code: int
) -> None:
    for name in ("one", "two"):
        start(stepsmith, "double", name, '{"n": 4, "seconds": 1.5}')
    start(stepsmith, "ask", "three")
    worker = work(here)
    until_begun(here)
    begun = time.monotonic()

    worker.send_signal(number)
    _, err = worker.communicate(timeout=20)

    assert worker.returncode == code
    assert err == "stepsmith: interrupted; go on with: stepsmith work --journal j.db\n"
    assert time.monotonic() - begun < 5
    assert history(stepsmith, "one")["status"] in ("RUNNING", "SUCCEEDED")


def until_begun(here: Path) -> None:
    """Wait until tasks run: the token is written by one of them."""
    for _ in range(1000):
        if (here / "token").exists():
            return
        time.sleep(0.01)
    raise AssertionError("nothing has begun")


@pytest.mark.slow
def test_what_a_killed_worker_leaves_is_taken_over_at_once(here: Path, stepsmith: Any) -> None:
    start(stepsmith, "double", "one", '{"n": 4, "seconds": 30}')
    start(stepsmith, "ask", "two")
    first = work(here)
    until_begun(here)
    second = work(here)
    time.sleep(0.5)

    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()
    killed = time.monotonic()
    stepsmith("stop", "two", "--journal", "j.db")
    while history(stepsmith, "two")["status"] == "RUNNING":
        assert time.monotonic() - killed < 10
    second.send_signal(signal.SIGKILL)
    second.communicate()

    assert time.monotonic() - killed < 10


def test_work_that_nobody_here_can_do_is_named_and_the_rest_is_done(here: Path, stepsmith: Any) -> None:
    start(stepsmith, "double", "one", '{"n": 4}')
    (here / "answers.py").rename(here / "elsewhere.py")

    outcome = stepsmith("work", "--journal", "j.db")

    assert outcome.code == 1
    assert "answers.py' is not there" in outcome.err
    assert history(stepsmith, "one")["status"] == "RUNNING"
    assert stepsmith("work", "--journal", "j.db", "--tasks", "elsewhere.py").code == 0
