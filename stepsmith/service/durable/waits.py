"""What a command of an execution leads to: work here, a worker elsewhere, a job that is asked about."""

from __future__ import annotations

from typing import Any

from stepsmith.engine.ports import CancelTask, Command, StartTask
from stepsmith.integrations.resources import Activity, ServiceAction, parse_resource
from stepsmith.service.durable.live import Live


def begins_work(live: Live, command: Command) -> bool:
    """Say whether carrying out a command leads to an answer without anybody's help."""
    if type(command) is StartTask:
        return not waits_for_worker(live, command)
    return type(command) is not CancelTask


def has_work(live: Live) -> bool:
    """Say whether an execution waits for something that is to be done here, also where nobody has begun with it.

    What an earlier step has asked for begins only when that step is on the disk.
    """
    awaited = live.awaited
    if any(reading.asked is not None for reading in awaited.readings.values()):
        return True
    if any(len(export.pages) > export.written for export in awaited.exports.values()):
        return True
    return any(
        is_job(task) and not is_start(task) if id in awaited.submitted else begins_work(live, task)
        for id, task in awaited.tasks.items()
    )


def waits_for_worker(live: Live, command: StartTask) -> bool:
    """Say whether a task is left to a worker who comes for it."""
    is_activity = isinstance(parse_resource(command.resource), Activity)
    return is_activity and not live.means.dispatcher.replaces(command)


def is_job(command: StartTask) -> bool:
    """Say whether a task is a job that is asked about until it ends."""
    resource = parse_resource(command.resource)
    return isinstance(resource, ServiceAction) and resource.pattern in ("sync", "sync:2")


def runs_once(live: Live, command: StartTask) -> bool:
    """Say whether a task must not run again after an interruption."""
    function = live.means.dispatcher.function_of(command)
    task: Any = None if function is None else getattr(function.call, "__self__", None)
    return getattr(task, "on_interrupt", "repeat") == "fail"


def is_start(command: StartTask) -> bool:
    """Say whether a task starts an execution, which goes on by itself."""
    resource = parse_resource(command.resource)
    return isinstance(resource, ServiceAction) and (resource.service, resource.action) == (
        "states",
        "startExecution",
    )
