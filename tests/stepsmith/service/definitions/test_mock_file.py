from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stepsmith.errors import InvalidInput, NotFound
from stepsmith.integrations import TaskError
from stepsmith.service import read_mock_file
from tests.stepsmith.service.small_machines import callback, machine, task

FILE: dict[str, Any] = {
    "StateMachines": {
        "orders": {
            "TestCases": {
                "Happy": {"Call": "Good"},
                "Retried": {"Call": "FlakyThenGood"},
            }
        }
    },
    "MockedResponses": {
        "Good": {"0": {"Return": {"ok": True}}},
        "FlakyThenGood": {
            "0-1": {"Throw": {"Error": "Flaky", "Cause": "again"}},
            "2": {"Return": 5},
        },
    },
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mock.json"
    path.write_text(json.dumps(FILE))
    return path


def test_a_state_is_answered_as_the_test_case_says(file: Path) -> None:
    execution = machine(("Call", task("nobody"))).run({}, mocked=read_mock_file(file, case="Happy"))

    assert execution.output == {"ok": True}


def test_calls_are_counted(file: Path) -> None:
    retry = [{"ErrorEquals": ["Flaky"], "MaxAttempts": 5}]

    execution = machine(("Call", task("nobody", Retry=retry))).run(
        {}, mocked=read_mock_file(file, case="Retried")
    )

    assert execution.output == 5
    assert len(execution.history.of("LambdaFunctionFailed")) == 2


def test_a_callback_is_answered_at_once(file: Path) -> None:
    execution = machine(("Call", callback())).run(
        {}, mocked=read_mock_file(file, machine="orders", case="Happy")
    )

    assert execution.output == {"ok": True}
    assert execution.history.of("TaskSubmitted")


def test_a_state_that_is_not_in_the_test_case_is_called(file: Path) -> None:
    execution = machine(("Call", task("nobody")), ("Other", task())).run(
        {}, mocked=read_mock_file(file, case="Happy"), tasks={"work": lambda payload: [payload]}
    )

    assert execution.output == [{"ok": True}]


def test_a_call_that_the_file_says_nothing_about_fails(file: Path) -> None:
    mocked = read_mock_file(file, case="Happy")
    mocked.answer("Call")

    with pytest.raises(TaskError) as caught:
        mocked.answer("Call")

    assert caught.value.cause == "The mocked responses of state 'Call' say nothing about call 1."


@pytest.mark.parametrize(
    ("names", "error", "message"),
    [
        ({}, InvalidInput, "the mock file has 2 test cases: name one of Happy, Retried"),
        ({"case": "Hapy"}, NotFound, "the mock file has no test case 'Hapy'; did you mean 'Happy'?"),
        ({"machine": "x", "case": "Happy"}, NotFound, "no state machine 'x'; it has orders"),
    ],
)
def test_the_test_case_has_to_be_named_right(
    file: Path, names: dict[str, str], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message.replace("?", r"\?")):
        read_mock_file(file, **names)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "mock.json:1:2: "),
        ("[]", "mock.json is no object"),
        ("{}", "mock.json has no StateMachines"),
        ('{"StateMachines": {}}', "has 0 state machines: name one of none"),
        ('{"StateMachines": {"m": 5}}', "StateMachines/m is no object"),
        ('{"StateMachines": {"m": {"TestCases": {"c": {"S": "R"}}}}}', "has no MockedResponses"),
        (
            '{"StateMachines": {"m": {"TestCases": {"c": {"S": "Gud"}}}}, "MockedResponses": {"Good": {}}}',
            "state 'S' is answered by 'Gud', which is not in MockedResponses; did you mean 'Good'",
        ),
        (
            '{"StateMachines": {"m": {"TestCases": {"c": {"S": "R"}}}}, "MockedResponses": {"R": {"a": {}}}}',
            "MockedResponses/R/a is no number of a call and no range such as 1-2",
        ),
        (
            '{"StateMachines": {"m": {"TestCases": {"c": {"S": "R"}}}}, "MockedResponses": {"R": {"0": {}}}}',
            "MockedResponses/R/0 must have either Return or Throw, and nothing else",
        ),
    ],
)
def test_a_broken_file_says_where(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "mock.json"
    path.write_text(content)

    with pytest.raises(InvalidInput) as caught:
        read_mock_file(path)

    assert message in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="cannot be read: No such file"):
        read_mock_file(tmp_path / "no.json")


def test_a_mock_file_without_end_is_refused() -> None:
    endless = Path("/dev/zero")
    if not endless.exists():
        pytest.skip("there is no /dev/zero here")

    with pytest.raises(InvalidInput, match="mock file '/dev/zero' has more than 16777216 bytes"):
        read_mock_file(endless)
