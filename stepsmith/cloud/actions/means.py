"""What the tasks of executions are carried out with: clients, functions given here, and Lambda's of the same cloud."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, cast

from stepsmith.cloud.services import Caller, ServiceError
from stepsmith.engine.values.payload import text_of
from stepsmith.expressions.types import Json
from stepsmith.integrations import ClientRegistry, Dispatcher, TaskError
from stepsmith.integrations.failures import v1_cause
from stepsmith.integrations.lambda_functions import TaskFunction

Invoke: TypeAlias = Callable[[Mapping[str, Any], Caller], Mapping[str, Any]]
"""Lambda's Invoke: parameters and answer as boto3 has them."""


class TaskMeans:
    """Makes what carries the tasks of one execution out, for any caller."""

    def __init__(self, clients: Callable[[Caller], ClientRegistry], invoke: Invoke | None = None) -> None:
        self._clients = clients
        self._invoke = invoke
        self._tasks: dict[str, object] = {}
        self._made: dict[Caller, Dispatcher] = {}

    def define(self, tasks: Mapping[str, object]) -> None:
        """Let functions answer tasks by their names, in every account; executions that run keep theirs."""
        self._tasks = {**self._tasks, **tasks}
        self._made = {}

    def __call__(self, caller: Caller) -> Dispatcher:
        """Return a dispatcher for one execution of a caller."""
        found = self._made.get(caller)
        if found is None:
            found = self._made[caller] = Dispatcher(self._clients(caller), self._tasks)
            if self._invoke is not None:
                found.functions.elsewhere = self._elsewhere(self._invoke, caller)
        return found.for_run()

    def _elsewhere(self, invoke: Invoke, caller: Caller) -> Callable[[str], TaskFunction]:
        def find(name: str) -> TaskFunction:
            return TaskFunction(lambda payload: _invoked(invoke, caller, name, payload), may_change=False)

        return find


def _invoked(invoke: Invoke, caller: Caller, name: str, payload: Json) -> Json:
    """Call a function of Lambda's and return its answer; raises TaskError as Step Functions reports it."""
    parameters = {"FunctionName": name, "Payload": text_of(payload)}
    try:
        answer = invoke(parameters, caller)
    except ServiceError as error:
        raise TaskError(*_refused(error, caller, name)) from None
    text = cast("io.BytesIO", answer["Payload"]).read().decode()
    found: Any = json.loads(text) if text else None
    if answer.get("FunctionError") is None:
        return cast("Json", found)
    raise TaskError(str(found.get("errorType") or "Error"), text)


def _refused(error: ServiceError, caller: Caller, name: str) -> tuple[str, str]:
    message = error.message
    if error.code == "ResourceNotFoundException":
        arn = name if name.startswith("arn:") else caller.arn("lambda", f"function:{name}")
        message = f"Function not found: {arn}{':$LATEST' if arn.count(':') == 6 else ''}"
    cause = v1_cause(
        message, service="AWSLambda", status=error.status, code=error.code,
        request_id="00000000-0000-4000-8000-000000000000",
    )  # fmt: skip
    return f"Lambda.{error.code}", cause
