"""What a change of a definition means, state by state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, cast

from stepsmith.expressions.types import Json

_WIRING: Final = ("Next", "End", "Default")
_TIMING: Final = ("TimeoutSeconds", "HeartbeatSeconds", "Seconds", "Timestamp", "MaxConcurrency")
_INSIDE: Final = ("Branches", "ItemProcessor", "Iterator", "States")


def definition_difference(before: Json, after: Json) -> list[str]:
    """Say what changed between two definitions: a line for each state that came, went or changed."""
    old, new = dict(_states(before)), dict(_states(after))
    lines = _top(before, after)
    for name in [*new, *(each for each in old if each not in new)]:
        if name not in old:
            lines.append(f"+ state {name!r} ({new[name].get('Type', '?')})")
        elif name not in new:
            lines.append(f"- state {name!r} ({old[name].get('Type', '?')})")
        else:
            lines += [f"~ state {name!r}: {text}" for text in _changes(old[name], new[name])]
    return lines


def _top(before: Json, after: Json) -> list[str]:
    if not isinstance(before, dict) or not isinstance(after, dict):
        return []
    names = sorted({*before, *after} - {"States"})
    return [
        f"~ {name}: {_short(before.get(name))} becomes {_short(after.get(name))}"
        for name in names
        if before.get(name) != after.get(name)
    ]


def _changes(before: Mapping[str, Json], after: Mapping[str, Json]) -> Iterator[str]:
    for field in sorted({*before, *after} - set(_INSIDE)):
        old, new = before.get(field), after.get(field)
        if old == new:
            continue
        if field in _WIRING or field in _TIMING or field == "Type":
            yield f"{field} {_short(old)} becomes {_short(new)}"
        elif field == "Retry":
            yield f"retries change: {_retries(old)} becomes {_retries(new)}"
        elif field in ("Catch", "Choices"):
            yield f"{field} leads {_targets(old)}, and will lead {_targets(new)}"
        else:
            yield from _leaves(field, old, new)


def _leaves(place: str, before: Json, after: Json) -> Iterator[str]:
    """Say what changes, as far inside as both have the same members."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted({*before, *after}):
            if before.get(name) != after.get(name):
                yield from _leaves(f"{place}.{name}", before.get(name), after.get(name))
    else:
        yield f"{place}: {_short(before)} becomes {_short(after)}"


def _states(definition: Json, prefix: str = "") -> Iterator[tuple[str, Mapping[str, Json]]]:
    if not isinstance(definition, dict) or not isinstance(definition.get("States"), dict):
        return
    for name, state in cast("dict[str, Json]", definition["States"]).items():
        if not isinstance(state, dict):
            continue
        place = f"{prefix}{name}"
        yield place, state
        branches = state.get("Branches")
        for branch in branches if isinstance(branches, list) else []:
            yield from _states(branch, f"{place} / ")
        for field in ("ItemProcessor", "Iterator"):
            yield from _states(state.get(field), f"{place} / ")


def _retries(value: Json) -> str:
    if not isinstance(value, list):
        return "none"
    found = [
        f"{', '.join(map(str, cast('list[Json]', each.get('ErrorEquals', []))))} {each.get('MaxAttempts', 3)} times"
        for each in value
        if isinstance(each, dict)
    ]
    return "; ".join(found) or "none"


def _targets(value: Json) -> str:
    if not isinstance(value, list):
        return "nowhere"
    return "to " + ", ".join(repr(each.get("Next")) for each in value if isinstance(each, dict))


def _short(value: Json) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
