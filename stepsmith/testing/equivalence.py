"""A workflow as plain Python against its state machine on the engine."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from inspect import signature
from typing import Any, Final, cast

from stepsmith.asl.model import ItemProcessor, Map, Parallel, State, StateMachine
from stepsmith.authoring.calls.callee import TOKEN
from stepsmith.authoring.calls.clients import using_clients
from stepsmith.authoring.calls.plain import PlainRun, entered
from stepsmith.authoring.tasks.task import Task
from stepsmith.authoring.values.types import error_name
from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.errors import InvalidInput
from stepsmith.expressions.types import Json
from stepsmith.integrations import ClientRegistry
from stepsmith.service import local, workflow_tasks
from stepsmith.service.executions.declared import message_of
from stepsmith.service.executions.execution import Execution
from stepsmith.service.machines.workflow_runs import run_workflow
from stepsmith.testing.task_names import ByTask, TaskNames

QUERY_EVALUATION: Final = "States.QueryEvaluationError"
_EXPRESSION_ERRORS: Final = (ArithmeticError, LookupError, ValueError)
"""What Python raises where the evaluation of an expression fails in a state machine."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one side did."""

    output: Json = None
    error: str | None = None
    message: str = ""
    from_expression: bool = False
    """Whether the failure may be that of an expression."""
    task_failed: bool = False
    """Whether a task has failed, be it caught or retried."""
    calls: tuple[tuple[str, str], ...] = ()
    """Task calls: function name, and payload as text."""
    elapsed: timedelta = timedelta(0)


def assert_equivalent(
    workflow: Workflow[..., Any],
    *,
    responders: ByTask[Callable[..., object]] | None = None,
    prepare: Callable[[ClientRegistry], None] | None = None,
    **input: object,
) -> None:
    """Run a workflow both ways and compare output or error, task calls, and virtual time.

    Both sides get local AWS services of their own; `prepare` fills them first. `responders` answer callback tasks.
    Where branches or items run side by side, calls are compared without their order, and not at all once one has
    failed; time may then be shorter than in Python. Raises AssertionError with both sides, NotFound and InvalidInput
    for responders of what waits for no answer or that do not take the task's arguments.
    """
    names = TaskNames.of(workflow)
    named = names.each(responders, names.waiting_task, "responders")
    for name, answer in named.items():
        _check_responder(name, answer, names.tasks.get(name))
    plain = _plain(workflow, input, named, _clients(prepare))
    machine = _machine(workflow, input, named, _clients(prepare))
    for what, same in _comparisons(plain, machine, side_by_side=_runs_side_by_side(workflow)):
        if not same:
            raise AssertionError(f"{workflow.name}: {what} differs\n  Python:  {plain}\n  machine: {machine}")


def _check_responder(name: str, answer: object, task: object) -> None:
    if not callable(answer):
        raise InvalidInput(
            f"responders: {name} is {type(answer).__name__}, not a function of the task's arguments"
        )
    if isinstance(task, Task):
        parameters: list[str] = [each.name for each in task.boundary.parameters]
        try:
            signature(answer).bind(**dict.fromkeys(parameters))
        except (TypeError, ValueError) as error:
            told = ", ".join(parameters) or "nothing"
            raise InvalidInput(f"responders: {name} is called with {told}: {error}") from None


def _clients(prepare: Callable[[ClientRegistry], None] | None) -> ClientRegistry:
    clients = ClientRegistry.local()
    if prepare is not None:
        prepare(clients)
    return clients


def _comparisons(plain: Outcome, machine: Outcome, *, side_by_side: bool) -> Iterator[tuple[str, bool]]:
    if machine.error == QUERY_EVALUATION and plain.error != QUERY_EVALUATION:
        yield "the error", plain.from_expression
    else:
        yield "the error", plain.error == machine.error
        yield "the message", plain.error == "States.Timeout" or plain.message == machine.message
        yield "the output", plain.output == machine.output
    if not side_by_side:
        yield "the order or payload of task calls", plain.calls == machine.calls
        yield "the virtual time", plain.elapsed == machine.elapsed
    elif plain.error is None and machine.error is None and not plain.task_failed:
        yield "the task calls", Counter(plain.calls) == Counter(machine.calls)
        yield "the virtual time", machine.elapsed <= plain.elapsed


