"""Recorded refusals of definitions and requests, put to our own checks; the forms are the runner's."""

from __future__ import annotations

import json
from typing import Any

from stepsmith.asl.requests import RequestRefused, check_create_request, check_update_request, validate


def definition_of(case: dict[str, Any]) -> str | None:
    """Give the text of a case's definition; None where the request has none."""
    if "definition_text" in case:
        return str(case["definition_text"])
    return json.dumps(case["definition"]) if case.get("definition") is not None else None


def create_error(case: dict[str, Any]) -> dict[str, Any]:
    """Answer a CreateStateMachine or UpdateStateMachine request."""
    request = {
        "type": case.get("type", "STANDARD"),
        **(case.get("parameters") or {}),
        "definition": definition_of(case),
    }
    try:
        if case.get("operation") == "UpdateStateMachine":
            check_update_request(request)
        else:
            check_create_request({"name": "machine", **request})
    except RequestRefused as error:
        return {"error_code": error.code, "error_message": error.message}
    return {"accepted": True}


def validate_definition(case: dict[str, Any]) -> dict[str, Any]:
    """Answer a ValidateStateMachineDefinition request."""
    options = case.get("parameters") or {}
    response = validate(
        definition_of(case) or "",
        type=case.get("type", "STANDARD"),
        severity=options.get("severity", "ERROR"),
        max_results=options.get("maxResults", 0),
    )
    return {"response": response}


class Door:
    """The checks at the door as an adapter for the runner."""

    name = "stepsmith door"
    kinds = {"create_error", "validate"}  # noqa: RUF012 - the runner asks for a set

    def run(self, case: dict[str, Any]) -> dict[str, Any]:
        """Answer one case."""
        return create_error(case) if case["kind"] == "create_error" else validate_definition(case)


def adapter() -> Door:
    """Make the adapter."""
    return Door()
