"""Task functions called as Lambda would call them: the payload in, JSON or a function error out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn, cast

from stepsmith.engine.ports import StartTask, TaskSucceeded, succeeded
from stepsmith.engine.values.payload import text_of
from stepsmith.errors import InvalidInput
from stepsmith.expressions.copies import UNCHANGEABLE, Doubtful, copied, taken
from stepsmith.expressions.json_text import NO_DOUBLE, unfit
from stepsmith.expressions.types import Json
from stepsmith.integrations.failures import TaskError, compact, unusable_parameters, v1_cause
from stepsmith.integrations.interrupts import is_from_outside
from stepsmith.integrations.resources import function_name, parse_resource
from stepsmith.integrations.services.sdk_metadata import request_id, sdk_metadata
from stepsmith.integrations.variables import variables

__tracebackhide__ = True  # pytest shows the frames of tests, workflows and tasks, not those in between

_ENCODER: Final = json.JSONEncoder(allow_nan=False, ensure_ascii=False)
_DECODER: Final = json.JSONDecoder()
_INVOKE_PARAMETERS = frozenset(
    {"ClientContext", "FunctionName", "InvocationType", "Qualifier", "Payload", "LogType"}
)


class TaskFunction:
    """What answers a task: takes the payload, returns JSON, raises to fail."""

    __slots__ = ("call", "may_change")

    def __init__(self, call: Callable[[Json], Json], *, may_change: bool) -> None:
        self.call = call
        self.may_change = may_change
        """Whether it gets the payload itself, and could change it; tasks make their own arguments of it."""


class TaskFunctions:
    """The functions of a run, found by ARN, by state name or by function name."""

    def __init__(self, tasks: Mapping[str, object] | None = None) -> None:
        self._functions: dict[str, TaskFunction] = {}
        self._found: dict[tuple[str | None, ...], TaskFunction | None] = {}
        self.direct: dict[tuple[str, str], Callable[[StartTask], TaskSucceeded]] = {}
        """What answers the tasks of states that have called a function here, by state and Resource."""
        self.elsewhere: Callable[[str], TaskFunction | None] = lambda name: None
        """Finds functions that were not given, by name or ARN; is asked each time."""
        for name, value in (tasks or {}).items():
            plain = name[2:-1] if name.startswith("${") and name.endswith("}") else name
            self._functions[plain] = as_function(name, value)

    def find(self, *names: str | None) -> TaskFunction | None:
        """Return the function known under the first of `names` that is known; ARNs also by the name in them."""
        try:
            return self._found[names]
        except KeyError:
            found = self._found[names] = self._find(names)
            return found

    def _find(self, names: tuple[str | None, ...]) -> TaskFunction | None:
        for name in names:
            if name is None:
                continue
            found = self._functions.get(name)
            if found is not None:
                return found
        for name in names:
            found = self._functions.get(function_name(name)) if name else None
            if found is not None:
                return found
        return None

    def find_arn(self, name: str) -> TaskFunction | None:
        """Return the function given by an ARN that `name` means: its plain name, or the ARN with a qualifier."""
        for arn, function in self._functions.items():
            if ":function:" not in arn:
                continue
            same = (
                name.startswith(f"{arn}:")
                if name.startswith("arn:")
                else function_name(name) == function_name(arn)
            )
            if same:
                return function
        return None

    def names(self) -> list[str]:
        """Return the names given, in order."""
        return list(self._functions)


def as_function(name: str, value: object) -> TaskFunction:
    """Return the function in `value`: a task (by its `handle`) or any function of one argument."""
    handle = _with_variables(value, getattr(value, "handle", None))
    if callable(handle) and getattr(value, "isolate", False):
        from stepsmith.integrations.isolated import Isolated, IsolatedTask

        isolated = _with_variables(value, Isolated(cast("IsolatedTask", value)))
        return TaskFunction(cast("Callable[[Json], Json]", isolated), may_change=False)
    if callable(handle):
        return TaskFunction(cast("Callable[[Json], Json]", handle), may_change=False)
    if callable(value):
        return TaskFunction(cast("Callable[[Json], Json]", value), may_change=True)
    raise InvalidInput(f"task {name!r} is {type(value).__name__}, which cannot be called")


def _with_variables(value: object, handle: object) -> object:
    """Return what calls a function with the environment variables that it declares, as Lambda would."""
    declared: Mapping[str, Any] = getattr(getattr(value, "deployment", None), "environment", {})
    if not declared or not callable(handle):
        return handle

    def call(payload: Json) -> Json:
        with variables(declared):
            return cast("Json", handle(payload))

    return call


def call_function(function: TaskFunction, payload: Json, task: StartTask) -> Json:
    """Call `function` for a task and return its JSON.

    Raises TaskError with the class name (or `error_name`) of what the function raised, as Lambda reports it, whatever
    that is: only an interrupt from outside passes.
    """
    try:
        if function.may_change and type(payload) not in UNCHANGEABLE:
            payload = copied(payload)
        result = function.call(payload)
    except BaseException as error:
        _fail(error, task)
    try:
        return taken(result)
    except (Doubtful, RecursionError):
        return _read_again(result, task)


def answer_invoke(functions: TaskFunctions, task: StartTask) -> TaskSucceeded:
    """Carry out `lambda:invoke`: call the function in FunctionName and wrap its result as the service does."""
    call = invoke_arguments(task.payload)
    name = cast("str", call["FunctionName"])
    known = functions.find(name, task.state, task.resource) or functions.find_arn(name)
    function = known or functions.elsewhere(name)
    if function is None:
        raise function_not_found(name, cast("str | None", call.get("Qualifier")), task=task)
    payload = call.get("Payload")
    if call.get("InvocationType") == "DryRun":
        return _without_result(204, task)
    result = call_function(function, {} if payload is None else payload, task)
    if call.get("InvocationType") == "Event":
        return _without_result(202, task)
    return _invocation(name, result, call, task)


def answer_arn(functions: TaskFunctions, task: StartTask) -> TaskSucceeded:
    """Call the function behind a Lambda ARN given as Resource; the answer is its bare result."""
    function = functions.find(task.resource, task.state) or functions.find_arn(task.resource)
    if function is None:
        function = functions.elsewhere(task.resource)
        if function is None:
            raise function_not_found(task.resource, task=task)
        return _answering(function)(task)
    answer = functions.direct[task.state, task.resource] = _answering(function)
    return answer(task)


def _answering(function: TaskFunction) -> Callable[[StartTask], TaskSucceeded]:
    """Return what answers tasks with the bare result of a function.

    It does what `call_function` and `succeeded` do, in two calls less.
    """
    call, may_change, make = function.call, function.may_change, TaskSucceeded.__new__

    def answer(task: StartTask) -> TaskSucceeded:
        try:
            payload = task.payload
            if may_change and type(payload) not in UNCHANGEABLE:
                payload = copied(payload)
            result = call(payload)
        except BaseException as error:
            _fail(error, task)
        answered = make(TaskSucceeded)
        answered.id = task.id
        try:
            answered.output = taken(result)
        except (Doubtful, RecursionError):
            answered.output = _read_again(result, task)
        answered.text = ""
        return answered

    return answer


def function_not_found(name: str, qualifier: str | None = None, *, task: StartTask) -> TaskError:
    """Return the error of a Lambda function that is not there."""
    arn = name if name.startswith("arn:") else f"arn:aws:lambda:us-east-1:123456789012:function:{name}"
    found = parse_resource(arn)
    version = "" if getattr(found, "qualifier", None) else f":{qualifier or '$LATEST'}"
    code = "ResourceNotFoundException"
    text = f"Function not found: {arn}{version}"
    cause = v1_cause(text, service="AWSLambda", status=404, code=code, request_id=request_id(task))
    return TaskError(f"Lambda.{code}", cause)


def invoke_arguments(parameters: Json) -> dict[str, Json]:
    """Return the arguments of `lambda:invoke`; raises TaskError in AWS's words for what it does not take."""
    if not isinstance(parameters, dict):
        raise unusable_parameters(parameters, ["The arguments must be an object"])
    name = parameters.get("FunctionName")
    if name and isinstance(name, str) and parameters.keys() <= _INVOKE_PARAMETERS:
        return parameters
    problems = [
        f'The field "{name}" is not supported by Step Functions'
        for name in parameters
        if name not in _INVOKE_PARAMETERS
    ]
    if "FunctionName" not in parameters:
        problems.append("The field 'FunctionName' is required but was missing")
    elif not isinstance(name, str) or not name:
        problems.append("The value of the field 'FunctionName' has an invalid format")
    if problems:
        raise unusable_parameters(parameters, problems)
    return parameters


