"""Whether two texts are nearly the same: by the share of runs of three words that they have in common.

A sketch is the smallest 64 of all the runs' hashes; two sketches estimate that share (Broder, 1997). Bands of a MinHash
signature find what may be alike without comparing a text to all others.
"""

from __future__ import annotations

import hashlib
from typing import Final

RUN: Final = 3
SKETCH: Final = 64
BANDS: Final = 4
ROWS: Final = 4
ALIKE: Final = 0.7
"""The share of common runs from which two texts are the same article."""
FEWEST_WORDS: Final = 20
"""Shorter texts have too few runs to be compared."""
_MASK: Final = (1 << 64) - 1
_SALTS: Final = tuple(
    int.from_bytes(hashlib.sha256(f"likeness {n}".encode()).digest()[:8], "big") | 1
    for n in range(BANDS * ROWS)
)


def sketch(text: str) -> list[int]:
    """Return the sketch of a text; empty where it has too few words."""
    return sorted(_runs(text))[:SKETCH]


def bands(text: str) -> list[str]:
    """Return names of which two alike texts have at least one in common, nearly always; none for short texts."""
    runs = _runs(text)
    if not runs:
        return []
    lowest = [min(((run ^ salt) * salt) & _MASK for run in runs) for salt in _SALTS]
    return [
        hashlib.sha256(repr((band, lowest[band * ROWS : (band + 1) * ROWS])).encode()).hexdigest()[:20]
        for band in range(BANDS)
    ]


def likeness(first: list[int], second: list[int]) -> float:
    """Estimate the share of runs that two texts have in common, by their sketches."""
    if not first or not second:
        return 0.0
    smallest = sorted({*first, *second})[:SKETCH]
    both = set(first) & set(second)
    return sum(run in both for run in smallest) / len(smallest)


def _runs(text: str) -> set[int]:
    words = ["".join(c for c in word if c.isalnum()) for word in text.casefold().split()]
    words = [word for word in words if word]
    if len(words) < FEWEST_WORDS:
        return set()
    return {
        int.from_bytes(
            hashlib.blake2b(
                " ".join(words[n : n + RUN]).encode("utf-8", "surrogatepass"), digest_size=8
            ).digest(),
            "big",
        )
        for n in range(len(words) - RUN + 1)
    }
