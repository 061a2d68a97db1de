"""What a pattern asks of one value: each function makes a closure from an operator's argument."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Final, TypeAlias

from stepsmith.events.patterns.addresses import Range, lies_in
from stepsmith.events.patterns.wildcards import fits
from stepsmith.expressions.types import Json

Test: TypeAlias = Callable[[Json], bool]
"""Says whether a leaf of an event (a text, number, boolean or null) is what is asked for."""

LARGEST: Final = 5_000_000_000
"""Numbers beyond this are not compared by EventBridge; as a bound of a range they are refused."""


def number(text: str) -> int | float:
    """Give the value of a JSON number; whole numbers exactly."""
    try:
        value = Decimal(text)
        return int(value) if abs(value.adjusted()) < 40 and value == value.to_integral() else float(value)
    except (InvalidOperation, OverflowError):
        return float(text)


def is_number(value: Json) -> bool:
    """Whether a value is a JSON number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def equal_to(wanted: str | bool | None) -> Test:
    """A text, boolean or null as it is."""
    if isinstance(wanted, str):
        return lambda value: value == wanted
    return lambda value: value is wanted


def one_of(wanted: frozenset[str]) -> Test:
    """One of several texts."""
    return lambda value: isinstance(value, str) and value in wanted


def equal_to_number(wanted: int | float) -> Test:
    """A number, however it is written."""
    return lambda value: is_number(value) and value == wanted


def any_value(value: Json) -> bool:
    """Any leaf, null too: `exists: true`."""
    return True


def equal_in_any_case(wanted: str) -> Test:
    """A text, capitals or not."""
    lowered = wanted.lower()
    return lambda value: isinstance(value, str) and value.lower() == lowered


def beginning_with(start: str) -> Test:
    """A text that begins so."""
    return lambda value: isinstance(value, str) and value.startswith(start)


def beginning_in_any_case_with(start: str) -> Test:
    """A text that begins so, capitals or not."""
    lowered = start.lower()
    return lambda value: isinstance(value, str) and value.lower().startswith(lowered)


def ending_with(end: str) -> Test:
    """A text that ends so."""
    return lambda value: isinstance(value, str) and value.endswith(end)


def ending_in_any_case_with(end: str) -> Test:
    """A text that ends so, capitals or not."""
    lowered = end.lower()
    return lambda value: isinstance(value, str) and value.lower().endswith(lowered)


def like(parts: list[str]) -> Test:
    """A text that fits a wildcard."""
    return lambda value: isinstance(value, str) and fits(parts, value)


def address_in(wanted: Range) -> Test:
    """A text that is an address of the range."""
    return lambda value: isinstance(value, str) and lies_in(wanted, value)


def anything_but(tests: list[Test]) -> Test:
    """Any leaf for which none of the tests holds; null is anything (recorded)."""
    if len(tests) == 1:
        (only,) = tests
        return lambda value: not only(value)
    return lambda value: not any(test(value) for test in tests)


def between(
    bottom: int | float | None, top: int | float | None, *, open_bottom: bool, open_top: bool
) -> Test:
    """A number within bounds; a bound that is open does not belong to the range, None is no bound."""

    def holds(value: Json) -> bool:
        if not isinstance(value, int | float) or isinstance(value, bool):
            return False
        if bottom is not None and (value <= bottom if open_bottom else value < bottom):
            return False
        return top is None or (value < top if open_top else value <= top)

    return holds
