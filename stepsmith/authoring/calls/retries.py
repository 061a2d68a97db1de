"""Retry policies of tasks as values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

from stepsmith.authoring.values.reach import Reach
from stepsmith.authoring.values.types import error_name, error_names
from stepsmith.frozen import frozen

if TYPE_CHECKING:
    from stepsmith.asl.model import Retrier

ErrorSpec: TypeAlias = type[BaseException] | str
"""An exception class, which stands for itself and its known subclasses, or an ASL error name."""

_DEFAULT_INTERVAL: Final = 1
_DEFAULT_ATTEMPTS: Final = 3
_DEFAULT_BACKOFF: Final = 2.0
_LONGEST_DELAY: Final = 31_622_400


@frozen(kw_only=True)
class Retry:
    """How often, and after which delays, a failed task is called again.

    What is left out is as in the States Language: 3 retries, the first after 1 s, each delay twice the one before.
    Without `errors` it holds for every error. Raises ValueError for numbers that the States Language does not allow.
    """

    errors: tuple[ErrorSpec, ...] = ()
    interval: timedelta | None = None
    """Delay before the first retry, in whole seconds."""
    max_attempts: int | None = None
    """Retries, not counting the first call; 0 means never."""
    backoff_rate: float | None = None
    """What each delay is multiplied by for the next."""
    max_delay: timedelta | None = None
    """The longest delay, in whole seconds."""
    jitter: bool = False
    """Whether each delay is drawn between 0 and its length."""

    def __post_init__(self) -> None:
        if self.interval is not None:
            whole_seconds("interval", self.interval, low=0)
        if self.max_delay is not None:
            whole_seconds("max_delay", self.max_delay, high=_LONGEST_DELAY)
        if self.max_attempts is not None and self.max_attempts < 0:
            raise ValueError(f"max_attempts is {self.max_attempts}, and cannot be negative")
        if self.backoff_rate is not None and self.backoff_rate < 1:
            raise ValueError(f"backoff_rate is {self.backoff_rate}, and must be 1 or more")

    @classmethod
    def on(
        cls,
        *errors: ErrorSpec,
        interval: timedelta | None = None,
        max_attempts: int | None = None,
        backoff_rate: float | None = None,
        max_delay: timedelta | None = None,
        jitter: bool = False,
    ) -> Retry:
        """Retry these errors only. Raises ValueError where none is given."""
        if not errors:
            raise ValueError("Retry.on() names no error; Retry() retries every error")
        return cls(
            errors=errors,
            interval=interval,
            max_attempts=max_attempts,
            backoff_rate=backoff_rate,
            max_delay=max_delay,
            jitter=jitter,
        )

    @classmethod
    def never(cls, *errors: ErrorSpec) -> Retry:
        """Do not retry these errors; put it before the policies that would. Raises ValueError where none is given."""
        if not errors:
            raise ValueError("Retry.never() names no error; leave the policy out to retry nothing")
        return cls(errors=errors, max_attempts=0)

    def names(self, reach: Reach | None = None) -> tuple[str, ...]:
        """Give the ASL error names, classes expanded to their subclasses within reach."""
        return names_of(self.errors, reach)

    def retrier(self, reach: Reach | None = None) -> Retrier:
        """Give the policy as a retrier of the States Language."""
        # here, so that a task function on Lambda starts without the whole language
        from stepsmith.asl.model import Retrier

        return Retrier(
            error_equals=self.names(reach),
            interval_seconds=None if self.interval is None else int(self.interval.total_seconds()),
            max_attempts=self.max_attempts,
            backoff_rate=self.backoff_rate,
            max_delay_seconds=None if self.max_delay is None else int(self.max_delay.total_seconds()),
            jitter_strategy="FULL" if self.jitter else None,
        )

    def delay(self, retries: int) -> timedelta | None:
        """Give the delay before the next retry after `retries` of them, without jitter; None when there is none."""
        if retries >= (_DEFAULT_ATTEMPTS if self.max_attempts is None else self.max_attempts):
            return None
        first = float(_DEFAULT_INTERVAL) if self.interval is None else self.interval.total_seconds()
        rate = _DEFAULT_BACKOFF if self.backoff_rate is None else self.backoff_rate
        seconds = first * rate**retries
        return timedelta(seconds=min(seconds, self.max_delay.total_seconds()) if self.max_delay else seconds)


def names_of(errors: Sequence[ErrorSpec], reach: Reach | None = None) -> tuple[str, ...]:
    """Give the ASL names of errors, each once; every error where none is given."""
    found: dict[str, None] = {}
    for error in errors or ("States.ALL",):
        found.update(dict.fromkeys((error,) if isinstance(error, str) else error_names(error, reach)))
    return ("States.ALL",) if "States.ALL" in found else tuple(found)


def matches(error: BaseException, names: Sequence[str]) -> bool:
    """Say whether an error is one of these names, as Retry and Catch match."""
    name = error_name(type(error))
    if name in names:
        return True
    if name == "States.Runtime":
        return False
    return "States.ALL" in names or ("States.TaskFailed" in names and name != "States.Timeout")


def check_policies(policies: Sequence[Retry]) -> tuple[Retry, ...]:
    """Give the policies; raises ValueError where one for every error is not the last, as the States Language asks."""
    for policy in policies[:-1]:
        if "States.ALL" in policy.names():
            raise ValueError("a Retry for every error must be the last of its list")
    return tuple(policies)


def whole_seconds(what: str, duration: timedelta | int, *, low: int = 1, high: int = 99_999_999) -> int:
    """Give a duration in seconds; raises ValueError where it is not whole, or outside the bounds."""
    seconds = duration.total_seconds() if isinstance(duration, timedelta) else duration
    if seconds != int(seconds) or not low <= seconds <= high:
        raise ValueError(f"{what} is {duration}, and must be {low} to {high} whole seconds")
    return int(seconds)
