"""One lane of a shard: batches one after another, each tried until it succeeds or is given up."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, replace
from typing import Final

from stepsmith.events.mappings.answers import Answer, Raised, failed_places
from stepsmith.events.mappings.calls import Call, Condition, GivenUp, StreamRecord, Window
from stepsmith.events.mappings.settings import LARGEST_PAYLOAD, LARGEST_STATE, StreamSettings

FIRST_DELAY: Final = 0.25
"""Seconds before the first retry. AWS says nothing; doubled each time it makes the eight calls in 60 s recorded."""
LONGEST_DELAY: Final = 60.0


@dataclass(slots=True)
class _Batch:
    """Records that are tried together."""

    records: tuple[StreamRecord, ...]
    tries: int = 0
    final: bool = False
    """Whether it is the last call of a tumbling window, which has no records."""
    error: str | None = None
    answered: bool = False


class Lane:
    """Works on the records of some of a shard's keys, in their order, with one call at a time."""

    def __init__(self, number: int, settings: StreamSettings) -> None:
        self.settings = settings
        self._number = number
        self._waiting: deque[tuple[StreamRecord, float]] = deque()
        self._batches: list[_Batch] = []  # the next one to try is the last
        self._calling = False
        self._retry_at = 0.0
        self._window: Window | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing waits, nothing is tried and no window is open."""
        return not self._waiting and not self._batches and self._window is None

    def add(self, record: StreamRecord, now: float) -> None:
        """Take a record that was read."""
        self._waiting.append((record, now))

    def step(self, now: float) -> tuple[Call | None, list[GivenUp]]:
        """Give the call that is due, if one is, and what is too old."""
        given_up: list[GivenUp] = []
        while not self._calling:
            if not self._batches:
                batch = self._next_batch(now)
                if batch is None:
                    break
                self._batches.append(batch)
                self._retry_at = now
            batch = self._batches[-1]
            given_up += self._expire(batch, now)
            if not batch.records and not batch.final:
                self._batches.pop()
                continue
            if now < self._retry_at:
                break
            self._calling = True
            window = self._window and replace(self._window, final=batch.final)
            return Call(self._number, batch.records, batch.tries + 1, window), given_up
        return None, given_up

    def next_time(self) -> float | None:
        """Say when there is something to do without anything from outside."""
        if self._calling:
            return None
        if self._batches:
            return min([self._retry_at, *self._expiries(self._batches[-1].records)])
        times: list[float] = [self._window.end] if self._window else []
        if self._waiting:
            times.append(self._ready_at())
        return min(times, default=None)

    def finish(self, answer: Answer, now: float) -> list[GivenUp]:
        """Take the answer to the call that is under way; gives what is not tried again."""
        self._calling = False
        batch = self._batches[-1]
        identifiers = [record.sequence for record in batch.records]
        failed = failed_places(answer, identifiers, reports_failures=self.settings.reports_failures)
        if not failed and not (batch.final and isinstance(answer, Raised)):
            self._succeed(batch, answer)
            return []
        batch.answered = True
        batch.error = answer.function_error if isinstance(answer, Raised) else None
        if failed and failed[0] > 0:
            # Recorded: the records before are done, and the count begins anew.
            batch.records, batch.tries = batch.records[failed[0] :], 0
            self._keep_state(answer)
            self._retry_at = now + FIRST_DELAY
            return []
        whole = isinstance(answer, Raised) or len(failed) == len(batch.records)
        if self.settings.bisect and whole and len(batch.records) > 1:
            self._halve(batch, now)
            return []
        return self._fail(batch, now)

    def _succeed(self, batch: _Batch, answer: Answer) -> None:
        self._batches.pop()
        if batch.final:
            self._window = None
        else:
            self._keep_state(answer)

    def _halve(self, batch: _Batch, now: float) -> None:
        self._batches.pop()
        middle = (len(batch.records) + 1) // 2
        for part in (batch.records[middle:], batch.records[:middle]):
            self._batches.append(replace(batch, records=part))
        self._retry_at = now

    def _fail(self, batch: _Batch, now: float) -> list[GivenUp]:
        batch.tries += 1
        retries = self.settings.retries
        if retries < 0 or batch.tries <= retries:
            self._retry_at = now + min(FIRST_DELAY * 2.0 ** min(batch.tries - 1, 20), LONGEST_DELAY)
            return []
        self._batches.pop()
        if batch.final:
            self._window = None
        return [_given_up("RetryAttemptsExhausted", batch, batch.records)]

    def _expire(self, batch: _Batch, now: float) -> list[GivenUp]:
        """Give up the records that are too old; the rest of the batch goes on (recorded)."""
        if self.settings.age < 0:
            return []
        old = tuple(record for record in batch.records if now >= record.at + self.settings.age)
        if not old:
            return []
        batch.records = (
            batch.records[len(old) :]
            if old == batch.records[: len(old)]
            else tuple(record for record in batch.records if record not in old)
        )
        return [_given_up("RecordAgeExceeded", batch, old)]

    def _expiries(self, records: tuple[StreamRecord, ...]) -> list[float]:
        age = self.settings.age
        return [] if age < 0 else [record.at + age for record in records]

    def _next_batch(self, now: float) -> _Batch | None:
        window, waiting = self._window, self._waiting
        if window is not None:
            over = waiting[0][0].at >= window.end if waiting else now >= window.end
            if window.early or over:
                return _Batch((), final=True)
        if not waiting or now < self._ready_at():
            return None
        if self.settings.tumbling and window is None:
            self._window = self._window_of(waiting[0][0].at)
        return _Batch(tuple(self._take()))

    def _ready_at(self) -> float:
        """Say when the records that wait become a batch."""
        first, since = self._waiting[0]
        if self._is_full():
            return since
        if self._window is not None and first.at >= self._window.end:
            return since
        due = since + self.settings.window
        if self.settings.tumbling:
            due = min(due, max(since, self._window_of(first.at).end))
        return due

    def _is_full(self) -> bool:
        if len(self._waiting) >= self.settings.batch_size:
            return True
        if self.settings.tumbling and self._waiting[-1][0].at >= self._window_of(self._waiting[0][0].at).end:
            return True
        return self.settings.window > 0 and sum(record.size for record, _ in self._waiting) >= LARGEST_PAYLOAD

    def _take(self) -> list[StreamRecord]:
        taken: list[StreamRecord] = []
        size = 0
        while self._waiting and len(taken) < self.settings.batch_size:
            record, _ = self._waiting[0]
            size += record.size
            if taken and size > LARGEST_PAYLOAD:
                break
            if self._window is not None and record.at >= self._window.end:
                break
            taken.append(record)
            self._waiting.popleft()
        return taken

    def _window_of(self, at: float) -> Window:
        length = self.settings.tumbling
        start = at // length * length
        return Window(start, start + length, {})

    def _keep_state(self, answer: Answer) -> None:
        if self._window is None or isinstance(answer, Raised):
            return
        state = answer.value.get("state") if isinstance(answer.value, dict) else None
        state = {} if state is None else state
        early = len(json.dumps(state, separators=(",", ":")).encode()) > LARGEST_STATE
        self._window = replace(self._window, state=state, early=early)


def _given_up(condition: Condition, batch: _Batch, records: tuple[StreamRecord, ...]) -> GivenUp:
    return GivenUp(condition, records, max(batch.tries, 1), batch.error, batch.answered)
