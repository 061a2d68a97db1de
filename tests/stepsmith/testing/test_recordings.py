import ast
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from stepsmith import InvalidInput, NotFound, load
from stepsmith.testing import Runner, read_recording, recordings, replay
from stepsmith.testing.recordings import departures, recorded_test
from tests.stepsmith.testing.shop import Busy, ask, both, charge, sell


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


@pytest.mark.parametrize("name", ["", "a b; import os", "a\n", "x" * 51, '"""'])
def test_a_name_that_is_no_identifier_is_refused(exported: Path, name: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be part"):
        recorded_test(exported, "x", name=name or "-")


HOSTILE = [
    'a"b\\c.json',
    'a\'"""b.json',
    "line\nbreak.json",
    "{name}{0}.json",
    "größe 東京 😀.json",
    "\u202eright-to-left.json",
    "2024²-monday.json",
    "x" * 90 + ".json",
    "class.json",
    "\udc80half.json",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_the_file_is_called_the_test_is_python_that_names_it(
    exported: Path, tmp_path: Path, name: str
) -> None:
    source = tmp_path / name
    source.write_bytes(exported.read_bytes())

    text = recorded_test(source, name)

    names: dict[str, object] = {}
    exec(compile("\n".join(_assignments(text)), "test", "exec"), names)
    assert (names["RECORDING"], names["DEFINITION"]) == (str(source), name)
    assert len(ast.parse(text).body) == 6
    assert text.replace("\n", "").isprintable()


def _assignments(text: str) -> list[str]:
    return [ast.unparse(node) for node in ast.parse(text).body if isinstance(node, ast.Assign)]


@pytest.mark.slow
def test_the_generated_tests_are_formatted(exported: Path, tmp_path: Path) -> None:
    for number, length in enumerate((3, 71, 72, 80, 84, 85, 200)):
        (tmp_path / f"test_{number}.py").write_text(recorded_test(exported, "d" * length, name="n" * 50))

    for command in (["format", "--check"], ["check"]):
        checked = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", str(tmp_path)],
            capture_output=True,
            text=True,
        )
        assert checked.returncode == 0, checked.stdout


def test_an_aborted_execution_makes_no_test(tmp_path: Path) -> None:
    path = tmp_path / "history.json"
    path.write_text(json.dumps([STARTED, {"id": 2, "type": "ExecutionAborted", "previousEventId": 1}]))

    with pytest.raises(InvalidInput, match="was aborted; a replay would go on"):
        recorded_test(path, "x")


STARTED: dict[str, Any] = {
    "id": 1,
    "type": "ExecutionStarted",
    "previousEventId": 0,
    "executionStartedEventDetails": {"input": "{}"},
}


def ending(**more: Any) -> str:
    """A history that ends well, but for what is given."""
    end: dict[str, Any] = {"id": 2, "type": "ExecutionFailed", "previousEventId": 1}
    return json.dumps({"events": [STARTED, {**end, **more}]})


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is not JSON"),
        ('{"events": [{"id": 1, "type"', "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("null", "no execution history"),
        ('"ExecutionStarted"', "no execution history"),
        ('{"events": {"id": 1}}', "no execution history"),
        (ending(id="2"), "no execution history"),
        (ending(previousEventId={}), "no execution history"),
        (ending(type=["ExecutionFailed"]), "no execution history"),
        (ending(type="ExecutionPaused"), "ends with ExecutionPaused"),
        (ending(executionFailedEventDetails={"error": {}}), "holds dict as error"),
        (ending(executionFailedEventDetails={"cause": 5}), "holds int as cause"),
        (ending(executionFailedEventDetails={"output": "{"}), "payload of the history is not JSON"),
        (json.dumps([{**STARTED, "timestamp": "yesterday"}, json.loads(ending())["events"][1]]), "no time"),
        (json.dumps([{**STARTED, "timestamp": 1e300}, json.loads(ending())["events"][1]]), "no time"),
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


def test_events_of_unknown_types_are_passed_over(exported: Path) -> None:
    events = json.loads(exported.read_text())["events"]
    for event in events:
        event["id"] *= 2
        event["previousEventId"] *= 2
    events.append({"id": 3, "type": "SomethingNew", "previousEventId": 2, "somethingNewEventDetails": 7})
    exported.write_text(json.dumps(events))

    recording = read_recording(exported)

    assert replay(recording, load(sell.definition)).path == list(recording.path)


@pytest.mark.parametrize("timestamp", [1717243200.0, "2024-06-01T12:00:00+00:00", "2024-06-01T12:00:00"])
def test_a_replay_begins_when_the_execution_did(timestamp: Any, exported: Path) -> None:
    events = json.loads(exported.read_text())["events"]
    events[0]["timestamp"] = timestamp

    execution = replay(read_recording(events), load(sell.definition))

    assert execution.started == datetime(2024, 6, 1, 12, tzinfo=UTC)


@pytest.mark.slow
def test_a_history_of_25000_events_is_read(tmp_path: Path) -> None:
    work = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:work", "End": True}
    each = {"Type": "Map", "ItemProcessor": {"StartAt": "Work", "States": {"Work": work}}, "End": True}
    machine = load({"StartAt": "Each", "States": {"Each": each}})
    execution = machine.run(list(range(3_500)), tasks={"work": lambda item: item + 1})
    path = tmp_path / "history.json"
    path.write_text(json.dumps({"events": list(execution.history)}))

    recording = read_recording(path)

    assert len(execution.history) > 24_000
    assert replay(recording, machine).output == recording.output == list(range(1, 3_501))


def test_what_a_replay_does_otherwise_is_said(exported: Path) -> None:
    execution = replay(read_recording(exported), load(both.definition))

    assert departures(read_recording(exported), execution) == ["path", "error"]


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


def test_a_file_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = Path("/dev/zero")
    if not endless.exists():
        pytest.skip("there is no /dev/zero here")
    monkeypatch.setattr(recordings, "MOST_BYTES", 1000)

    with pytest.raises(InvalidInput, match="/dev/zero has more than 1000 bytes"):
        read_recording(endless)
