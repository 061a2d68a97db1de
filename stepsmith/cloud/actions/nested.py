"""Tasks that start executions: `states:startExecution` in all its patterns, and StartSyncExecution."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, cast

from stepsmith.cloud.actions.constraints import checked
from stepsmith.cloud.actions.executions import begin, synchronous_answer
from stepsmith.cloud.actions.requests import Request
from stepsmith.cloud.actions.runner import Live, Runner
from stepsmith.cloud.services import Caller, ServiceError
from stepsmith.engine.ports import Answer, StartTask, TaskFailed, TaskSubmitted, TaskSucceeded
from stepsmith.engine.values.payload import text_of
from stepsmith.expressions.types import Json
from stepsmith.integrations.failures import v1_cause, v2_cause
from stepsmith.integrations.resources import SdkAction, ServiceAction, parse_resource
from stepsmith.integrations.services.sdk_values import iso_time
from stepsmith.service.executions.started import child_name, iso, outcome, request_id_of, started

if TYPE_CHECKING:
    from stepsmith.cloud.actions.resources import Execution

DEEPEST: Final = 32
"""How many executions may be nested in each other."""
_STARTS: Final = ("startExecution", "startSyncExecution")


class NestedExecutions:
    """Starts executions for tasks; makes requests as the account of the execution whose task it is."""

    def __init__(self, runner: Runner, request: Callable[[str, dict[str, Any], Caller], Request]) -> None:
        self._runner = runner
        self._request = request

    def start(self, live: Live, command: StartTask) -> bool:
        """Start an execution, if that is what a command asks for."""
        resource = parse_resource(command.resource)
        if not isinstance(resource, ServiceAction | SdkAction) or resource.action not in _STARTS:
            return False
        if resource.service != ("sfn" if isinstance(resource, SdkAction) else "states"):
            return False
        if live.dispatcher.replaces(command):
            return False
        settings = live.run.settings
        operation = resource.action[0].upper() + resource.action[1:]
        try:
            parameters = checked(operation, _parameters(command))
            request = self._request(operation, parameters, Caller(settings.region, settings.account))
            if live.execution.depth + 1 >= DEEPEST:
                text = f"More than {DEEPEST} executions are nested in each other"
                raise ServiceError("ExecutionLimitExceeded", text)
            child = self._begun_before(live, command, parameters, request) or begin(
                request,
                depth=live.execution.depth + 1,
                is_synchronous=resource.action == "startSyncExecution",
            )
        except ServiceError as error:
            self._runner.answer(live, _failed(command, resource, error))
            return True
        self._answer(live, command, resource, child)
        return True

    def _answer(
        self,
        live: Live,
        command: StartTask,
        resource: ServiceAction | SdkAction,
        child: Execution,
    ) -> None:
        runner, pattern = self._runner, resource.pattern
        waits = pattern in ("sync", "sync:2") or resource.action == "startSyncExecution"
        is_open = not waits or self._await(live, command, resource, child)
        if resource.action == "startSyncExecution":
            return
        if isinstance(resource, SdkAction):
            output: Json = {"ExecutionArn": child.arn, "StartDate": iso(child.run.started)}
        else:
            output = started(child.arn, child.run.started, command)
        answer = TaskSucceeded if pattern == "request" else TaskSubmitted
        runner.answer(live, answer(id=command.id, output=output))
        if not is_open:
            self._hand_over(live, command, resource, child)

    def _await(
        self, live: Live, command: StartTask, resource: ServiceAction | SdkAction, child: Execution
    ) -> bool:
        """Let a task wait for an execution; False where that has ended."""
        begun = self._runner.find(child)
        if begun is not None:
            live.awaited[command.id] = begun
            begun.on_end.append(lambda: self._hand_over(live, command, resource, child))
        return begun is not None

    def _hand_over(
        self, live: Live, command: StartTask, resource: ServiceAction | SdkAction, child: Execution
    ) -> None:
        """Answer a task with the outcome of the execution that it has waited for."""
        live.awaited.pop(command.id, None)
        if resource.action == "startSyncExecution":
            answer: Answer = TaskSucceeded(id=command.id, output=_pascal(synchronous_answer(child)))
        else:
            answer = outcome(command.id, child.run, values=resource.pattern == "sync:2")
        self._runner.answer(live, answer)

    def follow(self, live: Live, command: StartTask, child: str) -> bool:
        """Let a task wait on for the execution of an ARN; False where that is none of the task's."""
        resource, settings = parse_resource(command.resource), live.run.settings
        if not isinstance(resource, ServiceAction) or resource.action not in _STARTS:
            return False
        request = self._request("StartExecution", {}, Caller(settings.region, settings.account))
        found = request.account.executions.get(child)
        if found is None:
            cause = f"The execution {child} is not known any more"
            self._runner.answer(live, TaskFailed(id=command.id, error="States.TaskFailed", cause=cause))
        elif resource.pattern in ("sync", "sync:2") and not self._await(live, command, resource, found):
            self._hand_over(live, command, resource, found)
        return True

    def _begun_before(
        self, live: Live, command: StartTask, parameters: dict[str, Any], request: Request
    ) -> Execution | None:
        """Return the execution that a task had started before it was interrupted."""
        if command.id not in live.resumed:
            return None
        prefix, _, machine = str(parameters["stateMachineArn"]).partition(":stateMachine:")
        arn = f"{prefix}:execution:{machine.partition(':')[0]}:{parameters['name']}"
        found = request.account.executions.get(arn)
        is_ours = found is not None and found.input == parameters.get("input", "{}")
        return found if is_ours else None


def _failed(command: StartTask, resource: ServiceAction | SdkAction, problem: ServiceError) -> TaskFailed:
    """Return the answer to a task whose request was refused."""
    stage = "submit" if resource.pattern in ("sync", "sync:2") else "run"
    code, request_id = problem.code.removesuffix("Exception"), request_id_of(command)
    if isinstance(resource, SdkAction):
        error = f"Sfn.{code}Exception"
        cause = v2_cause(problem.message, service="Sfn", status=problem.status, request_id=request_id)
    else:
        error = f"StepFunctions.{code}Exception"
        cause = v1_cause(
            problem.message, service="AWSStepFunctions", status=problem.status, code=problem.code,
            request_id=request_id,
        )  # fmt: skip
    return TaskFailed(id=command.id, error=error, cause=cause, stage=stage)


def _pascal(value: Any) -> Json:
    """Return an answer as AWS SDK integrations give it."""
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value).items()
        return {name[:1].upper() + name[1:]: _pascal(each) for name, each in sorted(members)}
    return iso_time(value) if isinstance(value, datetime) else value


def _parameters(command: StartTask) -> dict[str, Any]:
    """Give the parameters of a task as those of a request."""
    payload = command.payload
    if not isinstance(payload, dict):
        return {}
    found: dict[str, Any] = {name[:1].lower() + name[1:]: value for name, value in payload.items()}
    given = found.get("input")
    if given is not None and not isinstance(given, str):
        found["input"] = text_of(cast("Json", given))
    found.setdefault("name", child_name(command))
    return {name: value for name, value in found.items() if not name.startswith("aWS_")}
