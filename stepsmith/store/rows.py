"""What the journal keeps of an execution, as it is handed in and out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen
from stepsmith.store.inputs import Input

NEVER: Final = float("inf")
"""Due only when somebody answers."""
HeadSays: TypeAlias = tuple[str, float, float]
"""What the head of an execution says but for the end of its chain: status, when it is due, when it has ended."""
RUNS: Final[HeadSays] = ("RUNNING", 0.0, 0.0)
"""What it says of one that goes on now."""


@frozen(kw_only=True)
class Start:
    """An execution as it was started; never changed afterwards."""

    arn: str
    name: str
    machine: str
    """The name of the state machine."""
    definition: str
    """The definition as JSON text, as it was then."""
    input: str
    """The input as JSON text, with the caller's own spacing."""
    started: float
    """Seconds since 1970."""
    options: Mapping[str, Json]
    """Whatever else decides how it goes on: seed, account, clock, who answers its tasks."""


@frozen(kw_only=True)
class Head:
    """Where an execution stands."""

    count: int
    """How many records it has."""
    status: str
    due: float
    """When there is something to do: 0 for now, in seconds since 1970, or NEVER."""
    stopped: float
    """When it ended, in seconds since 1970; 0 while it runs."""


@frozen(kw_only=True)
class Record:
    """One step: what the execution was told, and when."""

    at: float
    inputs: list[Input]
    last: int
    """The id of its newest event after the step."""
    digest: int
    """A checksum over the events up to then."""


@frozen(kw_only=True)
class Summary:
    """An execution in a list."""

    id: int
    arn: str
    name: str
    machine: str
    status: str
    started: float
    stopped: float
    due: float


@frozen(kw_only=True)
class Request:
    """What somebody outside asks of an execution; it waits until its owner takes it."""

    id: int
    execution: int
    at: float
    input: Input


@frozen(kw_only=True)
class Token:
    """A task token that is waited with."""

    token: str
    execution: int
    command: int
    state: str
    is_open: bool


@dataclass(slots=True, eq=False)
class Tail:
    """The end of an execution's chain, which the writer moves on; one for each execution that is driven."""

    execution: int = 0
    """0 until it is written for the first time."""
    count: int = 0
    record: int = 0
    chain: bytes = b""
    head: HeadSays | None = None
    """What its head in the journal says."""


@dataclass(slots=True, eq=False, kw_only=True)
class Unit:
    """What is written together or not at all: a step of one execution and what belongs to it."""

    tail: Tail
    status: str = "RUNNING"
    due: float = 0.0
    stopped: float = 0.0
    start: Start | None = None
    """An execution that begins with this."""
    body: bytes | None = None
    """The inputs of the step; None for a unit that only moves the head."""
    at: float = 0.0
    last: int = 0
    digest: int = 0
    opened: tuple[Token, ...] = ()
    closed: tuple[str, ...] = ()
    """Tokens that take no answer any more; the unit is refused if somebody has answered one of them meanwhile."""
    answered: tuple[str, ...] = ()
    """Tokens that take no answer any more, and have taken one."""
    taken: tuple[int, ...] = ()
    """Requests that the step has taken."""
    posted: tuple[tuple[int, Input], ...] = ()
    """Requests to other executions, by their id."""
    follows: Start | None = None
    """An execution that begins because this one has ended."""
    following: int = 0
    """The id of that one, once it is written."""
    written: Callable[[Unit], None] | None = None
    """For whoever made it: what to do when it is written or refused; of no interest to the journal."""
    refused: bool = field(default=False)
    """Whether it was not written because the execution had gone on without its owner."""
