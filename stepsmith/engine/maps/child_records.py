"""What a child execution of a distributed Map leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from stepsmith.engine.values.payload import text_of
from stepsmith.engine.values.timestamps import iso
from stepsmith.expressions.types import Json, Undefined

if TYPE_CHECKING:
    from stepsmith.engine.kernel.run import Run


def child_record(child: Run) -> dict[str, Json]:
    """Describe a child as the files of a ResultWriter do."""
    record: dict[str, Json] = {"ExecutionArn": child.arn}
    if child.status != "SUCCEEDED":
        record |= {
            name: text for name, text in (("Cause", child.cause), ("Error", child.error)) if text is not None
        }
    record |= {"Input": text_of(child.input), "InputDetails": {"Included": True}, "Name": child.name}
    if not isinstance(child.output, Undefined):
        record |= {"Output": text_of(child.output), "OutputDetails": {"Included": True}}
    failed = child.status != "SUCCEEDED"
    return record | {
        "RedriveCount": child.redrive_count,
        "RedriveStatus": "REDRIVABLE" if failed else "NOT_REDRIVABLE",
        **({} if failed else {"RedriveStatusReason": "Execution is SUCCEEDED and cannot be redriven"}),
        "StartDate": iso(child.started),
        "StateMachineArn": child.settings.machine_arn,
        "Status": child.status,
        "StopDate": iso(child.stopped or child.now),
    }


def contribution(child: Run, config: Mapping[str, Json] | None) -> Json:
    """Give a child's element in the result of a Map that is not exported."""
    whole = config is not None and config.get("Transformation") == "NONE"
    if whole or isinstance(child.output, Undefined):
        return child_record(child)
    return child.output
