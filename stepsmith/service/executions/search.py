"""Which executions are meant: by status, time, name, error and input, on AWS and in journals alike."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from stepsmith.errors import InvalidInput
from stepsmith.expressions.jsonpath import PathFailure, PathSyntaxError, compile_path
from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen

STATUSES: Final = ("RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE")
_COMPARISONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
}


@frozen(kw_only=True)
class Found:
    """An execution that was found, on AWS or in a journal."""

    arn: str
    name: str
    status: str
    started: float
    """Seconds since 1970."""
    stopped: float | None
    error: str | None = None
    """The error it ended with, where that was asked for."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What an input has to hold: a path, a comparison, a value."""

    path: str
    comparison: str
    value: Json

    def holds(self, input: Json) -> bool:
        """Whether an input is so; one that has nothing there is not, whatever the comparison."""
        try:
            found = compile_path(self.path).read(input)
        except PathFailure:
            return False
        compare = _COMPARISONS[self.comparison]
        if self.comparison in ("=", "!="):
            same = found == self.value and isinstance(found, bool) == isinstance(self.value, bool)
            return same == (self.comparison == "=")
        both = (found, self.value)
        if all(isinstance(each, str) for each in both) or all(
            isinstance(each, int | float) and not isinstance(each, bool) for each in both
        ):
            return compare(found, self.value)
        return False


@frozen(kw_only=True)
class Search:
    """What is asked of executions; what is left out is asked of none."""

    statuses: tuple[str, ...] = ()
    since: float | None = None
    """The instant from which on they started, in seconds since 1970."""
    until: float | None = None
    """The instant before which they started."""
    name: str | None = None
    """The name; a `*` in it stands for anything."""
    error: str | None = None
    """The error, likewise."""
    where: tuple[Condition, ...] = ()

    @property
    def asks_each(self) -> bool:
        """Whether each execution has to be looked at, and not only a list of them."""
        return self.error is not None or bool(self.where)

    def fits_list(self, name: str, status: str, started: float) -> bool:
        """Whether an execution fits, as far as a list of executions tells."""
        return (
            (not self.statuses or status in self.statuses)
            and (self.since is None or started >= self.since)
            and (self.until is None or started < self.until)
            and (self.name is None or fits(self.name.split("*"), name))
        )

    def fits_details(self, input: Json, error: str | None) -> bool:
        """Whether an execution fits that fits otherwise, as its input and its error tell."""
        if self.error is not None and (error is None or not fits(self.error.split("*"), error)):
            return False
        return all(each.holds(input) for each in self.where)


def fits(pieces: Sequence[str], text: str) -> bool:
    """Whether a text consists of these pieces in their order, with anything between two of them."""
    first, *others = pieces
    if not others:
        return text == first
    *middle, last = others
    if not text.startswith(first):
        return False
    at = len(first)
    for piece in middle:
        found = text.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return len(text) - len(last) >= at and text.endswith(last)


def read_condition(text: str) -> Condition:
    """Read `path = value`, such as `order.total >= 100`; raises InvalidInput for what is none.

    A value that is no JSON is a text.
    """
    from stepsmith.expressions.json_text import InvalidJson, read

    place, comparison = _comparison(text)
    path, value = text[:place].strip(), text[place + len(comparison) :].strip()
    if not path or not value:
        raise InvalidInput(
            f"{text[:100]!r} lacks {'a value' if path else 'a path'}: write it as order.total >= 100"
        )
    path = path if path.startswith("$") else f"$.{path}"
    try:
        compile_path(path)
    except PathSyntaxError as error:
        raise InvalidInput(f"{path[:100]!r} is no path into an input: {error}") from None
    try:
        return Condition(path, comparison, read(value))
    except InvalidJson:
        return Condition(path, comparison, value)


def _comparison(text: str) -> tuple[int, str]:
    """Find the first comparison outside quotes and brackets, where paths have theirs."""
    quote, depth = "", 0
    for place, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "[(":
            depth += 1
        elif character in "])":
            depth -= 1
        elif depth <= 0:
            for each in _COMPARISONS:
                if text.startswith(each, place):
                    return place, each
    raise InvalidInput(
        f"{text[:100]!r} compares nothing: write a path, one of {' '.join(_COMPARISONS)} and a value"
    )
