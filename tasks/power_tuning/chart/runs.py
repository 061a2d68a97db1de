"""What a chart is told of a run: which function, how it was measured, and the figures of each memory size."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tasks.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartSize:
    """A memory size in MB, its milliseconds, what a run costs, and how many runs these are the figures of."""

    power: int
    duration: float
    cost: float
    p95: float | None = None
    deviation: float | None = None
    samples: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartFailure:
    """A memory size that could not be measured, and why."""

    power: int
    failure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartRun:
    """A run of power tuning; None is what is not known of it, as of one that only the address of its chart is left of.

    `sizes` are in order of memory size; `best` is the one that is recommended, `tied` are those within its noise.
    """

    sizes: tuple[ChartSize, ...]
    currency: str = "USD"
    best: int | None = None
    tied: tuple[int, ...] = ()
    failed: tuple[ChartFailure, ...] = ()
    warnings: tuple[str, ...] = ()
    strategy: str | None = None
    function: str | None = None
    region: str | None = None
    architecture: str | None = None
    started: datetime | None = None
    runs: int | None = None
    is_cold: bool = False
    measured_by: str | None = None

    def size(self, power: int | None) -> ChartSize | None:
        """Return what was measured at a memory size, None when it was not."""
        return next((size for size in self.sizes if size.power == power), None)

    @property
    def cheapest(self) -> ChartSize | None:
        """The size at which a run costs least."""
        return min(_known(self.sizes, _cost), key=_cost, default=None)

    @property
    def dearest(self) -> ChartSize | None:
        """The size at which a run costs most."""
        return max(_known(self.sizes, _cost), key=_cost, default=None)

    @property
    def fastest(self) -> ChartSize | None:
        """The size at which a run takes the shortest time."""
        return min(_known(self.sizes, _duration), key=_duration, default=None)

    @property
    def slowest(self) -> ChartSize | None:
        """The size at which a run takes the longest time."""
        return max(_known(self.sizes, _duration), key=_duration, default=None)


_TOLD_APART_BY: Final[Sequence[Callable[[ChartRun], str | None]]] = (
    lambda run: run.function,
    lambda run: run.architecture,
    lambda run: run.region,
    lambda run: run.measured_by,
    lambda run: None if run.started is None else moment(run.started),
)


def names_of(runs: Sequence[ChartRun]) -> list[str]:
    """Return a name for each run: the first thing in which all differ, their numbers when there is none."""
    for told in _TOLD_APART_BY:
        found = [told(run) for run in runs]
        if None not in found and len(set(found)) == len(found):
            return [str(name) for name in found]
    return [f"run {number}" for number in range(1, len(runs) + 1)]


def check_comparable(run: ChartRun, other: ChartRun) -> None:
    """Refuse runs whose costs are in different currencies, with InvalidInput."""
    if run.currency != other.currency:
        raise InvalidInput(f"costs in {run.currency} and {other.currency} cannot be compared")


def moment(time: datetime) -> str:
    """Return when that was, to the minute."""
    return f"{time:%Y-%m-%d %H:%M} UTC"


def _known(sizes: Sequence[ChartSize], figure: Callable[[ChartSize], float]) -> list[ChartSize]:
    return [size for size in sizes if math.isfinite(figure(size))]


def _cost(size: ChartSize) -> float:
    return size.cost


def _duration(size: ChartSize) -> float:
    return size.duration
