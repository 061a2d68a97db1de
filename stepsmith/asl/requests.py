"""What the Step Functions API answers to requests that carry a definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from stepsmith.asl.checks.report import MachineType
from stepsmith.asl.checks.values import is_resource_name
from stepsmith.asl.parse import check, parse
from stepsmith.asl.services import Services, no_services
from stepsmith.diagnostics import Finding, InvalidDefinition, Severity
from stepsmith.errors import StepsmithError
from stepsmith.expressions.types import Json

MOST_DIAGNOSTICS: Final = 100
_UPDATABLE: Final = ("definition", "roleArn", "loggingConfiguration", "tracingConfiguration")


class RequestRefused(StepsmithError):
    """A request that the API refuses: AWS's error code and message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        """The name of the API's error, such as InvalidDefinition."""
        self.message = message
        """AWS's words."""


def check_create_request(request: Mapping[str, Any], *, services: Services = no_services) -> None:
    """Check a CreateStateMachine request as far as it can be without knowing the account; raises RequestRefused."""
    check_name(str(request.get("name", "")))
    _check_definition(request, services)
    _check_logging(request.get("loggingConfiguration"))
    if request.get("versionDescription") and not request.get("publish"):
        raise RequestRefused(
            "ValidationException", "Version description can only be set when publish is true"
        )


def check_update_request(
    request: Mapping[str, Any], *, type: MachineType = "STANDARD", services: Services = no_services
) -> None:
    """Check an UpdateStateMachine request to a machine of the type; raises RequestRefused."""
    if not any(request.get(name) for name in _UPDATABLE):
        raise RequestRefused(
            "MissingRequiredParameter",
            "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration "
            "must be specified",
        )
    if request.get("definition") is not None:
        _check_definition({**request, "type": type}, services)
    _check_logging(request.get("loggingConfiguration"))
    if request.get("versionDescription") and not request.get("publish"):
        raise RequestRefused(
            "ValidationException", "Version description can only be set when publish is true"
        )


def check_name(name: str) -> None:
    """Check the name of a state machine, an execution or an activity; raises RequestRefused."""
    if not is_resource_name(name):
        raise RequestRefused("InvalidName", f"Invalid Name: '{name}'")


def validate(
    definition: str,
    *,
    type: MachineType = "STANDARD",
    severity: Severity = "ERROR",
    max_results: int = 0,
    services: Services = no_services,
) -> dict[str, Json]:
    """Answer as ValidateStateMachineDefinition does: `result`, `diagnostics` and `truncated`."""
    findings = check(definition, type=type, services=services)
    shown = [finding for finding in findings if severity == "WARNING" or finding.severity == "ERROR"]
    most = max_results or MOST_DIAGNOSTICS
    return {
        "result": "FAIL" if any(finding.severity == "ERROR" for finding in findings) else "OK",
        "diagnostics": [_diagnostic(finding) for finding in shown[:most]],
        "truncated": len(shown) > most,
    }


def _diagnostic(finding: Finding) -> dict[str, Json]:
    diagnostic: dict[str, Json] = {
        "severity": finding.severity,
        "code": finding.code,
        "message": finding.message,
    }
    return {**diagnostic, "location": finding.pointer} if finding.pointer else diagnostic


def _check_definition(request: Mapping[str, Any], services: Services) -> None:
    machine_type: MachineType = "EXPRESS" if request.get("type") == "EXPRESS" else "STANDARD"
    try:
        parse(str(request.get("definition") or ""), type=machine_type, services=services)
    except InvalidDefinition as error:
        raise RequestRefused("InvalidDefinition", str(error)) from None


def _check_logging(configuration: Mapping[str, Any] | None) -> None:
    if not configuration or configuration.get("level", "OFF") == "OFF":
        return
    destinations = cast("Sequence[Any]", configuration.get("destinations") or ())
    if len(destinations) != 1:
        message = "Invalid Logging Configuration: Must specify exactly one Log Destination."
        raise RequestRefused("InvalidLoggingConfiguration", message)
