"""Built-in functions that look for strings and regular expressions."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

from stepsmith.expressions.jsonata.errors import JsonataError, memory_exceeded
from stepsmith.expressions.jsonata.functions.strings import cut, split_text, split_text_of_reference
from stepsmith.expressions.jsonata.regex import Pattern
from stepsmith.expressions.jsonata.runtime.invoke import invoke
from stepsmith.expressions.jsonata.runtime.limits import Run
from stepsmith.expressions.jsonata.runtime.numbers import number_text
from stepsmith.expressions.jsonata.runtime.text import from_units, has_astral, join_surrogates, to_units
from stepsmith.expressions.jsonata.runtime.values import (
    ARRAY_TYPES,
    OBJECT,
    Native,
    Sequence,
    Value,
    is_function,
)
from stepsmith.expressions.types import UNDEFINED

_MATCH_WORK = 64
_UNITS_WORK = 128


def matcher(pattern: Pattern, position: int) -> Native:
    """The function that a regular expression is: finds the first match in a string."""

    def call(run: Run, text: Value = UNDEFINED, start: Value = UNDEFINED, *_: Value) -> Value:
        text = _as_text(run, text)
        units, wide = text, False
        if not text.isascii():
            run.read(_UNITS_WORK * len(text))
            wide = has_astral(text) and not pattern.of_units
            units = text if wide else to_units(text)
        first = start if type(start) in (int, float) and start > 0 else 0
        return (
            UNDEFINED if first > len(units) else _found(run, pattern, units, int(first), position, wide=wide)
        )

    return Native("regex", 2, call)


def _as_text(run: Run, value: Value) -> str:
    """What JavaScript makes a string of where it needs one."""
    if type(value) is str:
        return value
    if type(value) in (int, float):
        return number_text(value)
    if value is UNDEFINED:
        return "undefined"
    if type(value) in ARRAY_TYPES:
        run.charge(len(value))
        texts = ["" if member is None or member is UNDEFINED else _as_text(run, member) for member in value]
        run.string(sum(map(len, texts)))
        return ",".join(texts)
    if value is None or type(value) is bool:
        return json.dumps(value)
    return "[object Object]"


def _found(run: Run, pattern: Pattern, units: str, start: int, position: int, *, wide: bool) -> Value:
    """A match as the object that matcher functions yield; UNDEFINED without one.

    Places are code units; those of a `wide` text, read by characters some of which are two, are converted.
    """
    match = pattern.search(units, start, run.charge)
    if match is None:
        return UNDEFINED
    begin, end = match.span
    first, last = (_in_units(run, units, place) for place in (begin, end)) if wide else (begin, end)
    groups = [UNDEFINED if group is None else from_units(group) for group in match.groups]
    if None in match.groups:
        run.unclean = True

    def call(run: Run, *_: Value) -> Value:
        if end >= len(units):
            return UNDEFINED
        following = _found(run, pattern, units, end, position, wide=wide)
        if following is not UNDEFINED and following["match"] == "":
            raise JsonataError("D1004", position=position, value=pattern.source)
        return following

    return {
        "match": from_units(units[begin:end]),
        "start": first,
        "end": last,
        "groups": groups,
        "next": Native("next", 0, call),
    }


def _in_units(run: Run, text: str, place: int) -> int:
    """A place in a text as the number of code units before it."""
    run.read(_UNITS_WORK * place)
    return place + sum(char > "\uffff" for char in text[:place])


def _ask(run: Run, function: Value, *arguments: Value) -> Any:
    """What a matcher function yields; raises T1010 unless it is a match or nothing."""
    result = invoke(run, function, list(arguments), None)
    if result is UNDEFINED or result is None or result is False or result in ("", 0):
        return result
    fields = result if type(result) is OBJECT else {}
    if not (
        type(fields.get("start")) in (int, float)
        or fields.get("end") == "number"
        or type(fields.get("groups")) in ARRAY_TYPES
        or is_function(fields.get("next"))
    ):
        raise JsonataError("T1010")
    return result


def contains(run: Run, text: Value, token: Value) -> Value:
    """`$contains`."""
    if text is UNDEFINED:
        return UNDEFINED
    if type(token) is str:
        run.read(len(text))
        return token in text
    return _ask(run, token, text) is not UNDEFINED


def _check_limit(limit: Value, code: str, index: int) -> None:
    if limit is not UNDEFINED and limit < 0:
        raise JsonataError(code, value=limit, index=index)


def match(run: Run, text: Value, pattern: Value, limit: Value = UNDEFINED) -> Value:
    """`$match` with a limit that is cut to a whole number."""
    return match_of_reference(run, text, pattern, cut(limit))


def match_of_reference(run: Run, text: Value, pattern: Value, limit: Value = UNDEFINED) -> Value:
    """`$match`."""
    if text is UNDEFINED:
        return UNDEFINED
    _check_limit(limit, "D3040", 3)
    result = Sequence()
    for found in _matches(run, pattern, text, limit):
        # what did not take part in a match is no JSON value; the reference leaves it undefined
        groups = [None if group is UNDEFINED else group for group in found["groups"]]
        result.append({"match": found["match"], "index": found["start"], "groups": groups})
    run.array(len(result))
    return result


def _matches(run: Run, pattern: Value, text: str, limit: Value) -> Any:
    count = 0
    if limit is not UNDEFINED and limit <= 0:
        return
    found = _ask(run, pattern, text)
    while found is not UNDEFINED and (limit is UNDEFINED or count < limit):
        run.charge(_MATCH_WORK)
        yield found
        found = _ask(run, found["next"])
        count += 1


def split(run: Run, text: Value, separator: Value, limit: Value = UNDEFINED) -> Value:
    """`$split` with a limit that is cut to a whole number."""
    return _split(run, text, separator, cut(limit), split_text)


def split_of_reference(run: Run, text: Value, separator: Value, limit: Value = UNDEFINED) -> Value:
    """`$split`."""
    return _split(run, text, separator, limit, split_text_of_reference)


def _split(
    run: Run,
    text: Value,
    separator: Value,
    limit: Value,
    by_text: Callable[[Run, str, str, Value], list[str]],
) -> Value:
    if text is UNDEFINED:
        return UNDEFINED
    _check_limit(limit, "D3020", 3)
    if limit is not UNDEFINED and limit <= 0:
        return []
    if type(separator) is str:
        return by_text(run, text, separator, limit)
    if separator is UNDEFINED:
        return [text]
    parts: list[str] = []
    units, start = to_units(text), 0
    for found in _matches(run, separator, text, limit):
        parts.append(from_units(units[start : found["start"]]))
        start = found["end"]
    if limit is UNDEFINED or len(parts) < limit:
        parts.append(from_units(units[start:]))
    run.array(len(parts))
    return parts


def replace(run: Run, text: Value, pattern: Value, replacement: Value, limit: Value = UNDEFINED) -> Value:
    """`$replace` with a limit that is cut to a whole number."""
    return replace_of_reference(run, text, pattern, replacement, cut(limit))


def replace_of_reference(
    run: Run, text: Value, pattern: Value, replacement: Value, limit: Value = UNDEFINED
) -> Value:
    """`$replace`."""
    if text is UNDEFINED:
        return UNDEFINED
    if pattern == "":
        raise JsonataError("D3010", value=pattern, index=2)
    _check_limit(limit, "D3011", 4)
    if limit is not UNDEFINED and limit <= 0:
        return text
    if type(pattern) is str:
        run.read(len(text))
        count = text.count(pattern)
        if limit is not UNDEFINED:
            count = math.ceil(min(count, limit))
        if is_function(replacement):
            if count:
                raise JsonataError("D3012")
            return text
        if type(replacement) is not str:
            replacement = _as_text(run, replacement)
        run.string(len(text) + count * len(replacement))
        return text.replace(pattern, replacement, count)
    parts: list[str] = []
    units, at, length = to_units(text), 0, 0
    for found in _matches(run, pattern, text, limit):
        parts.append(from_units(units[at : found["start"]]))
        parts.append(_replaced(run, found, replacement))
        length += len(parts[-1]) + len(parts[-2])
        if length > run.limits.most_bytes:
            raise memory_exceeded()
        run.charge(len(parts[-1]))
        at = found["start"] + len(to_units(found["match"]))
    parts.append(from_units(units[at:]))
    return join_surrogates("".join(parts))


def _replaced(run: Run, found: dict[str, Any], replacement: Value) -> str:
    if type(replacement) is str:
        return _expanded(replacement, found["match"], found["groups"])
    result = invoke(run, replacement, [found], None)
    if type(result) is not str:
        raise JsonataError("D3012", value=result)
    return result


def _expanded(replacement: str, whole: str, groups: list[Any]) -> str:
    """A replacement text with `$1` and the like replaced by what was captured."""
    out: list[str] = []
    at = 0
    while (dollar := replacement.find("$", at)) >= 0:
        out.append(replacement[at:dollar])
        at = dollar + 1
        char = replacement[at : at + 1]
        if char == "$":
            out.append("$")
            at += 1
        elif char == "0":
            out.append(whole)
            at += 1
        else:
            number, size = _group_number(replacement, at, len(groups))
            if number is None:
                out.append("$")
            elif 0 < number <= len(groups) and groups[number - 1] is not UNDEFINED:
                out.append(groups[number - 1])
            at += size
    out.append(replacement[at:])
    return "".join(out)


def _group_number(text: str, at: int, groups: int) -> tuple[int | None, int]:
    """The number of a group at this place and how many characters it takes."""
    most = len(str(groups)) if groups else 1
    digits = _leading_digits(text[at : at + most])
    if not digits:
        return None, 0
    number = int(digits)
    if most > 1 and number > groups:
        digits = _leading_digits(text[at : at + most - 1])
        number = int(digits)
    return number, len(str(number))


def _leading_digits(text: str) -> str:
    end = 0
    while end < len(text) and "0" <= text[end] <= "9":
        end += 1
    return text[:end]
