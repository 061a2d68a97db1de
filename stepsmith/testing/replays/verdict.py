"""What a replay says of one recorded execution: that it goes as before, in what it departs, or why nobody can tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Literal, TypeAlias

from stepsmith.errors import StepsmithError
from stepsmith.expressions.types import Json, Undefined
from stepsmith.privacy import PersonalValues
from stepsmith.service.executions.history import Events
from stepsmith.testing.recordings import status_of
from stepsmith.testing.replays.alike import Difference, places, shown
from stepsmith.testing.replays.paths import Lane, entered, parting, path_of
from stepsmith.testing.replays.playing import Played, Player
from stepsmith.testing.replays.recorded import MAP_RUN, Recorded, recorded
from stepsmith.views.histories.history_events import Event

Kind: TypeAlias = Literal["path", "calls", "input", "end"]
Outcome: TypeAlias = Literal["same", "other", "unknown"]
NOTHING_PERSONAL: Final = PersonalValues()
MOST_PLACES: Final = 5
"""Places in which values differ that are named."""
_WORDS: Final = {
    "path": "takes another path",
    "calls": "calls others",
    "input": "calls with others",
    "end": "ends otherwise",
}


@dataclass(frozen=True, slots=True)
class Departure:
    """One thing in which an execution would go otherwise."""

    kind: Kind
    what: str
    """In words, without data."""
    values: tuple[str, ...] = ()
    """Places and the data in them, where it is about data."""

    def lines(self) -> list[str]:
        """Return it for people."""
        return [f"{_WORDS[self.kind]}: {self.what}", *(f"  {each}" for each in self.values)]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one recorded execution under another definition."""

    name: str
    """Its file or its ARN."""
    outcome: Outcome
    status: str = ""
    """How it ended, or that it runs."""
    departures: tuple[Departure, ...] = ()
    reason: str = ""
    """Why it cannot be told."""
    notes: tuple[str, ...] = ()
    """What a replay cannot know."""

    def to_json(self) -> dict[str, Json]:
        """Return it for programs."""
        departures: list[Json] = [
            {"kind": each.kind, "what": each.what, "values": list(each.values)} for each in self.departures
        ]
        return {
            "execution": self.name,
            "outcome": self.outcome,
            "status": self.status or None,
            "departures": departures,
            "reason": self.reason or None,
            "notes": list(self.notes),
        }


def replayed(
    events: Sequence[Event],
    player: Player,
    *,
    name: str = "the execution",
    values: PersonalValues = NOTHING_PERSONAL,
) -> Verdict:
    """Replay one execution, given its events with times in seconds since 1970, through another definition.

    `values` are masked in what is told of it.
    """
    status = status_of(events)
    try:
        found = recorded(events)
        known = set(entered(found.path))
        if known and not known & player.states:
            return Verdict(
                name,
                "unknown",
                status,
                reason="it is of another machine: none of its states is in the definition",
            )
        played = player.play(found)
    except StepsmithError as error:
        return Verdict(name, "unknown", status, reason=str(error))
    departures = tuple(_departures(found, played, values))
    return Verdict(
        name, "other" if departures else "same", status, departures, notes=tuple(_notes(found, played))
    )


def _departures(found: Recorded, played: Played, values: PersonalValues) -> Iterator[Departure]:
    taken = path_of(Events(played.run.history))
    is_cut = found.is_open or played.missing is not None
    path = parting(found.path, taken, is_open=is_cut)
    if path is not None:
        yield Departure("path", path)
    if found.is_open and path is None and _length(taken) >= _length(found.path):
        played.missing = None  # it has come further than the history
    yield from _calls(found, played, has_parted=path is not None)
    for what, differing in _by_state(played):
        yield Departure("input", what, _few(differing, values))
    if played.missing is None:
        yield from _end(found, played, values)


def _length(path: Lane) -> int:
    return sum(1 for _ in entered(path))


def _calls(found: Recorded, played: Played, *, has_parted: bool) -> Iterator[Departure]:
    missing = played.missing
    if missing is not None:
        if played.is_further_attempt:
            what = f"tries {missing.state!r} once more than was recorded"
        elif missing.state in found.attempts:
            what = f"calls {missing.state!r} more often than was recorded"
        else:
            what = f"calls {missing.state!r}, which was not called"
        yield Departure("calls", f"{what}; what it would give is not known, and the replay ends there")
    for state, before, now in dict.fromkeys(played.other_function):
        yield Departure("calls", f"{state!r} calls {now}, and called {before}")
    if missing is None and not found.is_open:
        unused = Counter(each.state for each in played.unused if has_parted or not each.beside_failure)
        for state, times in unused.items():
            before = len(found.attempts[state])
            what = "no longer" if times == before else f"{before - times} times, and not {before} times,"
            yield Departure("calls", f"{what} calls {state!r}")


def _by_state(played: Played) -> Iterator[tuple[str, tuple[Difference, ...]]]:
    """Give state by state with what a task is called that it was not called with."""
    first: dict[str, tuple[Difference, ...]] = {}
    calls = Counter[str]()
    for other in played.inputs:
        calls[other.state] += 1
        first.setdefault(other.state, other.places)
    for state, differing in first.items():
        more = f" in {calls[state]} calls" if calls[state] > 1 else ""
        yield f"{state!r} is given something else{more}", differing


def _end(found: Recorded, played: Played, values: PersonalValues) -> Iterator[Departure]:
    run = played.run
    if found.is_open:
        if run.status not in ("RUNNING", "SUCCEEDED"):
            yield Departure(
                "end", f"it was {found.status}, and would be {_ending(run.status, run.error)} by then"
            )
        return
    if run.status == "RUNNING":
        yield Departure("end", f"it was {_ending(found.status, found.error)}, and would wait for an answer")
    elif (run.status, run.error) != (found.status, found.error):
        before, now = _ending(found.status, found.error), _ending(run.status, run.error)
        cause = (f"cause: {shown(run.cause, values)}",) if run.cause else ()
        yield Departure("end", f"it was {before}, and would be {now}", cause)
    elif run.status == "SUCCEEDED":
        output: Json | Undefined = run.output
        differing = tuple(islice(places(found.output, output, played.unlike), MOST_PLACES + 1))
        if differing:
            yield Departure("end", "it gives another output", _few(differing, values))


def _few(differing: Sequence[Difference], values: PersonalValues) -> tuple[str, ...]:
    told = tuple(each.text(values) for each in differing[:MOST_PLACES])
    return told if len(differing) <= MOST_PLACES else (*told, "and in more places")


def _ending(status: str, error: str | None) -> str:
    return f"{status} with {error}" if error else status


def _notes(found: Recorded, played: Played) -> Iterator[str]:
    if found.status == "RUNNING":
        yield "its history has no end; it was replayed as far as it goes"
    if found.status == "ABORTED":
        yield "it was aborted; it was replayed as far as it went"
    if found.redriven:
        yield "it was redriven; it was replayed as it went in the end"
    for state in dict.fromkeys(played.unheard):
        yield f"{state!r} timed out, and would now wait longer than anybody did"
    for state in dict.fromkeys(
        each.state for some in found.attempts.values() for each in some if each.resource == MAP_RUN
    ):
        yield f"{state!r} is answered as a whole: what its children did is in histories of their own"
