"""What an event of a history says, and which visit of a state it belongs to.

Only views, service and the rooms above know events in AWS's shape. This stands in the lowest of them, so that all of
them can use it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Literal, TypeAlias, cast

Event: TypeAlias = Mapping[str, Any]
"""A history event in AWS's shape, timestamp in epoch seconds or as a datetime."""
FAILURES = ("Failed", "TimedOut", "Aborted")
"""How the types of events end that tell of something which did not go well."""
_POINT_INWARDS = (
    "ExecutionFailed",
    "ExecutionRedriven",
    "ParallelStateFailed",
    "MapStateFailed",
    "MapIterationFailed",
)
_GO_ON = ("Task", "Parallel", "Map")
"""Types of states that a redrive goes on with, without entering them again."""
_BEGINS_WITHIN = ("ParallelStateStarted", "MapIterationStarted")
Role: TypeAlias = Literal[
    "execution", "entry", "exit", "iteration", "evaluation", "abortion", "outer", "inner"
]


@cache
def role_of(kind: str) -> Role:
    """Tell by its type how an event belongs to a state: `outer` is what happens to a whole Parallel or Map."""
    if kind.startswith("Execution"):
        return "execution"
    if kind.endswith("StateEntered"):
        return "entry"
    if kind.endswith("StateExited"):
        return "exit"
    if kind.startswith("MapIteration"):
        return "iteration"
    if kind == "EvaluationFailed":
        return "evaluation"
    if kind.endswith("StateAborted"):
        return "abortion"
    return "outer" if kind.endswith(("StateStarted", "StateSucceeded", "StateFailed")) else "inner"


def details_of(event: Event) -> Mapping[str, Any]:
    """Give the object that an event keeps its details in; an empty one where it has none."""
    for key, value in event.items():
        if key.endswith("EventDetails") and isinstance(value, dict):
            return cast("dict[str, Any]", value)
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
    Histories do not say which of several like states goes on after a redrive; here the first does.
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
        id, kind = event["id"], str(event["type"])
        owner = self._owners[id] = self._find(event, kind, self._owners.get(event["previousEventId"]))
        if kind in _BEGINS_WITHIN:
            self._beginnings.add(id)
        return owner

    def _find(self, event: Event, kind: str, previous: Owner | None) -> Owner | None:
        match role_of(kind):
            case "execution":
                if kind == "ExecutionRedriven":
                    self._begin_again(event["id"])
                return None
            case "entry":
                return self._enter(event, kind.removesuffix("StateEntered"), previous)
            case "exit":
                return self._leave(_named(name_in(event), previous) or self._latest.get(name_in(event)))
            case "iteration":
                return _named(name_in(event), previous) or self._latest.get(name_in(event))
            case "evaluation":
                name = str(details_of(event).get("state", ""))
                return self._followers.get((event["previousEventId"], name)) or _named(name, previous)
            case "abortion":
                return self._abort(kind.removesuffix("StateAborted"), event["previousEventId"], previous)
            case "outer":
                return self._outer(event, kind, previous)
            case "inner":
                if event["previousEventId"] == self._redrive[0]:
                    return self._go_on("Map" if kind.startswith("MapRun") else "Task")
                return previous

    def _begin_again(self, id: int) -> None:
        """Whatever did not end well goes on after a redrive; what is no work of its own is entered again for that."""
        self._redrive = (id, list(self._unfinished.values()))
        for owner in self._unfinished.values():
            owner.over = owner.kind not in _GO_ON

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
        return before.around if before is not None else None

    def _go_on(self, kind: str) -> Owner | None:
        """A redrive goes on with states of a type in the order in which they were entered."""
        return self._pick(lambda owner: owner.kind == kind)

    def _pick(self, fits: Callable[[Owner], bool]) -> Owner | None:
        waiting = self._redrive[1]
        owner = next((each for each in waiting if fits(each)), None)
        if owner is not None:
            waiting.remove(owner)
        return owner

    def _leave(self, owner: Owner | None) -> Owner | None:
        if owner is not None:
            owner.over = True
            self._unfinished.pop(owner.entered, None)
        return owner

    def _abort(self, kind: str, cause: int, failed: Owner | None) -> Owner | None:
        """Each state beside a failure has one such event, the failed one too; which has which is not said."""
        within = failed if failed is None or cause in self._beginnings else failed.around
        open = [each for each in self._inside(within) if each.kind == kind and not each.over]
        owner = next((each for each in open if each is not failed), next(iter(open), None))
        if owner is not None:
            owner.over = True
        return owner

    def _outer(self, event: Event, kind: str, previous: Owner | None) -> Owner | None:
        """What begins, succeeds or fails is the innermost Parallel or Map that is not over."""
        type = kind.partition("State")[0]
        if event["previousEventId"] == self._redrive[0]:
            owner = self._go_on(type)
        else:
            outer = previous.outwards() if previous is not None else ()
            owner = next((each for each in outer if each.kind == type and not each.over), previous)
        if owner is not None and kind.endswith("Failed"):
            for each in (owner, *self._inside(owner)):
                each.over = True
        elif owner is not None and kind.endswith("Started") and event["previousEventId"] != owner.entered:
            for each in self._inside(owner):
                self._supersede(each)
        return owner

    def _inside(self, outer: Owner | None) -> list[Owner]:
        """Give the unfinished visits in the branches or iterations of a visit."""
        return [
            each
            for each in self._unfinished.values()
            if outer is None or (each is not outer and outer in each.outwards())
        ]

    def _supersede(self, owner: Owner) -> None:
        owner.over = owner.superseded = True
        self._unfinished.pop(owner.entered, None)


def _named(name: str, previous: Owner | None) -> Owner | None:
    outer = previous.outwards() if previous is not None else ()
    return next((each for each in outer if each.name == name), None)


def failed_state(events: Iterable[Event]) -> str | None:
    """Name the innermost state that made an execution fail; None where the history does not end with its failure."""
    owners, by_id = Owners(), dict[int, Event]()
    last: Event | None = None
    for last in events:
        owners.take(last)
        by_id[last["id"]] = last
    if last is None or last["type"] != "ExecutionFailed":
        return None
    while str(last["type"]) in _POINT_INWARDS:
        inner = by_id.get(last["previousEventId"])
        if inner is None or inner["id"] >= last["id"]:
            return None
        last = inner
    owner = owners.at(last["id"])
    return owner.name if owner is not None else None
