"""An execution history exported from AWS as a test: its tasks answer as they did, and the rest must follow."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from stepsmith.errors import InvalidInput, NotFound
from stepsmith.expressions.json_text import InvalidJson, read
from stepsmith.expressions.types import Json
from stepsmith.integrations import TaskError
from stepsmith.service import Execution, Machine
from stepsmith.views.history_events import Event, Owner, Owners, details_of, name_in

_ENDS = {
    "ExecutionSucceeded": "SUCCEEDED",
    "ExecutionFailed": "FAILED",
    "ExecutionTimedOut": "TIMED_OUT",
    "ExecutionAborted": "ABORTED",
}
_ANSWERS = ("Succeeded", "Failed", "TimedOut")


@dataclass(frozen=True, slots=True)
class RecordedAnswer:
    """What one attempt of a task gave."""

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


def read_recording(source: str | Path | Sequence[Event]) -> Recording:
    """Read an exported history: a file, or its events.

    The file is what `aws stepfunctions get-execution-history` and the console's export write: `{"events": [...]}` or a
    bare list. Raises NotFound for a file that is not there, InvalidInput for one that is no complete history.
    """
    events = _events(source) if isinstance(source, str | Path) else list(source)
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
        error=end.get("error"),
        cause=end.get("cause"),
        path=tuple(name_in(event) for event in ordered if str(event["type"]).endswith("StateEntered")),
        answers=_answers(ordered),
    )


def replay(recording: Recording, machine: Machine) -> Execution[Any]:
    """Run a machine with the recorded input, its tasks answering as they did, in virtual time."""
    return machine.run(recording.input, mocked=_Recorded(recording))


def recorded_test(source: Path, definition: str, *, name: str) -> str:
    """Give the text of a pytest that replays an exported history against a definition file.

    Raises InvalidInput when the history is not complete or `name` cannot be part of one.
    """
    if not f"test_{name}".isidentifier():
        raise InvalidInput(
            f"{name!r} cannot be part of the name of a test; use letters, digits and underscores"
        )
    recording = read_recording(source)
    return _TEST.format(
        name=name,
        source=json.dumps(str(source)),
        definition=json.dumps(definition),
        status=json.dumps(recording.status),
    )


_TEST = '''"""An execution recorded on AWS, replayed: the tasks answer as they did, everything else is computed anew."""

from stepsmith import load
from stepsmith.testing import read_recording, replay


def test_{name}_runs_as_recorded() -> None:
    recording = read_recording({source})

    execution = replay(recording, load({definition}))

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

    def answer(self, state: str) -> Json:
        if not self._answers[state]:
            raise TaskError("States.Runtime", f"The recording holds no further attempt of state {state!r}.")
        answer = self._answers[state].pop(0)
        if answer.failed:
            raise TaskError(answer.error, answer.cause)
        return answer.output


def _answers(events: list[Event]) -> dict[str, tuple[RecordedAnswer, ...]]:
    """Give the answers by state, in the order in which the attempts began: items side by side end in any order."""
    found: dict[str, dict[int, RecordedAnswer]] = {}
    began: dict[Owner, int] = {}
    owners = Owners()
    for event in events:
        kind, owner = str(event["type"]), owners.take(event)
        if owner is None:
            continue
        if kind.endswith(("StateEntered", "Scheduled")):
            began[owner] = event["id"]
        elif kind.startswith(("Task", "LambdaFunction", "Activity")) and kind.endswith(_ANSWERS):
            found.setdefault(owner.name, {})[began[owner]] = _answer(kind, details_of(event))
    return {
        name: tuple(answer for _, answer in sorted(answers.items(), key=lambda item: item[0]))
        for name, answers in found.items()
    }


def _answer(kind: str, details: Mapping[str, Any]) -> RecordedAnswer:
    if kind.endswith("Succeeded"):
        return RecordedAnswer(output=_json(details.get("output", "null")))
    default = "States.Timeout" if kind.endswith("TimedOut") else None
    return RecordedAnswer(error=details.get("error", default), cause=details.get("cause"), failed=True)


def _events(path: str | Path) -> list[Event]:
    try:
        content = read(Path(path).read_bytes())
    except OSError as error:
        raise NotFound(f"cannot read {path}: {error.strerror}") from error
    except InvalidJson as error:
        raise InvalidInput(f"{path} is not JSON: {error}") from error
    events = content.get("events") if isinstance(content, dict) else content
    if not isinstance(events, list) or not all(_is_event(event) for event in events):
        raise InvalidInput(
            f"{path} is no execution history: a list of events with id, type and previousEventId"
        )
    return cast("list[Event]", events)


def _is_event(event: object) -> bool:
    kinds = {"id": int, "type": str, "previousEventId": int}
    return isinstance(event, dict) and all(isinstance(event.get(key), kind) for key, kind in kinds.items())  # pyright: ignore[reportUnknownMemberType]  # any JSON object


def _json(text: object) -> Json:
    try:
        return read(text) if isinstance(text, str) else None
    except InvalidJson as error:
        raise InvalidInput(f"a payload of the history is not JSON: {error}") from error
