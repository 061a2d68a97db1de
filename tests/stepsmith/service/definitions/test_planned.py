"""What somebody plans for tasks."""

from __future__ import annotations

from typing import Any

import pytest

from stepsmith import load
from stepsmith.errors import InvalidInput
from stepsmith.service.definitions.planned import PlannedAnswer, PlannedFailure, PlannedTasks, read_failure
from tests.stepsmith.service.small_machines import machine, task

RETRYING = task(Retry=[{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1}])
PUT: dict[str, Any] = {
    "StartAt": "Put",
    "States": {
        "Put": {
            "Type": "Task",
            "Resource": "arn:aws:states:::dynamodb:putItem",
            "Parameters": {"TableName": "t", "Item": {}},
            "End": True,
        }
    },
}


@pytest.mark.parametrize(
    ("text", "failure"),
    [
        ("Busy", PlannedFailure("Busy")),
        ("States.Timeout@1", PlannedFailure("States.Timeout", 1)),
        ("a b@1000000", PlannedFailure("a b", 1_000_000)),
    ],
)
def test_a_failure_is_an_error_and_an_attempt(text: str, failure: PlannedFailure) -> None:
    assert read_failure(text) == failure


@pytest.mark.parametrize("text", ["", "@1", "Busy@", "Busy@0", "Busy@-1", "Busy@x", "Busy@1000001", "Busy@²", "B@1@2"])
def test_what_is_no_failure_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_failure(text)


def test_a_task_fails_as_often_as_it_was_told() -> None:
    planned = PlannedTasks({"Try": [PlannedFailure("Busy", 1), PlannedFailure("Slow", 3)]})

    execution = machine(("Try", RETRYING)).run({}, tasks={"work": lambda _: "done"}, mocked=planned)

    assert execution.output == "done"
    assert [call.error for call in execution.task_calls("Try")] == ["Busy", None]


def test_without_an_attempt_it_fails_each_time() -> None:
    planned = PlannedTasks({"Try": [PlannedFailure("Busy")]})

    execution = machine(("Try", RETRYING)).run({}, tasks={"work": lambda _: "done"}, mocked=planned)

    assert (execution.error, execution.cause) == ("Busy", "it was told to fail")
    assert len(execution.task_calls("Try")) == 4


def test_a_service_is_not_called_where_it_fails() -> None:
    planned = PlannedTasks({"Put": [PlannedFailure("DynamoDB.Busy")]})

    assert load(PUT).run({}, mocked=planned).error == "DynamoDB.Busy"


def test_what_is_not_planned_is_left_to_the_other_answers() -> None:
    class Others:
        def knows(self, state: str) -> bool:
            return state == "Put"

        def answer(self, state: str, payload: Any) -> Any:
            return "from the others"

    planned = PlannedTasks({"Put": [PlannedFailure("Busy", 2)]}, Others())

    assert load(PUT).run({}, mocked=planned).output == "from the others"
    assert planned.knows("Put")
    assert not planned.knows("Other")


def test_a_task_gives_what_it_is_told_except_where_it_fails() -> None:
    planned = PlannedTasks({"Try": [PlannedAnswer({"n": 1}), PlannedFailure("Busy", 1)]})

    execution = machine(("Try", RETRYING)).run({}, tasks={"work": lambda _: 1 / 0}, mocked=planned)

    assert execution.output == {"n": 1}
    assert [call.error for call in execution.task_calls("Try")] == ["Busy", None]


def test_a_service_that_is_told_what_to_give_is_not_called() -> None:
    assert load(PUT).run({}, mocked=PlannedTasks({"Put": [PlannedAnswer({})]})).output == {}
