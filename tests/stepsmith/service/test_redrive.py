"""A failed execution goes on from where it failed."""

from typing import Any

import pytest

from stepsmith import InvalidInput, load

ARN = "arn:aws:lambda:us-east-1:123456789012:function:"
MACHINE = load(
    {
        "StartAt": "First",
        "States": {
            "First": {"Type": "Task", "Resource": f"{ARN}first", "Next": "Second"},
            "Second": {"Type": "Task", "Resource": f"{ARN}second", "End": True},
        },
    }
)


def failing(payload: Any) -> Any:
    raise RuntimeError("out of order")


def test_a_redriven_execution_goes_on_from_the_failed_state() -> None:
    calls: list[str] = []

    def first(payload: Any) -> str:
        calls.append("first")
        return "done"

    execution = MACHINE.run({}, tasks={"first": first, "second": failing})
    assert execution.status == "FAILED"

    execution.redrive(tasks={"first": first, "second": lambda payload: f"{payload}, and mended"})

    assert execution.status == "SUCCEEDED"
    assert execution.output == "done, and mended"
    assert calls == ["first"]
    assert execution.history.of("ExecutionRedriven")


def test_a_redrive_with_the_same_tasks_fails_again() -> None:
    execution = MACHINE.run({}, tasks={"first": lambda payload: 1, "second": failing})

    assert execution.redrive().status == "FAILED"


def test_an_execution_that_succeeded_cannot_be_redriven() -> None:
    execution = MACHINE.run({}, tasks={"first": lambda payload: 1, "second": lambda payload: 2})

    with pytest.raises(InvalidInput, match="SUCCEEDED cannot be redriven"):
        execution.redrive()
