"""Placeholders: `${Name}` in the strings of a definition, where whoever deploys it says what stands there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from stepsmith.expressions.json_scan import Place
from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen

PLACEHOLDER: Final = re.compile(r"\$\{([A-Za-z0-9_](?:[A-Za-z0-9_.-]|::)*)\}")
"""A placeholder, such as `${Table}`, `${Function.Arn}` or `${AWS::Region}`; JSONata's `${a: b}` is none."""


@frozen
class Placeholder:
    """One placeholder without a value."""

    name: str
    """Its name, without `${` and `}`."""
    place: Place
    """Where the string is that holds it; for the name of a field, the field."""
    text: str
    """The whole string that holds it."""


def placeholders(value: Json, place: Place = ()) -> Iterator[Placeholder]:
    """Give every placeholder in the strings and names of a value, in order."""
    if isinstance(value, str):
        if "${" in value:
            yield from (Placeholder(found[1], place, value) for found in PLACEHOLDER.finditer(value))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from (Placeholder(found[1], (*place, key), key) for found in PLACEHOLDER.finditer(key))
            yield from placeholders(item, (*place, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from placeholders(item, (*place, index))


def holds_placeholder(value: object) -> bool:
    """Tell whether a value is a string with a placeholder in it."""
    return isinstance(value, str) and PLACEHOLDER.search(value) is not None
