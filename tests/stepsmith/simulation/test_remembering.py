"""Executions that go the same way are computed once, and the figures are those of computing each."""

import json
from typing import Any

import pytest

from stepsmith import load
from stepsmith.simulation import remembering, simulate
from stepsmith.simulation.remembering import is_repeated

LAMBDA = "arn:aws:states:::lambda:invoke"


def call(name: str, **more: Any) -> dict[str, Any]:
    given = {"FunctionName": name, "Payload": "{% $states.input %}"}
    return {
        "Type": "Task",
        "Resource": LAMBDA,
        "Arguments": given,
        "Output": "{% $states.result.Payload %}",
        **more,
    }


def machine(**states: dict[str, Any]) -> dict[str, Any]:
    return {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states}


RETRY = {
    "ErrorEquals": ["Busy", "States.Timeout"],
    "IntervalSeconds": 1,
    "MaxAttempts": 3,
    "BackoffRate": 1.7,
}
RETRIED = machine(
    A=call("a", Retry=[RETRY], TimeoutSeconds=3, Next="W"), W={"Type": "Wait", "Seconds": 7, "End": True}
)
JITTERED = machine(A=call("a", Retry=[{**RETRY, "JitterStrategy": "FULL"}], TimeoutSeconds=3, End=True))
CHOSEN = machine(
    A=call("a", Next="C", Catch=[{"ErrorEquals": ["States.ALL"], "Next": "F"}]),
    C={"Type": "Choice", "Choices": [{"Condition": "{% $states.input = 1 %}", "Next": "B"}], "Default": "P"},
    B=call("b", End=True),
    F={"Type": "Fail", "Error": "Given up"},
    P={
        "Type": "Parallel",
        "Branches": [
            {"StartAt": "X", "States": {"X": call("b", End=True)}},
            {
                "StartAt": "Y",
                "States": {"Y": {"Type": "Wait", "Seconds": 1, "Next": "Z"}, "Z": call("a", End=True)},
            },
        ],
        "Catch": [{"ErrorEquals": ["Busy"], "Next": "B"}],
        "Next": "B",
    },
)
NOW = machine(A=call("a", Assign={"at": "{% $now() %}"}, End=True))
TASKS = {
    "a": {
        "seconds": {"uniform": [0.1, 4]},
        "fails": {"Busy": 0.2, "Odd": 0.05},
        "one_of": [{"value": 1}, {"value": 2}],
    },
    "b": {"seconds": {"median": 1, "p95": 4}, "fails": {"Busy": 0.1}},
}


def rounded(value: Any) -> Any:
    """Sums of times are not exact, and come in another order."""
    return json.loads(json.dumps(value), parse_float=lambda text: round(float(text), 4))


def figures(definition: dict[str, Any], **model: Any) -> dict[str, Any]:
    tasks = {
        name: each for name, each in TASKS.items() if f'"FunctionName": "{name}"' in json.dumps(definition)
    }
    given = {"tasks": tasks, "arrivals": {"per_second": 20}, **model}
    return rounded(simulate(load(definition), executions=150, model=given, seed=5).to_json())


@pytest.mark.parametrize(
    "definition", [RETRIED, JITTERED, CHOSEN, NOW], ids=["retried", "jittered", "chosen", "now"]
)
@pytest.mark.parametrize(
    "limits",
    [{}, {"limits": {"functions": 5, "transitions": {"size": 5, "per_second": 60}}}],
    ids=["free", "limited"],
)
def test_remembered_executions_have_the_figures_of_computed_ones(
    definition: dict[str, Any], limits: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    remembered = figures(definition, **limits)
    monkeypatch.setattr(remembering, "MOST_STEPS", 0)

    assert figures(definition, **limits) == remembered


def test_few_of_many_executions_are_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[float] = []
    play = remembering.Follower._play
    monkeypatch.setattr(remembering.Follower, "_play", lambda self: begun.append(1) or play(self))

    figures(CHOSEN)

    assert len(begun) < 75


@pytest.mark.parametrize(
    ("definition", "echoing", "expected"),
    [
        (RETRIED, {}, True),
        (JITTERED, {}, True),
        (CHOSEN, {}, True),
        (NOW, {}, False),
        (machine(A=call("a", TimeoutSeconds="{% $states.context.State.RetryCount %}", End=True)), {}, False),
        (machine(A=call("a", Output="{% $states %}", End=True)), {}, False),
        (machine(A=call("{% $now() %}", End=True)), {}, True),
        (machine(A=call("{% $now() %}", End=True)), {"A": "lost"}, False),
        (machine(W={"Type": "Wait", "Timestamp": "2030-01-01T00:00:00Z", "End": True}), {}, False),
        (machine(P={"Type": "Pass", "Output": "{% $random() %}", "End": True}), {}, False),
        (
            {"StartAt": "P", "States": {"P": {"Type": "Pass", "InputPath": "$$.Execution", "End": True}}},
            {},
            False,
        ),
        (
            machine(
                M={
                    "Type": "Map",
                    "ItemProcessor": {
                        "ProcessorConfig": {"Mode": "DISTRIBUTED"},
                        **machine(A=call("a", End=True)),
                    },
                    "End": True,
                }
            ),
            {},
            False,
        ),
    ],
)
def test_what_is_the_same_whenever_it_is_done(
    definition: dict[str, Any], echoing: dict[str, str], expected: bool
) -> None:
    assert is_repeated(definition, echoing) is expected
