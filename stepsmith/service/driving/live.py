"""What a driver drives: runs, the tasks of theirs that are under way, and who watches, starts and answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

from stepsmith.engine.kernel.run import Run
from stepsmith.engine.ports import Answer, StartTask
from stepsmith.expressions.types import Json
from stepsmith.integrations import Dispatcher

if TYPE_CHECKING:
    from stepsmith.service.clock import Clock

T = TypeVar("T")
Responder: TypeAlias = Callable[[Json], Json]
"""Answers a callback: takes the payload of the task, returns what is sent back, raises to send a failure."""


class Watcher(Protocol):
    """Is told what an execution does, as it does it."""

    def changed(self, run: Run) -> None:
        """Take notice of new events in the run's history."""
        ...


class Driving(Protocol):
    """What a starter of nested executions needs of the driver."""

    @property
    def clock(self) -> Clock:
        """The clock of the execution and of those it starts."""
        ...

    def add(self, live: LiveRun) -> None:
        """Take a run in."""
        ...

    def answer(self, live: LiveRun, answer: Answer) -> None:
        """Hand an answer to a run."""
        ...

    def stop(self, live: LiveRun, error: str | None, cause: str | None) -> None:
        """Abort one execution; its tasks are cancelled."""
        ...


class Starter(Protocol):
    """Takes over the start of a nested execution."""

    def starts(self, command: StartTask) -> bool:
        """Say whether a command starts an execution, as far as its resource tells."""
        ...

    def cancel(self, driver: Driving, parent: LiveRun, command_id: int) -> None:
        """Stop what a command has started and waits for, if it has started anything."""
        ...

    def start(self, driver: Driving, parent: LiveRun, command: StartTask) -> bool:
        """Start it and see to the answers; False when it is no business of the starter's."""
        ...


class LiveRun:
    """A run that is being driven."""

    __slots__ = (
        "delays",
        "depth",
        "dispatcher",
        "ended_by",
        "on_closed",
        "on_failed",
        "responders",
        "run",
        "seen",
        "tokens",
    )

    def __init__(
        self,
        run: Run,
        dispatcher: Dispatcher,
        responders: Mapping[str, Responder],
        delays: Mapping[str, float],
        depth: int = 0,
        on_closed: Callable[[Run], None] | None = None,
        on_failed: Callable[[LiveRun, float], LiveRun] | None = None,
    ) -> None:
        self.run = run
        self.dispatcher = dispatcher
        self.responders = responders
        self.delays = delays
        """Seconds that a task takes before it is carried out, by state name or function name."""
        self.depth = depth
        """How many executions this one is nested in."""
        self.on_closed = on_closed
        self.on_failed = on_failed
        """Gives the run that ends its records, should it not succeed."""
        self.ended_by: LiveRun | None = None
        self.tokens: dict[int, str] = {}
        self.seen = 0
        """How many events the watcher has been told of."""


class Flight:
    """A task that is being carried out."""

    __slots__ = ("answers", "command", "done", "limit", "live")

    def __init__(self, live: LiveRun, command: StartTask) -> None:
        self.live = live
        self.command = command
        self.answers: list[Answer] = []
        """What it has said, until the driver takes it."""
        self.done = False
        """Whether it has said all."""
        self.limit: float | None = None
        """When it has had as much of the wall's time as its own limits give it, as `time.monotonic` counts."""


def for_task(given: Mapping[str, T], command: StartTask) -> T | None:
    """Find what is given for a task by the name of its state or of its function."""
    name = str(called(command))
    for key in (command.state, name, name.removeprefix("${").removesuffix("}")):
        if key in given:
            return given[key]
    return None


def called(command: StartTask) -> str | None:
    """Give the name of the function that a task calls, where its payload names one."""
    payload = command.payload
    name = payload.get("FunctionName") if isinstance(payload, dict) else None
    return name if isinstance(name, str) else None
