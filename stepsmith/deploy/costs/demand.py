"""What an execution asks for: transitions, calls of functions, requests to services; counted, not priced."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

_ARN: Final = re.compile(
    r"arn:[^:]*:states:::(?:(?P<sdk>aws-sdk):)?(?P<service>[^:]+):(?P<action>[^.:]+)", re.ASCII
)
_SDK_NAMES: Final = {
    "sfn": "states",
    "cloudwatchlogs": "logs",
    "cloudwatch": "cloudwatch",
    "eventbridge": "events",
}
"""What the SDK calls a service -> what rights and prices call it."""


@dataclass(frozen=True)
class Demand:
    """What some executions ask for together."""

    transitions: float = 0.0
    functions: Mapping[str, float] = field(default_factory=dict[str, float])
    """Calls of functions, by their names in definitions."""
    requests: Mapping[str, float] = field(default_factory=dict[str, float])
    """Requests that states send to services themselves, such as `dynamodb:PutItem`."""
    express: float = 0.0
    """Express executions that distributed Maps start."""

    def plus(self, other: Demand) -> Demand:
        """Give both together."""
        return total((self, other))

    def times(self, number: float) -> Demand:
        """Give it so many times."""
        return Demand(
            self.transitions * number,
            {name: count * number for name, count in self.functions.items()},
            {name: count * number for name, count in self.requests.items()},
            self.express * number,
        )


def total(demands: Iterable[Demand]) -> Demand:
    """Give all of them together."""
    functions: dict[str, float] = {}
    requests: dict[str, float] = {}
    transitions = express = 0.0
    for each in demands:
        transitions += each.transitions
        express += each.express
        add(functions, each.functions)
        add(requests, each.requests)
    return Demand(transitions, functions, requests, express)


def add(sums: dict[str, float], more: Mapping[str, float]) -> None:
    """Add numbers to those of the same names."""
    for name, number in more.items():
        sums[name] = sums.get(name, 0.0) + number


def call_of(resource: str, given: Any) -> Demand:
    """Give what one attempt of a Task asks for besides its transition, by its Resource and by what it is given."""
    if ":states:::lambda:invoke" in resource:
        members: Mapping[str, Any] = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
        name = members.get("FunctionName", members.get("FunctionName.$"))
        return Demand(functions={function_name(str(name)): 1.0})
    if ":activity:" in resource:
        return Demand()
    found = _ARN.match(resource)
    if found is None:
        return Demand(functions={function_name(resource): 1.0})
    service, action = found["service"], found["action"]
    if found["sdk"]:
        service = _SDK_NAMES.get(service, service)
    return Demand(requests={f"{service}:{action[:1].upper()}{action[1:]}": 1.0})


def function_name(text: str) -> str:
    """Give the name of a function in a definition, without what stands around it."""
    return text.removeprefix("${").removesuffix("}").rpartition(":function:")[2].partition(":")[0]
