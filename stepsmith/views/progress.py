"""What a history says about each state: how often it was visited, how long, how it ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, TypeAlias

Word: TypeAlias = Literal["running", "succeeded", "failed", "caught", "aborted", "timed out"]
Event: TypeAlias = Mapping[str, Any]
"""A history event in AWS's shape, timestamp in epoch seconds or as a datetime."""

_FAILURES = ("Failed", "TimedOut", "Aborted")
_RANK: dict[Word, int] = {
    "succeeded": 0,
    "aborted": 1,
    "caught": 2,
    "running": 3,
    "timed out": 4,
    "failed": 5,
}


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit of a state. Times are epoch seconds; `ended` is None while it runs."""

    name: str
    kind: str
    entered: float
    ended: float | None
    word: Word
    attempts: tuple[tuple[float, float | None, bool], ...] = ()
    """For a Task: begin, end and success of each attempt."""
    error: str | None = None
    cause: str | None = None


@dataclass(frozen=True, slots=True)
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
    """Fold a history into the visits of its states, in the order in which they were entered."""
    found: list[Visit] = []
    owner: dict[int, int] = {}
    for event in events:
        kind, at = str(event["type"]), seconds(event["timestamp"])
        if kind.endswith("StateEntered"):
            owner[event["id"]] = len(found)
            found.append(Visit(_name(event), kind.removesuffix("StateEntered"), at, None, "running"))
            continue
        index = owner.get(event["previousEventId"])
        if kind.endswith("StateExited"):
            index = _open_visit(found, _name(event), index)
        if index is None:
            continue
        owner[event["id"]] = index
        found[index] = _after(found[index], kind, at, event)
    return _closed(found)


def _open_visit(found: list[Visit], name: str, guess: int | None) -> int | None:
    """An exit may point past its own state, at the last event of a branch: then look for the open visit by name."""
    if guess is not None and found[guess].name == name and found[guess].ended is None:
        return guess
    return next((i for i in range(len(found)) if found[i].name == name and found[i].ended is None), None)


def _after(visit: Visit, kind: str, at: float, event: Event) -> Visit:
    if kind.endswith("StateExited"):
        return replace(
            visit, ended=at, word="caught" if visit.word in ("failed", "timed out") else "succeeded"
        )
    if kind.endswith("Scheduled"):
        return replace(visit, word="running", attempts=(*visit.attempts, (at, None, False)))
    if kind.endswith("Succeeded") and visit.attempts:
        return replace(visit, attempts=(*visit.attempts[:-1], (visit.attempts[-1][0], at, True)))
    if kind.endswith("StateAborted"):
        return replace(
            visit, ended=at, word=visit.word if visit.word in ("failed", "timed out") else "aborted"
        )
    if kind.startswith(("Execution", "MapIteration")) or not kind.endswith(_FAILURES):
        return visit
    return _failed(visit, kind, at, event)


def _failed(visit: Visit, kind: str, at: float, event: Event) -> Visit:
    details = _details(event)
    attempts = visit.attempts
    if attempts:
        attempts = (*attempts[:-1], (attempts[-1][0], at, False))
    return replace(
        visit,
        word="timed out" if kind.endswith("TimedOut") else "failed",
        attempts=attempts,
        error=details.get("error", visit.error),
        cause=details.get("cause", visit.cause),
    )


def _closed(found: list[Visit]) -> list[Visit]:
    """A Fail state never exits, and a failed state stays as it failed."""
    return [replace(v, word="failed", ended=v.entered) if v.kind == "Fail" else v for v in found]


def state_statuses(events: Iterable[Event], *, finished: bool = False) -> dict[str, StateStatus]:
    """Fold a history into one status for each state's name; `finished` turns what still runs into what failed it."""
    events = list(events)
    groups: dict[str, list[Visit]] = {}
    for visit in visits(events):
        groups.setdefault(visit.name, []).append(visit)
    iterations = _iterations(events)
    ending: Word = _ending(events) if finished else "running"
    return {name: _together(group, iterations.get(name), ending) for name, group in groups.items()}


def _ending(events: list[Event]) -> Word:
    last = str(events[-1]["type"]) if events else ""
    words: dict[str, Word] = {"ExecutionFailed": "failed", "ExecutionTimedOut": "timed out"}
    return words.get(last, "aborted")


def _together(group: list[Visit], iterations: tuple[int, int] | None, ending: Word) -> StateStatus:
    words: list[Word] = [ending if visit.word == "running" else visit.word for visit in group]
    word = max(words, key=_RANK.__getitem__)
    retries = sum(max(0, len(visit.attempts) - 1) for visit in group)
    parts: list[str] = []
    if iterations is not None:
        parts.append(f"{iterations[0]}/{iterations[1]}")
    elif len(group) > 1:
        parts.append(f"{len(group)} visits")
    if retries:
        parts.append(f"{retries} {'retry' if retries == 1 else 'retries'}")
    return StateStatus(word, len(group), retries, ", ".join(parts))


def _iterations(events: list[Event]) -> dict[str, tuple[int, int]]:
    """Count succeeded and started iterations of each Map state."""
    counts: dict[str, tuple[int, int]] = {}
    for event in events:
        kind = str(event["type"])
        if kind in ("MapIterationStarted", "MapIterationSucceeded"):
            name = str(_details(event).get("name", ""))
            done, begun = counts.get(name, (0, 0))
            counts[name] = (done + (kind == "MapIterationSucceeded"), begun + (kind == "MapIterationStarted"))
    return counts


def _details(event: Event) -> Mapping[str, Any]:
    for key, value in event.items():
        if key.endswith("EventDetails") and isinstance(value, Mapping):
            return value  # pyright: ignore[reportUnknownVariableType]  # any JSON object
    return {}


def _name(event: Event) -> str:
    return str(_details(event).get("name", ""))


def seconds(timestamp: float | datetime) -> float:
    """Give a history timestamp as epoch seconds."""
    return timestamp.timestamp() if isinstance(timestamp, datetime) else float(timestamp)
