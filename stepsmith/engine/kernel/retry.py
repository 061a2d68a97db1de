"""Retry and Catch: which errors a name stands for, and when the next attempt comes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from stepsmith.asl.model import Retrier
from stepsmith.engine.values.failures import ALL, RUNTIME, TASK_FAILED, TIMEOUT, StateFailure
from stepsmith.frozen import frozen

if TYPE_CHECKING:
    from stepsmith.engine.kernel.frames import Frame, Node
    from stepsmith.engine.kernel.run import Run

LONGEST_DELAY: Final = 31_622_400.0
"""Most seconds between two attempts."""


@frozen
class CompiledRetrier:
    """One element of Retry with its defaults filled in."""

    errors: frozenset[str]
    interval: float
    attempts: int
    rate: float
    longest: float
    jitter: bool


CaughtStep: TypeAlias = "Callable[[Run, Frame, StateFailure], Node]"
"""Leaves a state by a catcher: records the exit and gives the state to go to."""


@frozen
class CompiledCatcher:
    """One element of Catch."""

    errors: frozenset[str]
    leave: CaughtStep


def compile_retriers(retriers: tuple[Retrier, ...]) -> tuple[CompiledRetrier, ...]:
    """Fill in the defaults of Retry."""
    return tuple(
        CompiledRetrier(
            errors=frozenset(retrier.error_equals),
            interval=1 if retrier.interval_seconds is None else retrier.interval_seconds,
            attempts=3 if retrier.max_attempts is None else retrier.max_attempts,
            rate=2.0 if retrier.backoff_rate is None else retrier.backoff_rate,
            longest=LONGEST_DELAY if retrier.max_delay_seconds is None else retrier.max_delay_seconds,
            jitter=retrier.jitter_strategy == "FULL",
        )
        for retrier in retriers
    )


def matches(errors: frozenset[str], failure: StateFailure) -> bool:
    """Tell whether ErrorEquals names a failure; nothing names States.Runtime."""
    if failure.error == RUNTIME:
        return False
    if ALL in errors or not errors.isdisjoint(failure.names):
        return True
    return TASK_FAILED in errors and failure.error != TIMEOUT


def backoff(retrier: CompiledRetrier, used: int) -> float:
    """Give the seconds before attempt `used` + 1 of a retrier, jitter left out."""
    try:
        delay = retrier.interval * retrier.rate**used
    except OverflowError:
        return retrier.longest
    return min(delay, retrier.longest)


def retrier_for(retriers: tuple[CompiledRetrier, ...], failure: StateFailure) -> int | None:
    """Give the index of the first retrier that names a failure."""
    for index, retrier in enumerate(retriers):
        if matches(retrier.errors, failure):
            return index
    return None


def next_delay(
    retriers: tuple[CompiledRetrier, ...], frame: Frame, failure: StateFailure, random: Callable[[], float]
) -> float | None:
    """Count one more retry of a frame's state and give its delay in seconds; None when there is none left."""
    index = retrier_for(retriers, failure)
    if index is None:
        return None
    if frame.retries is None:
        frame.retries = [0] * len(retriers)
    retrier, used = retriers[index], frame.retries[index]
    if used >= retrier.attempts:
        return None
    frame.retries[index] = used + 1
    frame.retry_count += 1
    delay = backoff(retrier, used)
    return delay * random() if retrier.jitter else delay
