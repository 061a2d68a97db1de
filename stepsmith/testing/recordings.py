"""An execution history exported from AWS as a test: its tasks answer as they did, and the rest must follow."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast

from stepsmith.errors import InvalidInput, NotFound
from stepsmith.expressions.json_text import InvalidJson, read
from stepsmith.expressions.types import Json
from stepsmith.integrations import TaskError
from stepsmith.service import Execution, Machine, VirtualClock
from stepsmith.views.histories.history_events import Event, Owner, Owners, details_of, name_in

_ENDS = {
    "ExecutionSucceeded": "SUCCEEDED",
    "ExecutionFailed": "FAILED",
    "ExecutionTimedOut": "TIMED_OUT",
    "ExecutionAborted": "ABORTED",
}
_ANSWERS = ("Succeeded", "Failed", "TimedOut")
LONGEST_NAME: Final = 50
"""Characters of a name in the name of a test."""
MOST_BYTES: Final = 268_435_456
"""Bytes that an exported history may have."""
_LINE: Final = 88
"""The length of line that formatters keep to unless they are told another."""


@dataclass(frozen=True, slots=True)
class RecordedAnswer:
    """What one attempt of a task gave."""

    payload: Json = None
    """What the task was given."""
    output: Json = None
    error: str | None = None
    cause: str | None = None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Recording:
    """What an exported history says about an execution."""

    input: Json
    status: str
    output: Json = None
    error: str | None = None
    cause: str | None = None
    path: tuple[str, ...] = ()
    """The states entered, in order."""
    answers: Mapping[str, tuple[RecordedAnswer, ...]] = field(
        default_factory=dict[str, tuple[RecordedAnswer, ...]]
    )
    """State -> the answers of its attempts, in order."""
    started: datetime | None = None
    """When it began, where the history says so."""


def read_events(source: str | Path) -> list[Event]:
    """Read the events of an exported history, complete or not, in their order; timestamps in seconds since 1970.

    Raises NotFound for a file that is not there, InvalidInput for one that is no history.
    """
    ordered = sorted(_checked(_content(source), str(source)), key=lambda event: event["id"])
    found: list[Event] = []
    for event in ordered:
        at = _instant(event.get("timestamp"))
        if at is None:
            raise InvalidInput(f"{source}: event {event['id']} says no time as its timestamp")
        found.append({**event, "timestamp": at.timestamp()})
    return found


def status_of(events: Sequence[Event]) -> str:
    """Say how the execution of a history has ended, or that it runs."""
    return _ENDS.get(str(events[-1]["type"]), "RUNNING") if events else "RUNNING"


def read_recording(source: str | Path | Sequence[Event]) -> Recording:
    """Read an exported history: a file, or its events.

    The file is what `aws stepfunctions get-execution-history` and the console's export write: `{"events": [...]}` or a
    bare list. Raises NotFound for a file that is not there, InvalidInput for one that is no complete history.
    """
    events = _checked(_content(source), str(source)) if isinstance(source, str | Path) else _checked(source)
    ordered = sorted(events, key=lambda event: event["id"])
    if not ordered or ordered[0]["type"] != "ExecutionStarted":
        raise InvalidInput("the history does not begin with ExecutionStarted; export it whole")
    if ordered[-1]["type"] not in _ENDS:
        raise InvalidInput(
            f"the history ends with {ordered[-1]['type']}; export it when the execution has ended"
        )
    end = details_of(ordered[-1])
    return Recording(
        input=_json(details_of(ordered[0]).get("input", "{}")),
        status=_ENDS[str(ordered[-1]["type"])],
        output=_json(end["output"]) if "output" in end else None,
        error=_text(end, "error"),
        cause=_text(end, "cause"),
        started=_instant(ordered[0].get("timestamp")),
        path=tuple(name_in(event) for event in ordered if str(event["type"]).endswith("StateEntered")),
        answers=_answers(ordered),
    )


def replay(recording: Recording, machine: Machine) -> Execution[Any]:
    """Run a machine with the recorded input, its tasks answering as they did, in virtual time from when it began."""
    clock = VirtualClock() if recording.started is None else VirtualClock(recording.started)
    return machine.run(recording.input, mocked=_Recorded(recording), clock=clock)


def departures(recording: Recording, execution: Execution[Any]) -> list[str]:
    """Say in what a replay is not as recorded."""
    pairs: dict[str, tuple[object, object]] = {
        "path": (execution.path, list(recording.path)),
        "status": (execution.status, recording.status),
        "output": (execution.output, recording.output),
        "error": (execution.error, recording.error),
    }
    return [what for what, (replayed, recorded) in pairs.items() if replayed != recorded]


def recorded_test(source: Path, definition: str, *, name: str | None = None) -> str:
    """Give the text of a pytest that replays an exported history against a definition file.

    The test has the name of the file unless it is given one. Raises InvalidInput when the history is not complete,
    tells of an execution that was aborted, or `name` cannot be part of a name.
    """
    chosen = name_for(source) if name is None else name
    if not f"test_{chosen}".isidentifier() or len(chosen) > LONGEST_NAME:
        raise InvalidInput(
            f"{chosen!r:.100} cannot be part of the name of a test; use up to {LONGEST_NAME} letters, digits and "
            "underscores"
        )
    recording = read_recording(source)
    if recording.status == "ABORTED":
        raise InvalidInput(f"the execution in {source} was aborted; a replay would go on")
    return _TEST.format(
        name=chosen,
        source=_assigned("RECORDING", str(source)),
        definition=_assigned("DEFINITION", definition),
        status=_literal(recording.status),
    )


def name_for(source: Path) -> str:
    """Give what the name of a file makes of the name of a test."""
    return "".join(each if f"_{each}".isidentifier() else "_" for each in source.stem)[:LONGEST_NAME]


def _assigned(name: str, text: str) -> str:
    """Give the assignment of a text to a constant, laid out as formatters do."""
    line = f"{name} = {_literal(text)}"
    wrapped = f"{name} = (\n    {_literal(text)}\n)"
    return wrapped if len(line) > _LINE >= len(_literal(text)) + 4 else line


def _literal(text: str) -> str:
    """Give a text as Python writes it between double quotes, with nothing in it that would not show."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in quoted)


