"""The bounds of one evaluation, what it may see of the world, and the account of what it has used."""

from __future__ import annotations

import math
import random
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, Final, Protocol, TypeAlias

from stepsmith.expressions.jsonata.errors import JsonataError, memory_exceeded, stack_overflow, timed_out
from stepsmith.expressions.types import UNDEFINED
from stepsmith.frozen import frozen

_UNBOUNDED: Final = 2**62
_NONE: Final[Mapping[str, Any]] = {}


@frozen
class Limits:
    """Bounds of an evaluation; None means none.

    `work` counts eight-byte cells touched and is the same on every machine; `seconds` of the
    environment's clock are a last guard. `value_bytes` bounds each array and string that
    is built (8 for a member, 1 for a character), `range_items` the result of `$range`. Without
    `evaluation` there is no `$eval`.
    """

    depth: int | None = None
    work: int = 40_000_000
    seconds: float | None = None
    value_bytes: int | None = None
    range_items: int = 10_000_000
    evaluation: bool = True
    most_depth: int = field(init=False, repr=False)
    most_bytes: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "most_depth", self.depth or _UNBOUNDED)
        object.__setattr__(self, "most_bytes", self.value_bytes or _UNBOUNDED)


AWS_LIMITS: Final = Limits(
    depth=100, work=30_000_000, seconds=0.6, value_bytes=6_990_256, range_items=360_145, evaluation=False
)
"""The bounds measured on AWS Step Functions."""

REFERENCE_LIMITS: Final = Limits(work=2_000_000_000, seconds=10.0)
"""The bounds where none are given: those of the reference implementation, and an end in any case."""


PROCESSOR_TIME: Final[Callable[[], float]] = getattr(time, "thread_time", time.monotonic)
"""The time that this thread has computed, so that an evaluation is not charged for what else a machine does.

Where a system does not count it, the time that has passed.
"""


def _milliseconds() -> int:
    return time.time_ns() // 1_000_000


@frozen
class Environment:
    """What an expression sees of the world: the time, randomness, and a clock for its own time limit.

    `now` gives milliseconds since 1970, `random` a number in [0, 1), `uuid` a version 4 UUID. The
    `clock` gives seconds and never goes back; without one only the deterministic bounds hold.
    """

    now: Callable[[], int] = _milliseconds
    random: Callable[[], float] = random.random
    uuid: Callable[[], str] = field(default=lambda: str(uuid.uuid4()))
    clock: Callable[[], float] | None = PROCESSOR_TIME


SYSTEM: Final = Environment()
"""The environment where none is given: this machine's time and randomness."""

_PORTION: Final = 500_000
"""Work between two looks at the clock, some ten milliseconds."""
_SMALL: Final = 64
_CELL: Final = 8
_NEW_CELLS: Final = 4
_CHARACTERS_PER_CELL: Final = 8
_UNNOTICED: Final = 1_000
_LONGEST_PICTURE: Final = 1_000
_PICTURE_WORK: Final = 16
_LITTLE: Final = 20_000


CompiledText: TypeAlias = tuple[Callable[[Any, list[Any]], Any], list[Any]]
"""A closure that takes the context and the frame, and the slots that its own frame adds."""


class CompileText(Protocol):
    """What `$eval` needs of the compiler above it."""

    def __call__(self, text: str, *, guarded: bool) -> CompiledText:
        """The closure of a text; raises JsonataError where it is no expression."""
        ...


