"""What a history says about each state: how often it was visited, how long, how it ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Literal, TypeAlias

from stepsmith.frozen import frozen
from stepsmith.views.histories.history_events import Event, Owner, Owners, details_of, role_of, seconds

Word: TypeAlias = Literal["running", "succeeded", "failed", "caught", "aborted", "timed out"]
MapRuns: TypeAlias = Mapping[str, Mapping[str, int]]
"""ARN of a Map Run -> its items by status, and their `total`; histories do not say it."""

SERIOUS: dict[Word, int] = {
    "succeeded": 0,
    "aborted": 1,
    "caught": 2,
    "running": 3,
    "timed out": 4,
    "failed": 5,
}
"""How much a word matters where several stand for one state."""
Attempts: TypeAlias = tuple[tuple[float, float | None, bool], ...]
"""Begin, end and success of each attempt of a Task, Parallel or Map."""


@frozen
class Visit:
    """One visit of a state. Times are epoch seconds; `ended` is None while it runs."""

    name: str
    kind: str
    entered: float
    ended: float | None
    word: Word
    attempts: Attempts = ()
    error: str | None = None
    cause: str | None = None
    items: tuple[int, int] | None = None
    """For a Map: how many iterations of its last attempt have succeeded, and how many there are."""
    map_run: str | None = None
    """For a Distributed Map: the ARN of its Map Run."""
    superseded: bool = False
    """It did not end well, and a further attempt of what is around it, or a redrive, has taken its place."""


@frozen
class StateStatus:
    """All visits of a state together."""

    word: Word
    visits: int
    retries: int
    tally: str
    """Counts worth showing: `12/20` iterations, `3 visits`, `2 retries`."""

    @property
    def sentence(self) -> str:
        """The status in words."""
        return f"{self.word} ({self.tally})" if self.tally else self.word


def visits(events: Iterable[Event]) -> list[Visit]:
    """Fold a history into the visits of its states, in the order in which they were entered.

    Failed is what an error came from, or what it passed through; what was cut off by an error beside it, or by the end
    of the execution, is aborted.
    """
    fold = _Fold()
    for event in events:
        fold.take(event)
    return [
        replace(visit, superseded=True) if owner.superseded else visit for owner, visit in fold.found.items()
    ]


class _Fold:
    def __init__(self) -> None:
        self.found: dict[Owner, Visit] = {}
        self._owners = Owners()
        self._open: dict[Owner, None] = {}
        self._redriven = False

    def take(self, event: Event) -> None:
        kind, at = str(event["type"]), seconds(event["timestamp"])
        owner, role = self._owners.take(event), role_of(kind)
        if owner is None:
            self._redriven = self._redriven or kind == "ExecutionRedriven"
            if kind in ("ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut"):
                self._end(self._owners.at(event["previousEventId"]), at)
            elif kind == "ExecutionSucceeded":
                for each in list(
                    self._open
                ):  # after a redrive, when histories don't say which of several ended
                    self._close(each, "succeeded", at)
            return
        if self._redriven and (role == "entry" or kind.endswith("Scheduled")):
            self._reopen(owner)
        match role:
            case "entry":
                self._enter(owner, at)
            case "exit":
                failed = self.found[owner].word in ("failed", "timed out")
                self._close(owner, "caught" if failed else "succeeded", at)
            case "abortion":
                self._abort(owner, at, failed=self._owners.at(event["previousEventId"]))
            case "iteration":
                if kind == "MapIterationSucceeded":
                    self._count(owner)
            case _:
                before = self._owners.at(event["previousEventId"])
                if before not in (None, owner) and kind.endswith(("StateStarted", "StateFailed")):
                    self._fail_inside(owner, before, at)
                self._open[owner] = None
                self.found[owner] = _after(self.found[owner], kind, at, event)

    def _count(self, owner: Owner) -> None:
        done, all = self.found[owner].items or (0, 0)
        self.found[owner] = replace(self.found[owner], items=(done + 1, all))

    def _enter(self, owner: Owner, at: float) -> None:
        visit = Visit(owner.name, owner.kind, at, None, "running")
        if owner.kind == "Fail":  # it never exits
            visit = replace(visit, word="failed", ended=at)
        else:
            self._open[owner] = None
        self.found[owner] = visit

    def _reopen(self, inner: Owner) -> None:
        """What is around a state that a redrive goes on with goes on too."""
        for owner in inner.outwards():
            if owner is not inner and owner not in self._open:
                self.found[owner] = replace(self.found[owner], word="running", ended=None)
                self._open[owner] = None

    def _close(self, owner: Owner, word: Word, at: float) -> None:
        self.found[owner] = replace(self.found[owner], word=word, ended=at)
        self._open.pop(owner, None)

    def _abort(self, owner: Owner, at: float, *, failed: Owner | None) -> None:
        word = self.found[owner].word
        stays = owner is failed and word in ("failed", "timed out")
        self._close(owner, word if stays else "aborted", at)

    def _fail(self, owner: Owner, at: float) -> None:
        word = self.found[owner].word
        self._close(owner, "timed out" if word == "timed out" else "failed", at)

    def _fail_inside(self, outer: Owner, failed: Owner | None, at: float) -> None:
        """An attempt of a Parallel or Map has failed: with what failed inside, and without what ran beside it."""
        if failed is not None and failed in self._open:
            self._fail(failed, at)
        for owner in [each for each in self._open if each is not outer and outer in each.outwards()]:
            self._abort(owner, at, failed=None)

    def _end(self, failed: Owner | None, at: float) -> None:
        for owner in failed.outwards() if failed is not None else ():
            if owner in self._open:
                self._fail(owner, at)
        for owner in list(self._open):
            self._abort(owner, at, failed=None)


def _after(visit: Visit, kind: str, at: float, event: Event) -> Visit:
    if kind.endswith(("Scheduled", "StateStarted")):
        items = (0, int(details_of(event).get("length") or 0)) if kind == "MapStateStarted" else None
        attempts = (*_ended(visit.attempts, at), (at, None, False))
        return replace(visit, word="running", ended=None, attempts=attempts, items=items)
    if kind == "MapRunStarted":
        return replace(visit, map_run=str(details_of(event).get("mapRunArn", "")))
    if kind.endswith("Succeeded") and visit.attempts:
        return replace(visit, attempts=_ended(visit.attempts, at, good=True))
    if not kind.endswith(("Failed", "TimedOut")):
        return visit
    details = details_of(event)
    return replace(
        visit,
        word="timed out" if kind.endswith("TimedOut") else "failed",
        attempts=_ended(visit.attempts, at),
        error=details.get("error", visit.error),
        cause=details.get("cause", visit.cause),
    )


def _ended(attempts: Attempts, at: float, *, good: bool = False) -> Attempts:
    """End the last attempt, if it goes on."""
    if not attempts or attempts[-1][1] is not None:
        return attempts
    return (*attempts[:-1], (attempts[-1][0], at, good))


def state_statuses(events: Iterable[Event], *, map_runs: MapRuns | None = None) -> dict[str, StateStatus]:
    """Fold a history into one status for each state's name, with the items of Map Runs where these are given."""
    groups: dict[str, list[Visit]] = {}
    for visit in visits(events):
        groups.setdefault(visit.name, []).append(visit)
    return {name: _together(group, map_runs or {}) for name, group in groups.items()}


