"""`stepsmith redrive` of many, and `stepsmith executions`, with a journal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.stepsmith.cli.conftest import Call

TASKS = """
import os
def no(event):
    if not os.path.exists("mended"):
        raise ValueError("no")
    return "yes"
"""
NO = {
    "StartAt": "N",
    "States": {
        "N": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:no", "End": True}
    },
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stepsmith: Call) -> Path:
    """A folder with a journal in which two executions have failed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "answers.py").write_text(TASKS)
    (tmp_path / "no.asl.json").write_text(json.dumps(NO))
    for name, total in (("one", 5), ("two", 50)):
        given = ("--input", json.dumps({"order": {"total": total}}), "--tasks", "answers.py")
        stepsmith("start", "no.asl.json", "--name", name, "--journal", "j.db", *given)
    stepsmith("work", "--journal", "j.db")
    return tmp_path


def statuses(stepsmith: Call) -> dict[str, str]:
    listed = json.loads(stepsmith("executions", "--journal", "j.db", "--json").out)
    return {each["name"]: each["status"] for each in listed}


def test_a_plan_is_shown_and_changes_nothing(here: Path, stepsmith: Call) -> None:
    outcome = stepsmith("redrive", "--failed", "1h", "--journal", "j.db", "--plan")

    assert outcome.code == 0
    assert outcome.out.startswith("2 would be redriven\n  redrive  FAILED     arn:aws:states:us-east-1:")
    assert statuses(stepsmith) == {"one": "FAILED", "two": "FAILED"}


def test_nobody_to_ask_is_a_wrong_call(here: Path, stepsmith: Call) -> None:
    outcome = stepsmith("redrive", "--failed", "1h", "--journal", "j.db")

    assert outcome.code == 2
    assert "Do this with 2 executions, 5 a second? Nobody is there to answer; say --yes" in outcome.err
    assert statuses(stepsmith) == {"one": "FAILED", "two": "FAILED"}


def test_those_that_are_meant_go_on(here: Path, stepsmith: Call) -> None:
    (here / "mended").touch()

    outcome = stepsmith(
        "redrive", "--failed", "1h", "--journal", "j.db", "--yes", "--where", "order.total > 10", "--json"
    )
    stepsmith("work", "--journal", "j.db")

    (done,) = json.loads(outcome.out)
    assert (outcome.code, done["done"], done["executionArn"].rpartition(":")[2]) == (0, "redriven", "two")
    assert statuses(stepsmith) == {"one": "FAILED", "two": "SUCCEEDED"}


def test_all_are_started_anew_once(here: Path, stepsmith: Call) -> None:
    (here / "mended").touch()
    call = ("redrive", "no", "--failed", "1h", "--journal", "j.db", "--yes", "--anew", "--rate", "1000")

    first, second = stepsmith(*call), stepsmith(*call)
    stepsmith("work", "--journal", "j.db")

    assert (first.code, second.code) == (0, 0)
    assert "2 started anew\n" in first.err
    begun = {"one-restarted": "SUCCEEDED", "two-restarted": "SUCCEEDED"}
    assert statuses(stepsmith) == {"one": "FAILED", "two": "FAILED", **begun}
    third = stepsmith(*call)
    assert third.code == 1
    assert "already, and is SUCCEEDED (ExecutionAlreadyExists)" in third.err
    assert "2 could not be helped" in third.err


def test_executions_are_searched(here: Path, stepsmith: Call) -> None:
    def names(*search: str) -> list[str]:
        listed = json.loads(stepsmith("executions", "--journal", "j.db", "--json", *search).out)
        return [each["name"] for each in listed]

    assert names("--error", "Value*") == ["two", "one"]
    assert names("--error", "Type*") == []
    assert names("--where", "order.total = 5") == ["one"]
    assert names("--name", "t*o") == ["two"]
    assert names("--since", "1h", "--most", "1") == ["two"]
    assert names("--until", "1h") == []
    assert names("--status", "FAILED", "--status", "ABORTED") == ["two", "one"]
    assert names("--status", "RUNNING") == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "name an execution, or say --failed WHEN or --from-queue QUEUE"),
        (("--rate", "5"), "--rate is for many executions: say --failed WHEN or --from-queue QUEUE, too"),
        (("--failed", "-3h"), "--failed"),
        (("--failed=-3h",), "--failed '-3h' is no time; write it such as 90m"),
        (
            ("--failed", "1h"),
            "name the workflow or the state machine whose executions failed, or a --journal",
        ),
        (("--failed", "1h", "--wait"), "--wait is for one execution"),
        (("--failed", "1h", "--status", "SUCCEEDED"), "--status SUCCEEDED: only FAILED, TIMED_OUT, ABORTED"),
        (("--failed", "1h", "--rate=-5"), "--rate '-5' is no number from 0.001 to 1000"),
        (("--failed", "1h", "--rate", "nan"), "--rate 'nan' is no number"),
        (("--failed", "1h", "--rate", "0"), "--rate '0' is no number"),
        (("--from-queue", "q", "--journal", "j.db"), "--from-queue is for executions on AWS"),
        (
            ("--from-queue", "q", "--failed", "1h"),
            "--from-queue takes the executions that its messages tell of",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(
    stepsmith: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")

    outcome = stepsmith("redrive", *arguments)

    assert (outcome.code, outcome.out) == (2, "")
    assert words in outcome.err