class Run:
    """One evaluation: its bounds, what is used of them, and what was found out on its way."""

    root: Any = UNDEFINED
    bindings: Mapping[str, Any] = _NONE
    depth = 0
    """How deep the evaluation of the current function began."""
    unclean = False
    """Whether the result may hold what JSON does not have: Infinity, NaN, or nothing in an array."""
    idle = False
    """Whether this stands for all evaluations that need no account."""
    flagged: dict[int, Any] | None = None
    """Arrays inside values that are sequences, by identity."""
    cons: dict[int, Any] | None = None
    """Arrays that stay what they are where sequences are flattened, by identity."""
    single: dict[int, Any] | None = None
    """Arrays inside values that are sequences of none or one, which collapse when they are read again."""
    guarded = False
    """Whether each step looks at the depth, and at the sequences that collapse."""
    _timestamp: int | None = None
    _fuel = 0
    _deadline: float | None = None

    def __init__(
        self,
        limits: Limits,
        environment: Environment,
        compile_text: CompileText,
        keys_of: Callable[[dict[str, Any]], list[str]],
    ) -> None:
        self.limits = limits
        self.environment = environment
        self.compile_text = compile_text
        self.keys_of = keys_of
        self._reserve = limits.work

    def again(self) -> None:
        """Begins the same evaluation once more, guarded; what was used of the bounds stays used."""
        self.guarded = True
        self.unclean, self.depth = False, 0
        self.flagged = self.cons = self.single = None

    @property
    def timestamp(self) -> int:
        """The time of this evaluation in milliseconds, the same however often it is asked for."""
        if self._timestamp is None:
            self._timestamp = self.environment.now()
        return self._timestamp

    def soil(self) -> None:
        """Notes that the result may hold what JSON does not have."""
        self.unclean = True

    def charge(self, work: int) -> None:
        """Accounts for work; raises JsonataError when it or the time is used up."""
        self._fuel -= work
        if self._fuel < 0:
            self._refuel()

    def _refuel(self) -> None:
        self._reserve += self._fuel
        if self._reserve < 0:
            raise timed_out()
        self._fuel = min(_PORTION, self._reserve)
        self._reserve -= self._fuel
        clock, seconds = self.environment.clock, self.limits.seconds
        if clock is None or seconds is None:
            return
        if self._deadline is None:
            self._deadline = clock() + seconds
        elif clock() > self._deadline:
            raise timed_out()

    def array(self, length: int) -> None:
        """Accounts for an array of that length, before it is built where its length is known."""
        if length > _SMALL:
            if length * 8 > self.limits.most_bytes:
                raise memory_exceeded()
            self.charge(length)

    def joined(self, length: int) -> None:
        """Accounts for an array that is made of another one, at half the price."""
        if length > _SMALL:
            if length * 8 > self.limits.most_bytes:
                raise memory_exceeded()
            self.charge(length // 2)

    def mapped(self, given: int, made: int) -> None:
        """Accounts for what a function has made of each member of an array.

        Measured on AWS: `$map([1..200000], …)` is too much, though the range itself is not.
        """
        if _CELL * (given + _NEW_CELLS * made) > self.limits.most_bytes:
            raise memory_exceeded()

    def string(self, length: int) -> None:
        """Accounts for a string of that length."""
        if length > _SMALL:
            if length > self.limits.most_bytes:
                raise memory_exceeded()
            self.charge(length // _CHARACTERS_PER_CELL)

    def read(self, characters: int) -> None:
        """Accounts for reading through so many characters, at a price that counts only where they are many."""
        if characters > _UNNOTICED:
            self.charge(characters // _CHARACTERS_PER_CELL)

    def picture(self, text: str) -> None:
        """Accounts for reading a picture; raises JsonataError for one that is too long."""
        if len(text) > _LONGEST_PICTURE:
            raise JsonataError("U1006", message=f"A picture has at most {_LONGEST_PICTURE} characters")
        self.charge(_PICTURE_WORK * len(text))

    def check_depth(self, depth: int) -> None:
        """Raises JsonataError where an evaluation is nested deeper than allowed."""
        if depth > self.limits.most_depth:
            raise stack_overflow(depth, self.limits.most_depth)


class NeedsAccount(Exception):
    """An evaluation was begun without an account, and turns out to need one."""


class IdleRun(Run):
    """Stands for all evaluations that do little: shared, so nothing is counted; much work ends it.

    Such an evaluation has few steps and no loop, so what a step may do bounds the whole.
    """

    idle = True

    def soil(self) -> None:
        """Raises NeedsAccount: what the result may hold is looked at only where there is an account."""
        raise NeedsAccount

    def charge(self, work: int) -> None:
        """Raises NeedsAccount where a single step does more than little."""
        if work > _LITTLE:
            raise NeedsAccount


def finite(run: Run, value: float) -> float:
    """A number that a function yields; the run is told where JSON has no such number."""
    if type(value) is float and not math.isfinite(value):
        run.unclean = True
    return value
