"""The package as an adapter for the runner of published facts: all three questions go through public doors."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from moto.s3 import models

from stepsmith import ClientRegistry, load
from stepsmith.asl.requests import validate
from stepsmith.diagnostics import InvalidDefinition
from stepsmith.integrations import TaskError
from stepsmith.integrations.services.models import service_model
from stepsmith.service.machines.machine import RunOptions

NOTHING: Final = "returned nothing (undefined)"
_REASON: Final = re.compile(r"threw an (?:internal )?error during evaluation[.:] (.*)", re.DOTALL)
_CODE: Final = re.compile(r"([A-Z]\d{4}): (.*)", re.DOTALL)
_NEVER: Final = 10.0**9
"""Seconds that a task takes which never answers."""


class Adapter:
    """Answers what an expression gives, how an execution ends, and what a validation says."""

    def evaluate(self, expression: str, input: Any, bindings: Mapping[str, Any] | None) -> tuple[Any, ...]:
        """The value of an expression in a Pass state; its variables were assigned by a state before."""
        value = {"Type": "Pass", "Output": {"value": f"{{% {expression} %}}"}, "End": True}
        states: dict[str, Any] = {"Value": value}
        if bindings:
            states["Assign"] = {
                "Type": "Pass", "Assign": dict(bindings), "Output": "{% $states.input %}", "Next": "Value"
            }  # fmt: skip
        definition = {"QueryLanguage": "JSONata", "StartAt": next(reversed(states)), "States": states}
        try:
            execution = load(definition).run(input)
        except InvalidDefinition as error:
            return "error", None, str(error)
        if execution.status == "SUCCEEDED":
            output: Any = execution.output
            return "value", output["value"]
        cause = execution.cause or ""
        if execution.error != "States.QueryEvaluationError":
            return "error", execution.error, cause
        if NOTHING in cause:
            return ("undefined",)
        found = _REASON.search(cause)
        reason = found[1] if found else cause
        coded = _CODE.fullmatch(reason)
        return ("error", coded[1], coded[2]) if coded else ("error", None, reason)

    def run_machine(
        self, definition: dict[str, Any], type: Any, input: Any, tasks: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The end of an execution whose tasks answer as given, in virtual time."""
        answers = Answers(definition, tasks)
        clients = ClientRegistry.local()
        clients.client("s3")
        models.MIN_BUCKET_NAME_LENGTH = 1  # facts have short names for their buckets
        for bucket, objects in tasks.get("s3", {}).items():
            clients.client("s3").create_bucket(Bucket=bucket)
            for key, text in objects.items():
                clients.client("s3").put_object(Bucket=bucket, Key=key, Body=text.encode())
        options = RunOptions(mocked=answers, clients=clients, delays=answers.delays)
        execution = load(definition, type=type).execute(input, options)
        result: dict[str, Any] = {
            "status": execution.status, "error": execution.error, "cause": execution.cause
        }  # fmt: skip
        if execution.status == "SUCCEEDED":
            result["output"] = execution.output
        return {**result, "events": list(execution.history)}

    def validate(self, text: str, type: Any) -> dict[str, Any]:
        """The answer of a ValidateStateMachineDefinition call that asks for warnings, too."""
        return dict(validate(text, type=type, severity="WARNING", services=service_model))


class Answers:
    """What the tasks of a fact answer, attempt by attempt: by state, else by resource, else by `*`."""

    def __init__(self, definition: dict[str, Any], tasks: Mapping[str, Any]) -> None:
        self.resources = dict(task_states(definition))
        self.tasks = tasks
        self.attempts: dict[str, int] = {}
        self.delays = {state: _NEVER for state in self.resources if self._listed(state)[0].get("timeout")}

    def _listed(self, state: str) -> list[dict[str, Any]]:
        for key in (state, self.resources[state], "*"):
            if key in self.tasks:
                return list(self.tasks[key])
        return [{"output": {}}]

    def knows(self, state: str) -> bool:
        return state in self.resources

    def answer(self, state: str, payload: Any) -> Any:
        listed = self._listed(state)
        attempt = self.attempts.get(state, 0)
        self.attempts[state] = attempt + 1
        answer = listed[min(attempt, len(listed) - 1)]
        if answer.get("echo"):
            return payload
        if "error" in answer:
            raise TaskError(answer["error"], answer.get("cause"))
        return answer.get("output", {})


def task_states(definition: Any) -> Iterator[tuple[str, str]]:
    """The name and the resource of every Task state, at any depth."""
    for name, state in definition.get("States", {}).items():
        if state.get("Type") == "Task":
            yield name, state["Resource"]
        for inner in (*state.get("Branches", ()), state.get("ItemProcessor"), state.get("Iterator")):
            if inner:
                yield from task_states(inner)


adapter = Adapter()