def _together(group: list[Visit], map_runs: MapRuns) -> StateStatus:
    current = [visit for visit in group if not visit.superseded] or group
    words: list[Word] = [_word(visit) for visit in current]
    word = max(words, key=SERIOUS.__getitem__)
    retries = sum(max(0, len(visit.attempts) - 1) for visit in group)
    parts = [*_items(current, map_runs)]
    if len(group) > 1 and not parts:
        parts.append(f"{len(group)} visits")
    if retries:
        parts.append(f"{retries} {'retry' if retries == 1 else 'retries'}")
    return StateStatus(word, len(group), retries, ", ".join(parts))


def _word(visit: Visit) -> Word:
    """What has failed and not ended is about to be tried again."""
    return "running" if visit.ended is None else visit.word


def _items(group: list[Visit], map_runs: MapRuns) -> Iterator[str]:
    """Count the iterations or items of a Map that have succeeded, of how many, and the items that have not."""
    done = all = bad = 0
    for visit in group:
        counts = map_runs.get(visit.map_run or "")
        if counts is not None:
            done, all = done + counts.get("succeeded", 0), all + counts.get("total", 0)
            bad += sum(counts.get(status, 0) for status in ("failed", "timedOut", "aborted"))
        elif visit.items is not None and visit.map_run is None:
            done, all = done + visit.items[0], all + visit.items[1]
    if all:
        yield f"{done}/{all}"
    if bad:
        yield f"{bad} failed"
