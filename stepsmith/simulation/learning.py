"""What executions that were seen tell of tasks: how long they took, what they gave, how they failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from stepsmith.errors import InvalidInput
from stepsmith.expressions.json_text import InvalidJson, read
from stepsmith.expressions.types import Json
from stepsmith.simulation.model import Model, Sample, Task, Weighted
from stepsmith.views.histories.history_events import Event, Owner, Owners, details_of, seconds

_ENDS = ("Succeeded", "Failed", "TimedOut")


def learned(model: Model, histories: Sequence[str | Path | Sequence[Event]]) -> Model:
    """Return a model with what histories tell of the inputs and tasks that it does not name.

    Raises NotFound and InvalidInput for what is no history.
    """
    from stepsmith.testing.recordings import read_events

    samples: dict[str, list[Sample]] = {}
    inputs: list[Weighted] = []
    for each in histories:
        events = read_events(each) if isinstance(each, str | Path) else each
        if not events or events[0]["type"] != "ExecutionStarted":
            raise InvalidInput("a history begins with ExecutionStarted; export it whole")
        inputs.append(Weighted(value=_json(details_of(events[0]).get("input", "{}"))))
        for state, sample in _samples(events):
            samples.setdefault(state, []).append(sample)
    tasks = {state: Task(samples=found) for state, found in samples.items()}
    update: dict[str, Any] = {"tasks": {**tasks, **model.tasks}}
    if model.inputs is None:
        update["inputs"] = inputs
    return model.model_copy(update=update)


def _samples(events: Sequence[Event]) -> list[tuple[str, Sample]]:
    """Give what each attempt of a task did, from when it was scheduled to when it ended."""
    found: list[tuple[str, Sample]] = []
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
            found.append((owner.name, _sample(kind, details_of(event), at - begun.pop(owner))))
    return found


def _sample(kind: str, details: Mapping[str, Any], took: float) -> Sample:
    took = max(0.0, took)
    if kind.endswith("Succeeded"):
        value = _json(details.get("output", "null"))
        if details.get("resourceType") == "lambda" and isinstance(value, dict) and "Payload" in value:
            value = value["Payload"]
        return Sample(seconds=took, value=cast("Any", value))
    error = str(
        details.get("error") or ("States.Timeout" if kind.endswith("TimedOut") else "States.TaskFailed")
    )
    return Sample(seconds=took, error=error)


def _json(text: object) -> Json:
    try:
        return read(text) if isinstance(text, str) else None
    except InvalidJson:
        return cast("Json", text)
