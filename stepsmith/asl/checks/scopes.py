"""What only the whole machine shows: names that occur twice, and variables across scopes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias, cast

from stepsmith.asl.checks import maps, variables
from stepsmith.asl.checks.flow import targets
from stepsmith.asl.checks.report import MachineType, Report
from stepsmith.expressions.json_scan import Place
from stepsmith.expressions.types import Json

_Object: TypeAlias = Mapping[str, Json]


def check_scopes(report: Report, definition: _Object, machine_type: MachineType) -> None:
    """Check the names of states and labels, and the variables, of a machine and everything inside it."""
    names = set[str]() if machine_type == "STANDARD" else None
    _check_names(report, definition, (), names, set())
    _check_variables(report, definition, (), frozenset(), frozenset())


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


def leading_to(name: str, scope: _Object) -> set[str]:
    """Give the states of a scope from which a state may be reached."""
    sources: dict[str, set[str]] = {}
    for other, _, state in states_of(scope, ()):
        for _, target in targets(state):
            sources.setdefault(target, set()).add(other)
    found: set[str] = set()
    waiting = [name]
    while waiting:
        new = sources.get(waiting.pop(), set()) - found
        found |= new
        waiting.extend(new)
    return found & {other for other, _, _ in states_of(scope, ())}


def _check_names(
    report: Report, scope: _Object, place: Place, names: set[str] | None, labels: set[str]
) -> None:
    for name, where, state in states_of(scope, place):
        if names is not None:
            if name in names:
                message = f"State name '{name}' is not unique within the state machine"
                report.add(where, message, rule="duplicate-state-name", code="DUPLICATE_STATE_NAME")
            names.add(name)
        label = state.get("Label")
        if isinstance(label, str):
            if label in labels:
                message = f"Label '{label}' is not unique within the state machine"
                report.add((*where, "Label"), message, rule="map-label", code="DUPLICATE_LABEL_NAME")
            labels.add(label)
    for _, where, state in states_of(scope, place):
        for inner_place, inner in inner_scopes(state, where):
            _check_names(report, inner, inner_place, names, labels)


def _check_variables(
    report: Report, scope: _Object, place: Place, outer: frozenset[str], readable: frozenset[str]
) -> None:
    """Check one scope: `outer` holds what scopes around it have assigned before, `readable` all they assign."""
    states = scope.get("States")
    if not isinstance(states, dict):
        return
    languages = {
        name: language_of(state, report.machine_language) for name, _, state in states_of(scope, place)
    }
    assigned = {
        name: variables.assigned_names(state, languages[name]) for name, _, state in states_of(scope, place)
    }
    if outer:
        variables.check_shadowing(report, states, (*place, "States"), outer, languages)
    visible = readable.union(*assigned.values())
    for name, where, state in states_of(scope, place):
        for at, variable in variables.references(state, languages[name]):
            if variable not in visible:
                message = f"The variable '${variable}' is never assigned."
                report.add(
                    (*where, *at),
                    message,
                    rule="undefined-variable",
                    code="POSSIBLY_UNDEFINED_VARIABLE",
                    severity="WARNING",
                )
        for inner_place, inner in inner_scopes(state, where):
            if maps.is_distributed(state):
                _check_variables(report, inner, inner_place, frozenset(), frozenset())
            else:
                before = outer.union(*(assigned[other] for other in leading_to(name, scope)))
                _check_variables(report, inner, inner_place, before, visible)


def language_of(state: _Object, machine_language: str) -> str:
    """Give the query language of a state."""
    own = state.get("QueryLanguage")
    return own if own in ("JSONPath", "JSONata") else machine_language


def variable_references(definition: _Object) -> dict[str, list[str]]:
    """Give each state that reads variables, with their names in alphabetical order, as DescribeStateMachine does."""
    machine_language = cast(str, definition.get("QueryLanguage") or "JSONPath")
    found: dict[str, list[str]] = {}
    waiting: list[_Object] = [definition]
    for scope in waiting:
        for name, _, state in states_of(scope, ()):
            names = {
                variable for _, variable in variables.references(state, language_of(state, machine_language))
            }
            if names:
                found[name] = sorted(names)
            waiting.extend(inner for _, inner in inner_scopes(state, ()))
    return found
