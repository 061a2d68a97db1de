"""What a service takes of a type: one of a few values, so many letters, a pattern; asked of the constants in a call."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Final

from stepsmith.asl.placeholders import holds_placeholder
from stepsmith.asl.services import Bounds, Naming, ServiceModel
from stepsmith.expressions.jsonata.errors import JsonataError
from stepsmith.expressions.jsonata.regex import compile_java_pattern
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import EnumType
from stepsmith.expressions.typed.tree import Expression
from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen

_MOST_NAMED: Final = 12
"""How many values are listed where none is close."""


@frozen
class Misfit:
    """A constant that a service does not take."""

    value: Expression
    place: str
    """Where it stands, such as `Item.id`."""
    message: str
    help: str | None


@frozen
class Limits:
    """The limits of the parameters of an action."""

    model: ServiceModel
    shape: str
    naming: Naming

    def misfits(self, given: Mapping[str, Expression]) -> Iterator[Misfit]:
        """Give what the service would refuse of the constants in its parameters."""
        members = self.model.members(self.shape, self.naming)
        for name, value in given.items():
            if name in members:
                yield from self._of_value(members[name], value, name)

    def _of_value(self, shape: str, value: Expression, place: str) -> Iterator[Misfit]:
        match value:
            case tree.Constant(value=constant):
                yield from self._of_constant(shape, constant, value, place)
            case tree.Conditional(then=then, otherwise=otherwise):
                yield from self._of_value(shape, then, place)
                yield from self._of_value(shape, otherwise, place)
            case tree.ListOf(elements=elements) if self.model.kind(shape) == "list":
                if not any(isinstance(each, tree.Spread) for each in elements):
                    yield from self._of_size(shape, len(elements), value, place)
                for index, element in enumerate(elements):
                    if not isinstance(element, tree.Spread):
                        yield from self._of_value(self.model.inner(shape), element, f"{place}[{index}]")
            case tree.ObjectOf(entries=entries):
                for key, part in entries:
                    if isinstance(key, tree.Constant):
                        yield from self._of_member(shape, str(key.value), part, place)
            case _ if isinstance(value.type, EnumType) and value.type.values:
                for constant in value.type.values:
                    yield from self._of_constant(shape, constant, value, place)
            case _:
                pass

    def _of_member(self, shape: str, key: str, value: Expression, place: str) -> Iterator[Misfit]:
        kind = self.model.kind(shape)
        inner = self.model.members(shape, self.naming).get(key) if kind == "structure" else None
        if kind == "map":
            inner = self.model.inner(shape)
        if inner is not None:
            yield from self._of_value(inner, value, f"{place}.{key}")

    def _of_constant(self, shape: str, constant: Json, value: Expression, place: str) -> Iterator[Misfit]:
        match constant:
            case list() if self.model.kind(shape) == "list":
                yield from self._of_size(shape, len(constant), value, place)
                for index, item in enumerate(constant):
                    yield from self._of_constant(self.model.inner(shape), item, value, f"{place}[{index}]")
            case dict():
                for key, item in constant.items():
                    part = tree.Constant(value=item, type=value.type, span=value.span)
                    yield from self._of_member(shape, key, part, place)
            case str() if self.model.kind(shape) == "string" and not holds_placeholder(constant):
                yield from self._of_text(shape, constant, value, place)
            case int() | float() if not isinstance(constant, bool):
                yield from _of_number(self.model.bounds(shape), constant, value, place)
            case _:
                pass

    def _of_size(self, shape: str, size: int, value: Expression, place: str) -> Iterator[Misfit]:
        bounds = self.model.bounds(shape)
        if not bounds.allow(size):
            message = f"{place} has {bounds.said()} {_plural('item', bounds)}, got {size}"
            yield Misfit(value, place, message, None)

    def _of_text(self, shape: str, text: str, value: Expression, place: str) -> Iterator[Misfit]:
        known, bounds = self.model.values(shape), self.model.bounds(shape)
        if known:
            if text not in known:
                close = difflib.get_close_matches(text.upper(), {each.upper(): each for each in known}, n=1)
                meant = next((each for each in known if close and each.upper() == close[0]), None)
                listed = ", ".join(known[:_MOST_NAMED]) + (", ..." if len(known) > _MOST_NAMED else "")
                help = f"did you mean {meant!r}?" if meant else f"it is one of {listed}"
                yield Misfit(value, place, f"{place} cannot be {text!r}", help)
            return
        if not bounds.allow(len(text)):
            message = f"{place} has {bounds.said()} {_plural('character', bounds)}, got {len(text)}"
            yield Misfit(value, place, message, None)
        elif not _matches(self.model.pattern(shape), text):
            message = f"{place} cannot be {text!r}"
            yield Misfit(value, place, message, f"it matches {self.model.pattern(shape)}")


def _of_number(bounds: Bounds, number: float, value: Expression, place: str) -> Iterator[Misfit]:
    if not bounds.allow(number):
        yield Misfit(value, place, f"{place} is {bounds.said()}, got {number}", None)


def _plural(noun: str, bounds: Bounds) -> str:
    return noun if bounds.most == 1 or (bounds.most is None and bounds.least == 1) else f"{noun}s"


def _matches(pattern: str | None, text: str) -> bool:
    """Say whether all of a text is as a pattern says; a pattern that nobody here can read allows everything."""
    if pattern is None:
        return True
    try:
        whole = compile_java_pattern(f"^(?:{pattern})$", "")
        return whole.search(text, 0, _charge) is not None
    except JsonataError:
        return True


def _charge(work: int) -> None:
    """Count nothing: patterns and texts are those of who writes the workflow."""
