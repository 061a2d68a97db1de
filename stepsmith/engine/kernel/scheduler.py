"""What the execution and the child executions of its distributed Maps share: the queue, the timers, the commands."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from stepsmith.engine.kernel.frames import Execution, Frame, Receiver, Step
from stepsmith.engine.kernel.timers import TimedT, Timer, Timers
from stepsmith.engine.ports import Command

SLICE: Final = 200_000
"""Events of one execution after which advance() comes back although there is more to do."""
MOST_DRIVES: Final = 50_000
"""Frames taken further after which it comes back."""


class Scheduler:
    """One thread of work: frames that can go on, timers, commands on their way out, answers awaited."""

    __slots__ = ("_timers", "commands", "last_command", "now", "ready", "waiting")

    def __init__(self, now: float) -> None:
        self.now = now
        """The time as far as it has been told, in seconds since 1970; never goes back."""
        self.ready: deque[tuple[Execution, Frame, Step]] = deque()
        self._timers: Timers | None = None
        self.commands: list[Command] = []
        """What has come up since the last advance."""
        self.waiting: dict[int, Receiver] = {}
        """The attempt or Map Run that waits for the answer to a command."""
        self.last_command = 0

    def next_id(self) -> int:
        """Give the id of the next command."""
        self.last_command += 1
        return self.last_command

    def advance(self, root: Execution) -> list[Command]:
        """Take frames further until none can go on, or until so much was done that the caller should look up."""
        ready, now = self.ready, self.now
        drives = MOST_DRIVES
        while True:
            while ready:
                run, frame, step = ready.popleft()
                if frame.live and run.status == "RUNNING":
                    run.now = now
                    if run.drive(frame, step) or drives <= 0:
                        return self.take_commands()
                    drives -= 1
            if root.status != "RUNNING" or self._timers is None or not self._timers.fire_due(now):
                return self.take_commands()

    def at(self, run: TimedT, due: float, fire: Callable[[TimedT], None]) -> Timer:
        """Set a timer."""
        if self._timers is None:
            self._timers = Timers()
        return self._timers.at(run, due, fire)

    @property
    def next_timer(self) -> float | None:
        """The nearest deadline, in seconds since 1970; None if there is none."""
        return None if self._timers is None else self._timers.next

    def timers(self) -> list[tuple[int, float]]:
        """Give the timers that will come: the place at which each was set, and when it is due."""
        return [] if self._timers is None else self._timers.live()

    def take_commands(self) -> list[Command]:
        """Give the commands that have come up, once."""
        commands, self.commands = self.commands, []
        return commands

    def clear(self) -> None:
        """Forget what is ready or timed."""
        self.ready.clear()
        self.waiting.clear()
        if self._timers is not None:
            self._timers.clear()
