"""What replays of many executions say together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

from stepsmith.errors import StepsmithError
from stepsmith.expressions.types import Json
from stepsmith.privacy import Marks, personal_values
from stepsmith.service.machines.machine import Machine
from stepsmith.terminal_text import whole_line
from stepsmith.testing.recordings import read_events
from stepsmith.testing.replays.playing import Player
from stepsmith.testing.replays.verdict import NOTHING_PERSONAL, Outcome, Verdict, replayed
from stepsmith.views.histories.history_events import Event

MOST_GROUPS: Final = 20
"""Kinds of departures that are told."""
MOST_NAMES: Final = 3
"""Executions of one kind that are named."""
Source: TypeAlias = tuple[str, Callable[[], Sequence[Event]]]
"""A name, and what gives the events of its history."""


@dataclass(frozen=True, slots=True)
class Replays:
    """What would become of recorded executions."""

    machine: str
    verdicts: tuple[Verdict, ...] = field(default=())

    def of(self, outcome: Outcome) -> list[Verdict]:
        """Return those that go as recorded, otherwise, or so that nobody can tell."""
        return [each for each in self.verdicts if each.outcome == outcome]

    @property
    def is_same(self) -> bool:
        """Whether all go as recorded, as far as is known."""
        return len(self.of("same")) == len(self.verdicts)

    def to_json(self) -> dict[str, Json]:
        """Return it for programs."""
        return {
            "machine": self.machine,
            "executions": len(self.verdicts),
            "same": len(self.of("same")),
            "other": len(self.of("other")),
            "unknown": len(self.of("unknown")),
            "replays": [each.to_json() for each in self.verdicts],
        }

    def summary(self) -> str:
        """Return one line."""
        parts = [f"{len(self.of('same')):,} go as recorded", f"{len(self.of('other')):,} otherwise"]
        if self.of("unknown"):
            parts.append(f"{len(self.of('unknown')):,} cannot be told")
        number = len(self.verdicts)
        return f"{self.machine}: {number:,} {'execution' if number == 1 else 'executions'} replayed, {', '.join(parts)}"

    def lines(self) -> list[str]:
        """Return it for people: executions that depart in the same way stand together."""
        return [whole_line(each) for each in self._lines()]

    def _lines(self) -> Iterator[str]:
        yield self.summary()
        groups: dict[tuple[tuple[str, str], ...], list[Verdict]] = {}
        for each in self.of("other"):
            groups.setdefault(tuple((one.kind, one.what) for one in each.departures), []).append(each)
        for alike in sorted(groups.values(), key=len, reverse=True)[:MOST_GROUPS]:
            yield f"  {_named(alike)}"
            for departure in alike[0].departures:
                yield from (f"    {line}" for line in departure.lines())
        if len(groups) > MOST_GROUPS:
            yield f"  and {len(groups) - MOST_GROUPS} more kinds; --json has them all"
        told: dict[str, list[Verdict]] = {}
        for each in self.of("unknown"):
            told.setdefault(each.reason, []).append(each)
        for reason, some in sorted(told.items(), key=lambda item: -len(item[1]))[:MOST_GROUPS]:
            yield f"  {_named(some)}: cannot be told, {reason}"
        notes: dict[str, list[Verdict]] = {}
        for each in self.verdicts:
            for note in each.notes:
                notes.setdefault(note, []).append(each)
        for note, some in sorted(notes.items(), key=lambda item: -len(item[1]))[:MOST_GROUPS]:
            yield f"  {_named(some)}: {note}"


def _named(verdicts: Sequence[Verdict]) -> str:
    names = ", ".join(each.name for each in verdicts[:MOST_NAMES])
    more = len(verdicts) - MOST_NAMES
    return names if more <= 0 else f"{names} and {more:,} more"


def replay_all(
    machine: Machine, sources: Iterable[Source | str | Path], *, marks: Marks | None = None
) -> Replays:
    """Replay recorded executions through a machine, one after the other.

    Each is a file with an exported history, or a name with what gives its events. What cannot be read, or not be
    replayed, is named with why. `marks` say what is personal in them, and masked in what is told.
    """
    player = Player(machine)
    return Replays(machine.name, tuple(_verdict(player, each, marks) for each in sources))


def _verdict(player: Player, source: Source | str | Path, marks: Marks | None) -> Verdict:
    name, read = source if isinstance(source, tuple) else (str(source), lambda: read_events(source))
    try:
        events = read()
    except StepsmithError as error:
        return Verdict(name, "unknown", reason=str(error))
    values = NOTHING_PERSONAL if marks is None else personal_values(events, marks)
    return replayed(events, player, name=name, values=values)
