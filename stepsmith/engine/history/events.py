"""Events in the shape that AWS's GetExecutionHistory gives, built from records when they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, cast

from stepsmith.engine.history.records import History
from stepsmith.engine.values.payload import payload_text
from stepsmith.expressions.types import Json

_WHOLE: Final[dict[str, Json]] = {"truncated": False}


def events(
    history: History, *, start: int = 1, limit: int | None = None, include_data: bool = True
) -> list[dict[str, Json]]:
    """Render `limit` events from event id `start` on; without `include_data` payloads are left out."""
    stop = None if limit is None else start + limit
    return list(iterate(history, start=start, stop=stop, include_data=include_data))


def iterate(
    history: History, *, start: int = 1, stop: int | None = None, include_data: bool = True
) -> Iterator[dict[str, Json]]:
    """Render one event after the other."""
    for id, (kind, time, previous, subject, payload) in history.records(start, stop):
        event: dict[str, Json] = {
            "timestamp": round(time * 1000) / 1000,
            "type": kind,
            "id": id,
            "previousEventId": previous,
        }
        entry = _DETAILS.get(kind)
        if entry is not None:
            key, build = entry
            details = build(subject, payload)
            if not include_data:
                for field in ("input", "output", "parameters", "assignedVariables"):
                    if details.pop(field, None) is not None and field != "parameters":
                        details.pop(f"{field}Details", None)
            event[key] = details
        yield event


Details = dict[str, Json]
Build = Callable[[Any, Any], Details]
_Options = tuple[Any, int | None, int | None, str | None, str | None]


def _present(**fields: Json) -> Details:
    return {name: value for name, value in fields.items() if value is not None}


def _started(subject: Any, payload: Any) -> Details:
    role, alias, version = subject
    return {
        "input": payload_text(payload),
        "inputDetails": dict(_WHOLE),
        **_present(roleArn=role, stateMachineAliasArn=alias, stateMachineVersionArn=version),
    }


def _output(subject: Any, payload: Any) -> Details:
    return {"output": payload_text(payload), "outputDetails": dict(_WHOLE)}


def _error(subject: Any, payload: Any) -> Details:
    error, cause = payload or (None, None)
    return _present(error=error, cause=cause)


def _redriven(subject: Any, payload: Any) -> Details:
    return {"redriveCount": payload}


def _entered(subject: Any, payload: Any) -> Details:
    return {"name": subject, "input": payload_text(payload), "inputDetails": dict(_WHOLE)}


def _exited(subject: Any, payload: Any) -> Details:
    if isinstance(subject, str):
        return {"name": subject, "output": payload_text(payload), "outputDetails": dict(_WHOLE)}
    name, variables = subject
    output, *texts = payload
    return {
        "name": name,
        "output": payload_text(output),
        "outputDetails": dict(_WHOLE),
        "assignedVariables": dict(zip(variables, map(payload_text, texts), strict=True)),
        "assignedVariablesDetails": dict(_WHOLE),
    }


def _evaluation_failed(subject: Any, payload: Any) -> Details:
    state, location = subject
    error, cause = payload
    return {"state": state, **_present(error=error, cause=cause, location=location)}


def _credentials(role: str | None) -> Json:
    return {"roleArn": role} if role else None


def _lambda_scheduled(subject: Any, payload: Any) -> Details:
    text, timeout, _, role, _ = _task_options(payload)
    return {
        "resource": subject,
        "input": text,
        "inputDetails": dict(_WHOLE),
        **_present(timeoutInSeconds=timeout, taskCredentials=_credentials(role)),
    }


def _activity_scheduled(subject: Any, payload: Any) -> Details:
    text, timeout, heartbeat, _, _ = _task_options(payload)
    return {
        "resource": subject,
        "input": text,
        "inputDetails": dict(_WHOLE),
        **_present(timeoutInSeconds=timeout, heartbeatInSeconds=heartbeat),
    }


def _activity_started(subject: Any, payload: Any) -> Details:
    return _present(workerName=payload)


def _task_options(payload: Any) -> tuple[str, int | None, int | None, str | None, str | None]:
    if isinstance(payload, tuple):
        text, timeout, heartbeat, role, region = cast(_Options, payload)
        return payload_text(text), timeout, heartbeat, role, region
    return payload_text(payload), None, None, None, None


def _service(subject: Any) -> Details:
    resource_type, resource = subject
    return {"resourceType": resource_type, "resource": resource}


def _task_scheduled(subject: Any, payload: Any) -> Details:
    text, timeout, heartbeat, role, region = _task_options(payload)
    return {
        **_service(subject),
        "region": region,
        "parameters": text,
        **_present(
            timeoutInSeconds=timeout, heartbeatInSeconds=heartbeat, taskCredentials=_credentials(role)
        ),
    }


def _task_started(subject: Any, payload: Any) -> Details:
    return _service(subject)


def _task_output(subject: Any, payload: Any) -> Details:
    return {**_service(subject), **_output(subject, payload)}


def _task_error(subject: Any, payload: Any) -> Details:
    return {**_service(subject), **_error(subject, payload)}


def _length(subject: Any, payload: Any) -> Details:
    return {"length": payload}


def _iteration(subject: Any, payload: Any) -> Details:
    return {"name": subject, "index": payload}


def _map_run(subject: Any, payload: Any) -> Details:
    return {"mapRunArn": subject}


def _map_run_redriven(subject: Any, payload: Any) -> Details:
    return {"mapRunArn": subject, "redriveCount": payload}


def _table() -> dict[str, tuple[str, Build]]:
    builders: dict[str, Build] = {
        "ExecutionStarted": _started,
        "ExecutionSucceeded": _output,
        "ExecutionRedriven": _redriven,
        "EvaluationFailed": _evaluation_failed,
        "LambdaFunctionScheduled": _lambda_scheduled,
        "LambdaFunctionSucceeded": _output,
        "ActivityScheduled": _activity_scheduled,
        "ActivityStarted": _activity_started,
        "ActivitySucceeded": _output,
        "TaskScheduled": _task_scheduled,
        "TaskStarted": _task_started,
        "TaskSubmitted": _task_output,
        "TaskSucceeded": _task_output,
        "MapStateStarted": _length,
        "MapRunStarted": _map_run,
        "MapRunRedriven": _map_run_redriven,
        "MapRunFailed": _error,
        **dict.fromkeys(("ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut"), _error),
    }
    for ending in ("Failed", "ScheduleFailed", "TimedOut"):
        builders[f"LambdaFunction{ending}"] = builders[f"Activity{ending}"] = _error
    builders["LambdaFunctionStartFailed"] = _error
    for ending in ("Failed", "StartFailed", "SubmitFailed", "TimedOut"):
        builders[f"Task{ending}"] = _task_error
    for ending in ("Started", "Succeeded", "Failed", "Aborted"):
        builders[f"MapIteration{ending}"] = _iteration
    table = {kind: (f"{kind[0].lower()}{kind[1:]}EventDetails", build) for kind, build in builders.items()}
    for state in ("Pass", "Task", "Choice", "Wait", "Succeed", "Parallel", "Map", "Fail"):
        table[f"{state}StateEntered"] = ("stateEnteredEventDetails", _entered)
        table[f"{state}StateExited"] = ("stateExitedEventDetails", _exited)
    return table


_DETAILS: Final = _table()
