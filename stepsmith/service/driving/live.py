"""What a driver drives: runs, the tasks of theirs that are under way, and who watches, starts and answers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
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

    def children(self, parent: LiveRun) -> list[LiveRun]:
        """Give the executions that one has started, as far as they are remembered, in the order of their start."""
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
    """Tasks of one run that a thread carries out, one after the other: one task, or several without limits.

    Threads take the tasks from `waiting` and add answers; `done`, `others` and `answers` are for the driver to read.
    """

    __slots__ = (
        "answers", "begun", "cancelled", "current", "done", "first", "last", "limit", "live", "number", "others",
        "waiting",
    )  # fmt: skip

    def __init__(self, live: LiveRun, commands: Sequence[StartTask], number: int = 0) -> None:
        self.live = live
        self.number = number
        """Its place among all flights."""
        self.waiting = deque(commands)
        """Those that have not been begun."""
        self.first, self.last = commands[0].id, commands[-1].id
        self.current = commands[0]
        """The one that was begun last, or will be first."""
        self.begun = False
        self.answers: deque[Answer] = deque()
        """What they have said, in their order, until the driver takes it."""
        self.cancelled: set[int] = set()
        """Those that are no longer wanted."""
        self.others: deque[Flight] = deque()
        """Flights that took over tasks of this one, when it turned out that these are not quick."""
        self.done = False
        """Whether all has been said; the others are known by then."""
        self.limit: float | None = None
        """When it has had as much of the wall's time as its own limits give it, as `time.monotonic` counts."""

    def take_answers(self) -> tuple[list[Answer], bool]:
        """Take the answers of tasks that have ended; also tells whether all have."""
        is_done, answers = self.done, self.answers
        taken: list[Answer] = []
        if is_done:
            taken += answers
            answers.clear()
            return taken, True
        while answers and answers[0].id != self.current.id:
            taken.append(answers.popleft())
        return taken, False

    def states(self) -> set[str]:
        """Name the states of the tasks that have not ended."""
        return {self.current.state, *(command.state for command in list(self.waiting))}

    @property
    def is_landing(self) -> bool:
        """Whether there are answers to take: of a task under way there are none before it has ended."""
        return self.done or bool(self.answers and self.answers[0].id != self.current.id)


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
