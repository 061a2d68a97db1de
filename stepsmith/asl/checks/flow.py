"""Where states lead: targets that are not there, states nothing leads to, machines that never end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from stepsmith.asl.checks.report import Report
from stepsmith.asl.checks.scopes import inner_scopes
from stepsmith.asl.fields import STATE_TYPES
from stepsmith.diagnostics import Finding
from stepsmith.expressions.json_scan import Place
from stepsmith.expressions.types import Json

_TARGET: Final = "MISSING_TRANSITION_TARGET"


def targets(state: Mapping[str, Json]) -> Iterator[tuple[Place, str]]:
    """Give every state that a state may lead to, with the place that says so."""
    for field in ("Next", "Default"):
        target = state.get(field)
        if isinstance(target, str):
            yield (field,), target
    for field in ("Choices", "Catch"):
        items = state.get(field)
        for index, item in enumerate(items if isinstance(items, list) else []):
            target = item.get("Next") if isinstance(item, dict) else None
            if isinstance(target, str):
                yield (field, index, "Next"), target


def check_flow(report: Report, scope: Mapping[str, Json], place: Place, *, top: bool) -> None:
    """Check the transitions of one machine, branch or processor."""
    states, start = scope.get("States"), scope.get("StartAt")
    if not isinstance(states, dict) or not isinstance(start, str):
        return
    known = {name: state for name, state in states.items() if isinstance(state, dict)}
    edges = {name: tuple(targets(state)) for name, state in known.items()}
    if start not in states:
        # AWS speaks of Next here, too (validation/tiny/Basic-005, Basic-007).
        message = f"Missing 'Next' target: {start}"
        report.add((*place, "StartAt"), message, rule="start-at-target", code=_TARGET)
    for name, leads in edges.items():
        for where, target in leads:
            if target not in states:
                message = f"Missing '{where[-1]}' target: {target}"
                report.add((*place, "States", name, *where), message, rule="transition-target", code=_TARGET)
    if top and not _may_end(states):
        finding = Finding("MISSING_END_STATE", "Workflow has no terminal state", "", rule="no-terminal-state")
        report.found.append((place, finding))
        return
    _check_reach(report, start, edges, place)


def _check_reach(
    report: Report, start: str, edges: Mapping[str, tuple[tuple[Place, str], ...]], place: Place
) -> None:
    """Refuse each state that no transition names, as AWS does, and remark on rings that nothing leads to.

    AWS does not walk: two states that lead to each other are accepted (validation/sfnx/accepted-unreachable-pair).
    """
    named = {start, *(target for leads in edges.values() for _, target in leads)}
    reached = _reach(start, edges)
    for name in edges:
        where = (*place, "States", name)
        if name not in named:
            message = f'State "{name}" is not reachable.'
            report.add(where, message, rule="unreachable-state", code=_TARGET)
        elif name not in reached and start in edges:
            message = f'Only states that are not reachable lead to the state "{name}".'
            report.add(where, message, rule="unreachable-state", code=_TARGET, severity="WARNING")


def _reach(start: str, edges: Mapping[str, tuple[tuple[Place, str], ...]]) -> set[str]:
    reached, waiting = {start}, [start]
    while waiting:
        for _, target in edges.get(waiting.pop(), ()):
            if target not in reached:
                reached.add(target)
                waiting.append(target)
    return reached


def _may_end(states: Mapping[str, Json]) -> bool:
    """True where a state ends, be it reachable or inside another one (validation/sfnx/accepted-end-only-in-branch).

    A state without a Type may be meant to.
    """
    for state in states.values():
        if not isinstance(state, dict) or state.get("Type") not in STATE_TYPES or _ends(state):
            return True
        for _, inner in inner_scopes(state, ()):
            inside = inner.get("States")
            if isinstance(inside, dict) and _may_end(inside):
                return True
    return False


def _ends(state: Mapping[str, Json]) -> bool:
    return state["Type"] in ("Succeed", "Fail") or (state["Type"] != "Choice" and state.get("End") is True)
