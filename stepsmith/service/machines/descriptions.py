"""What DescribeExecution says about an execution here."""

from __future__ import annotations

from typing import cast

from stepsmith.engine.kernel.run import Run
from stepsmith.engine.values.payload import text_of
from stepsmith.expressions.types import UNDEFINED, Json

MOST_CAUSE = 32_768
"""Characters of a cause that AWS keeps. Causes in causes would otherwise double with each level."""


def describe(run: Run) -> dict[str, Json]:
    """Return what DescribeExecution says about an execution, as `.sync` gives it of an ended one."""
    found: dict[str, Json] = {
        "ExecutionArn": run.arn,
        "Input": text_of(run.input),
        "InputDetails": {"Included": True},
        "Name": run.name,
        "RedriveCount": run.redrive_count,
        "RedriveStatus": "NOT_REDRIVABLE" if run.status == "SUCCEEDED" else "REDRIVABLE",
        "StartDate": int(run.started * 1000),
        "StateMachineArn": run.settings.machine_arn,
        "Status": run.status,
    }
    if run.status == "RUNNING":
        found["RedriveStatus"] = "NOT_REDRIVABLE"
        found["RedriveStatusReason"] = "Execution is RUNNING and cannot be redriven"
    else:
        found["StopDate"] = int((run.now if run.stopped is None else run.stopped) * 1000)
    if run.status == "SUCCEEDED" and run.output is not UNDEFINED:
        found["Output"] = text_of(cast("Json", run.output))
        found["OutputDetails"] = {"Included": True}
        found["RedriveStatusReason"] = "Execution is SUCCEEDED and cannot be redriven"
    if run.error is not None:
        found["Error"] = run.error
    if run.cause is not None:
        found["Cause"] = run.cause[:MOST_CAUSE]
    return dict(sorted(found.items()))


def iso(seconds: float) -> str:
    """Write an instant, in seconds since 1970, as AWS SDK integrations do."""
    from datetime import UTC, datetime

    from stepsmith.integrations.services.sdk_values import iso_time

    return iso_time(datetime.fromtimestamp(seconds, UTC))


def with_iso_dates(description: dict[str, Json]) -> dict[str, Json]:
    """Return a description of an execution with its dates as AWS SDK integrations write them."""
    return {
        name: iso(value / 1000) if name.endswith("Date") and isinstance(value, int | float) else value
        for name, value in description.items()
    }
