"""What an event of a history says, and which visit of a state it belongs to.

Only views, service and the rooms above know events in AWS's shape. This stands in the lowest of them, so that all of
them can use it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

Event: TypeAlias = Mapping[str, Any]
"""A history event in AWS's shape, timestamp in epoch seconds or as a datetime."""
FAILURES = ("Failed", "TimedOut", "Aborted")
"""How the types of events end that tell of something which did not go well."""
_AROUND_OTHERS = ("StateStarted", "StateSucceeded", "StateFailed")
_BEGINS_WITHIN = ("ParallelStateStarted", "MapIterationStarted")


def details_of(event: Event) -> Mapping[str, Any]:
    """Give the object that an event keeps its details in; an empty one where it has none."""
    for key, value in event.items():
        if key.endswith("EventDetails") and isinstance(value, Mapping):
            return value  # pyright: ignore[reportUnknownVariableType]  # any JSON object
    return {}


def name_in(event: Event) -> str:
    """Give the name in the details of an event: of the state it is about, or of the Map that an iteration is of."""
    return str(details_of(event).get("name", ""))


def seconds(timestamp: float | datetime) -> float:
    """Give a history timestamp as epoch seconds."""
    return timestamp.timestamp() if isinstance(timestamp, datetime) else float(timestamp)


@dataclass(slots=True, eq=False)
class Owner:
    """A visit of a state, as the owner of the events that belong to it."""

    entered: int
    """The id of the event with which it began."""
    name: str
    kind: str
    """The Type of the state."""
    around: Owner | None
    """The visit of the Parallel or Map in whose branch or iteration this one is."""
    over: bool = False
    """Nothing more is expected of it: it was left, failed for good, or was aborted."""
    superseded: bool = False
    """It did not end well, and a further attempt of what is around it, or a redrive, has taken its place."""

    def outwards(self) -> Iterator[Owner]:
        """Give the visit itself and those around it, innermost first."""
        owner: Owner | None = self
        while owner is not None:
            yield owner
            owner = owner.around


