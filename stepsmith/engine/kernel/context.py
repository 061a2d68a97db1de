"""The context object, made when an expression reads it."""

from __future__ import annotations

from typing import Final, Protocol

from stepsmith.engine.history.records import WIDTH, History
from stepsmith.engine.kernel.frames import Execution, Frame
from stepsmith.engine.values.timestamps import iso
from stepsmith.expressions.types import Json

_RETRIED: Final = frozenset({"Task", "Parallel", "Map"})


class Told(Execution, Protocol):
    """An execution with what the context object tells of it."""

    name: str
    input: Json
    started: float
    redrive_count: int
    redriven: float | None
    history: History
    given_context: dict[str, Json] | None
    """Stands in for the context object, in TestState."""


def context_of(run: Told) -> dict[str, Json]:
    """Give the context object as the state being executed sees it."""
    if run.given_context is not None:
        return run.given_context
    frame, settings = run.frame, run.settings
    execution: dict[str, Json] = {
        "Id": run.arn,
        "Input": run.input,
        "StartTime": iso(run.started),
        "Name": run.name,
        "RoleArn": settings.role_arn,
        "RedriveCount": run.redrive_count,
    }
    if run.redriven is not None:
        execution["RedriveTime"] = iso(run.redriven)
    state: dict[str, Json] = {"Name": frame.node.name, "EnteredTime": iso(_entered_at(run, frame))}
    if frame.node.kind in _RETRIED:
        state["RetryCount"] = frame.retry_count
    context: dict[str, Json] = {
        "Execution": execution,
        "StateMachine": {"Id": settings.machine_arn, "Name": settings.state_machine_name},
        "State": state,
    }
    item = _item(frame)
    if item is not None:
        index, value, key, source = item
        shown: dict[str, Json] = {"Index": index, "Value": value}
        if key is not None:
            shown["Key"] = key
        if source is not None:
            shown["Source"] = source
        context["Map"] = {"Item": shown}
    if frame.token is not None:
        context["Task"] = {"Token": frame.token}
    return context


def _entered_at(run: Told, frame: Frame) -> float:
    place = (frame.entered - 1) * WIDTH + 1
    rows = run.history.rows
    return rows[place] if 0 < place < len(rows) else run.now


def _item(frame: Frame) -> tuple[int, Json, str | None, str | None] | None:
    while frame.item is None:
        if frame.join is None:
            return None
        frame = frame.join.owner
    return frame.item
