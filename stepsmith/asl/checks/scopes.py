"""The scopes of a machine, and the names that must be unique in all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from stepsmith.asl.checks import maps, variables
from stepsmith.asl.checks.report import MachineType, Report
from stepsmith.asl.model import QueryLanguage
from stepsmith.expressions.json_scan import Place
from stepsmith.expressions.types import Json

_Object: TypeAlias = Mapping[str, Json]


def check_unique_names(report: Report, definition: _Object, machine_type: MachineType) -> None:
    """Check that no two states or labels of a machine, nor of anything inside it, have one name."""
    names = set[str]() if machine_type == "STANDARD" else None
    _check_names(report, definition, (), names, set())


def inner_scopes(state: _Object, place: Place) -> Iterator[tuple[Place, _Object]]:
    """Give the branches or the processor of a state."""
    branches = state.get("Branches")
    for index, branch in enumerate(branches if isinstance(branches, list) else []):
        if isinstance(branch, dict):
            yield (*place, "Branches", index), branch
    name = maps.processor_name(state)
    processor = state.get(name)
    if isinstance(processor, dict):
        yield (*place, name), processor


def states_of(scope: _Object, place: Place) -> Iterator[tuple[str, Place, _Object]]:
    """Give the states of a machine, branch or processor."""
    states = scope.get("States")
    for name, state in states.items() if isinstance(states, dict) else ():
        if isinstance(state, dict):
            yield name, (*place, "States", name), state


def _check_names(
    report: Report, scope: _Object, place: Place, names: set[str] | None, labels: set[str]
) -> None:
    for name, where, state in states_of(scope, place):
        if names is not None:
            if name in names:
                message = f"Duplicate State name: {name}"
                report.add(where, message, rule="duplicate-state-name", code="DUPLICATE_STATE_NAME")
            names.add(name)
        label = state.get("Label")
        if isinstance(label, str):
            if label in labels:
                message = f"Duplicate Label name: {label}"
                report.add((*where, "Label"), message, rule="map-label", code="DUPLICATE_LABEL_NAME")
            labels.add(label)
    for _, where, state in states_of(scope, place):
        for inner_place, inner in inner_scopes(state, where):
            _check_names(report, inner, inner_place, names, labels)


def read_language(holder: _Object, around: QueryLanguage) -> QueryLanguage:
    """Give the query language of a machine or a state: to AWS, whatever is not exactly JSONPath is JSONata."""
    if "QueryLanguage" not in holder:
        return around
    return "JSONPath" if holder["QueryLanguage"] == "JSONPath" else "JSONata"


def variable_references(definition: _Object) -> dict[str, list[str]]:
    """Give each state that reads variables, with their names in alphabetical order, as DescribeStateMachine does."""
    machine_language = read_language(definition, "JSONPath")
    found: dict[str, list[str]] = {}
    waiting: list[_Object] = [definition]
    for scope in waiting:
        for name, _, state in states_of(scope, ()):
            names = {
                variable
                for _, variable in variables.references(state, read_language(state, machine_language))
            }
            if names:
                found[name] = sorted(names)
            waiting.extend(inner for _, inner in inner_scopes(state, ()))
    return found
