"""What DescribeMapRun says of a Map Run, for the Map Runs of an execution here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stepsmith.frozen import frozen

if TYPE_CHECKING:
    from stepsmith.engine.kernel.children import DescribedMapRun


@frozen(kw_only=True)
class MapRunRecord:
    """One Map Run as it stands: the run of a Distributed Map, with its child executions and items counted."""

    arn: str
    label: str
    status: str
    """RUNNING, SUCCEEDED, FAILED or ABORTED."""
    started: datetime
    """When it started, on the clock of its execution."""
    stopped: datetime | None
    """When it ended, on the clock of its execution; None while it runs."""
    max_concurrency: int
    """How many child executions may run at a time; 0 sets no limit."""
    tolerated_failure_count: int | None
    tolerated_failure_percentage: float | None
    redrive_count: int
    execution_counts: dict[str, int]
    """Child executions by `pending`, `running`, `succeeded`, `failed`, `timedOut` and `aborted`, and their `total`."""
    item_counts: dict[str, int]
    """Items by the status of the child execution that they are in, and their `total`."""


def record_of(map_run: DescribedMapRun) -> MapRunRecord:
    """Return what there is to say of a Map Run now."""
    return MapRunRecord(
        arn=map_run.arn,
        label=map_run.label,
        status=map_run.status,
        started=datetime.fromtimestamp(map_run.started, UTC),
        stopped=None if map_run.stopped is None else datetime.fromtimestamp(map_run.stopped, UTC),
        max_concurrency=map_run.max_concurrency,
        tolerated_failure_count=map_run.tolerance.count,
        tolerated_failure_percentage=map_run.tolerance.percentage,
        redrive_count=map_run.redrive_count,
        execution_counts=map_run.execution_counts,
        item_counts=map_run.item_counts,
    )
