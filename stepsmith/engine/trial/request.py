"""A TestState request: what AWS refuses about it, in its words."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, Final, Literal, TypeAlias, cast

from stepsmith.asl.model import Map, Parallel, State, Task
from stepsmith.engine.states.resources import parse_resource
from stepsmith.errors import StepsmithError
from stepsmith.expressions.types import UNDEFINED, Json, Undefined
from stepsmith.frozen import frozen

InspectionLevel: TypeAlias = Literal["INFO", "DEBUG", "TRACE"]
ValidationMode: TypeAlias = Literal["STRICT", "PRESENT", "NONE"]
CheckResult: TypeAlias = Callable[[str, Json, ValidationMode], str | None]
"""Given a Resource and a mocked result, says what contradicts the service's API, or None."""

_UNSUPPORTED: Final = (
    "TestState API does not support Map or Parallel states."
    " Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]"
)
_CONTEXT_FIELDS: Final[dict[str, dict[str, type | tuple[type, ...]]]] = {
    "Execution": {
        "Id": str,
        "Input": object,
        "Name": str,
        "RoleArn": str,
        "StartTime": str,
        "RedriveCount": int,
        "RedriveTime": str,
    },
    "State": {"EnteredTime": str, "Name": str, "RetryCount": int},
    "StateMachine": {"Id": str, "Name": str},
    "Task": {"Token": str},
}


class TrialRefused(StepsmithError):
    """A TestState request that AWS answers with an exception."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        """Name of the exception, such as ValidationException."""
        self.message = message


@frozen(kw_only=True)
class Mock:
    """What stands in for the work of the state: a result or an error."""

    result: Json | Undefined = UNDEFINED
    error: str | None = None
    cause: str | None = None
    mode: ValidationMode = "STRICT"


@frozen(kw_only=True)
class Configuration:
    """stateConfiguration: the circumstances of the attempt."""

    retrier_retry_count: int = 0
    error_caused_by_state: str | None = None
    map_iteration_failure_count: int | None = None
    map_item_reader_data: str | None = None


@frozen(kw_only=True)
class Trial:
    """A checked request."""

    state: State
    input: Json
    mock: Mock | None = None
    context: dict[str, Json] | None = None
    variables: Mapping[str, Json] = field(default_factory=dict[str, Json])
    configuration: Configuration = Configuration()
    role_arn: str | None = None
    inside_map: bool = False


def refuse(message: str) -> TrialRefused:
    """Make the exception of a request that is not valid."""
    return TrialRefused("ValidationException", message)


def read_mock(mock: Mapping[str, Any] | None) -> Mock | None:
    """Read the mock parameter; `result` is JSON text."""
    if mock is None:
        return None
    result, error = mock.get("result"), mock.get("errorOutput")
    if (result is None) == (error is None):
        raise refuse("A test mock should have only one of the following fields: [result, errorOutput].")
    mode: ValidationMode = mock.get("fieldValidationMode", "STRICT")
    if error is not None:
        return Mock(error=error.get("error"), cause=error.get("cause"), mode=mode)
    try:
        return Mock(result=json.loads(result) if isinstance(result, str) else result, mode=mode)
    except ValueError:
        raise refuse("Mocked result must be valid JSON") from None


def read_configuration(given: Mapping[str, Any] | None) -> Configuration:
    """Read the stateConfiguration parameter."""
    given = given or {}
    return Configuration(
        retrier_retry_count=given.get("retrierRetryCount", 0),
        error_caused_by_state=given.get("errorCausedByState"),
        map_iteration_failure_count=given.get("mapIterationFailureCount"),
        map_item_reader_data=given.get("mapItemReaderData"),
    )


def read_context(text: str | Mapping[str, Any] | None, state: State) -> dict[str, Json] | None:
    """Read the context parameter and refuse what it may not hold."""
    if text is None:
        return None
    try:
        context: Any = json.loads(text) if isinstance(text, str) else dict(text)
    except ValueError:
        raise _bad_context("Context object must be valid JSON") from None
    if not isinstance(context, dict):
        raise _bad_context("Context object must be a JSON object")
    for name, part in cast("dict[str, Any]", context).items():
        if name == "Map":
            raise _bad_context("'Map' field is not supported when mocking a Context object")
        if name not in _CONTEXT_FIELDS:
            raise _bad_context(f"Field '{name}' is not allowed")
        _check_part(name, part)
    if "Task" in context and not _has_token(state):
        raise _bad_context(
            "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken'"
            " service integration pattern"
        )
    return cast("dict[str, Json]", context)


def _check_part(name: str, part: Any) -> None:
    if not isinstance(part, dict):
        raise _bad_context(f"{name} must be an object")
    allowed = _CONTEXT_FIELDS[name]
    for key, value in cast("dict[str, Any]", part).items():
        if key not in allowed:
            raise _bad_context(f"Field '{key}' is not allowed")
        kind = allowed[key]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise _bad_context(f"{name}.{key} must be a {'string' if kind is str else 'number'}")


def _has_token(state: State) -> bool:
    return isinstance(state, Task) and parse_resource(state.resource).has_token


def _bad_context(message: str) -> TrialRefused:
    return refuse(f"Invalid Context object provided: {message}")


def check_trial(
    state: State,
    mock: Mock | None,
    configuration: Configuration,
    *,
    role_arn: str | None,
    has_context: bool,
    reveal_secrets: bool,
    check_result: CheckResult | None,
) -> None:
    """Refuse what AWS refuses about a request as a whole; raises TrialRefused."""
    kind = type(state).__name__
    if mock is None:
        if configuration.map_iteration_failure_count is not None:
            raise refuse("TestState does not support MapIterationFailureCount when a mock is not specified.")
        if isinstance(state, Map | Parallel) or (isinstance(state, Task) and _has_token(state)):
            raise TrialRefused("InvalidDefinition", _unmockable(state))
        if has_context:
            raise refuse("TestState does not support Context when a mock is not specified.")
        if isinstance(state, Task) and role_arn is None:
            raise refuse("RoleArn must be specified when testing a Task state")
        return
    if reveal_secrets:
        raise refuse("TestState does not support RevealSecrets when a mock is specified.")
    if not isinstance(state, Task | Map | Parallel):
        raise refuse(f"State type '{kind}' is not supported when a mock is specified")
    if not isinstance(mock.result, Undefined):
        _check_result(state, mock.result, mock.mode, check_result)


def _unmockable(state: State) -> str:
    if isinstance(state, Task):
        return f"TestState API does not support the resource '{state.resource}' when a mock is not specified"
    return _UNSUPPORTED


def _check_result(state: State, result: Json, mode: ValidationMode, check_result: CheckResult | None) -> None:
    match state:
        case Map(result_writer=writer):
            exports = writer is not None and writer.resource is not None
            if exports and not isinstance(result, dict):
                raise refuse("Mocked result must be a JSON object.")
            if not exports and not isinstance(result, list):
                raise refuse("Mocked result must be an array.")
        case Parallel(branches=branches):
            if not isinstance(result, list):
                raise refuse("Mocked result must be an array.")
            if len(result) != len(branches):
                raise refuse(
                    "Mocked result must contain the same number of items as number of Parallel branches."
                )
        case Task(resource=resource) if check_result is not None and mode != "NONE":
            problem = check_result(resource, result, mode)
            if problem is not None:
                raise refuse(f"Mock result schema validation error: {problem}")
        case _:
            pass
