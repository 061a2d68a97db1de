"""Calls of the AWS SDK whose action nobody has heard of."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Final, TypeAlias

from stepsmith.asl.checks.report import Report
from stepsmith.asl.checks.scopes import inner_scopes, states_of
from stepsmith.asl.checks.tasks import not_recognised
from stepsmith.asl.resources import recognise
from stepsmith.expressions.json_scan import Place
from stepsmith.expressions.types import Json

Actions: TypeAlias = Callable[[str], Collection[str] | None]
"""Gives the actions of a service by its name in a Resource; None where they are not known."""

_MOST_HINTS: Final = 50
"""Findings up to which the nearest action is looked for, which takes its time."""


def check_actions(report: Report, definition: Mapping[str, Json], actions: Actions) -> None:
    """Refuse each Task whose service has no such action, in AWS's words and with the nearest action."""
    waiting: list[tuple[Place, Mapping[str, Json]]] = [((), definition)]
    for place, scope in waiting:
        for _, where, state in states_of(scope, place):
            _check(report, state, where, actions)
            waiting.extend(inner_scopes(state, where))


def _check(report: Report, state: Mapping[str, Json], place: Place, actions: Actions) -> None:
    arn = state.get("Resource")
    if state.get("Type") != "Task" or not isinstance(arn, str):
        return
    resource = recognise(arn)
    if resource is None or resource.kind != "sdk":
        return
    known = actions(resource.service)
    # the case of letters differs between the SDKs: describeDBInstances, describeDbInstances
    if known is None or resource.action.lower() in {action.lower() for action in known}:
        return
    from difflib import get_close_matches

    helping = len(report.found) < _MOST_HINTS
    close = get_close_matches(resource.action, sorted(known), n=1, cutoff=0.6) if helping else []
    hint = f"; did you mean '{close[0]}'?" if close else ""
    told = f"The service {resource.service} has no action '{resource.action}' that is known here{hint}"
    report.add((*place, "Resource"), f"{not_recognised(arn)} {told}", rule="resource")
