"""Where states lead: targets that are not there, states nothing leads to, machines that never end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from stepsmith.asl.checks.report import Report
from stepsmith.asl.fields import STATE_TYPES
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
        report.add(
            (*place, "StartAt"), f"Missing 'StartAt' target: {start}", rule="start-at-target", code=_TARGET
        )
    for name, leads in edges.items():
        for where, target in leads:
            if target not in states:
                message = f"Missing '{where[-1]}' target: {target}"
                report.add((*place, "States", name, *where), message, rule="transition-target", code=_TARGET)
    if start not in states:
        return
    reached = _reach(start, edges)
    if top and not any(_may_end(states[name]) for name in reached if name in states):
        report.add(
            place, "No terminal state can be reached", rule="no-terminal-state", code="MISSING_END_STATE"
        )
        return
    for name in known:
        if name not in reached:
            message = f'State "{name}" is not reachable.'
            report.add((*place, "States", name), message, rule="unreachable-state", code=_TARGET)


def _reach(start: str, edges: Mapping[str, tuple[tuple[Place, str], ...]]) -> set[str]:
    reached, waiting = {start}, [start]
    while waiting:
        for _, target in edges.get(waiting.pop(), ()):
            if target not in reached:
                reached.add(target)
                waiting.append(target)
    return reached


def _may_end(state: Json) -> bool:
    """True for a terminal state, and for a broken one, whose own mistake is enough."""
    if not isinstance(state, dict) or state.get("Type") not in STATE_TYPES:
        return True
    if state["Type"] == "Choice":
        return False
    return state.get("End") is True or "Next" not in state
