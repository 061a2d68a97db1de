"""Retry and Catch: which errors a name stands for, and when the next attempt comes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from stepsmith.asl.model import Retrier
from stepsmith.engine.values.failures import (
    ALL,
    QUERY_EVALUATION,
    RUNTIME,
    TASK_FAILED,
    TIMEOUT,
    StateFailure,
)
from stepsmith.frozen import frozen

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


class Tried(Protocol):
    """What counts the retries of its current state: a line of control."""

    retries: list[int] | None
    retry_count: int


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
    # machines/sfnx/task-failed-catcher-misses-arguments and task-failed-misses-timeout
    return TASK_FAILED in errors and failure.error not in (TIMEOUT, QUERY_EVALUATION)


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
    retriers: tuple[CompiledRetrier, ...], tried: Tried, failure: StateFailure, random: Callable[[], float]
) -> float | None:
    """Count one more retry of a state and give its delay in seconds; None when there is none left."""
    index = retrier_for(retriers, failure)
    if index is None:
        return None
    if tried.retries is None:
        tried.retries = [0] * len(retriers)
    retrier, used = retriers[index], tried.retries[index]
    if used >= retrier.attempts:
        return None
    tried.retries[index] = used + 1
    tried.retry_count += 1
    delay = backoff(retrier, used)
    return delay * random() if retrier.jitter else delay
