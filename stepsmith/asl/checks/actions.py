"""Calls of the AWS SDK whose action nobody has heard of."""

from __future__ import annotations

from typing import Final

from stepsmith.asl.checks.report import Report
from stepsmith.asl.resources import Resource
from stepsmith.asl.services import ServiceModel
from stepsmith.expressions.json_scan import Place

_MOST_HINTS: Final = 50
"""Findings up to which the nearest action is looked for, which takes its time."""


def not_recognised(arn: str) -> str:
    """Word the refusal of a resource."""
    return (
        f"The resource provided {arn} is not recognized. The value is not a valid resource ARN, "
        "or the resource is not available in this region."
    )


def check_action(report: Report, arn: str, resource: Resource, place: Place) -> bool:
    """Refuse a Task whose service has no such action, in AWS's words and with the nearest action; True where it has."""
    model = report.services(resource.service) if resource.kind == "sdk" else None
    if model is None:
        return True
    operation = model.actions.get(resource.action.lower())
    if operation is not None and not model.has_stream(operation):
        return True
    told = f"{not_recognised(arn)} "
    if operation is not None:
        told += f"The action '{resource.action}' speaks in a stream of events, which Step Functions does not"
    else:
        told += f"The service {resource.service} has no action '{resource.action}' that is known here"
        told += _hint(resource.action, model) if len(report.found) < _MOST_HINTS else ""
    report.add((*place, "Resource"), told, rule="resource")
    return False


def _hint(action: str, model: ServiceModel) -> str:
    from difflib import get_close_matches  # not wanted by anyone without a mistake

    known = sorted(name[:1].lower() + name[1:] for name in model.actions.values())
    close = get_close_matches(action, known, n=1, cutoff=0.6)
    return f"; did you mean '{close[0]}'?" if close else ""
