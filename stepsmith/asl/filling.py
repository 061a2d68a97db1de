"""Values for the placeholders of a definition.

Filling is text for text, inside strings that have been read: no value ends the string that it is put into, and none is
looked through for further placeholders. Where the language has a number or a boolean, a string that is nothing but a
placeholder becomes one, as the substitutions of CloudFormation, SAM and the CDK do it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from stepsmith.asl.fields import Field, Kind
from stepsmith.asl.members import fields_of
from stepsmith.asl.placeholders import PLACEHOLDER, Placeholder, placeholders
from stepsmith.errors import InvalidInput
from stepsmith.expressions.json_scan import Place
from stepsmith.expressions.json_text import NO_DOUBLE, InvalidJson, read, unfit
from stepsmith.expressions.types import Json

Substitutions: TypeAlias = Mapping[str, str | int | float | bool]
"""Name of a placeholder -> what stands for it."""

NO_VALUES: Final[Substitutions] = {}
_TYPED: Final[frozenset[Kind]] = frozenset({"int", "number", "boolean"})


class TooLarge(InvalidInput):
    """A definition that its values make too large."""


class _Whole(str):
    """What has taken the place of a string that was nothing but a placeholder."""

    __slots__ = ()


def substitute(definition: Json, values: Substitutions, *, largest: int) -> tuple[Json, frozenset[str]]:
    """Give a definition with values for placeholders, and the names that it has among them.

    Raises InvalidInput for a value that no text stands for, and where two fields of an object become one; TooLarge
    where the strings together have more characters than `largest`.
    """
    filling = _Filling({name: _text(name, value) for name, value in values.items()}, largest)
    filled = filling.fill(definition, ())
    typed: dict[Place, Kind] = {
        place: field.kind for place, item, field in fields_of(filled) if _is_whole(item, field)
    }
    return _settle(filled, typed, ()), frozenset(filling.used)


def left_open(definition: Json, values: Substitutions) -> Iterator[Placeholder]:
    """Give the placeholders of a definition that have no value, where they stand once the others have theirs."""
    for found in placeholders(definition):
        if found.name not in values:
            steps = [_in_name(step, values) if isinstance(step, str) else step for step in found.place]
            yield Placeholder(found.name, tuple(steps), found.text)


def _in_name(name: str, values: Substitutions) -> str:
    return PLACEHOLDER.sub(lambda found: _text(found[1], values.get(found[1], found[0])), name)


def _is_whole(item: Json, field: Field) -> bool:
    return field.kind in _TYPED and isinstance(item, _Whole)


def _text(name: str, value: object) -> str:
    """Give the text that stands for a placeholder."""
    if isinstance(value, str):
        text = value
    elif isinstance(value, bool | int | float):
        try:
            text = json.dumps(value, allow_nan=False)
        except ValueError:
            raise InvalidInput(f"the value of ${{{name}}} holds {NO_DOUBLE}") from None
    else:
        found = value.__class__.__name__
        raise InvalidInput(
            f"the value of ${{{name}}} is a {found}; texts, numbers, true and false can stand in text"
        )
    reason = unfit(text)
    if reason is not None:
        raise InvalidInput(f"the value of ${{{name}}} holds {reason}")
    return text


class _Filling:
    """One pass over a definition that puts texts for placeholders."""

    def __init__(self, texts: Mapping[str, str], largest: int) -> None:
        self.texts = texts
        self.used: set[str] = set()
        self._left = largest

    def fill(self, value: Json, place: Place) -> Json:
        if isinstance(value, str):
            whole = PLACEHOLDER.fullmatch(value)
            filled = self.text(value)
            return _Whole(filled) if whole is not None and whole[1] in self.texts else filled
        if isinstance(value, list):
            return [self.fill(item, (*place, index)) for index, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        members: dict[str, Json] = {}
        for key, item in value.items():
            name = self.text(key)
            if name in members:
                where = "".join(f"/{step}" for step in place) or "/"
                raise InvalidInput(f"the values make two fields {name!r} of one object, at {where}")
            members[name] = self.fill(item, (*place, key))
        return members

    def text(self, text: str) -> str:
        """Put the texts into one string; a piece is never longer than what is left, so nothing large is made."""
        pieces: list[str] = []
        end = 0
        for found in PLACEHOLDER.finditer(text) if "${" in text else ():
            name = found[1]
            if name in self.texts:
                self.used.add(name)
                pieces += (text[end : found.start()], self.texts[name])
                end = found.end()
                self._take(len(self.texts[name]))
        self._take(len(text))
        return "".join([*pieces, text[end:]]) if pieces else text

    def _take(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise TooLarge("the values make the definition larger than AWS takes")


def _settle(value: Json, typed: Mapping[Place, Kind], place: Place) -> Json:
    """Give numbers and booleans where the language has them, and plain strings elsewhere."""
    if isinstance(value, _Whole):
        return _scalar(value, typed[place]) if place in typed else str(value)
    if isinstance(value, list):
        return [_settle(item, typed, (*place, index)) for index, item in enumerate(value)]
    if isinstance(value, dict):
        return {key: _settle(item, typed, (*place, key)) for key, item in value.items()}
    return value


def _scalar(text: str, kind: Kind) -> Json:
    try:
        value = read(text)
    except InvalidJson:
        return str(text)
    if isinstance(value, bool) == (kind == "boolean") and isinstance(value, int | float):
        return value
    return str(text)
