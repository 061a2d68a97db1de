"""A workflow as plain Python against its state machine on the engine."""

from __future__ import annotations

import json
import re
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
from stepsmith.expressions.typed.failures import FAILED
from stepsmith.expressions.types import UNDEFINED, Json
from stepsmith.integrations import ClientRegistry
from stepsmith.service import local, workflow_tasks
from stepsmith.service.executions.declared import message_of
from stepsmith.service.machines.workflow_runs import run_workflow
from stepsmith.testing.difference import difference
from stepsmith.testing.raw import (
    NOT_GIVEN,
    Given,
    Raw,
    RawInput,
    arguments_of,
    input_of,
    names_in_run,
    raw_functions,
)
from stepsmith.testing.task_names import ByTask, TaskNames

_REQUEST: Final = re.compile(r"Request ID: [^,;)]+")
QUERY_EVALUATION: Final = "States.QueryEvaluationError"
_EXPRESSION_ERRORS: Final = (ArithmeticError, LookupError, TypeError, ValueError)
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
    raw_input: Json = NOT_GIVEN,
    raw_results: ByTask[Raw] | None = None,
    raw_answers: ByTask[Raw] | None = None,
    **input: object,
) -> None:
    """Run a workflow both ways and compare output or error, task calls, and virtual time.

    What comes from outside may be given as JSON, as it comes: `raw_input` is the execution input, in place of
    arguments; `raw_results` says what task functions and services give, `raw_answers` what callbacks are answered: the
    JSON, or a function that takes the payload and gives it.

    Both sides get local AWS services of their own; `prepare` fills them first. `responders` answer callback tasks.
    Where branches or items run side by side, calls are compared without their order, and not at all once one has
    failed; time may then be shorter than in Python. Raises AssertionError with both sides, NotFound and InvalidInput
    for responders of what waits for no answer or that do not take the task's arguments.
    """
    names = TaskNames.of(workflow)
    named = names.each(responders, names.waiting_task, "responders")
    for name, answer in named.items():
        _check_responder(name, answer, names.tasks.get(name))
    raw = {
        **raw_functions(names.tasks, names.each(raw_results, names.task, "raw_results")),
        **raw_functions(names.tasks, names.each(raw_answers, names.waiting_task, "raw_answers")),
    }
    given: Given = input if raw_input is NOT_GIVEN else RawInput(raw_input)
    plain = _plain(workflow, given, named, raw, _clients(prepare))
    machine = _machine(workflow, given, names, named, raw, _clients(prepare))
    for what, same in _comparisons(plain, machine, side_by_side=_runs_side_by_side(workflow)):
        if not same:
            raise AssertionError(f"{workflow.name}: {what} differs{_told(plain, machine)}")


def _check_responder(name: str, answer: object, task: object) -> None:
    if not callable(answer):
        raise InvalidInput(
            f"responders: {name} is {type(answer).__name__}, not a function of the task's arguments"
        )
    if isinstance(task, Task):
        parameters: list[str] = [
            each.name for each in task.boundary.parameters if each.default is not UNDEFINED
        ]
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
        yield "the message", plain.error == "States.Timeout" or _same_message(plain, machine)
        yield "the output", plain.output == machine.output
    if not side_by_side:
        yield "the order or payload of task calls", plain.calls == machine.calls
        yield "the virtual time", plain.elapsed == machine.elapsed
    elif plain.error is None and machine.error is None and not plain.task_failed:
        yield "the task calls", Counter(plain.calls) == Counter(machine.calls)
        yield "the virtual time", machine.elapsed <= plain.elapsed


def _same_message(plain: Outcome, machine: Outcome) -> bool:
    """Compare messages; a service names each request anew in what it says of a failure."""
    if plain.error == QUERY_EVALUATION:
        return plain.message in machine.message
    if plain.from_expression and machine.message.startswith(FAILED):
        return True  # what Python says of an expression that fails, and of which version it is, no state says
    return _REQUEST.sub("", plain.message) == _REQUEST.sub("", machine.message)


