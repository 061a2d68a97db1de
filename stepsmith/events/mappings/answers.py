"""What a function answers to a batch, and which of its records that declares failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from stepsmith.expressions.types import Json


@dataclass(frozen=True, slots=True)
class Returned:
    """The function returned a value."""

    value: Json


@dataclass(frozen=True, slots=True)
class Raised:
    """The function raised, ran out of time or could not be called."""

    function_error: str = "Unhandled"


Answer: TypeAlias = Returned | Raised


def failed_places(answer: Answer, identifiers: Sequence[str], *, reports_failures: bool) -> list[int]:
    """Give the places in the batch of the records that failed, in order; all of them where the whole batch did.

    Recorded: `{}`, null, `""`, `[]` and a `batchItemFailures` that is empty or null are success; an identifier that is
    unknown, empty or null, or an item with a wrong key, fails the whole batch.
    """
    everything = list(range(len(identifiers)))
    if isinstance(answer, Raised):
        return everything
    if not reports_failures or not isinstance(answer.value, dict):
        return []
    reported = answer.value.get("batchItemFailures")
    if not reported:
        return []
    if not isinstance(reported, list):
        return everything
    places = {identifier: place for place, identifier in reversed(list(enumerate(identifiers)))}
    found: set[int] = set()
    for item in reported:
        identifier = item.get("itemIdentifier") if isinstance(item, dict) else None
        if not isinstance(identifier, str) or identifier not in places:
            return everything
        found.add(places[identifier])
    return sorted(found)
