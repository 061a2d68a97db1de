"""What a workflow is told that ends the records of another one's executions: EventBridge's event about their end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from stepsmith.authoring.calls.boundary import Boundary
from stepsmith.authoring.calls.context import ACCOUNT, REGION
from stepsmith.authoring.calls.plain import PlainRun
from stepsmith.authoring.values.types import error_name
from stepsmith.expressions.types import Json

MOST_INPUT: Final = 248 * 1024
"""Bytes of an execution's input that EventBridge passes on; of a longer one the event has none."""


def check_ended(name: str, boundary: Boundary, *, express: bool) -> None:
    """Raise ValueError for a workflow that cannot be told how executions of another one have ended."""
    if express:
        raise ValueError("an Express workflow has no ended=...: EventBridge hears nothing of its executions")
    required = [parameter.name for parameter in boundary.parameters if parameter.required]
    if len(required) != 1:
        found = ", ".join(required) or "none"
        raise ValueError(
            f"{name} has {len(required)} required parameters ({found}); ended=... takes a workflow with one, "
            "such as `detail: dict[str, JsonValue]`, for what EventBridge says of an execution"
        )


def parameter_of(boundary: Boundary) -> str:
    """Give the parameter that takes what EventBridge says."""
    return next(parameter.name for parameter in boundary.parameters if parameter.required)


def ended_detail(
    *,
    execution: str,
    machine: str,
    name: str,
    status: str,
    started: float,
    stopped: float,
    input: str,
    error: str | None,
    cause: str | None,
) -> dict[str, Json]:
    """Give the detail of EventBridge's event "Step Functions Execution Status Change"; times in seconds since 1970."""
    is_included = len(input.encode("utf-8", "surrogatepass")) <= MOST_INPUT
    return {
        "executionArn": execution,
        "stateMachineArn": machine,
        "name": name,
        "status": status,
        "startDate": int(started * 1000),
        "stopDate": int(stopped * 1000),
        "input": input if is_included else None,
        "inputDetails": {"included": is_included},
        "output": None,
        "outputDetails": None,
        "error": error,
        "cause": cause,
    }


def plain_detail(
    run: PlainRun, workflow: str, input: Mapping[str, Json], error: Exception, *, started: datetime
) -> dict[str, Json]:
    """Give the same for a plain run that raised an error."""
    name = error_name(type(error))
    return ended_detail(
        execution=f"arn:aws:states:{REGION}:{ACCOUNT}:execution:{workflow}:{run.name}",
        machine=f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{workflow}",
        name=run.name,
        status="FAILED",
        started=started.timestamp(),
        stopped=run.clock.timestamp(),
        input=json.dumps(dict(input), separators=(",", ":"), ensure_ascii=False),
        error=name,
        cause=str(error),
    )
