"""What holds for every execution of every definition."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stepsmith.engine import Run, events
from stepsmith.engine.ports import Answer, StartTask, TaskFailed, TaskSubmitted, TaskSucceeded
from tests.stepsmith.engine.playing import LAMBDA, drive, start

ERRORS = st.sampled_from(["E", "F", "States.Timeout"])
NAMES = st.lists(
    st.sampled_from(["E", "F", "States.TaskFailed", "States.Timeout"]), min_size=1, max_size=2, unique=True
)
RETRY = st.lists(
    st.fixed_dictionaries(
        {"ErrorEquals": NAMES},
        optional={
            "MaxAttempts": st.integers(0, 2),
            "IntervalSeconds": st.integers(1, 5),
            "JitterStrategy": st.just("FULL"),
        },
    ),
    max_size=2,
)


@dataclass
class Drawing:
    """A definition in the making: every state gets a name of its own."""

    draw: Any
    count: int = 0

    def flow(self, depth: int) -> dict[str, Any]:
        """Draw some states, one after the other."""
        names = [self.name() for _ in range(self.draw(st.integers(1, 3)))]
        states: dict[str, Any] = {}
        for name, following in zip(names, [*names[1:], None], strict=True):
            states |= self.state(name, following, depth)
        return {"StartAt": names[0], "States": states}

    def name(self) -> str:
        self.count += 1
        return f"S{self.count}"

    def state(self, name: str, following: str | None, depth: int) -> dict[str, Any]:
        kinds = ["Pass", "Task", "Wait", "Choice", "Fail"] + (["Parallel", "Map"] if depth else [])
        kind = self.draw(st.sampled_from(kinds))
        if kind == "Fail":
            return (
                {name: {"Type": "Fail", "Error": self.draw(ERRORS)}}
                if following is None
                else self.choice(name, following)
            )
        if kind == "Choice":
            return self.choice(name, following)
        state: dict[str, Any] = {
            "Type": kind,
            **({"End": True} if following is None else {"Next": following}),
        }
        state |= self.work(kind, depth)
        if kind in ("Task", "Parallel", "Map"):
            state["Retry"] = self.draw(RETRY)
            if following is not None:
                names = self.draw(NAMES)
                state["Catch"] = [{"ErrorEquals": names, "ResultPath": "$.error", "Next": following}]
        return {name: state}

    def choice(self, name: str, following: str | None) -> dict[str, Any]:
        end = self.name()
        return {
            name: {
                "Type": "Choice",
                "Choices": [
                    {"Variable": "$.n", "NumericGreaterThan": self.draw(st.integers(0, 9)), "Next": end}
                ],
                "Default": following or end,
            },
            end: {"Type": "Succeed"},
        }

    def work(self, kind: str, depth: int) -> dict[str, Any]:
        match kind:
            case "Task":
                resource = self.draw(
                    st.sampled_from([LAMBDA, "arn:aws:states:::sqs:sendMessage.waitForTaskToken"])
                )
                parameters = {"QueueUrl": "q", "MessageBody": "m", "n.$": "$.n"}
                limit = self.draw(st.sampled_from([{}, {"TimeoutSeconds": 3}]))
                return {"Resource": resource, "Parameters": parameters, "ResultPath": "$.result", **limit}
            case "Wait":
                return {"Seconds": self.draw(st.integers(0, 9))}
            case "Parallel":
                branches = [self.flow(depth - 1) for _ in range(self.draw(st.integers(1, 2)))]
                return {"Branches": branches, "ResultPath": "$.parallel"}
            case "Map":
                concurrency = self.draw(st.integers(0, 2))
                return {
                    "ItemsPath": "$.items",
                    "ItemSelector": {"n.$": "$$.Map.Item.Value", "items": [1]},
                    "MaxConcurrency": concurrency,
                    "ItemProcessor": self.flow(depth - 1),
                    "ResultPath": "$.map",
                }
            case _:
                change: list[dict[str, Any]] = [
                    {},
                    {"Parameters": {"n.$": "States.MathAdd($.n, 1)", "items.$": "$.items"}},
                ]
                assign: list[dict[str, Any]] = [{}, {"Assign": {f"v{self.count}.$": "$.n"}}]
                return {**self.draw(st.sampled_from(change)), **self.draw(st.sampled_from(assign))}


@st.composite
def machines(draw: Any) -> dict[str, Any]:
    return Drawing(draw).flow(2)


class World:
    """Answers tasks by what was drawn: now, later, with an error, or never."""

    def __init__(self, plan: list[tuple[str, str]]) -> None:
        self.plan = plan
        self.asked = 0

    def __call__(self, command: Any) -> list[Answer]:
        if not isinstance(command, StartTask):
            return []
        outcome, error = self.plan[self.asked % len(self.plan)]
        self.asked += 1
        answers: list[Answer] = [TaskSubmitted(id=command.id, output={})] if command.token else []
        if outcome == "fail":
            return [*answers, TaskFailed(id=command.id, error=error, cause="cause")]
        if outcome == "silent" and command.timeout_seconds is not None:
            return answers
        return [*answers, TaskSucceeded(id=command.id, output={"asked": self.asked})]


PLANS = st.lists(st.tuples(st.sampled_from(["ok", "fail", "silent"]), ERRORS), min_size=1, max_size=4)
INPUT = {"n": 4, "items": [1, 2, 3]}


def played(machine: dict[str, Any], plan: list[tuple[str, str]]) -> Run:
    run = start(machine, INPUT)
    drive(run, carry=World(plan))
    return run


relaxed = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@given(machines(), PLANS)
@relaxed
def test_every_execution_keeps_the_laws(machine: dict[str, Any], plan: list[tuple[str, str]]) -> None:
    run = played(machine, plan)

    history = events(run.history)
    ids_have_no_gaps_and_point_back(history)
    time_never_goes_back(history)
    every_entered_state_exits_or_fails(history, run)
    texts_are_json(history)
    assert run.status in ("SUCCEEDED", "FAILED")
    assert run.next_timer is None
    assert not run.busy


@given(machines(), PLANS)
@relaxed
def test_the_same_answers_give_the_same_history_byte_for_byte(
    machine: dict[str, Any], plan: list[tuple[str, str]]
) -> None:
    first, second = played(machine, plan), played(machine, plan)

    assert json.dumps(events(first.history)) == json.dumps(events(second.history))


@given(machines(), PLANS, PLANS)
@relaxed
def test_the_laws_hold_after_a_redrive(
    machine: dict[str, Any], plan: list[tuple[str, str]], other: list[tuple[str, str]]
) -> None:
    run = played(machine, plan)
    if run.status == "FAILED":
        run.redrive(run.now + 60)
        drive(run, carry=World(other), now=run.now)

    history = events(run.history)
    ids_have_no_gaps_and_point_back(history)
    time_never_goes_back(history)
    assert run.status in ("SUCCEEDED", "FAILED")


@given(machines(), PLANS, st.integers(0, 30))
@relaxed
def test_an_execution_can_be_stopped_at_any_time(
    machine: dict[str, Any], plan: list[tuple[str, str]], steps: int
) -> None:
    run, world, now = start(machine, INPUT), World(plan), 0.0
    for _ in range(steps):
        for command in run.advance(now):
            for answer in world(command):
                run.apply(answer, now)
        now = run.next_timer or now
    was_running = run.status == "RUNNING"

    run.stop("Stopped", None, now)

    history = events(run.history)
    ids_have_no_gaps_and_point_back(history)
    assert (history[-1]["type"] == "ExecutionAborted") is was_running
    assert run.advance(now + 1) == []


def ids_have_no_gaps_and_point_back(history: list[dict[str, Any]]) -> None:
    for place, event in enumerate(history, 1):
        assert event["id"] == place
        assert 0 <= event["previousEventId"] < place


def time_never_goes_back(history: list[dict[str, Any]]) -> None:
    times = [event["timestamp"] for event in history]
    assert times == sorted(times)


def every_entered_state_exits_or_fails(history: list[dict[str, Any]], run: Run) -> None:
    def count(ending: str) -> int:
        return sum(str(event["type"]).endswith(ending) for event in history)

    entered, exited = count("StateEntered"), count("StateExited")
    if run.status == "SUCCEEDED":
        fails = sum(event["type"] == "FailStateEntered" for event in history)
        assert exited <= entered <= exited + fails + count("StateAborted") + count("StateFailed")
    else:
        assert history[-1]["type"] == "ExecutionFailed"
        assert exited < entered or entered == 0


def texts_are_json(history: list[dict[str, Any]]) -> None:
    for event in history:
        for details in event.values():
            if isinstance(details, dict):
                for name in ("input", "output", "parameters"):
                    if name in details:
                        json.loads(details[name])
