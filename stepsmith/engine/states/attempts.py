"""One call of a task that has not ended: its clocks, its events, what becomes of its answer."""

from __future__ import annotations

from typing import Final

from stepsmith.engine.kernel.frames import Execution, Frame, Step
from stepsmith.engine.kernel.timers import Timer
from stepsmith.engine.ports import CancelTask
from stepsmith.engine.states.resources import Resource
from stepsmith.engine.values.failures import TIMEOUT, StateFailure
from stepsmith.engine.values.payload import LARGE
from stepsmith.expressions.types import Json

_INVOKE: Final = ("lambda", "invoke")
"""The integration of whose timeout a catcher sees an empty cause instead of none."""


class TaskKind:
    """What all attempts of one Task state have in common, and the names of their events."""

    __slots__ = (
        "failed", "is_activity", "resource", "schedule_failed", "scheduled", "start_failed", "started", "step",
        "subject", "submit_failed", "submitted", "succeeded", "timed_out",
    )  # fmt: skip

    def __init__(self, resource: Resource, step: Step) -> None:
        kind = resource.kind
        self.resource = resource
        self.is_activity = kind == "Activity"
        self.subject = resource.service
        """What the events are about."""
        self.step = step
        """Goes on with the result."""
        self.scheduled: Final = f"{kind}Scheduled"
        self.schedule_failed: Final = f"{kind}ScheduleFailed"
        self.started: Final = f"{kind}Started"
        self.start_failed: Final = f"{kind}StartFailed"
        self.submitted: Final = f"{kind}Submitted"
        self.submit_failed: Final = f"{kind}SubmitFailed"
        self.succeeded: Final = f"{kind}Succeeded"
        self.failed: Final = f"{kind}Failed"
        self.timed_out: Final = f"{kind}TimedOut"


class Attempt:
    """One call of a task."""

    __slots__ = (
        "_heartbeat",
        "_heartbeat_timer",
        "_timeout",
        "_timer",
        "frame",
        "id",
        "kind",
        "run",
        "started",
    )

    def __init__(self, run: Execution, id: int, frame: Frame, kind: TaskKind) -> None:
        self.run = run
        self.id = id
        self.frame = frame
        self.kind = kind
        self.started = False
        self._timeout: int | None = None
        self._timer: Timer | None = None
        self._heartbeat: int | None = None
        self._heartbeat_timer: Timer | None = None

    def start(self, run: Execution, worker: str | None = None) -> None:
        """Record that the work has begun."""
        self.started = True
        kind, frame = self.kind, self.frame
        frame.previous = run.event(
            kind.started, frame.previous, kind.subject, worker if kind.is_activity else None
        )
        if kind.is_activity:
            self.count(run, self._timeout, None)
            self.beat(run)

    def count(self, run: Execution, timeout: int | None, heartbeat: int | None) -> None:
        """Start the counts of TimeoutSeconds and HeartbeatSeconds."""
        if timeout is not None:
            if self._timer is not None:
                self._timer.cancel()
            self._timeout = timeout
            self._timer = run.scheduler.at(run, run.now + timeout, self._timed_out)
        if heartbeat is not None:
            self._heartbeat = heartbeat
            if not self.kind.is_activity and self.kind.resource.pattern != "token":
                self.beat(run)  # else it counts from where the worker or callback has the task

    def beat(self, run: Execution) -> None:
        """Start the count of HeartbeatSeconds anew."""
        if self._heartbeat is not None:
            if self._heartbeat_timer is not None:
                self._heartbeat_timer.cancel()
            self._heartbeat_timer = run.scheduler.at(run, run.now + self._heartbeat, self._silent)

    def left(self, run: Execution) -> tuple[float | None, float | None]:
        """Give the seconds until it is out of time, and until it has been silent for too long; None for never."""
        return _left(run, self._timer), _left(run, self._heartbeat_timer)

    def close(self, run: Execution) -> None:
        """Take no more answers and stop the clocks."""
        run.scheduler.waiting.pop(self.id, None)
        self.frame.work = None
        if self._timer is not None:
            self._timer.cancel()
        if self._heartbeat_timer is not None:
            self._heartbeat_timer.cancel()

    def abort(self, run: Execution, cause: int) -> None:
        """Tell the outside to forget the attempt because of an event elsewhere."""
        self.close(run)
        run.scheduler.commands.append(CancelTask(id=self.id))

    def revive(self, run: Execution, previous: int) -> bool:
        """A task is scheduled anew."""
        return False

    def submit(self, run: Execution, output: Json) -> None:
        """Record the answer to the call that started the job or handed out the token."""
        kind, frame = self.kind, self.frame
        if not self.started:
            self.start(run)
        try:
            text = run.text(output, kind.resource.shown)
        except StateFailure as failure:
            self.fail(run, kind.submit_failed, failure)
            return
        frame.previous = run.event(kind.submitted, frame.previous, kind.subject, text)
        self.beat(run)

    def succeed(self, run: Execution, output: Json, text: str) -> None:
        """Record the result and let the state go on with it."""
        kind, frame = self.kind, self.frame
        try:
            shown = text if 0 < len(text) <= LARGE else run.text(output, kind.resource.shown)
        except StateFailure as failure:
            if not self.started:
                self.start(run)
            self.fail(run, kind.failed, failure)
            return
        self.close(run)
        last, subject = run.last, kind.subject
        if self.started:
            run.record((kind.succeeded, run.now, frame.previous, subject, shown))
            frame.previous = run.last = last + 1
        else:
            run.record(
                (
                    kind.started, run.now, frame.previous, subject, None,
                    kind.succeeded, run.now, last + 1, subject, shown,
                )
            )  # fmt: skip
            frame.previous = run.last = last + 2
        frame.result = (output, shown)
        run.scheduler.ready.append((run, frame, kind.step))

    def fail(self, run: Execution, event: str, failure: StateFailure) -> None:
        """Record the failure of the attempt and let the state deal with it."""
        self.close(run)
        shown = None if failure.error is None and failure.cause is None else (failure.error, failure.cause)
        self.frame.previous = run.event(event, self.frame.previous, self.kind.subject, shown)
        run.resume_failed(self.frame, failure)

    def time_out(self, run: Execution, error: str, cause: str | None, *, heartbeat: bool = False) -> None:
        """Record that the attempt took too long."""
        if not self.started and not self.kind.is_activity:
            self.start(run)
        caught = "" if self.kind.subject == _INVOKE else None
        failure = StateFailure(error, cause, heartbeat=heartbeat, caught=caught)
        self.fail(run, self.kind.timed_out, failure)

    def _timed_out(self, run: Execution) -> None:
        run.scheduler.commands.append(CancelTask(id=self.id))
        self.time_out(run, TIMEOUT, None)

    def _silent(self, run: Execution) -> None:
        run.scheduler.commands.append(CancelTask(id=self.id))
        self.time_out(run, TIMEOUT, None, heartbeat=True)


def _left(run: Execution, timer: Timer | None) -> float | None:
    return None if timer is None else round(timer.due - run.now, 3)
