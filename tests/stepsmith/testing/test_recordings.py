import json
from pathlib import Path
from typing import Any

import pytest

from stepsmith import InvalidInput, NotFound, load
from stepsmith.testing import Runner, read_recording, replay
from stepsmith.testing.recordings import recorded_test
from tests.stepsmith.testing.shop import Busy, ask, charge, sell


@pytest.fixture
def exported(run: Runner, tmp_path: Path) -> Path:
    """A history as AWS exports it, of an execution with a retry."""
    execution = run(sell, 5, "a", fail={charge: {1: Busy("later")}}, answers={ask: {"yes": False}})
    path = tmp_path / "history.json"
    path.write_text(json.dumps({"events": list(execution.history)}))
    return path


def test_a_recording_knows_input_path_answers_and_end(exported: Path) -> None:
    recording = read_recording(exported)

    assert recording.input == {"cents": 5, "to": "a"}
    assert (recording.status, recording.error) == ("FAILED", "Declined")
    assert [answer.failed for answer in recording.answers["Charge"]] == [True, False]


def test_a_replay_takes_the_recorded_path(exported: Path) -> None:
    recording = read_recording(exported)

    execution = replay(recording, load(sell.definition))

    assert execution.path == list(recording.path)
    assert (execution.status, execution.error) == (recording.status, recording.error)


def test_the_generated_test_passes(exported: Path, tmp_path: Path, pytester: pytest.Pytester) -> None:
    definition = tmp_path / "sell.asl.json"
    definition.write_text(sell.definition.to_json())
    pytester.makepyfile(recorded_test(exported, str(definition), name="sell"))

    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_a_name_that_is_no_identifier_is_refused(exported: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be part"):
        recorded_test(exported, "x", name="a b; import os")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is not JSON"),
        ("{}", "no execution history"),
        ('{"events": [1]}', "no execution history"),
        ('{"events": []}', "does not begin with ExecutionStarted"),
        ('[{"id": 1, "type": "ExecutionStarted", "previousEventId": 0}]', "ends with ExecutionStarted"),
    ],
)
def test_what_is_no_complete_history_is_refused(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "history.json"
    path.write_text(content)

    with pytest.raises(InvalidInput, match=words):
        read_recording(path)


def test_a_file_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"nothing\.json"):
        read_recording(tmp_path / "nothing.json")


def test_a_payload_that_is_not_json_is_named() -> None:
    events: list[dict[str, Any]] = [
        {
            "id": 1,
            "type": "ExecutionStarted",
            "previousEventId": 0,
            "executionStartedEventDetails": {"input": "{"},
        },
        {"id": 2, "type": "ExecutionAborted", "previousEventId": 0},
    ]

    with pytest.raises(InvalidInput, match="not JSON"):
        read_recording(events)


def test_answers_stand_in_the_order_in_which_their_attempts_began() -> None:
    def event(id: int, type: str, previous: int, **details: Any) -> dict[str, Any]:
        return {"id": id, "type": type, "previousEventId": previous, "anyEventDetails": details}

    recording = read_recording(
        [
            event(1, "ExecutionStarted", 0, input="{}"),
            event(2, "TaskStateEntered", 1, name="Work"),
            event(3, "TaskStateEntered", 1, name="Work"),
            event(4, "TaskScheduled", 2),
            event(5, "TaskScheduled", 3),
            event(6, "TaskSucceeded", 5, output='"second"'),
            event(7, "TaskSucceeded", 4, output='"first"'),
            event(8, "ExecutionSucceeded", 7, output="{}"),
        ]
    )

    assert [answer.output for answer in recording.answers["Work"]] == ["first", "second"]
