"""The path of an execution as a tree: what runs side by side has no order of its own, and is compared lane by lane."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from stepsmith.views.histories.history_events import Event, Owner, Owners, details_of, name_in, role_of

MOST_NESTED: Final = 100
Key: TypeAlias = tuple[int, str]
"""Tells lanes of one visit apart: the number of an item, or the first state of a branch."""


@dataclass(slots=True, eq=False)
class Visit:
    """A state that was entered, and what went on inside."""

    name: str
    lanes: dict[Key, Lane] = field(default_factory=dict["Key", "Lane"])
    left: bool = False


@dataclass(slots=True, eq=False)
class Lane:
    """States that were entered one after the other."""

    visits: list[Visit] = field(default_factory=list[Visit])

    @property
    def is_cut(self) -> bool:
        """Whether its last state was never left: it failed, was aborted or has not ended."""
        return not self.visits or not self.visits[-1].left


class Paths:
    """Makes a tree of the events of a history, as far as it counts: what another attempt replaced is not in it."""

    def __init__(self) -> None:
        self.owners = Owners()
        self._visits: dict[int, tuple[Owner, Key | None, Visit]] = {}
        """By the id of the entering event, with the lane that a visit begins; None where it goes on with one."""
        self._items: dict[int, int] = {}
        """The number of the item that an event began."""
        self._before: dict[int, int] = {}
        """Entering event -> that of the state before it in its lane."""

    def take(self, event: Event) -> Owner | None:
        """Take the next event; give the visit that it belongs to."""
        kind, id, after = str(event["type"]), event["id"], event["previousEventId"]
        before = self.owners.at(after)
        owner = self.owners.take(event)
        if owner is None:
            return None
        if kind == "MapIterationStarted":
            index = details_of(event).get("index")
            self._items[id] = index if isinstance(index, int) else len(self._items)
        elif owner.entered == id:
            self._enter(owner, before, after, name_in(event))
        elif role_of(kind) == "exit":
            self._visits[owner.entered][2].left = True
        return owner

    def _enter(self, owner: Owner, before: Owner | None, after: int, name: str) -> None:
        key: Key | None = None
        if after in self._items:
            key = (self._items[after], "")
        elif before is not None and before is owner.around:
            key = (-1, name)
        elif before is not None and before.around is owner.around:
            self._before[owner.entered] = before.entered
        self._visits[owner.entered] = (owner, key, Visit(name))

    def tree(self) -> Lane:
        """Give the path so far."""
        top = Lane()
        lanes: dict[int, Lane] = {}
        for entered, (owner, key, visit) in self._visits.items():
            if any(each.superseded for each in owner.outwards()):
                continue
            outer = self._visits.get(owner.around.entered) if owner.around is not None else None
            if outer is None:
                lane = top
            elif key is not None:
                lane = outer[2].lanes.setdefault(key, Lane())
            else:
                lane = lanes.get(self._before.get(entered, 0)) or outer[2].lanes.setdefault(
                    (-1, visit.name), Lane()
                )
            lane.visits.append(visit)
            lanes[entered] = lane
        return top


def path_of(events: Iterable[Event]) -> Lane:
    """Give the path that a history tells of."""
    paths = Paths()
    for event in events:
        paths.take(event)
    return paths.tree()


def parting(recorded: Lane, replayed: Lane, *, is_open: bool) -> str | None:
    """Say where two paths part, None where they do not.

    An open one may end before the other; so may whatever was cut off by a failure beside it.
    """
    return next(_partings(recorded, replayed, is_open, ()), None)


def _partings(recorded: Lane, replayed: Lane, is_open: bool, inside: tuple[str, ...]) -> Iterator[str]:
    where = f"in {' in '.join(reversed(inside))}, " if inside else ""
    if len(inside) > MOST_NESTED:
        return
    before = ""
    for one, other in zip(recorded.visits, replayed.visits, strict=False):
        if one.name != other.name:
            yield f"{where}{before}goes to {other.name!r}, not to {one.name!r}"
            return
        yield from _beside(one, other, is_open, (*inside, repr(one.name)))
        before = f"after {one.name!r} "
    shared = min(len(recorded.visits), len(replayed.visits))
    if len(recorded.visits) > shared and not (is_open or (inside and replayed.is_cut)):
        yield f"{where}{before}does not go to {recorded.visits[shared].name!r}"
    if len(replayed.visits) > shared and not (is_open or (inside and recorded.is_cut)):
        yield f"{where}{before}goes on to {replayed.visits[shared].name!r}"


def _beside(recorded: Visit, replayed: Visit, is_open: bool, inside: tuple[str, ...]) -> Iterator[str]:
    may_lack = is_open or not recorded.left or not replayed.left
    for key in sorted({*recorded.lanes, *replayed.lanes}):
        one, other = recorded.lanes.get(key), replayed.lanes.get(key)
        if one is not None and other is not None:
            what = f"item {key[0]} of {inside[-1]}" if key[0] >= 0 else inside[-1]
            yield from _partings(one, other, is_open, (*inside[:-1], what))
        elif not may_lack:
            name = f"item {key[0]}" if key[0] >= 0 else repr(key[1])
            yield f"in {inside[-1]}, {name} {'is left out' if other is None else 'is new'}"


def entered(lane: Lane) -> Iterator[str]:
    """Give the names of the states of a path."""
    for visit in lane.visits:
        yield visit.name
        for inner in visit.lanes.values():
            yield from entered(inner)
