"""What a test asks of a history: which tasks were called with what, how often again, how long it waited."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen
from stepsmith.views import visits
from stepsmith.views.histories.history_events import Event, Owner, Owners, details_of

if TYPE_CHECKING:
    from stepsmith.authoring.tasks.task import Task


@frozen
class TaskCall:
    """One attempt of a task."""

    state: str
    """The name of the Task state."""
    function: str
    """The function's name, or `service:action` of a service integration."""
    payload: Json
    """What the function was called with, or the parameters of the integration."""
    attempt: int
    """1 for the first attempt of a visit of the state, 2 for its first retry, and so on."""
    error: str | None = None
    """The error name, where the attempt failed or timed out."""
    output: Json = None
    """What it gave, where it succeeded; for a function what the function returned."""


def name_of(task: Task[..., Any]) -> str:
    """Give what a history calls a task: its function, or `service:action` of a service integration."""
    if task.kind == "integration":
        return task.resource.removeprefix("arn:aws:states:::").partition(".")[0]
    return task.function_name


def task_calls(events: Iterable[Event], name: str | None = None) -> list[TaskCall]:
    """Give the attempts of the tasks in a history in the order of their calls.

    `name` is a state, a function or `service:action`; without it every attempt is given.
    """
    return [call for call in _calls(events) if name is None or name in (call.state, call.function)]


def retries(events: Iterable[Event], name: str) -> int:
    """Count how often a task was called again after it had failed."""
    return sum(1 for call in task_calls(events, name) if call.attempt > 1)


def waited(events: Iterable[Event]) -> float:
    """Add up the seconds spent in Wait states."""
    return sum(
        (visit.ended or visit.entered) - visit.entered
        for visit in visits(events)
        if visit.kind == "Wait" and visit.word == "succeeded"
    )


def _calls(events: Iterable[Event]) -> Iterator[TaskCall]:
    found: list[TaskCall] = []
    latest: dict[Owner, int] = {}
    owners = Owners()
    for event in events:
        kind, owner = str(event["type"]), owners.take(event)
        if owner is None:
            continue
        if kind.endswith("Scheduled"):
            attempt = found[latest[owner]].attempt + 1 if owner in latest else 1
            latest[owner] = len(found)
            found.append(TaskCall(owner.name, *_called(details_of(event)), attempt))
        elif owner in latest and kind.startswith(("Task", "LambdaFunction", "Activity")):
            found[latest[owner]] = _ended(found[latest[owner]], kind, details_of(event))
    return iter(found)


def _called(details: Mapping[str, Any]) -> tuple[str, Json]:
    if "parameters" not in details:
        return _function_name(str(details.get("resource", ""))), _json(details.get("input"))
    parameters = _json(details["parameters"])
    if details.get("resourceType") == "lambda" and isinstance(parameters, dict):
        return _function_name(str(parameters.get("FunctionName", ""))), parameters.get("Payload")
    action = str(details.get("resource", "")).partition(".")[0]
    return f"{details.get('resourceType', '')}:{action}", parameters


def _ended(call: TaskCall, kind: str, details: Mapping[str, Any]) -> TaskCall:
    if kind.endswith(("Failed", "TimedOut")):
        return replace(call, error=str(details.get("error", "")))
    if kind.endswith("Succeeded"):
        output = _json(details.get("output"))
        if details.get("resourceType") == "lambda" and isinstance(output, dict) and "Payload" in output:
            output = output["Payload"]
        return replace(call, output=output)
    return call


def _function_name(text: str) -> str:
    return text.removeprefix("${").removesuffix("}").rpartition(":function:")[2].partition(":")[0]


def _json(text: object) -> Json:
    return cast("Json", json.loads(text)) if isinstance(text, str) else None