class Owners:
    """Tells of one event after the other, in the order of their ids, which visit of a state it belongs to.

    Events follow their previous events, with exceptions: the end of a Parallel or Map points into it, an
    EvaluationFailed past its state, a StateAborted at the failure beside it, and what is redriven at ExecutionRedriven.
    """

    def __init__(self) -> None:
        self._owners: dict[int, Owner | None] = {}
        self._beginnings: set[int] = set()
        """Events after which a branch or an iteration begins."""
        self._followers: dict[tuple[int, str], Owner] = {}
        """The visit of a state that was entered after an event."""
        self._latest: dict[str, Owner] = {}
        self._unfinished: dict[int, Owner] = {}
        """Entered and not left, by the id of the entering event."""
        self._redrive: tuple[int | None, list[Owner]] = (None, [])
        """The last ExecutionRedriven, and the visits that may still go on after it."""

    def at(self, id: int) -> Owner | None:
        """Give the visit that an earlier event belongs to."""
        return self._owners.get(id)

    def take(self, event: Event) -> Owner | None:
        """Give the visit that the next event belongs to; None for an event of the execution itself."""
        kind, previous = str(event["type"]), self._owners.get(event["previousEventId"])
        owner = self._find(event, kind, previous)
        self._owners[event["id"]] = owner
        if kind in _BEGINS_WITHIN:
            self._beginnings.add(event["id"])
        if owner is not None:
            self._note(owner, event, kind)
        return owner

    def _find(self, event: Event, kind: str, previous: Owner | None) -> Owner | None:
        if kind.startswith("Execution"):
            if kind == "ExecutionRedriven":
                self._redrive = (event["id"], list(self._unfinished.values()))
            return None
        if kind.endswith("StateEntered"):
            return self._enter(event, kind.removesuffix("StateEntered"), previous)
        if kind.endswith("StateExited") or kind.startswith("MapIteration"):
            return _named(name_in(event), previous) or self._latest.get(name_in(event))
        if kind == "EvaluationFailed":
            name = str(details_of(event).get("state", ""))
            return self._followers.get((event["previousEventId"], name)) or _named(name, previous)
        if kind.endswith("StateAborted"):
            return self._aborted(kind.removesuffix("StateAborted"), event["previousEventId"], previous)
        if event["previousEventId"] == self._redrive[0]:
            return self._go_on(kind.partition("State")[0] if "State" in kind else _type_of(kind))
        if kind.endswith(_AROUND_OTHERS) and previous is not None:
            outer = (each for each in previous.outwards() if kind.startswith(each.kind) and not each.over)
            return next(outer, previous)
        return previous

    def _enter(self, event: Event, kind: str, previous: Owner | None) -> Owner:
        name, after = name_in(event), event["previousEventId"]
        if after in self._beginnings:
            around = previous
        elif after == self._redrive[0]:
            around = self._around_again(name)
        else:
            around = previous.around if previous is not None else None
        owner = Owner(event["id"], name, kind, around)
        self._followers[after, name] = self._latest[name] = self._unfinished[event["id"]] = owner
        return owner

    def _around_again(self, name: str) -> Owner | None:
        """A state that a redrive enters again is where it was before."""
        before = self._pick(lambda owner: owner.name == name)
        if before is not None:
            self._supersede(before)
        else:
            before = self._latest.get(name)
        around = before.around if before is not None else None
        if around is not None:
            _revive(around)
        return around

    def _go_on(self, kind: str) -> Owner | None:
        """A redrive goes on with states of a type in the order in which they were entered."""
        owner = self._pick(lambda owner: owner.kind == kind)
        if owner is not None:
            _revive(owner)
        return owner

    def _pick(self, fits: Callable[[Owner], bool]) -> Owner | None:
        waiting = self._redrive[1]
        owner = next((each for each in waiting if fits(each)), None)
        if owner is not None:
            waiting.remove(owner)
        return owner

    def _aborted(self, kind: str, cause: int, failed: Owner | None) -> Owner | None:
        """Each state beside a failure has one such event, the failed one too; which has which is not said."""
        within = failed if failed is None or cause in self._beginnings else failed.around
        open = [each for each in self._inside(within) if each.kind == kind and not each.over]
        return next((each for each in open if each is not failed), next(iter(open), None))

    def _inside(self, outer: Owner | None) -> list[Owner]:
        """Give the unfinished visits in the branches or iterations of a visit."""
        return [
            each
            for each in self._unfinished.values()
            if outer is None or (each is not outer and outer in each.outwards())
        ]

    def _note(self, owner: Owner, event: Event, kind: str) -> None:
        if kind.endswith("StateExited"):
            owner.over = True
            self._unfinished.pop(owner.entered, None)
        elif kind.endswith("StateAborted"):
            owner.over = True
        elif kind in ("ParallelStateFailed", "MapStateFailed"):
            owner.over = True
            for each in self._inside(owner):
                each.over = True
        elif (
            kind in ("ParallelStateStarted", "MapStateStarted") and event["previousEventId"] != owner.entered
        ):
            for each in self._inside(owner):
                self._supersede(each)

    def _supersede(self, owner: Owner) -> None:
        owner.over = owner.superseded = True
        self._unfinished.pop(owner.entered, None)


def _revive(owner: Owner) -> None:
    for each in owner.outwards():
        each.over = False


def _named(name: str, previous: Owner | None) -> Owner | None:
    outer = previous.outwards() if previous is not None else ()
    return next((each for each in outer if each.name == name), None)


def _type_of(kind: str) -> str:
    """Give the Type of the states that have events of a type."""
    return "Map" if kind.startswith("MapRun") else "Task"


def failed_state(events: Iterable[Event]) -> str | None:
    """Name the innermost state that made an execution fail; None where the history does not end with its failure."""
    owners, by_id = Owners(), dict[int, Event]()
    last: Event | None = None
    for last in events:
        owners.take(last)
        by_id[last["id"]] = last
    if last is None or last["type"] != "ExecutionFailed":
        return None
    while str(last["type"]) in (
        "ExecutionFailed",
        "ParallelStateFailed",
        "MapStateFailed",
        "MapIterationFailed",
    ):
        inner = by_id.get(last["previousEventId"])
        if inner is None:
            return None
        last = inner
    owner = owners.at(last["id"])
    return owner.name if owner is not None else None
