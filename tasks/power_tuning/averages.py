"""Figures over the durations of many invocations."""

import math
from collections.abc import Sequence

from tasks.errors import InvalidInput
from tasks.power_tuning.ecmascript import total_of


def trimmed_mean(values: Sequence[float], discard: float) -> float:
    """Return the mean after cutting the share `discard` off each end of the sorted values, 0 of none.

    The count cut off is truncated. Raises InvalidInput unless 0 <= discard < 0.5.
    """
    if not 0 <= discard < 0.5:
        raise InvalidInput(f"discardTopBottom: {discard!r} is not at least 0 and below 0.5")
    if not values:
        return 0
    cut = int(len(values) * discard)
    kept = sorted(values)[cut : len(values) - cut]
    return total_of(kept) / len(kept)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def deviation(values: Sequence[float]) -> float:
    """Return the standard deviation of a sample, 0 for fewer than two values."""
    if len(values) < 2:
        return 0
    mean = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))


def standard_error(values: Sequence[float], discard: float) -> float:
    """Return the standard error of the trimmed mean, from the winsorised deviation (Tukey and McLaughlin)."""
    cut = int(len(values) * discard)
    ordered = sorted(values)
    kept = ordered[cut : len(ordered) - cut]
    if len(kept) < 2:
        return 0
    winsorised = [kept[0]] * cut + kept + [kept[-1]] * cut
    return deviation(winsorised) * math.sqrt(len(values)) / len(kept)


def clamped(value: float, low: float, high: float) -> float:
    """Return the value, or the bound it is beyond."""
    return min(max(value, low), high)
