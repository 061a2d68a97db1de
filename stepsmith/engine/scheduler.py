"""What the execution and the child executions of its distributed Maps share: the queue, the timers, the commands."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final

from stepsmith.engine.ports import Command
from stepsmith.engine.timers import Timers

if TYPE_CHECKING:
    from stepsmith.engine.frames import Frame, Step
    from stepsmith.engine.run import Run

SLICE: Final = 200_000
"""Events of one execution after which advance() comes back although there is more to do."""
MOST_DRIVES: Final = 50_000
"""Frames taken further after which it comes back."""


class Scheduler:
    """One thread of work: frames that can go on, timers, commands on their way out, answers awaited."""

    __slots__ = ("commands", "last_command", "now", "ready", "timers", "waiting")

    def __init__(self, now: float) -> None:
        self.now = now
        """The time as far as it has been told, in seconds since 1970; never goes back."""
        self.ready: deque[tuple[Run, Frame, Step]] = deque()
        self.timers = Timers()
        self.commands: list[Command] = []
        """What has come up since the last advance."""
        self.waiting: dict[int, tuple[Run, Any]] = {}
        """Who waits for the answer to a command: the run, and its attempt or Map Run."""
        self.last_command = 0

    def tell(self, now: float) -> None:
        """Take notice of the time."""
        if now > self.now:
            self.now = now

    def next_id(self) -> int:
        """Give the id of the next command."""
        self.last_command += 1
        return self.last_command

    def advance(self, root: Run) -> list[Command]:
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
            if root.status != "RUNNING" or not self.timers.fire_due(now):
                return self.take_commands()

    def take_commands(self) -> list[Command]:
        """Give the commands that have come up, once."""
        commands, self.commands = self.commands, []
        return commands

    def clear(self) -> None:
        """Forget what is ready or timed."""
        self.ready.clear()
        self.timers.clear()
        self.waiting.clear()
