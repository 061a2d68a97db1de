"""Executions on AWS in a cell: drawn each time that AWS is asked, as long as somebody waits."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from stepsmith.notebook.live import Watching
from stepsmith.service import AwsExecution, load
from stepsmith.service.executions.declared import NOTHING_DECLARED
from stepsmith.service.remote import execution as remote
from tests.stepsmith.service.answered import Refused, answered_account

ARN = "arn:aws:states:eu-west-1:123456789012:execution:shop:e1"
DEFINITION: dict[str, Any] = {
    "StartAt": "Hold",
    "States": {
        "Hold": {"Type": "Wait", "Seconds": 5, "Next": "Done"},
        "Done": {"Type": "Pass", "End": True},
    },
}


class StepFunctions:
    """Step Functions with an execution that goes on by one event each time that somebody has waited."""

    def __init__(self) -> None:
        self.events = list(load(DEFINITION).run().history)
        self.told = 2
        self.gone = False

    def __call__(self, name: str, given: dict[str, Any]) -> dict[str, Any]:
        if self.gone:
            raise Refused("AccessDeniedException")
        match name:
            case "DescribeExecution":
                found: dict[str, Any] = {
                    "executionArn": ARN,
                    "stateMachineArn": "m",
                    "startDate": 1,
                    "input": "{}",
                }
                ended = self.told >= len(self.events)
                return (
                    {**found, "status": "SUCCEEDED", "output": "1"}
                    if ended
                    else {**found, "status": "RUNNING"}
                )
            case "GetExecutionHistory":
                return {"events": self.events[: self.told]}
            case _:
                text = json.dumps(DEFINITION)
                return {
                    "stateMachineArn": "m",
                    "name": "m",
                    "definition": text,
                    "roleArn": "r",
                    "updateDate": 1,
                }


class Screen:
    """A display that keeps what it was given."""

    def __init__(self) -> None:
        self.frames: list[str] = []

    def show(self, bundle: Mapping[str, str]) -> "Screen":
        self.update(bundle)
        return self

    def update(self, bundle: Mapping[str, str]) -> None:
        self.frames.append(bundle["text/plain"])


@pytest.fixture
def screen() -> Iterator[Screen]:
    screen = Screen()

    def observe(execution: AwsExecution[Any]) -> Watching:
        return Watching(execution, screen.show)

    remote.observers.append(observe)
    yield screen
    remote.observers.remove(observe)


Waiting = Callable[[StepFunctions, Callable[[float], None]], AwsExecution[Any]]


@pytest.fixture
def execution(monkeypatch: pytest.MonkeyPatch) -> Waiting:
    def make(aws: StepFunctions, sleep: Callable[[float], None]) -> AwsExecution[Any]:
        return AwsExecution(answered_account(aws, monkeypatch), ARN, NOTHING_DECLARED, sleep=sleep)

    return make


def test_it_is_drawn_again_each_time_that_aws_is_asked(execution: Waiting, screen: Screen) -> None:
    aws = StepFunctions()

    def sleep(seconds: float) -> None:
        aws.told += 2

    execution(aws, sleep).wait()

    assert screen.frames[0].startswith("▶ shop RUNNING")
    assert "running: Hold" in screen.frames[0]
    assert screen.frames[-1].startswith("✓ shop SUCCEEDED · 5 s on its clock")


def test_an_interrupt_ends_the_watching_only_and_the_figure_says_how_to_stop_it(
    execution: Waiting, screen: Screen
) -> None:
    aws = StepFunctions()

    def sleep(seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        execution(aws, sleep).wait()

    assert screen.frames[-1].startswith("▶ shop RUNNING")
    assert "nobody watches it any more; it goes on: execution.stop() stops it" in screen.frames[-1]


def test_what_cannot_be_asked_any_more_keeps_its_last_frame(execution: Waiting, screen: Screen) -> None:
    aws = StepFunctions()

    def sleep(seconds: float) -> None:
        aws.gone = True
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        execution(aws, sleep).wait()

    assert "running: Hold" in screen.frames[-1]


def test_what_has_ended_is_not_drawn(execution: Waiting, screen: Screen) -> None:
    aws = StepFunctions()
    aws.told = len(aws.events)

    execution(aws, lambda seconds: None).wait()

    assert screen.frames == []