_TEST = '''"""An execution recorded on AWS, replayed: the tasks answer as they did, everything else is computed anew."""

from stepsmith import load
from stepsmith.testing import read_recording, replay

{source}
{definition}


def test_{name}_runs_as_recorded() -> None:
    recording = read_recording(RECORDING)

    execution = replay(recording, load(DEFINITION))

    assert execution.path == list(recording.path)
    assert execution.status == recording.status == {status}
    assert execution.output == recording.output
    assert execution.error == recording.error
'''


class _Recorded:
    """Answers the tasks of the states that a recording knows."""

    def __init__(self, recording: Recording) -> None:
        self._answers = {state: list(answers) for state, answers in recording.answers.items()}

    def knows(self, state: str) -> bool:
        return state in self._answers

    def answer(self, state: str, payload: Json) -> Json:
        """Give the next answer to the same payload: what runs side by side is not called in the same order again."""
        left = self._answers[state]
        if not left:
            raise TaskError("States.Runtime", f"The recording holds no further attempt of state {state!r}.")
        place = next((index for index, answer in enumerate(left) if answer.payload == payload), 0)
        answer = left.pop(place)
        if answer.failed:
            raise TaskError(answer.error, answer.cause)
        return answer.output


def _answers(events: list[Event]) -> dict[str, tuple[RecordedAnswer, ...]]:
    """Give the answers by state, in the order in which the attempts began: items side by side end in any order."""
    found: dict[str, dict[int, RecordedAnswer]] = {}
    began: dict[Owner, tuple[int, Json]] = {}
    owners = Owners()
    for event in events:
        kind, owner = str(event["type"]), owners.take(event)
        if owner is None:
            continue
        details = details_of(event)
        if kind.endswith(("StateEntered", "Scheduled")):
            began[owner] = event["id"], _json(details.get("parameters", details.get("input")))
        elif kind.startswith(("Task", "LambdaFunction", "Activity")) and kind.endswith(_ANSWERS):
            at, payload = began[owner]
            found.setdefault(owner.name, {})[at] = _answer(kind, details, payload)
    return {
        name: tuple(answer for _, answer in sorted(answers.items(), key=lambda item: item[0]))
        for name, answers in found.items()
    }


def _answer(kind: str, details: Mapping[str, Any], payload: Json) -> RecordedAnswer:
    if kind.endswith("Succeeded"):
        return RecordedAnswer(payload, output=_json(details.get("output", "null")))
    error = _text(details, "error") or ("States.Timeout" if kind.endswith("TimedOut") else None)
    return RecordedAnswer(payload, error=error, cause=_text(details, "cause"), failed=True)


def _content(path: str | Path) -> object:
    try:
        with Path(path).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise InvalidInput(f"{path} has more than {MOST_BYTES} bytes")
        content = read(data)
    except InvalidJson as error:
        raise InvalidInput(f"{path} is not JSON: {error}") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise NotFound(f"cannot read {path}: {reason}") from error
    return content.get("events") if isinstance(content, dict) else content


def _checked(events: object, place: str = "this") -> list[Event]:
    if not isinstance(events, Sequence) or not all(
        _is_event(event) for event in cast("Sequence[object]", events)
    ):
        raise InvalidInput(
            f"{place} is no execution history: a list of events with id, type and previousEventId"
        )
    return list(cast("Sequence[Event]", events))


def _is_event(event: object) -> bool:
    kinds = {"id": int, "type": str, "previousEventId": int}
    return isinstance(event, Mapping) and all(isinstance(event.get(key), kind) for key, kind in kinds.items())  # pyright: ignore[reportUnknownMemberType]  # any JSON object


def _text(details: Mapping[str, Any], key: str) -> str | None:
    value = details.get(key)
    if value is None or isinstance(value, str):
        return value
    raise InvalidInput(f"the history holds {type(value).__name__} as {key}, which is a text")


def _instant(timestamp: object) -> datetime | None:
    """Give when an event was, as AWS's tools write it: in seconds since 1970, or as ISO 8601 says it."""
    try:
        match timestamp:
            case None:
                return None
            case datetime():
                return timestamp
            case str():
                found = datetime.fromisoformat(timestamp)
                return found if found.tzinfo else found.replace(tzinfo=UTC)
            case _:
                return datetime.fromtimestamp(float(cast("Any", timestamp)), UTC)
    except (OSError, OverflowError, TypeError, ValueError):
        raise InvalidInput(f"the history begins at {timestamp!r:.60}, which is no time") from None


def _json(text: object) -> Json:
    try:
        return read(text) if isinstance(text, str) else None
    except InvalidJson as error:
        raise InvalidInput(f"a payload of the history is not JSON: {error}") from error