@dataclass(slots=True)
class _Recorder:
    """Notes the calls of tasks, with payloads read and written again so that both sides write them alike."""

    calls: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def wrapped(self, task: Task[..., Any]) -> Callable[[Json], Json]:
        def handle(payload: Json) -> Json:
            members = dict(cast("dict[str, Json]", payload))
            members.pop(TOKEN, None) if task.kind == "callback" else None
            self.calls.append(_call(task, members))
            return task.handle(payload)

        return handle


def _call(task: Task[..., Any], payload: Json) -> tuple[str, str]:
    same = task.boundary.to_json(task.boundary.from_json(payload))
    return task.function_name, json.dumps(same, sort_keys=True)


def _plain(
    workflow: Workflow[..., Any],
    input: Mapping[str, object],
    responders: Mapping[str, Callable[..., object]],
    clients: ClientRegistry,
) -> Outcome:
    run = PlainRun(responders=responders)
    tasks = cast("dict[str, Task[..., Any]]", workflow_tasks(workflow))
    output: Json = None
    problem: Exception | None = None
    with entered(run), using_clients(clients):
        try:
            output = workflow.boundary.result.to_json(workflow(**input))
        except Exception as error:
            problem = error
    functions = {name for name, task in tasks.items() if task.kind != "integration"}
    calls = tuple(_call(tasks[call.task], call.payload) for call in run.calls if call.task in functions)
    if problem is None:
        return Outcome(_normal(output), calls=calls, elapsed=run.elapsed, task_failed=bool(run.failures))
    name = error_name(type(problem))
    return Outcome(
        error=name,
        message=str(problem),
        from_expression=isinstance(problem, _EXPRESSION_ERRORS),
        calls=calls,
        elapsed=run.elapsed,
    )


def _machine(
    workflow: Workflow[..., Any],
    input: Mapping[str, object],
    responders: Mapping[str, Callable[..., object]],
    clients: ClientRegistry,
) -> Outcome:
    recorder = _Recorder()
    tasks = cast("dict[str, Task[..., Any]]", workflow_tasks(workflow))
    options = local(
        clients=clients,
        tasks={name: recorder.wrapped(task) for name, task in tasks.items() if task.kind != "integration"},
        responders={
            known: _answering(tasks[name], answer)
            for name, answer in responders.items()
            if name in tasks
            for known in TaskNames.of(workflow).in_run(name)
        },
    )
    execution = run_workflow(workflow, workflow.input_of(**input), options)
    calls = tuple(recorder.calls)
    if execution.status == "SUCCEEDED":
        result = workflow.boundary.result
        output = result.to_json(result.from_json(execution.output))
        return Outcome(_normal(output), calls=calls, elapsed=execution.elapsed)
    return Outcome(
        error=execution.error or execution.status,
        message=_message(execution),
        calls=calls,
        elapsed=execution.elapsed,
    )


def _answering(task: Task[..., Any], answer: Callable[..., object]) -> Callable[[Json], Json]:
    def respond(payload: Json) -> Json:
        members = dict(cast("dict[str, Json]", payload))
        members.pop(TOKEN, None)
        return task.result.to_json(answer(**task.boundary.from_json(members)))

    return respond


def _message(execution: Execution[Any]) -> str:
    return message_of(execution.cause) or ""


def _normal(value: Json) -> Json:
    """Give JSON in which equal numbers are written alike."""
    match value:
        case float() if value.is_integer():
            return int(value)
        case list():
            return [_normal(item) for item in value]
        case dict():
            return {key: _normal(item) for key, item in value.items()}
        case _:
            return value


def _runs_side_by_side(workflow: Workflow[..., Any]) -> bool:
    machines: Sequence[StateMachine] = [
        workflow.definition,
        *(child.definition for child in workflow.children.values()),
    ]
    return any(isinstance(state, Parallel | Map) for machine in machines for state in _states(machine))


def _states(scope: StateMachine | ItemProcessor) -> Iterator[State]:
    yield from scope.states.values()
