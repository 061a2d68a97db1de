"""Tasks that bring dead letters back to where they came from."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from stepsmith.cloud.agenda import Agenda, Entry
from stepsmith.cloud.queues import refusals
from stepsmith.cloud.queues.queue import Queue

MOST_PER_SECOND: Final = 500
_MOST_LISTED: Final = 10


@dataclass(slots=True)
class Task:
    """One task: what it moves, and how far it has come."""

    handle: str
    source: Queue
    destination: str | None
    per_second: int | None
    started: float
    to_move: int
    moved: int = 0
    status: str = "RUNNING"
    next: Entry | None = field(default=None)

    def shown(self) -> dict[str, Any]:
        """Give the task as ListMessageMoveTasks answers it."""
        found: dict[str, Any] = {
            "Status": self.status,
            "SourceArn": self.source.arn,
            "ApproximateNumberOfMessagesMoved": self.moved,
            "ApproximateNumberOfMessagesToMove": self.to_move,
            "StartedTimestamp": round(self.started * 1000),
        }
        if self.status == "RUNNING":
            found["TaskHandle"] = self.handle
        if self.destination is not None:
            found["DestinationArn"] = self.destination
        if self.per_second is not None:
            found["MaxNumberOfMessagesPerSecond"] = self.per_second
        return found


class Moves:
    """The tasks of all queues."""

    def __init__(self, agenda: Agenda, find: Callable[[str], Queue | None]) -> None:
        self._agenda = agenda
        self._find = find
        self._tasks: list[Task] = []

    def start(self, source: Queue, destination: str | None, per_second: int | None) -> Task:
        """Begin to move what a queue holds. Raises ServiceError while another task does."""
        if any(each.source is source and each.status == "RUNNING" for each in self._tasks):
            raise refusals.parameter(
                "There is already a task running. Only one active task is allowed for a source queue arn "
                "at a given time."
            )
        if per_second is not None and not 1 <= per_second <= MOST_PER_SECOND:
            raise refusals.value(
                per_second, "MaxNumberOfMessagesPerSecond", "Must be between 1 and 500, if provided."
            )
        now = self._agenda.now()
        naming = json.dumps({"taskId": str(uuid.uuid4()), "sourceArn": source.arn})
        handle = base64.b64encode(naming.encode()).decode()
        task = Task(handle, source, destination, per_second, now, len(source.waiting()))
        self._tasks.append(task)
        self._go_on(task)
        return task

    def listed(self, source: Queue, most: int) -> list[dict[str, Any]]:
        """Give the newest tasks of a queue."""
        if not 1 <= most <= _MOST_LISTED:
            raise refusals.value(most, "MaxResults", "Must be between 1 and 10, if provided.")
        found = [each.shown() for each in reversed(self._tasks) if each.source is source]
        return found[:most]

    def cancel(self, handle: str) -> Task:
        """Stop a task. Raises ServiceError where there is none of that handle that runs."""
        arn = _source_of(handle)
        if arn is None:
            raise refusals.parameter(f"Value {handle} for parameter TaskHandle is invalid.")
        if self._find(arn) is None:
            raise refusals.no_resource("SourceArn")
        for task in self._tasks:
            if task.handle == handle and task.status == "RUNNING":
                task.status = "CANCELLED"
                if task.next is not None:
                    task.next.cancel()
                return task
        error = refusals.no_resource("TaskHandle")
        error.message = "Task does not exist."
        raise error

    def _go_on(self, task: Task) -> None:
        seconds = 1.0 if task.per_second is None else 1.0 / task.per_second
        task.next = self._agenda.after(seconds, lambda: self._move(task))

    def _move(self, task: Task) -> None:
        now = self._agenda.now()
        waiting = task.source.waiting()
        for message in waiting[: None if task.per_second is None else 1]:
            target = self._find(task.destination or message.from_queue or "")
            if target is None:
                task.status = "FAILED"
                return
            task.source.delete(message)
            message.from_queue = None
            message.received = 0
            target.take_over(message, now)
            task.moved += 1
        if task.source.waiting():
            self._go_on(task)
        else:
            task.status = "COMPLETED"


def _source_of(handle: str) -> str | None:
    try:
        found = json.loads(base64.b64decode(handle, validate=True))
        return str(found["sourceArn"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
