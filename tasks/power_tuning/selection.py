"""Choosing the best memory size from what was measured."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from stepsmith.expressions.types import Json
from tasks.errors import InvalidInput


class Strategy(StrEnum):
    """What the best memory size is best at."""

    COST = "cost"
    SPEED = "speed"
    BALANCED = "balanced"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A memory size in MB, its mean duration in milliseconds, and what a run costs."""

    power: int
    duration: float
    cost: float


def strategy_named(name: Json) -> Strategy:
    """Return the strategy of that name.

    Raises InvalidInput when there is none.
    """
    try:
        return Strategy(str(name))
    except ValueError:
        raise InvalidInput(f"strategy: {str(name)[:50]!r} is not one of {', '.join(Strategy)}") from None


def best(candidates: Sequence[Candidate], strategy: Strategy, balanced_weight: float = 0.5) -> Candidate:
    """Return the best candidate, the first one if several are equally good.

    Raises InvalidInput when there is none.
    """
    return ranked(candidates, strategy, balanced_weight)[0]


def ranked(
    candidates: Sequence[Candidate], strategy: Strategy, balanced_weight: float = 0.5
) -> list[Candidate]:
    """Return the candidates from the best to the worst, equally good ones in their order.

    Raises InvalidInput when there is none.
    """
    if not candidates:
        raise InvalidInput("no memory size has a duration")
    return sorted(candidates, key=ranking(candidates, strategy, balanced_weight))


def ranking(
    candidates: Sequence[Candidate], strategy: Strategy, balanced_weight: float
) -> Callable[[Candidate], tuple[float, float]]:
    """Return the key by which candidates are compared: lower is better."""
    match strategy:
        case Strategy.COST:
            return lambda candidate: (candidate.cost, candidate.duration)
        case Strategy.SPEED:
            return lambda candidate: (candidate.duration, candidate.cost)
        case Strategy.BALANCED:
            highest = max(candidate.cost for candidate in candidates)
            longest = max(candidate.duration for candidate in candidates)
            return lambda candidate: (
                _share(balanced_weight * candidate.cost, highest)
                + _share((1 - balanced_weight) * candidate.duration, longest),
                0,
            )


def _share(value: float, whole: float) -> float:
    return value / whole if whole else 0
