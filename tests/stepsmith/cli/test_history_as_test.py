"""`stepsmith history EXPORTED.json --as-test`."""

import json
from pathlib import Path
from typing import Any

import pytest

from stepsmith import load
from tests.stepsmith.cli.conftest import Call

DEFINITION: dict[str, Any] = {
    "StartAt": "Work",
    "States": {
        "Work": {
            "Type": "Task",
            "Resource": "arn:aws:lambda:us-east-1:123456789012:function:work",
            "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 5}],
            "End": True,
        }
    },
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a definition, and the exported history of one of its executions."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "definitions").mkdir()
    (tmp_path / "definitions" / "work.asl.json").write_text(json.dumps(DEFINITION))
    execution = load(DEFINITION).run({"x": 1}, tasks={"Work": lambda payload: payload})
    (tmp_path / "work.json").write_text(json.dumps({"events": list(execution.history)}))
    return tmp_path


def test_the_test_that_is_written_passes(folder: Path, stepsmith: Call, pytester: pytest.Pytester) -> None:
    outcome = stepsmith(
        "history",
        str(folder / "work.json"),
        "--as-test",
        "--definition",
        str(folder / "definitions/work.asl.json"),
    )
    pytester.makepyfile(outcome.out)

    assert outcome.code == 0
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_a_file_is_shown_with_its_timeline(folder: Path, stepsmith: Call) -> None:
    outcome = stepsmith("history", str(folder / "work.json"))

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == f"SUCCEEDED · 1 state entered · 7 events · 0 s\nWork ━{' ' * 39} 0 s\n"
    assert [
        event["type"] for event in json.loads(stepsmith("history", str(folder / "work.json"), "--json").out)
    ][-1] == "ExecutionSucceeded"


def test_a_history_that_goes_on_is_shown_as_far_as_it_goes(folder: Path, stepsmith: Call) -> None:
    events = json.loads((folder / "work.json").read_text())["events"]
    (folder / "part.json").write_text(json.dumps(events[:3]))

    outcome = stepsmith("history", str(folder / "part.json"))

    assert outcome.code == 0
    assert outcome.out.startswith("RUNNING · 1 state entered · 3 events")


def test_a_failure_in_a_file_is_told_with_exit_code_1(folder: Path, stepsmith: Call) -> None:
    def fail(payload: object) -> None:
        raise ValueError("no such thing")

    execution = load(DEFINITION).run({}, tasks={"Work": fail})
    (folder / "failed.json").write_text(json.dumps(list(execution.history)))

    outcome = stepsmith("history", str(folder / "failed.json"))

    assert (outcome.code, outcome.err) == (1, "stepsmith: FAILED: ValueError: no such thing\n")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not JSON"),
        ("[1]", "is no execution history"),
        ('[{"id": 1, "type": "PassStateEntered", "previousEventId": 0}]', "event 1 says no time"),
    ],
)
def test_a_file_that_is_no_history_is_a_wrong_call(
    folder: Path, stepsmith: Call, content: str, message: str
) -> None:
    (folder / "bad.json").write_text(content)

    outcome = stepsmith("history", str(folder / "bad.json"))

    assert outcome.code == 2
    assert message in outcome.err


def test_a_file_is_not_looked_for_on_aws(folder: Path, stepsmith: Call) -> None:
    outcome = stepsmith("history", str(folder / "work.json"), "--region", "eu-west-1")

    assert outcome.code == 2
    assert "--region is for executions on AWS" in outcome.err


@pytest.mark.usefixtures("folder")
def test_name_and_definition_follow_the_file(stepsmith: Call) -> None:
    outcome = stepsmith("history", "work.json", "--as-test")

    assert "def test_work_runs_as_recorded() -> None:" in outcome.out
    assert 'DEFINITION = "definitions/work.asl.json"' in outcome.out
    assert outcome.err == ""


@pytest.mark.usefixtures("folder")
def test_a_name_can_be_given(stepsmith: Call) -> None:
    outcome = stepsmith("history", "work.json", "--as-test", "--name", "monday")

    assert "def test_monday_runs_as_recorded() -> None:" in outcome.out


@pytest.mark.usefixtures("folder")
def test_a_definition_that_is_not_there_is_remarked_on(stepsmith: Call) -> None:
    outcome = stepsmith("history", "work.json", "--as-test", "--definition", "later.asl.json")

    assert outcome.code == 0
    assert outcome.err == "stepsmith: later.asl.json is not there yet; --definition says what the test runs\n"


def test_a_test_that_would_not_pass_is_remarked_on(folder: Path, stepsmith: Call) -> None:
    states = {
        "Work": {"Type": "Wait", "Seconds": 1, "Next": "Rest"},
        "Rest": {"Type": "Fail", "Error": "Tired"},
    }
    (folder / "other.asl.json").write_text(json.dumps({"StartAt": "Work", "States": states}))

    outcome = stepsmith("history", "work.json", "--as-test", "--definition", "other.asl.json")

    assert outcome.code == 0
    assert outcome.err.startswith(
        "stepsmith: the test fails now: the replay has another path, status, output, error (Tired"
    )


def test_a_definition_that_is_none_is_remarked_on(folder: Path, stepsmith: Call) -> None:
    outcome = stepsmith("history", "work.json", "--as-test", "--definition", "work.json")

    assert outcome.code == 0
    assert "work.json cannot be replayed" in outcome.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing.json"], "cannot read nothing.json"),
        (["work.json", "--name", "a b"], "cannot be part of the name of a test"),
        (["definitions/work.asl.json"], "is no execution history"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_what_cannot_become_a_test_is_a_wrong_call(stepsmith: Call, arguments: list[str], words: str) -> None:
    outcome = stepsmith("history", *arguments, "--as-test")

    assert (outcome.code, outcome.out) == (2, "")
    assert words in outcome.err
    assert "Traceback" not in outcome.err
