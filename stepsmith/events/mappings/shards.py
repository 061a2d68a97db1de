"""A mapping's reader of one shard: the shard's records over its lanes, so that each key keeps its order."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from stepsmith.events.filters import RecordFilter
from stepsmith.events.mappings.answers import Answer
from stepsmith.events.mappings.calls import Call, GivenUp, StreamRecord
from stepsmith.events.mappings.lanes import Lane
from stepsmith.events.mappings.settings import StreamSettings


@dataclass(frozen=True, slots=True)
class Step:
    """What is due: calls to make and records that are given up."""

    calls: tuple[Call, ...]
    given_up: tuple[GivenUp, ...]


class ShardReader:
    """Reads one shard for one mapping.

    The shell gives it what is in the shard (`arrive`), asks for what is due (`step`), makes the calls, tells their
    answers (`finish`) and comes back at `next_time`. Time never goes backwards.
    """

    def __init__(self, settings: StreamSettings, filters: RecordFilter | None = None) -> None:
        self.settings = settings
        self._filters = filters
        self._lanes = [Lane(number, settings) for number in range(settings.parallel)]

    def arrive(self, records: Iterable[StreamRecord], now: float) -> None:
        """Take records in their order; those that do not pass the filters are dropped."""
        for record in records:
            if self._filters is None or self._filters.passes(record.value):
                self._lane_of(record.key).add(record, now)

    def step(self, now: float) -> Step:
        """Give what is due; each call must be answered by `finish` before its lane goes on."""
        calls: list[Call] = []
        given_up: list[GivenUp] = []
        for lane in self._lanes:
            call, old = lane.step(now)
            given_up += old
            if call is not None:
                calls.append(call)
        return Step(tuple(calls), tuple(given_up))

    def finish(self, call: Call, answer: Answer, now: float) -> tuple[GivenUp, ...]:
        """Take the answer to a call; gives what goes to the on-failure destination."""
        return tuple(self._lanes[call.lane].finish(answer, now))

    def next_time(self) -> float | None:
        """Say when `step` has something to do, if nothing arrives and no call ends before; None if never."""
        return min((at for lane in self._lanes if (at := lane.next_time()) is not None), default=None)

    @property
    def idle(self) -> bool:
        """Whether nothing waits, nothing is under way and no window is open."""
        return all(lane.idle for lane in self._lanes)

    def _lane_of(self, key: str) -> Lane:
        if len(self._lanes) == 1:
            return self._lanes[0]
        return self._lanes[zlib.crc32(key.encode(errors="surrogatepass")) % len(self._lanes)]


def starts_with(record_at: float, *, position: str, created: float, timestamp: float | None = None) -> bool:
    """Whether a new mapping begins with a record that was there before, by its starting position."""
    match position:
        case "TRIM_HORIZON":
            return True
        case "AT_TIMESTAMP":
            return timestamp is None or record_at >= timestamp
        case _:
            return record_at >= created
