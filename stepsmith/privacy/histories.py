"""Where a history has personal values, and the history without them.

The types of inputs, payloads, results and outputs are known, so what their marked fields hold is known. In everything
else (variables, inputs of other states, parameters of AWS calls, causes) these values are masked where they turn up.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any, Final, cast

from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen
from stepsmith.privacy.shapes import Found, Shape
from stepsmith.privacy.values import PersonalValues

if TYPE_CHECKING:
    from stepsmith.views.histories.history_events import Event

_NOTHING: Final = Shape(lambda: object)
_JSON: Final = ("input", "output", "parameters")
_STRUCTURE: Final = ("name", "resource", "resourceType", "region", "roleArn", "state", "location")
"""Details that come from the definition and not from data."""
_ATTEMPTS: Final = ("Task", "LambdaFunction", "Activity")
"""The events of an attempt begin so, and those of states, which end otherwise."""
_WRAPPED: Final = {
    "lambda:invoke": ("FunctionName", "Payload"),
    "states:startExecution": ("StateMachineArn", "Input"),
}
"""Integration -> where its parameters name what is called, and have what it is given."""


@frozen(kw_only=True)
class CallMarks:
    """What is personal about one task or workflow: in what it is given and in what it gives."""

    given: Mapping[str, Shape] = field(default_factory=dict[str, Shape])
    """Parameter -> its shape."""
    result: Shape = _NOTHING

    @property
    def is_marked(self) -> bool:
        """Whether anything is personal."""
        return self.result.is_marked or any(shape.is_marked for shape in self.given.values())

    def find_given(self, payload: Json) -> Iterator[Found]:
        """Give what the marked parts of a payload hold."""
        members = payload if isinstance(payload, dict) else {}
        for name, shape in self.given.items():
            for inner, value in shape.find(members.get(name)):
                yield inner or name, value


@frozen(kw_only=True)
class Marks:
    """What is personal in the executions of one state machine."""

    machine: CallMarks = CallMarks()
    """Its own input and output."""
    calls: Mapping[str, CallMarks] = field(default_factory=dict[str, CallMarks])
    """Function, integration or workflow that its states call -> what is personal there."""
    states: Mapping[str, str] = field(default_factory=dict[str, str])
    """State -> what it calls: deployed functions have names that only the definition tells apart."""

    @property
    def is_marked(self) -> bool:
        """Whether anything is personal."""
        return self.machine.is_marked or any(call.is_marked for call in self.calls.values())


def personal_values(events: Iterable[Event], marks: Marks) -> PersonalValues:
    """Collect what the marked fields hold, from a history."""
    return PersonalValues.of(_found(events, marks) if marks.is_marked else ())


def masked_events(events: Iterable[Event], values: PersonalValues) -> list[dict[str, Any]]:
    """Give a history with every personal value masked; events, members and JSON texts stay what they are."""
    return [
        {
            key: _masked_details(cast("Event", value), values)
            if key.endswith("EventDetails") and isinstance(value, Mapping)
            else value
            for key, value in event.items()
        }
        for event in events
    ]


def _masked_details(details: Event, values: PersonalValues) -> dict[str, Any]:
    return {key: _masked_detail(key, value, values) for key, value in details.items()}


def _masked_detail(key: str, value: object, values: PersonalValues) -> object:
    if key in _STRUCTURE:
        return value
    if isinstance(value, str):
        return values.masked_json(value) if key in _JSON else values.masked_text(value)
    if key == "assignedVariables" and isinstance(value, Mapping):
        variables = cast("Mapping[str, str]", value)
        return {name: values.masked_json(text, name) for name, text in variables.items()}
    return value


def _found(events: Iterable[Event], marks: Marks) -> Iterator[Found]:
    # here, so that models with personal fields start without pictures and the language
    from stepsmith.views.histories.history_events import Owners, details_of

    owners, calls = Owners(), dict[int, CallMarks]()
    for event in events:
        kind, details, owner = str(event["type"]), details_of(event), owners.take(event)
        if kind == "ExecutionStarted":
            yield from marks.machine.find_given(_read(details.get("input")))
        elif kind == "ExecutionSucceeded":
            yield from marks.machine.result.find(_read(details.get("output")))
        elif kind.startswith(_ATTEMPTS) and not kind.endswith(("StateEntered", "StateExited")):
            call = calls.get(event["previousEventId"], CallMarks())
            if kind.endswith("Scheduled"):
                name, given = _called(details)
                call = _marks_of(marks, "" if owner is None else owner.name, name)
                yield from call.find_given(given)
            elif kind.endswith("Succeeded"):
                yield from call.result.find(_result(_read(details.get("output"))))
            calls[event["id"]] = call


def _marks_of(marks: Marks, state: str, name: str) -> CallMarks:
    names = (marks.states.get(state, ""), name, state)
    return next((marks.calls[each] for each in names if each in marks.calls), CallMarks())


def _called(details: Event) -> tuple[str, Json]:
    """Give the name of what a state has called, and what it gave."""
    if "resourceType" not in details:
        return _plain(str(details.get("resource", ""))), _read(details.get("input"))
    action = f"{details['resourceType']}:{str(details['resource']).partition('.')[0]}"
    parameters = _read(details.get("parameters"))
    if isinstance(parameters, dict) and action in _WRAPPED:
        named, given = _WRAPPED[action]
        return _plain(str(parameters.get(named))), parameters.get(given)
    return action, parameters


def _plain(name: str) -> str:
    """Give the name in `${name}`, in an ARN with or without version, or as it is."""
    parts = name.removeprefix("${").removesuffix("}").split(":")
    return parts[6] if len(parts) > 6 else parts[0]


def _result(output: Json) -> Json:
    """Take the result out of what an integration wraps it in."""
    if isinstance(output, dict) and "Payload" in output and "StatusCode" in output:
        return output["Payload"]
    if isinstance(output, dict) and "ExecutionArn" in output and "Output" in output:
        inner = output["Output"]
        return _read(inner) if isinstance(inner, str) else inner
    return output


def _read(text: object) -> Json:
    """Read JSON text; None for what is none, as where AWS has cut it."""
    try:
        return cast("Json", json.loads(text)) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None