def _without_result(status: int, task: StartTask) -> TaskSucceeded:
    metadata = sdk_metadata({}, status=status, request_id=request_id(task))
    return TaskSucceeded(id=task.id, output={**metadata, "StatusCode": status})


def _invocation(name: str, result: Json, call: Mapping[str, Json], task: StartTask) -> TaskSucceeded:
    qualifier = cast("str | None", call.get("Qualifier")) or getattr(parse_resource(name), "qualifier", None)
    version = qualifier if qualifier and qualifier.isdigit() else "$LATEST"
    text = text_of(result)
    length, id = str(len(text) if text.isascii() else len(text.encode())), request_id(task)
    # as `sdk_metadata` and an encoder make them, in a fifth of the time: each call of a function has both
    output: Json = {
        "ExecutedVersion": version,
        "Payload": result,
        "SdkHttpMetadata": {
            "AllHttpHeaders": {
                "connection": ["keep-alive"],
                "X-Amz-Executed-Version": [version],
                "Content-Length": [length],
                "Content-Type": ["application/json"],
                "x-amzn-RequestId": [id],
            },
            "HttpHeaders": {
                "connection": "keep-alive",
                "X-Amz-Executed-Version": version,
                "Content-Length": length,
                "Content-Type": "application/json",
                "x-amzn-RequestId": id,
            },
            "HttpStatusCode": 200,
        },
        "SdkResponseMetadata": {"RequestId": id},
        "StatusCode": 200,
    }
    written = (
        f'{{"ExecutedVersion":"{version}","Payload":{text},"SdkHttpMetadata":{{"AllHttpHeaders":'
        f'{{"connection":["keep-alive"],"X-Amz-Executed-Version":["{version}"],"Content-Length":["{length}"],'
        f'"Content-Type":["application/json"],"x-amzn-RequestId":["{id}"]}},"HttpHeaders":'
        f'{{"connection":"keep-alive","X-Amz-Executed-Version":"{version}","Content-Length":"{length}",'
        f'"Content-Type":"application/json","x-amzn-RequestId":"{id}"}},"HttpStatusCode":200}},'
        f'"SdkResponseMetadata":{{"RequestId":"{id}"}},"StatusCode":200}}'
    )
    return succeeded(task.id, output, written)


