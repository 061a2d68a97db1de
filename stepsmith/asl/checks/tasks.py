"""Task states: the resource, what it needs, and who it runs as."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from stepsmith.asl.checks.actions import check_action, not_recognised
from stepsmith.asl.checks.expressions import check_any
from stepsmith.asl.checks.parameters import check_parameters
from stepsmith.asl.checks.report import Report, Spot
from stepsmith.asl.checks.values import expect
from stepsmith.asl.fields import Field
from stepsmith.asl.resources import Resource, recognise, with_what_may_stand
from stepsmith.expressions.json_scan import Place
from stepsmith.expressions.types import Json

_SUFFIXES: Final = (".sync", ".sync:2", ".waitForTaskToken")


def check_task(report: Report, state: Mapping[str, Json], place: Place, spot: Spot) -> None:
    """Check the resource of a Task state and the fields that depend on it."""
    arn = state.get("Resource")
    if not isinstance(arn, str):
        return
    if report.unfilled:
        known = with_what_may_stand(arn)
        if known is None:
            return
        arn = known
    resource = recognise(arn)
    if resource is None:
        report.add((*place, "Resource"), not_recognised(arn), rule=_rule(arn))
        return
    if spot.machine_type == "EXPRESS":
        _check_express(report, resource, (*place, "Resource"))
    if resource.kind == "activity" and "Credentials" in state:
        message = "The field 'Credentials' is not supported for activities"
        report.add((*place, "Credentials"), message, rule="credentials")
    if resource.kind in ("optimised", "sdk") and check_action(report, arn, resource, place):
        _check_parameters(report, arn, resource, state, place, spot)


def _rule(arn: str) -> str:
    for suffix in sorted(_SUFFIXES, key=len, reverse=True):
        if arn.endswith(suffix) and recognise(arn.removesuffix(suffix)) is not None:
            return "integration-pattern"
    return "resource"


def _check_express(report: Report, resource: Resource, place: Place) -> None:
    if resource.kind == "activity":
        report.add(place, "Express state machine does not support Activity ARN", rule="express")
    elif resource.pattern.startswith("sync"):
        report.add(
            place, "Express state machine does not support '.sync' service integration", rule="express"
        )
    elif resource.pattern:
        # The blank at the end is AWS's.
        message = "Express state machine does not support '.waitForTaskToken' service integration "
        report.add(place, message, rule="express")


def _check_parameters(
    report: Report, arn: str, resource: Resource, state: Mapping[str, Json], place: Place, spot: Spot
) -> None:
    name = "Arguments" if spot.language == "JSONata" else "Parameters"
    if name not in state:
        report.add(place, f"{name} field is required for resource ARN: {arn}", rule="integration-arguments")
        return
    given = state[name]
    if isinstance(given, dict):
        check_parameters(report, resource, given, (*place, name), spot.language)


def check_credentials(report: Report, value: Json, place: Place, field: Field, spot: Spot) -> None:
    """Check the role that a task runs as."""
    if not expect(report, value, ("OBJECT",), place, rule="credentials"):
        return
    assert isinstance(value, dict)
    if "RoleArn" not in value and not ("RoleArn.$" in value and spot.language == "JSONPath"):
        report.add(place, "The field 'RoleArn' is required but was missing", rule="credentials")
        return
    if "RoleArn" in value:
        expect(report, value["RoleArn"], ("STRING",), (*place, "RoleArn"), rule="credentials")
    check_any(report, value, place, field, spot)


def check_resource(report: Report, value: Json, place: Place, field: Field, spot: Spot) -> None:
    """Check that a resource is a text; what it names is checked with its state."""
    expect(report, value, ("STRING",), place, rule="resource")
