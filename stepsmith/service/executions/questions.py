"""What a test asks of a history: which tasks were called with what, how often again, how long it waited."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar, cast

from stepsmith.asl.model import StateMachine
from stepsmith.errors import NotFound, nearest
from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen
from stepsmith.views import visits
from stepsmith.views.histories.history_events import Event, Owner, Owners, details_of, seconds

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


_Call: TypeAlias = tuple[float, TaskCall, "str | None"]
"""When an attempt was scheduled, in seconds since 1970; the attempt; the ARN of the execution that it has started."""


def name_of(task: Task[..., Any]) -> str:
    """Give what a history calls a task: its function, or `service:action` of a service integration."""
    if task.kind == "integration":
        return task.resource.removeprefix("arn:aws:states:::").partition(".")[0]
    return task.function_name


def task_calls(events: Iterable[Event], name: str | None = None) -> list[TaskCall]:
    """Give the attempts of the tasks in a history in the order of their calls.

    `name` is a state, a function or `service:action`; without it every attempt is given.
    """
    return _named(name, _calls(events))


def calls_of_family(execution: Remembered, name: str | None) -> list[TaskCall]:
    """Give the attempts of the tasks of an execution and of those that it has started, in the order of their calls.

    What was called at the same instant is in the order in which one started the other.
    """
    return _named(name, sorted(_family(execution), key=lambda each: each[0]))


def _family(execution: Remembered) -> Iterator[_Call]:
    children = {child.arn: child for child in execution.children}
    for call in _calls(execution.history):
        yield call
        child = children.pop(call[2] or "", None)
        if child is not None:
            yield from _family(child)


def _named(name: str | None, calls: Iterable[_Call]) -> list[TaskCall]:
    return [call for _, call, _ in calls if name is None or name in (call.state, call.function)]


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


def _calls(events: Iterable[Event]) -> Iterator[_Call]:
    found: list[TaskCall] = []
    times: list[float] = []
    children: list[str | None] = []
    latest: dict[Owner, int] = {}
    owners = Owners()
    for event in events:
        kind, owner = str(event["type"]), owners.take(event)
        if owner is None:
            continue
        if kind.endswith("Scheduled"):
            attempt = found[latest[owner]].attempt + 1 if owner in latest else 1
            latest[owner] = len(found)
            times.append(seconds(event["timestamp"]))
            children.append(None)
            found.append(TaskCall(owner.name, *_called(details_of(event)), attempt))
        elif owner in latest and kind.startswith(("Task", "LambdaFunction", "Activity")):
            found[latest[owner]] = _ended(found[latest[owner]], kind, details_of(event))
            children[latest[owner]] = _started_by(event) or children[latest[owner]]
    return zip(times, found, children, strict=True)


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


class Remembered(Protocol):
    """An execution with its history, and those that it has started."""

    @property
    def arn(self) -> str:
        """The ARN of the execution."""
        ...

    @property
    def history(self) -> Sequence[Event]:
        """The events so far."""
        ...

    @property
    def definition(self) -> StateMachine:
        """Its state machine."""
        ...

    @property
    def children(self) -> Sequence[Remembered]:
        """The executions that its tasks have started."""
        ...


def offspring(execution: Remembered) -> Iterator[Remembered]:
    """Give the executions that one has started, each followed by those that it has started itself."""
    for child in execution.children:
        yield child
        yield from offspring(child)


class Named(Protocol):
    """An execution that another one has started."""

    @property
    def name(self) -> str:
        """The name of the execution."""
        ...

    @property
    def machine_name(self) -> str:
        """The name of its state machine."""
        ...


N = TypeVar("N", bound=Named)


def child_named(name: str, children: Sequence[N]) -> N:
    """Return the latest of executions of a machine, or with a name; raises NotFound."""
    for child in reversed(children):
        if name in (child.machine_name, child.name):
            return child
    known = sorted({child.machine_name for child in children})
    if not known:
        raise NotFound(f"there is no execution of {name!r}: it has started none")
    raise NotFound(
        f"it has started no execution of {name!r}{nearest(name, known, otherwise='it has started')}"
    )


def child_arns(events: Iterable[Event]) -> list[str]:
    """Give the ARNs of the executions that the tasks in a history have started, in the order of their start."""
    return list(dict.fromkeys(arn for event in events if (arn := _started_by(event)) is not None))


def _started_by(event: Event) -> str | None:
    """Give the ARN of the execution that an event says was started."""
    if event["type"] not in ("TaskSubmitted", "TaskSucceeded"):
        return None
    details = details_of(event)
    if str(details.get("resource", "")).partition(".")[0] not in ("startExecution", "startSyncExecution"):
        return None
    output = _json(details.get("output"))
    arn = output.get("ExecutionArn") if isinstance(output, dict) else None
    return arn if isinstance(arn, str) else None
