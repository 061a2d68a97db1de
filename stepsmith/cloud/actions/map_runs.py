"""Map Runs: listed, described and changed while they run."""

from __future__ import annotations

from typing import Final

from stepsmith.cloud.actions.executions import ChildExecution, find, find_map_run
from stepsmith.cloud.actions.refusals import invalid
from stepsmith.cloud.actions.requests import Answer, Request, moment, present
from stepsmith.engine.kernel.children import DescribedMapRun
from stepsmith.store import Update

_STATUSES: Final = ("pending", "running", "succeeded", "failed", "timedOut", "aborted", "total")


def list_map_runs(request: Request) -> Answer:
    """ListMapRuns of an execution, the newest first."""
    found = find(request)
    map_runs = () if isinstance(found, ChildExecution) else found.run.map_runs
    arn = request.get("executionArn")
    listed = [(number, _listed(each, arn)) for number, each in enumerate(map_runs)]
    return request.page("mapRuns", reversed(listed), is_descending=True)


def _listed(map_run: DescribedMapRun, execution: str) -> Answer:
    machine = map_run.arn.replace(":mapRun:", ":stateMachine:", 1).rpartition(":")[0]
    return {
        "executionArn": execution,
        "mapRunArn": map_run.arn,
        "stateMachineArn": machine,
        "startDate": moment(map_run.started),
        **present(stopDate=None if map_run.stopped is None else moment(map_run.stopped)),
    }


def describe_map_run(request: Request) -> Answer:
    """DescribeMapRun."""
    execution, found = find_map_run(request)
    tolerance = found.tolerance
    return {
        "mapRunArn": found.arn,
        "executionArn": execution.arn,
        "status": found.status,
        "startDate": moment(found.started),
        "maxConcurrency": found.max_concurrency,
        "toleratedFailurePercentage": float(tolerance.percentage or 0.0),
        "toleratedFailureCount": tolerance.count or 0,
        "itemCounts": _counts(found.item_counts),
        "executionCounts": _counts(found.execution_counts),
        "redriveCount": found.redrive_count,
        **present(
            stopDate=None if found.stopped is None else moment(found.stopped),
            redriveDate=None if found.redriven is None else moment(found.redriven),
        ),
    }


def _counts(counts: dict[str, int]) -> dict[str, int]:
    """Give all members of the answer; results count as written without a writer, too (recorded)."""
    shown = {name: counts.get(name, 0) for name in _STATUSES}
    return {**shown, "resultsWritten": shown["succeeded"], "failuresNotRedrivable": 0, "pendingRedrive": 0}


def update_map_run(request: Request) -> Answer:
    """UpdateMapRun."""
    execution, found = find_map_run(request)
    if found.status != "RUNNING":
        text = f"The Map Run '{found.arn}' is {found.status} and cannot be updated"
        raise invalid(text, "CANNOT_UPDATE_COMPLETED_MAP_RUN")
    bounds = [
        request.get(name)
        for name in ("maxConcurrency", "toleratedFailureCount", "toleratedFailurePercentage")
    ]
    request.runner.tell(execution, Update(found.arn, *bounds))
    return {}
