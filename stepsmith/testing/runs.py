"""Runs of workflows and definitions in a test: isolated AWS, virtual time, faults where the test wants them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from stepsmith.authoring.tasks.task import Task
from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.errors import InvalidInput
from stepsmith.expressions.types import Json
from stepsmith.integrations import ClientRegistry
from stepsmith.service import Execution, Machine, RunOptions, VirtualClock
from stepsmith.service.definitions.task_names import check_functions
from stepsmith.service.machines.workflow_runs import run_workflow
from stepsmith.testing.faults import Failures, checked_json, faulty_tasks, is_exception
from stepsmith.testing.task_names import ByTask, TaskNames


class Runner:
    """Runs workflows for one test; what the fixture `run` gives."""

    def __init__(self, aws: ClientRegistry, clock: VirtualClock) -> None:
        self.aws = aws
        """The AWS services of the test."""
        self.clock = clock
        """The clock of the test; each run goes on where the one before it ended."""
        self.executions: list[Execution[Any]] = []
        """What has run so far."""

    def __call__(
        self,
        workflow: Workflow[..., Any],
        /,
        *args: Any,
        fail: ByTask[Failures] | None = None,
        returns: ByTask[object] | None = None,
        delay: ByTask[timedelta] | None = None,
        answers: ByTask[object] | None = None,
        at: datetime | None = None,
        **input: Any,
    ) -> Execution[Any]:
        """Run a workflow to its end and give the execution, whether it succeeded or not.

        `fail` says which tasks fail: always, by attempt counted from 1, or a list for the first attempts; wrapped in
        AfterEffect, the failure comes after the task has done its work. `returns` puts a value, or a function of the
        payload, in the place of a task. `delay` lets a task take that much virtual time. `answers` answer callback
        tasks with a value or a function of the payload; one without an answer is waited for until it times out.
        A callback task itself takes answers of its type, its name any JSON, as a stranger may send it.
        Raises InvalidInput for input, values and failures that do not fit, NotFound for a task that the workflow does
        not call.
        """
        names = TaskNames.of(workflow)
        if at is not None:
            self.clock.move_to(_instant(at, self.clock))
        mistakes: list[Exception] = []
        options = RunOptions(
            clients=self.aws,
            clock=self.clock,
            tasks=dict(
                faulty_tasks(
                    names.tasks,
                    self.aws,
                    fail=names.each(fail, names.task, "fail"),
                    returns=names.each(returns, names.task, "returns"),
                    mistakes=mistakes,
                )
            ),
            responders=_responders(answers, names, mistakes),
            delays=_delays(delay, names),
            name=f"test-{len(self.executions) + 1}",
        )
        execution = run_workflow(workflow, workflow.input_of(*args, **input), options)
        assert isinstance(execution, Execution)  # without a journal it is none of one
        self.executions.append(execution)
        if mistakes:
            raise mistakes[0]
        return execution

    def machine(
        self, machine: Machine, input: Json = None, *, tasks: Mapping[str, object] | None = None
    ) -> Execution[Any]:
        """Run what `stepsmith.load` has loaded. Raises NotFound for a function that no state calls."""
        check_functions(tasks or {}, [machine.definition], "tasks")
        execution = machine.run(
            {} if input is None else input, tasks=tasks, clients=self.aws, clock=self.clock
        )
        self.executions.append(execution)
        return execution


def _instant(at: datetime, clock: VirtualClock) -> float:
    if at.tzinfo is None:
        raise InvalidInput(f"at={at.isoformat()} has no time zone: datetime(..., tzinfo=UTC)")
    if at.timestamp() < clock.now():
        now = datetime.fromtimestamp(clock.now(), UTC)
        raise InvalidInput(f"at={at.isoformat()} is past: the clock of the test is at {now.isoformat()}")
    return at.timestamp()


def _delays(given: ByTask[timedelta] | None, names: TaskNames) -> dict[str, float]:
    delays = names.each(given, names.task_or_state, "delay")
    for name, duration in delays.items():
        if not isinstance(duration, timedelta) or duration < timedelta(0):  # pyright: ignore[reportUnnecessaryIsInstance]  # tests are not all typed
            raise InvalidInput(f"delay: {name} by {duration!r}, which is no timedelta from 0")
    return {
        known: duration.total_seconds() for name, duration in delays.items() for known in names.in_run(name)
    }


def _responders(
    answers: ByTask[object] | None, names: TaskNames, mistakes: list[Exception]
) -> dict[str, Callable[[Json], Json]]:
    given = names.each(answers, names.waiting, "answers")
    tasks = {key.function_name: key for key, _ in answers.items() if isinstance(key, Task)} if answers else {}
    for name, answer in given.items():
        if not callable(answer) and not is_exception(answer):
            checked_json(tasks.get(name), answer, f"answers: {name}")
    return {
        known: _responder(name, tasks.get(name), answer, mistakes)
        for name, answer in given.items()
        for known in names.in_run(name)
    }


def _responder(
    name: str, task: Task[..., Any] | None, answer: object, mistakes: list[Exception]
) -> Callable[[Json], Json]:
    """Make what a test writes a responder: exceptions are raised, functions called, values sent as they are."""

    def respond(payload: Json) -> Json:
        if is_exception(answer):
            raise answer
        value: Any = answer(payload) if callable(answer) else answer
        try:
            return checked_json(task, value, f"answers: {name}")
        except InvalidInput as error:
            mistakes.append(error)
            raise

    return respond
