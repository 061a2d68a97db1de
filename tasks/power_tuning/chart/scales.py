"""Where figures are in a plot, and how they are written."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

STEPS: Final = 5
"""How many steps every axis of figures has, so that two of them share the lines of one grid."""
LABEL: Final = 64
"""How much room the label of a memory size needs."""
_ROUND: Final = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)


@dataclass(frozen=True, slots=True)
class MemoryScale:
    """Where a memory size is on a horizontal axis from `left` to `right`, which is logarithmic."""

    powers: tuple[int, ...]
    left: float
    right: float

    @classmethod
    def over(cls, powers: Sequence[int], left: float, right: float) -> "MemoryScale":
        """Return the scale that has room for these sizes."""
        return cls(tuple(sorted(set(powers))), left, right)

    def at(self, power: int) -> float:
        """Return the horizontal place of a size."""
        low, high = self.powers[0], self.powers[-1]
        if low == high:
            return (self.left + self.right) / 2
        return self.left + (self.right - self.left) * math.log(power / low) / math.log(high / low)

    def labels(self, first: Sequence[int]) -> list[int]:
        """Return the sizes that can be written below the axis without touching each other, `first` ones preferred."""
        kept: list[int] = []
        for power in [*first, *self.powers]:
            if all(abs(self.at(power) - self.at(other)) >= LABEL for other in kept):
                kept.append(power)
        return sorted(kept)


@dataclass(frozen=True, slots=True)
class FigureScale:
    """Where a figure is on a vertical axis from 0 at `bottom` to `highest` at `top`."""

    highest: float
    top: float
    bottom: float

    @classmethod
    def over(cls, values: Sequence[float], top: float, bottom: float) -> "FigureScale":
        """Return the scale that has room for these figures; those that are not finite are at its top."""
        return cls(
            ticks(max((value for value in values if math.isfinite(value)), default=0))[-1], top, bottom
        )

    def at(self, value: float) -> float:
        """Return the vertical place of a figure."""
        if not math.isfinite(value):
            return self.top
        return self.bottom - (self.bottom - self.top) * value / self.highest


def ticks(highest: float) -> list[float]:
    """Return round values at equal steps, from 0 to at least the highest."""
    if not 0 < highest < math.inf:
        return [index / STEPS for index in range(STEPS + 1)]
    rough = highest / STEPS
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * factor for factor in _ROUND if unit * factor >= rough * (1 - 1e-9))
    return [step * index for index in range(STEPS + 1)]


def number(value: float) -> str:
    """Return a figure with three or four digits that say something."""
    if not math.isfinite(value):
        return "unknown"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    if abs(value) >= 1 or value == 0:
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    if abs(value) < 1e-6:
        return f"{value:.3g}"
    return f"{value:.{2 - math.floor(math.log10(abs(value)))}f}".rstrip("0")


def difference(value: float, before: float) -> str:
    """Return by how many percent a figure is above or below another one."""
    if not math.isfinite(value) or not math.isfinite(before) or before <= 0:
        return "unknown"
    percent = round(100 * (value / before - 1))
    return f"+{percent:,} %" if percent > 0 else f"\u2212{-percent} %" if percent < 0 else "0 %"
