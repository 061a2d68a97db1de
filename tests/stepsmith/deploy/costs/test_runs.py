"""What executions that have run here asked for, in virtual time."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from stepsmith import task, wait, workflow
from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.deploy.costs.demand import Demand
from stepsmith.deploy.costs.runs import Runs, measure, recorded
from stepsmith.service.machines.workflow_runs import local

ENTRY: dict[str, Any] = {"name": "Brew", "input": "{}"}
RESOURCE: dict[str, Any] = {"resourceType": "lambda", "resource": "invoke"}


@task
def pour(cups: int) -> int:
    """Pour tea."""
    return cups


@workflow
def brewing(cups: int) -> int:
    """Brew tea."""
    wait(timedelta(seconds=1))
    return pour(cups)


def brewing_at_once() -> Workflow[..., int]:
    """The same workflow as it is written tomorrow."""

    @workflow
    def brewing(cups: int) -> int:
        """Brew tea."""
        return pour(cups)

    return brewing


def event(id: int, kind: str, at: float, **details: Any) -> dict[str, Any]:
    name = {"TaskStateEntered": "stateEntered", "TaskStateExited": "stateExited"}.get(kind)
    key = f"{name or kind[:1].lower() + kind[1:]}EventDetails"
    return {"id": id, "previousEventId": id - 1, "type": kind, "timestamp": at, key: details}


def scheduled(id: int, at: float, function: str = "${boil}", **changes: Any) -> dict[str, Any]:
    given = f'{{"FunctionName": "{function}", "Payload": {{}}}}'
    return event(id, "TaskScheduled", at, **{**RESOURCE, "parameters": given, **changes})


STARTED = event(1, "ExecutionStarted", 0.0, input="{}")
ENTERED = event(2, "TaskStateEntered", 0.0, **ENTRY)


def test_a_function_is_paid_for_from_its_call_to_its_answer() -> None:
    succeeded = [
        *(STARTED, ENTERED, scheduled(3, 1.0), event(4, "TaskStarted", 1.0)),
        event(5, "TaskSucceeded", 1.5, **RESOURCE, output="{}"),
        event(6, "TaskStateExited", 1.5, name="Brew"),
        event(7, "ExecutionSucceeded", 2.0, output="{}"),
    ]

    assert measure([succeeded]) == Runs(1, Demand(2, {"boil": 1}), {"boil": 0.5}, 2.0)


def test_each_further_attempt_is_a_transition_and_a_call() -> None:
    retried = [
        *(STARTED, ENTERED, scheduled(3, 1.0)),
        event(4, "TaskFailed", 1.25, **RESOURCE, error="Cold"),
        scheduled(5, 2.0),
        event(6, "TaskTimedOut", 4.0, **RESOURCE, error="States.Timeout"),
        event(7, "ExecutionFailed", 4.0, error="States.Timeout"),
    ]

    assert measure([retried]) == Runs(1, Demand(3, {"boil": 2}), {"boil": 2.25}, 4.0)


def test_nobody_is_paid_while_somebody_is_waited_for() -> None:
    waited = [
        *(STARTED, ENTERED, scheduled(3, 1.0, resource="invoke.waitForTaskToken")),
        event(4, "TaskSubmitted", 1.25, **RESOURCE),
        event(5, "TaskSucceeded", 86400.0, **RESOURCE, output="{}"),
        event(6, "ExecutionSucceeded", 86400.0, output="{}"),
    ]

    assert measure([waited]).function_seconds == {"boil": 0.25}


def test_requests_to_services_are_counted_and_none_is_a_call_of_a_function() -> None:
    kept = [
        *(STARTED, ENTERED),
        scheduled(3, 0.0, resourceType="aws-sdk:dynamodb", resource="putItem"),
        event(4, "TaskSucceeded", 3.0, resourceType="aws-sdk:dynamodb", resource="putItem", output="{}"),
        event(5, "ExecutionSucceeded", 3.0, output="{}"),
    ]

    assert measure([kept]) == Runs(1, Demand(2, {}, {"dynamodb:PutItem": 1}), {}, 3.0)


def test_a_redrive_is_a_transition() -> None:
    redriven = [STARTED, ENTERED, event(3, "ExecutionFailed", 1.0), event(4, "ExecutionRedriven", 2.0)]

    assert measure([redriven]).demand == Demand(3)


def test_several_runs_are_taken_on_the_average() -> None:
    short = [STARTED, ENTERED, event(3, "ExecutionSucceeded", 1.0)]
    long = [*short[:2], scheduled(3, 1.0), event(4, "ExecutionAborted", 3.0)]

    assert measure([short, long]) == Runs(2, Demand(2, {"boil": 0.5}), {}, 2.0)


@pytest.mark.slow
def test_runs_of_a_journal_count_when_they_have_ended_and_have_the_definition_of_today(
    tmp_path: Path,
) -> None:
    journal = tmp_path / "journal.db"
    nothing = recorded(journal, [brewing])
    brewing.start(cups=2, backend=local(journal=journal)).wait(30)

    found = recorded(journal, [brewing])
    other = recorded(journal, [brewing_at_once()])

    assert (nothing, other) == ({}, {})
    runs = found["brewing"]
    assert (runs.number, runs.demand) == (1, Demand(3, {"pour": 1}))
    assert 1.0 <= runs.duration < 20
    assert runs.function_seconds.keys() == {"pour"}
