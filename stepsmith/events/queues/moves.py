"""Move tasks: dead letters go back to where they came from, or to one queue."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from stepsmith.events.queues.messages import Stored
from stepsmith.events.queues.queue import Queue
from stepsmith.events.refusals import Refused

USUAL_RATE: Final = 500
"""Messages a second, if the task does not say."""
Status = Literal["RUNNING", "COMPLETED", "CANCELLED"]


class MoveTask:
    """Takes messages out of a dead-letter queue at a rate; the shell sends each to its destination."""

    def __init__(
        self, source: Queue, destination_arn: str | None, *, started: float, rate: int | None = None
    ) -> None:
        self.source = source
        self.destination_arn = destination_arn
        self.started = started
        self.rate = rate or USUAL_RATE
        self.status: Status = "RUNNING"
        counts = source.counts(started)
        self.to_move = counts.visible + counts.in_flight + counts.delayed
        """How many messages there were at the start."""
        self.moved = 0

    def step(self, now: float) -> list[tuple[Stored, str]]:
        """Take what may be moved by now; gives messages with the ARN of the queue each goes to."""
        due: list[tuple[Stored, str]] = []
        while self.status == "RUNNING" and self.moved < 1 + (now - self.started) * self.rate:
            stored = self.source.take_for_move(now)
            if stored is None:
                self.status = "COMPLETED"
                break
            target = self.destination_arn or stored.dead_from
            if target is not None:
                due.append((stored, target))
            self.moved += 1
        return due

    def cancel(self) -> None:
        """End the task; what was not moved stays."""
        if self.status == "RUNNING":
            self.status = "CANCELLED"

    def next_time(self) -> float | None:
        """Say when the next message may be moved."""
        return self.started + self.moved / self.rate if self.status == "RUNNING" else None


def check_move(
    source_arn: str, destination_arn: str | None, *, queues: Iterable[Queue], running: Iterable[MoveTask]
) -> None:
    """Refuse a task that AWS would not start."""
    known = {queue.arn: queue for queue in queues}
    for name, arn in (("SourceArn", source_arn), ("DestinationArn", destination_arn)):
        if arn is not None and arn not in known:
            raise Refused(
                "ResourceNotFoundException",
                f"The resource that you specified for the {name} parameter doesn't exist.",
            )
    redrives = [queue.attributes.redrive for queue in known.values()]
    if not any(redrive is not None and redrive.target_arn == source_arn for redrive in redrives):
        raise Refused("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.")
    if any(task.source.arn == source_arn and task.status == "RUNNING" for task in running):
        raise Refused(
            "InvalidParameterValue",
            "There is already a task running. "
            "Only one active task is allowed for a source queue arn at a given time.",
        )
