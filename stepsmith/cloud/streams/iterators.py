"""Places in a shard from which somebody reads on, as opaque texts that expire."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from stepsmith.cloud.streams.log import Shard


@dataclass(frozen=True, slots=True)
class Place:
    """Where reading goes on."""

    stream: str
    shard: str
    place: int
    made: float

    def text(self) -> str:
        """Give the iterator that clients hand back."""
        return base64.b64encode(f"{self.stream}|{self.shard}|{self.place}|{self.made}".encode()).decode()


def read_place(text: str) -> Place | None:
    """Read an iterator; None for what is none."""
    try:
        stream, shard, place, made = base64.b64decode(text, validate=True).decode().split("|")
        return Place(stream, shard, int(place), float(made))
    except (binascii.Error, ValueError):
        return None


def find_place(shard: Shard, kind: str, *, sequence: str | None, timestamp: float | None) -> int | None:
    """Find the record that an iterator of a kind begins with; None where the sequence number is none of the shard's.

    A sequence number before the first record is that of the shard's own beginning.
    """
    match kind:
        case "LATEST":
            return len(shard.entries)
        case "AT_TIMESTAMP":
            at = timestamp or 0.0
            later = (place for place, entry in enumerate(shard.entries) if entry.at >= at)
            return next(later, len(shard.entries))
        case "AT_SEQUENCE_NUMBER" | "AFTER_SEQUENCE_NUMBER":
            if sequence is None or not (sequence.isascii() and sequence.isdigit()):
                return None
            wanted = int(sequence)
            for place, entry in enumerate(shard.entries):
                own = int(entry.sequence)
                if own > wanted or (own == wanted and kind == "AT_SEQUENCE_NUMBER"):
                    return place
            return len(shard.entries)
        case _:
            return 0
