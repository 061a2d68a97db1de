"""Whether two values are the same but for what is another one each time: tokens, names of executions, the time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from stepsmith.expressions.types import UNDEFINED, Json, Undefined
from stepsmith.privacy import PersonalValues
from stepsmith.service.executions.search import fits

SAME_TIME: Final = 60.0
"""Seconds that two instants may be apart and count as the same: nothing takes exactly as long again."""
_SINCE: Final = 1_000_000_000
"""Numbers from here on may be seconds since 1970, and a thousand times as much milliseconds."""
_LONGEST_VALUE: Final = 60


@dataclass(frozen=True, slots=True)
class Unlike:
    """What may be another one in a replay."""

    texts: tuple[str, ...]
    """Texts of the replay that stand for any other: its name, its ARN, its tokens."""
    given: frozenset[str]
    """Identifiers that the replay was given: those that it makes itself are others each time."""

    def and_(self, token: str | None) -> Unlike:
        """Return the same with a token."""
        return self if token is None else Unlike((*self.texts, token), self.given)


@dataclass(frozen=True, slots=True)
class Difference:
    """A place in which two values differ."""

    place: str
    recorded: Json | Undefined
    replayed: Json | Undefined

    def text(self, values: PersonalValues) -> str:
        """Return it for people, with what is personal masked."""
        one, other = shown(self.recorded, values), shown(self.replayed, values)
        return f"{values.masked_text(self.place)} was {one}, is {other}"


def identifiers(values: Iterable[Json]) -> Iterator[str]:
    """Give the identifiers (UUIDs) in values, at any depth."""
    waiting = list(values)
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, str) and _is_id(value):
            yield value


def places(
    recorded: Json | Undefined, replayed: Json | Undefined, unlike: Unlike, place: str = "$"
) -> Iterator[Difference]:
    """Give where two values differ."""
    if isinstance(recorded, dict) and isinstance(replayed, dict):
        for key in dict.fromkeys([*recorded, *replayed]):
            one, other = recorded.get(key, UNDEFINED), replayed.get(key, UNDEFINED)
            yield from places(one, other, unlike, f"{place}.{key}")
    elif isinstance(recorded, list) and isinstance(replayed, list):
        for at in range(max(len(recorded), len(replayed))):
            one = recorded[at] if at < len(recorded) else UNDEFINED
            other = replayed[at] if at < len(replayed) else UNDEFINED
            yield from places(one, other, unlike, f"{place}[{at}]")
    elif not _alike(recorded, replayed, unlike):
        yield Difference(place, recorded, replayed)


def shown(value: Json | Undefined, values: PersonalValues) -> str:
    """Give a value as a report shows it."""
    if isinstance(value, Undefined):
        return "not there"
    text = json.dumps(values.masked(value), ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def _alike(one: Json | Undefined, other: Json | Undefined, unlike: Unlike) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other or _near(one, other)
    if isinstance(one, str) and isinstance(other, str):
        return (
            one == other
            or _fits(one, other, unlike)
            or _same_time(one, other)
            or _is_new_id(one, other, unlike)
        )
    return one == other


def _near(one: float, other: float) -> bool:
    for unit in (1000, 1):
        if min(one, other) >= _SINCE * unit:
            return abs(one - other) <= SAME_TIME * unit
    return False


def _fits(one: str, other: str, unlike: Unlike) -> bool:
    """Whether a recorded text is a replayed one with others in the place of what is unlike."""
    for each in sorted(unlike.texts, key=len, reverse=True):
        other = other.replace(each, "\0")
    pieces = _without_placeholders(other)
    return pieces is not None and fits(pieces, one)


def _without_placeholders(text: str) -> list[str] | None:
    """Give the texts around what may be anything; None where nothing may."""
    kept = ""
    while True:
        before, opening, rest = text.partition("${")
        _, closing, after = rest.partition("}")
        kept += before
        if not opening or not closing:
            kept += opening + rest if opening else ""
            break
        kept, text = f"{kept}\0", after
    return kept.split("\0") if "\0" in kept else None


def _same_time(one: str, other: str) -> bool:
    times = _time(one), _time(other)
    return (
        times[0] is not None
        and times[1] is not None
        and abs((times[0] - times[1]).total_seconds()) <= SAME_TIME
    )


def _time(text: str) -> datetime | None:
    if not 19 <= len(text) <= 35 or text[10] not in "T ":
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _is_new_id(one: str, other: str, unlike: Unlike) -> bool:
    return _is_id(one) and _is_id(other) and other not in unlike.given


def _is_id(text: str) -> bool:
    try:
        return len(text) == 36 and str(UUID(text)) == text.lower()
    except ValueError:
        return False
