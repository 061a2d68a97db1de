"""Plays executions on the engine alone, in virtual time, with task outcomes that a test gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from stepsmith.asl import parse
from stepsmith.engine import Run, Settings, compile, events
from stepsmith.engine.ports import Answer, Command, StartTask, TaskFailed, TaskSucceeded

LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:work"
ACTIVITY = "arn:aws:states:us-east-1:123456789012:activity:work"
Worker: TypeAlias = Callable[[Any], Any]
Carry: TypeAlias = Callable[[Command], list[Answer]]


class Failing(Exception):
    """Raised by a worker to fail a task by name."""

    def __init__(self, error: str | None, cause: str | None = None) -> None:
        super().__init__(error, cause)
        self.error = error
        self.cause = cause


def start(definition: Mapping[str, Any], input: Any = None, *, type: Any = "STANDARD", **options: Any) -> Run:
    """Start an execution at time 0."""
    settings = options.pop("settings", Settings())
    return Run(compile(parse(definition, type=type), type=type), settings, input, now=0.0, **options)


def play(
    definition: Mapping[str, Any],
    input: Any = None,
    worker: Worker | None = None,
    *,
    carry: Carry | None = None,
    **options: Any,
) -> Run:
    """Run an execution to its end, or to where nothing more can happen."""
    run = start(definition, input, **options)
    drive(run, worker, carry=carry)
    return run


def drive(run: Run, worker: Worker | None = None, *, carry: Carry | None = None, now: float = 0.0) -> float:
    """Take an execution as far as it goes; gives the time it is then."""
    while run.status == "RUNNING":
        commands = run.advance(now)
        answers = [answer for command in commands for answer in answers_to(command, worker, carry)]
        for answer in answers:
            run.apply(answer, now)
        if not commands and not run.busy:
            if run.next_timer is None:
                break
            now = run.next_timer
    return now


def answers_to(command: Command, worker: Worker | None, carry: Carry | None) -> Iterator[Answer]:
    """Answer one command."""
    if carry is not None:
        yield from carry(command)
    elif isinstance(command, StartTask) and worker is not None:
        try:
            yield TaskSucceeded(id=command.id, output=worker(command.payload))
        except Failing as failure:
            yield TaskFailed(id=command.id, error=failure.error, cause=failure.cause)


def kinds(run: Run) -> list[str]:
    """Name the types of all events in order."""
    return [str(event["type"]) for event in events(run.history)]


def details(run: Run, kind: str) -> list[dict[str, Any]]:
    """Give the details of all events of one type."""
    found: list[dict[str, Any]] = []
    for event in events(run.history):
        if event["type"] == kind:
            found += [
                value for key, value in event.items() if key.endswith("Details") and isinstance(value, dict)
            ]
    return found


def one(state: Mapping[str, Any], *, language: str = "JSONPath", **others: Any) -> dict[str, Any]:
    """Make a machine of one state named `S` that ends, and others."""
    last = {} if state["Type"] in ("Succeed", "Fail", "Choice") or "Next" in state else {"End": True}
    machine: dict[str, Any] = {"StartAt": "S", "States": {"S": {**state, **last}, **others}}
    return machine if language == "JSONPath" else {"QueryLanguage": language, **machine}


def task(**fields: Any) -> dict[str, Any]:
    """Make a Task state that calls a function."""
    return {"Type": "Task", "Resource": LAMBDA, **fields}
