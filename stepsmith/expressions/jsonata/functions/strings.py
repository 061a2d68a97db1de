"""Built-in functions on strings."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from stepsmith.expressions.jsonata.errors import JsonataError
from stepsmith.expressions.jsonata.runtime.dialect import Dialect
from stepsmith.expressions.jsonata.runtime.limits import Run
from stepsmith.expressions.jsonata.runtime.stringify import TEXT_OF, TextOf
from stepsmith.expressions.jsonata.runtime.text import join_surrogates, to_units
from stepsmith.expressions.jsonata.runtime.values import Value
from stepsmith.expressions.types import UNDEFINED

_CASE_WORK: Final = 8
_TRIM_WORK: Final = 32
_SHORT: Final = 100


def _stringifier(text_of: TextOf) -> Callable[..., Value]:
    def string(run: Run, value: Value, pretty: Value = UNDEFINED) -> Value:
        return UNDEFINED if value is UNDEFINED else text_of(run, value, pretty=pretty is True)

    return string


string = _stringifier(TEXT_OF[Dialect.SERVICE])
"""`$string`."""
string_of_reference = _stringifier(TEXT_OF[Dialect.REFERENCE])
"""`$string` as the reference writes numbers and control characters."""


def length(run: Run, text: Value) -> Value:
    """`$length`: the number of code points."""
    del run
    return UNDEFINED if text is UNDEFINED else len(text)


def substring(run: Run, text: Value, start: Value, count: Value = UNDEFINED) -> Value:
    """`$substring` with its places cut to whole numbers."""
    return substring_of_reference(run, text, cut(start), cut(count))


def cut(number: Value) -> Value:
    """A number cut to a whole one, as the service does with places, widths and limits."""
    return _whole(number) if type(number) is float else number


def substring_of_reference(run: Run, text: Value, start: Value, count: Value = UNDEFINED) -> Value:
    """`$substring`: so many code points from a start, which counts from the end below zero."""
    if text is UNDEFINED:
        return UNDEFINED
    run.read(len(text))
    if start is UNDEFINED:
        return text if count is UNDEFINED else ""
    if len(text) + start < 0:
        start = 0
    if count is UNDEFINED:
        return text[_whole(start) :]
    if count <= 0:
        return ""
    end = start + count if start >= 0 else len(text) + start + count
    return text[_whole(start) : _whole(end)]


def _whole(number: float) -> int:
    if type(number) is int:
        return number
    if not math.isfinite(number):
        return 0 if number != number or number < 0 else 2**31
    return int(number)


def substring_before(run: Run, text: Value, separator: Value) -> Value:
    """`$substringBefore`."""
    if text is UNDEFINED or separator is UNDEFINED:
        return text
    run.read(len(text))
    before, found, _ = text.partition(separator) if separator else ("", "", "")
    return before if found or not separator else text


def substring_after(run: Run, text: Value, separator: Value) -> Value:
    """`$substringAfter`."""
    if text is UNDEFINED or separator is UNDEFINED or not separator:
        return text
    run.read(len(text))
    _, found, after = text.partition(separator)
    return after if found else text


def lowercase(run: Run, text: Value) -> Value:
    """`$lowercase`."""
    if text is UNDEFINED:
        return UNDEFINED
    if len(text) > _SHORT:
        run.read(_CASE_WORK * len(text))
    return text.lower()


def uppercase(run: Run, text: Value) -> Value:
    """`$uppercase`."""
    if text is UNDEFINED:
        return UNDEFINED
    if len(text) > _SHORT:
        run.read(_CASE_WORK * len(text))
    return text.upper()


def trim(run: Run, text: Value) -> Value:
    """`$trim`: without blanks at the ends, and with one blank for several inside."""
    if text is UNDEFINED:
        return UNDEFINED
    run.read(_TRIM_WORK * len(text))
    for blank in "\t\n\r":
        text = text.replace(blank, " ")
    while "  " in text:
        text = text.replace("  ", " ")
    return text.strip(" ")


def pad(run: Run, text: Value, width: Value, filler: Value = UNDEFINED) -> Value:
    """`$pad` to a width that is cut to a whole number."""
    return pad_of_reference(run, text, cut(width), filler)


def pad_of_reference(run: Run, text: Value, width: Value, filler: Value = UNDEFINED) -> Value:
    """`$pad`: filled up on the right, on the left below zero."""
    if text is UNDEFINED:
        return UNDEFINED
    width = 0 if width is UNDEFINED else width
    filler = filler if filler is not UNDEFINED and filler else " "
    missing = abs(width) - len(text)
    if missing <= 0:
        return text
    if not math.isfinite(missing) or missing != int(missing):
        raise JsonataError("U1006", message="Invalid array length")
    missing = int(missing)
    run.string(len(text) + missing)
    padding = (filler * (missing // len(filler) + 1))[:missing]
    return text + padding if width > 0 else padding + text


def join(run: Run, texts: Value, separator: Value = UNDEFINED) -> Value:
    """`$join`."""
    if texts is UNDEFINED:
        return UNDEFINED
    between = "" if separator is UNDEFINED else separator
    run.charge(2 * len(texts))
    run.string(sum(map(len, texts)) + len(between) * len(texts))
    return join_surrogates(between.join(texts))


def split_text(run: Run, text: str, separator: str, limit: Value) -> list[str]:
    """The parts of a string between occurrences of another one; its code units for an empty one."""
    parts = text.split(separator) if separator else list(to_units(text))
    if len(parts) > len(text):
        run.soil()
    run.array(len(parts))
    return parts if limit is UNDEFINED else parts[: _whole(limit)]


def split_text_of_reference(run: Run, text: str, separator: str, limit: Value) -> list[str]:
    """The parts of a string between occurrences of another one; its characters for an empty one."""
    parts = text.split(separator) if separator else list(text)
    run.array(len(parts))
    if limit is UNDEFINED:
        return parts
    # JavaScript keeps the lowest 32 bits of the limit
    return parts[: int(limit) % 2**32] if math.isfinite(limit) else []