def _told(plain: Outcome, machine: Outcome) -> str:
    """Tell what differs, field by field, and below it both sides."""
    lines: list[str] = []
    if plain.error is None and machine.error is None:
        lines += difference(plain.output, machine.output, "output")
    for at, (one, other) in enumerate(zip(plain.calls, machine.calls, strict=False), start=1):
        if one[0] == other[0] and one != other:
            lines += difference(json.loads(one[1]), json.loads(other[1]), f"call {at} of {one[0]}")
    return "".join(f"\n  {line}" for line in [*lines, f"Python:  {plain}", f"machine: {machine}"])


@dataclass(slots=True)
class _Recorder:
    """Notes the calls of tasks, with payloads read and written again so that both sides write them alike."""

    calls: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def wrapped(self, task: Task[..., Any], raw: Callable[[Json], Json] | None) -> Callable[[Json], Json]:
        def handle(payload: Json) -> Json:
            members = dict(cast("dict[str, Json]", payload))
            members.pop(TOKEN, None) if task.kind == "callback" else None
            self.calls.append(_call(task, members))
            return task.handle(payload) if raw is None or task.kind == "callback" else raw(members)

        return handle


def _call(task: Task[..., Any], payload: Json) -> tuple[str, str]:
    same = task.boundary.written(task.boundary.read(cast("dict[str, Json]", payload)))
    return task.function_name, json.dumps(same, sort_keys=True)


def _plain(
    workflow: Workflow[..., Any],
    input: Given,
    responders: Mapping[str, Callable[..., object]],
    raw: Mapping[str, Callable[[Json], Json]],
    clients: ClientRegistry,
) -> Outcome:
    run = PlainRun(responders=responders, raw=raw)
    if isinstance(input, RawInput) and isinstance(input.json, dict):
        run.given = input.json
    tasks = cast("dict[str, Task[..., Any]]", workflow_tasks(workflow))
    output: Json = None
    problem: Exception | None = None
    with entered(run), using_clients(clients):
        try:
            output = workflow.boundary.result.written(workflow(**arguments_of(workflow, input)))
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
    input: Given,
    names: TaskNames,
    responders: Mapping[str, Callable[..., object]],
    raw: Mapping[str, Callable[[Json], Json]],
    clients: ClientRegistry,
) -> Outcome:
    recorder = _Recorder()
    tasks = cast("dict[str, Task[..., Any]]", workflow_tasks(workflow))
    options = local(
        clients=clients,
        tasks={
            **names_in_run(names, {name: raw[name] for name in raw if _is_service(tasks[name])}),
            **{
                name: recorder.wrapped(task, raw.get(name))
                for name, task in tasks.items()
                if task.kind != "integration"
            },
        },
        responders={
            **{
                known: _answering(tasks[name], answer)
                for name, answer in responders.items()
                if name in tasks
                for known in names.in_run(name)
            },
            **names_in_run(names, {name: _without_token(raw[name]) for name in raw if tasks[name].waits}),
        },
    )
    try:
        given = input_of(workflow, input)
    except InvalidInput as error:
        return Outcome(error=error_name(type(error)), message=str(error))
    execution = run_workflow(workflow, given, options)
    ending = execution.ending
    after = () if ending is None else [each for each in ending.task_calls() if each.function in tasks]
    calls = tuple(recorder.calls[: len(recorder.calls) - len(after)])  # what ends records is no part of it
    if execution.status == "SUCCEEDED":
        result = workflow.boundary.result
        output = result.written(result.read(execution.output))
        return Outcome(_normal(output), calls=calls, elapsed=execution.elapsed)
    return Outcome(
        error=execution.error or ("States.Timeout" if execution.status == "TIMED_OUT" else execution.status),
        message=message_of(execution.cause) or "",
        calls=calls,
        elapsed=execution.elapsed,
    )


def _answering(task: Task[..., Any], answer: Callable[..., object]) -> Callable[[Json], Json]:
    def respond(payload: Json) -> Json:
        members = dict(cast("dict[str, Json]", payload))
        members.pop(TOKEN, None)
        return task.result.to_json(answer(**task.boundary.from_json(members)))

    return respond


def _is_service(task: Task[..., Any]) -> bool:
    return task.kind == "integration" and not task.waits


def _without_token(raw: Callable[[Json], Json]) -> Callable[[Json], Json]:
    def respond(payload: Json) -> Json:
        members = dict(cast("dict[str, Json]", payload))
        members.pop(TOKEN, None)
        return raw(members)

    return respond


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
