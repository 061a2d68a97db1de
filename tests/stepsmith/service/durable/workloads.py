"""Definitions that between them do everything an execution can be in the middle of, and what answers their tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stepsmith.expressions.types import Json
from stepsmith.service import Machine, load
from tests.stepsmith.service.durable.engines import Answers, task


@dataclass
class Effects:
    """What tasks have done, in order; `dies` says before and after which call the process ends."""

    calls: list[str] = field(default_factory=list)

    def step(self, payload: Json) -> Json:
        assert isinstance(payload, dict)
        self.calls.append(f"step {payload['n']}")
        return {"n": int(payload["n"]) * 3 + 1}  # type: ignore[arg-type]

    def flaky(self, payload: Json) -> Json:
        assert isinstance(payload, dict)
        self.calls.append(f"flaky {payload['attempt']}")
        if int(payload["attempt"]) < 2:  # type: ignore[arg-type]
            raise ConnectionError("try again")
        return {"n": payload["n"]}

    def bad(self, payload: Json) -> Json:
        self.calls.append("bad")
        raise ValueError("no")


LOOP = {
    "StartAt": "Init",
    "States": {
        "Init": {"Type": "Pass", "Parameters": {"i": 0, "n.$": "$.n"}, "Next": "Step"},
        "Step": task("step", Parameters={"n.$": "$.n"}, ResultPath="$.r", Next="Count"),
        "Count": {
            "Type": "Pass",
            "Parameters": {"i.$": "States.MathAdd($.i, 1)", "n.$": "$.r.n"},
            "Next": "More",
        },
        "More": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.i", "NumericLessThan": 4, "Next": "Step"}],
            "Default": "Done",
        },
        "Done": {"Type": "Succeed"},
    },
}
FAN = {
    "StartAt": "Both",
    "States": {
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {
                    "StartAt": f"A{b}",
                    "States": {
                        f"A{b}": task("step", Parameters={"n.$": "$.n"}, Next=f"B{b}"),
                        f"B{b}": {"Type": "Wait", "Seconds": 10 + b, "Next": f"C{b}"},
                        f"C{b}": task("step", Parameters={"n.$": "$.n"}, End=True),
                    },
                }
                for b in range(2)
            ],
            "End": True,
        }
    },
}
EACH = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 2, "End": True,
            "ItemSelector": {"n.$": "$$.Map.Item.Value"},
            "ItemProcessor": {"StartAt": "One", "States": {"One": task("step", End=True)}},
        }
    },
}  # fmt: skip
RETRY = {
    "StartAt": "Flaky",
    "States": {
        "Flaky": task(
            "flaky",
            Parameters={"n.$": "$.n", "attempt.$": "$$.State.RetryCount"},
            Retry=[
                {
                    "ErrorEquals": ["ConnectionError"],
                    "IntervalSeconds": 5,
                    "MaxAttempts": 3,
                    "JitterStrategy": "FULL",
                }
            ],
            End=True,
        )
    },
}
CATCH = {
    "StartAt": "Bad",
    "States": {
        "Bad": task(
            "bad", Catch=[{"ErrorEquals": ["ValueError"], "ResultPath": "$.e", "Next": "After"}], Next="After"
        ),
        "After": task("step", Parameters={"n.$": "$.n"}, End=True),
    },
}
QUERY = {
    "QueryLanguage": "JSONata",
    "StartAt": "I",
    "States": {
        "I": {
            "Type": "Pass",
            "Assign": {"i": 0, "n": "{% $states.input.n %}", "id": "{% $uuid() %}"},
            "Next": "S",
        },
        "S": task(
            "step",
            Arguments={"n": "{% $n %}"},
            Assign={
                "n": "{% $states.result.n %}",
                "i": "{% $i + 1 %}",
                "at": "{% $millis() %}",
                "r": "{% $random() %}",
            },
            Next="W",
        ),
        "W": {"Type": "Wait", "Seconds": "{% $i * 7 %}", "Next": "C"},
        "C": {"Type": "Choice", "Choices": [{"Condition": "{% $i < 3 %}", "Next": "S"}], "Default": "D"},
        "D": {
            "Type": "Pass",
            "Output": {"n": "{% $n %}", "id": "{% $id %}", "at": "{% $at %}", "r": "{% $r %}"},
            "End": True,
        },
    },
}
CHILD = {"StartAt": "Two", "States": {
    "Two": task("step", Parameters={"n.$": "$.n"}, Next="Rest"),
    "Rest": {"Type": "Wait", "Seconds": 30, "Next": "Four"},
    "Four": task("step", Parameters={"n.$": "$.n"}, End=True),
}}  # fmt: skip
NESTED = {
    "StartAt": "One",
    "States": {
        "One": task("step", Parameters={"n.$": "$.n"}, Next="Child"),
        "Child": {
            "Type": "Task",
            "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Parameters": {
                "StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:child",
                "Input": {"n.$": "$.n"},
            },
            "ResultSelector": {"n.$": "$.Output.n"},
            "Next": "Last",
        },
        "Last": task("step", Parameters={"n.$": "$.n"}, End=True),
    },
}
SPREAD = {
    "StartAt": "Spread",
    "States": {
        "Spread": {
            "Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 2, "End": True, "ToleratedFailurePercentage": 50,
            "ItemSelector": {"n.$": "$$.Map.Item.Value"},
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "First", "States": {
                    "First": task("step", Parameters={"n.$": "$.n"}, Next="Pause"),
                    "Pause": {"Type": "Wait", "Seconds": 3, "Next": "Second"},
                    "Second": task("step", Parameters={"n.$": "$.n"}, End=True),
                },
            },
        }
    },
}  # fmt: skip


@dataclass(frozen=True)
class Workload:
    """A definition with its input."""

    definition: Mapping[str, Any]
    input: Mapping[str, Json]

    @property
    def machine(self) -> Machine:
        return load(dict(self.definition), name="machine")


WORKLOADS = {
    "loop": Workload(LOOP, {"n": 1}),
    "fan": Workload(FAN, {"n": 2}),
    "each": Workload(EACH, {"items": [1, 2, 3, 4]}),
    "retry": Workload(RETRY, {"n": 3}),
    "catch": Workload(CATCH, {"n": 4}),
    "query": Workload(QUERY, {"n": 5}),
    "nested": Workload(NESTED, {"n": 6}),
    "spread": Workload(SPREAD, {"items": [1, 2, 3]}),
}


def answers(effects: Effects) -> Answers:
    """Return what answers the tasks of every workload."""
    return Answers(
        {"step": effects.step, "flaky": effects.flaky, "bad": effects.bad},
        machines={"child": load(CHILD, name="child")},
    )
