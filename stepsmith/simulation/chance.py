"""Chance from a seed: every draw is a function of what it is for, so that a change elsewhere leaves it as it was."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Final
from zlib import crc32

_MASK: Final = (1 << 64) - 1
_NORMAL: Final = NormalDist()


class Chance:
    """The draws of one execution."""

    __slots__ = ("_counts", "_root")

    def __init__(self, seed: int, execution: int) -> None:
        self._root = _mixed((seed & _MASK) ^ _mixed(execution + 1))
        self._counts: dict[str, int] = {}

    def draw(self, what: str) -> float:
        """Give a number from 0 up to 1, the next for what it is drawn for."""
        count = self._counts[what] = self._counts.get(what, 0) + 1
        return (_mixed(self._root ^ (crc32(what.encode("utf-8", "surrogatepass")) << 20) ^ count) >> 11) / (
            1 << 53
        )


def _mixed(value: int) -> int:
    """Mix the bits of a number (SplitMix64)."""
    value = (value + 0x9E3779B97F4A7C15) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


def exponential(draw: float, mean: float) -> float:
    """Give a waiting time between things that happen at random."""
    return -mean * math.log1p(-draw)


def lognormal(draw: float, median: float, p95: float) -> float:
    """Give a duration as services have them: most near the median, few far above it."""
    if median <= 0 or p95 <= median:
        return median
    sigma = math.log(p95 / median) / _NORMAL.inv_cdf(0.95)
    return median * math.exp(sigma * _NORMAL.inv_cdf(min(max(draw, 1e-12), 1 - 1e-12)))