def _fail(error: BaseException, task: StartTask) -> NoReturn:
    """Raise what a function has raised as Lambda reports it; an interrupt from outside as it is."""
    if isinstance(error, TaskError) or (isinstance(error, KeyboardInterrupt) and is_from_outside()):
        raise error
    if isinstance(error, SystemExit):
        raise _exited(error, task) from error
    raise _function_error(error, task) from error


def _exited(error: SystemExit, task: StartTask) -> TaskError:
    """Return what Lambda says of a process that is gone."""
    status = error.code % 256 if isinstance(error.code, int) else 0 if error.code is None else 1
    how = f"exited with error: exit status {status}" if status else "exited without providing a reason"
    detail: Json = {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {request_id(task)} Error: Runtime {how}",
    }
    return TaskError("Runtime.ExitError", compact(detail))


def _function_error(error: BaseException, task: StartTask) -> TaskError:
    import traceback

    kind = getattr(error, "error_name", None) or type(error).__name__
    frames = traceback.extract_tb(error.__traceback__)[1:]
    lines = traceback.format_list(frames)
    detail: dict[str, Json] = {
        "errorMessage": str(error),
        "errorType": kind,
        "requestId": request_id(task),
        "stackTrace": cast("list[Json]", lines),
    }
    return TaskError(kind, compact(detail))


def _read_again(result: Any, task: StartTask) -> Json:
    """Return `result` as it comes out of JSON text; what does not go in fails as the Lambda runtime fails on it."""
    if hasattr(result, "model_dump"):
        result = result.model_dump(mode="json")
    try:
        text = _ENCODER.encode(result)
    except RecursionError:
        raise _unmarshalled("it is nested too deeply", task) from None
    except (TypeError, ValueError) as error:
        # what is no JSON in Lambda's words; of NaN and Infinity, and of too many digits, Python has its own
        spoken = isinstance(error, TypeError) or "Circular" in str(error)
        raise _unmarshalled(str(error) if spoken else f"it holds {NO_DOUBLE}", task) from None
    reason = unfit(text)
    if reason is not None:
        raise _unmarshalled(f"it holds {reason}", task)
    return cast("Json", result if type(result) is str else _DECODER.decode(text))


def _unmarshalled(reason: str, task: StartTask) -> TaskError:
    detail: Json = {
        "errorMessage": f"Unable to marshal response: {reason}",
        "errorType": "Runtime.MarshalError",
        "requestId": request_id(task),
        "stackTrace": [],
    }
    return TaskError("Runtime.MarshalError", compact(detail))
