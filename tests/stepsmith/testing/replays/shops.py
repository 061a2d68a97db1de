"""A small machine, its history as AWS writes it, and what is changed in either."""

import copy
from collections.abc import Callable, Mapping
from typing import Any

from stepsmith import load
from stepsmith.service import VirtualClock
from stepsmith.testing.replays import Verdict, replay_all

LAMBDA = "arn:aws:states:::lambda:invoke"
RETRY = [{"ErrorEquals": ["Busy"], "IntervalSeconds": 1, "MaxAttempts": 2}]


def call(name: str, **more: Any) -> dict[str, Any]:
    """A state that calls a function with the state's input."""
    given = {"FunctionName": f"${{{name}}}", "Payload": "{% $states.input %}"}
    return {
        "Type": "Task", "Resource": LAMBDA, "Arguments": given, "Output": "{% $states.result.Payload %}", **more
    }  # fmt: skip


SHOP: dict[str, Any] = {
    "QueryLanguage": "JSONata",
    "StartAt": "Charge",
    "States": {
        "Charge": call("charge", Retry=RETRY, Next="Large?"),
        "Large?": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $states.input.cents > 100 %}", "Next": "Review"}],
            "Default": "Ship",
        },
        "Review": call("review", Next="Ship"),
        "Ship": call("ship", End=True),
    },
}
Answers = Mapping[str, Callable[[Any], Any]]
ECHOING: Answers = {name: lambda payload: payload for name in ("charge", "review", "ship", "each")}


def changed(edit: Callable[[dict[str, Any]], None], definition: dict[str, Any] = SHOP) -> dict[str, Any]:
    """The definition after an edit of its states."""
    made = copy.deepcopy(definition)
    edit(made["States"])
    return made


def history(
    definition: dict[str, Any] = SHOP,
    value: Any = None,
    tasks: Answers = ECHOING,
    seconds: Mapping[str, float] | None = None,
) -> list[dict[str, Any]]:
    """What an execution leaves, as AWS exports it: functions have the ARNs of a stack."""
    execution = load(definition, name="shop").run(
        {"cents": 50} if value is None else value,
        tasks=tasks,
        delays=seconds or {},
        clock=VirtualClock(),
    )
    events: list[dict[str, Any]] = copy.deepcopy(list(execution.history))
    for event in events:
        scheduled = event.get("taskScheduledEventDetails")
        if scheduled is not None:
            scheduled["parameters"] = scheduled["parameters"].replace(
                "${", "arn:aws:lambda:eu-west-1:1:function:tea-shop-"
            ).replace("}\",", "\",")  # fmt: skip
    return events


def verdict(definition: dict[str, Any], events: list[dict[str, Any]]) -> Verdict:
    """What becomes of one recorded execution."""
    return replay_all(load(definition), [("one", lambda: events)]).verdicts[0]


def told(found: Verdict) -> list[str]:
    """What a verdict says, line by line."""
    return [line for each in found.departures for line in each.lines()]
