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
