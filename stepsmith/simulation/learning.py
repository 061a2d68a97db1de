"""What executions that were seen tell of tasks: how long they took, what they gave, how they failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from stepsmith.errors import InvalidInput
from stepsmith.expressions.json_text import InvalidJson, read
from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen
from stepsmith.simulation.model import Model, Observed, Sample, Task, Weighted
from stepsmith.views.histories.history_events import Event, Owner, Owners, details_of, seconds

_ENDS = ("Succeeded", "Failed", "TimedOut")


@frozen
class _Seen:
    sample: Sample
    has_output: bool


def learned(model: Model, histories: Sequence[str | Path | Sequence[Event]]) -> Model:
    """Return a model with what histories tell of the inputs and tasks that it does not name.

    Raises NotFound and InvalidInput for what is no history.
    """
    from stepsmith.testing.recordings import read_events

    seen: dict[str, list[_Seen]] = {}
    inputs: list[Weighted] = []
    for each in histories:
        events = read_events(each) if isinstance(each, str | Path) else each
        if not events or events[0]["type"] != "ExecutionStarted":
            raise InvalidInput("a history begins with ExecutionStarted; export it whole")
        begun = details_of(events[0])
        if "input" in begun:
            inputs.append(Weighted(value=cast("Any", _json(begun["input"]))))
        for state, call in _calls(events):
            seen.setdefault(state, []).append(call)
    update: dict[str, Any] = {
        "tasks": {**{state: _task(found) for state, found in seen.items()}, **model.tasks}
    }
    if model.inputs is None and inputs:
        update["inputs"] = inputs
    return model.model_copy(update=update)


def _task(seen: Sequence[_Seen]) -> Task:
    """Return what a task does; of histories without outputs, as those exported without data, only how long it takes."""
    if all(each.has_output or each.sample.error is not None for each in seen):
        return Task(samples=[each.sample for each in seen])
    errors = Counter(each.sample.error for each in seen if each.sample.error is not None)
    return Task(
        seconds=Observed(observed=[each.sample.seconds for each in seen]),
        fails={error: number / len(seen) for error, number in errors.items()},
    )


def _calls(events: Sequence[Event]) -> list[tuple[str, _Seen]]:
    """Give what each attempt of a task did, from when it was scheduled to when it ended."""
    found: list[tuple[str, _Seen]] = []
    begun: dict[Owner, float] = {}
    owners = Owners()
    for event in events:
        kind, owner = str(event["type"]), owners.take(event)
        if owner is None:
            continue
        at = seconds(event["timestamp"])
        if kind.endswith("Scheduled"):
            begun[owner] = at
        elif (
            owner in begun
            and kind.startswith(("Task", "LambdaFunction", "Activity"))
            and kind.endswith(_ENDS)
        ):
            found.append((owner.name, _seen(kind, details_of(event), at - begun.pop(owner))))
    return found


def _seen(kind: str, details: Mapping[str, Any], took: float) -> _Seen:
    took = max(0.0, took)
    if kind.endswith("Succeeded"):
        value = _json(details.get("output", "null"))
        if details.get("resourceType") == "lambda" and isinstance(value, dict) and "Payload" in value:
            value = value["Payload"]
        return _Seen(Sample(seconds=took, value=cast("Any", value)), "output" in details)
    error = str(
        details.get("error") or ("States.Timeout" if kind.endswith("TimedOut") else "States.TaskFailed")
    )
    return _Seen(Sample(seconds=took, error=error), False)


def _json(text: object) -> Json:
    try:
        return read(text) if isinstance(text, str) else None
    except InvalidJson:
        return cast("Json", text)
