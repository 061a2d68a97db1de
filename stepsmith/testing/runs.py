"""Runs of workflows and definitions in a test: isolated AWS, virtual time, faults where the test wants them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeGuard

from stepsmith.authoring.tasks import Task
from stepsmith.authoring.workflows import Workflow
from stepsmith.expressions.types import Json
from stepsmith.integrations import ClientRegistry
from stepsmith.service import Execution, Machine, RunOptions, VirtualClock
from stepsmith.service.workflow_runs import run_workflow, workflow_tasks
from stepsmith.testing.faults import Failures, TaskKey, faulty_tasks

Answers = Mapping["Task[..., Any] | str", object]


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
        fail: Mapping[TaskKey, Failures] | None = None,
        returns: Mapping[TaskKey, object] | None = None,
        delay: Mapping[TaskKey, timedelta] | None = None,
        answers: Answers | None = None,
        at: datetime | None = None,
        **input: Any,
    ) -> Execution[Any]:
        """Run a workflow to its end and give the execution, whether it succeeded or not.

        `fail` says which tasks fail: always, by attempt counted from 1, or a list for the first attempts; wrapped in
        AfterEffect, the failure comes after the task has done its work. `returns` puts a value, or a function of the
        payload, in the place of a task. `delay` lets a task take that much virtual time. `answers` answer callback
        tasks with a value or a function of the payload; one without an answer is waited for until it times out.
        Raises InvalidInput for input that does not fit, NotFound for a task that the workflow does not call.
        """
        if at is not None:
            self.clock.move_to(at.timestamp())
        tasks = workflow_tasks(workflow)
        options = RunOptions(
            clients=self.aws,
            clock=self.clock,
            tasks=dict(faulty_tasks(tasks, self.aws, fail=fail, returns=returns)),
            responders={_key(task): _responder(task, answer) for task, answer in (answers or {}).items()},
            delays={_key(task): duration.total_seconds() for task, duration in (delay or {}).items()},
            name=f"test-{len(self.executions) + 1}",
        )
        execution = run_workflow(workflow, workflow.input_of(*args, **input), options)
        self.executions.append(execution)
        return execution

    def machine(
        self, machine: Machine, input: Json = None, *, tasks: Mapping[str, object] | None = None
    ) -> Execution[Any]:
        """Run any definition that was loaded with `stepsmith.load`."""
        execution = machine.run(
            {} if input is None else input, tasks=tasks, clients=self.aws, clock=self.clock
        )
        self.executions.append(execution)
        return execution


def _key(task: TaskKey) -> str:
    return task if isinstance(task, str) else task.function_name


def _responder(task: TaskKey, answer: object) -> Callable[[Json], Json]:
    """Make what a test writes a responder: exceptions are raised, functions called, values sent as they are."""

    def respond(payload: Json) -> Json:
        if _is_failure(answer):
            raise answer
        value: Any = answer(payload) if callable(answer) else answer
        return task.result.to_json(value) if isinstance(task, Task) else value

    return respond


def _is_failure(answer: object) -> TypeGuard[BaseException | type[BaseException]]:
    return isinstance(answer, BaseException) or (
        isinstance(answer, type) and issubclass(answer, BaseException)
    )
