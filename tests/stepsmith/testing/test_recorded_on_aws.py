"""Histories that AWS wrote become tests, and pass, unless what they hold cannot be computed again."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from stepsmith import InvalidInput, load
from stepsmith.testing import read_recording, replay
from stepsmith.testing.recordings import departures, recorded_test
from tests.shared_data import SHARED, needs_shared

pytestmark = [needs_shared, pytest.mark.slow]

RUNS_ELSEWHERE = ("DISTRIBUTED", "ItemReader", "ResultWriter")
"""Items that were executions of their own, with histories of their own."""
NEW_EACH_TIME = ("$$.", "$states.context", "MathRandom", "UUID", "<timestamp>", "date")
"""Names, times and numbers that are others each time, or that the recordings do not hold."""


def written(event: dict[str, Any]) -> dict[str, Any]:
    """An event as AWS exports it: the recordings have read the JSON in its texts."""
    for key, details in event.items():
        if key.endswith("EventDetails"):
            for name in {"input", "output", "parameters", "cause"} & details.keys():
                if not isinstance(details[name], str):
                    details[name] = json.dumps(details[name], separators=(",", ":"))
    return {**event, "timestamp": "2024-06-01T12:00:00.000Z"}


def recordings() -> dict[str, tuple[str, list[dict[str, Any]]]]:
    """Definition and history of the cases that have one with its ids."""
    found: dict[str, tuple[str, list[dict[str, Any]]]] = {}
    for path in sorted((SHARED / "conformance/execution").glob("*/*.json")):
        case = json.loads(path.read_text(encoding="utf-8"))
        events = (case.get("expected") or {}).get("events", [])
        if events and all(isinstance(event["id"], int) for event in events):
            text = case.get("definition_text") or json.dumps(case["definition"])
            found[path.stem] = text, [written(event) for event in events]
    return found


def has_ended(events: list[dict[str, Any]]) -> bool:
    return events[-1]["type"] in ("ExecutionSucceeded", "ExecutionFailed", "ExecutionTimedOut")


def test_every_recording_of_an_execution_that_has_ended_becomes_a_test(tmp_path: Path) -> None:
    for name, (_, events) in recordings().items():
        source = tmp_path / f"{name}.json"
        source.write_text(json.dumps({"events": events}))
        if has_ended(events):
            ast.parse(recorded_test(source, "definition.asl.json"))
            continue
        with pytest.raises(InvalidInput, match="export it when the execution has ended"):
            recorded_test(source, "definition.asl.json")


def plain(value: Any) -> Any:
    """JSON in texts read, since the recordings keep nothing of its blanks."""
    if isinstance(value, str) and value.startswith("{"):
        return plain(json.loads(value))
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


def test_recordings_are_replayed_as_they_were() -> None:
    differing: list[str] = []
    replayed = 0

    for name, (text, events) in recordings().items():
        told = text + json.dumps(events)
        if any(word in told for word in (*RUNS_ELSEWHERE, *NEW_EACH_TIME)) or not has_ended(events):
            continue
        recording = read_recording(events)
        execution = replay(recording, load(json.loads(text)))
        found = departures(recording, execution)
        replayed += 1
        if found and (found != ["output"] or plain(execution.output) != plain(recording.output)):
            differing.append(name)

    # its activity was deleted before the state began, which no event says
    assert [name.rpartition("__")[0] for name in differing] == [
        "TestActivities_test_activity_task_on_deleted"
    ]
    assert replayed > 250
