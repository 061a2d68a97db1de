"""An execution that this process drives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias

from stepsmith.engine.kernel.run import Run
from stepsmith.engine.ports import Answer, Command
from stepsmith.expressions.types import Json
from stepsmith.integrations import Dispatcher
from stepsmith.service.durable.awaited import Awaited
from stepsmith.service.durable.recorded import Parent
from stepsmith.service.durable.steps import Stepper
from stepsmith.store import Input, Start, Tail, Unit

if TYPE_CHECKING:
    from stepsmith.service.driving.live import Watcher
    from stepsmith.service.executions.started import Startable

Responder: TypeAlias = Callable[[Json], Json]
Work: TypeAlias = Callable[[Callable[[Answer], None]], None]
"""Is carried out on another thread and hands over its answers one by one."""


@dataclass(slots=True, kw_only=True)
class Means:
    """What an execution is driven with: who answers its tasks, and the machines that it may start."""

    dispatcher: Dispatcher
    responders: Mapping[str, Responder] = field(default_factory=dict[str, Responder])
    machines: Mapping[str, Startable] = field(default_factory=dict[str, "Startable"])
    watcher: Watcher | None = None
    """Is told what the execution does."""


class Resolver(Protocol):
    """Finds the means to drive an execution with."""

    def means(self, id: int, start: Start) -> Means:
        """Return them, with a dispatcher of the execution's own; raises StepsmithError where there are none."""
        ...


@dataclass(slots=True, eq=False)
class Flight:
    """A command that is being carried out."""

    live: Live
    command: Command
    work: Work
    """What carries it out."""
    kind: object
    """What is called: those of one kind are taken to last as long."""
    deadline: float | None = None
    """In virtual time, the instant of the monotonic clock at which it has had its time."""

    @property
    def is_up(self) -> bool:
        """Whether somebody waits for it."""
        return self.live.flights.get(self.command.id) is self


@dataclass(slots=True, eq=False, kw_only=True)
class Live:
    """An execution that this process owns, between two steps."""

    id: int
    start: Start
    stepper: Stepper
    tail: Tail
    means: Means
    is_virtual: bool
    is_attended: bool = True
    parent: Parent | None
    awaited: Awaited = field(default_factory=Awaited)
    inputs: list[Input] = field(default_factory=list[Input])
    """What it is to be told in the next step."""
    taken: list[int] = field(default_factory=list[int])
    """The requests that these come from."""
    arrivals: list[tuple[float, int, Input]] = field(default_factory=list[tuple[float, int, Input]])
    """In virtual time, what other executions will have told it, with the instant and the request's id."""
    children: set[int] = field(default_factory=set[int])
    """Tasks that wait for executions they have started."""
    flights: dict[int, Flight] = field(default_factory=dict[int, Flight])
    tokens: dict[int, str] = field(default_factory=dict[int, str])
    """The task tokens that take answers, by command."""
    last_request: int = 0
    unwritten: int = 0
    """Steps that are not on the disk yet."""
    has_opened: set[int] = field(default_factory=set[int])
    """Readers that this process has opened."""
    backlog: list[Command] = field(default_factory=list[Command])
    """Pages of exports that wait until the page before is written."""
    is_lost: bool = False
    """Whether it goes on elsewhere, or not at all: what is still told of it is of no interest."""

    @property
    def run(self) -> Run:
        """The execution itself."""
        return self.stepper.run

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is under way: it waits for a time, for an answer from outside, or for nothing."""
        return not (self.unwritten or self.flights or self.inputs)

    @property
    def waits_for_others(self) -> bool:
        """Whether virtual time has to stand still until somebody has answered."""
        if self.children:
            return True
        return self.is_attended and bool(self.tokens) and bool(self.awaited.callbacks)


class Driving(Protocol):
    """What drives executions, as those see it that carry out their commands."""

    @property
    def is_stopping(self) -> bool:
        """Whether no task may begin any more."""
        ...

    def now(self, live: Live) -> float:
        """Return the time of an execution: its own, or that of the wall."""
        ...

    def tell(self, live: Live, given: Input) -> None:
        """Let an execution be told something in its next step."""
        ...

    def step(self, live: Live, at: float, inputs: list[Input], follows: Iterable[Command] = ()) -> None:
        """Take a step and let it be written; what follows from it, and `follows`, is carried out then."""
        ...

    def put(self, unit: Unit) -> None:
        """Let a unit be written that is no step of an execution."""
        ...

    def do(self, flight: Flight) -> None:
        """Let the work of a flight be done, and take its answers."""
        ...

    def find(self, arn: str) -> Start | None:
        """Return how the execution of an ARN began; None where there is none."""
        ...
