"""Functions that Step Functions adds to JSONata, and those that depend on the environment."""

from __future__ import annotations

import hashlib
import json
import math
import random as generators
import re
from typing import Final, NoReturn

from stepsmith.expressions.jsonata.errors import JsonataError, memory_exceeded, stack_overflow
from stepsmith.expressions.jsonata.runtime.limits import Run
from stepsmith.expressions.jsonata.runtime.values import Sequence, Value
from stepsmith.expressions.types import UNDEFINED

_ALGORITHMS: Final = {
    "MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512",
}  # fmt: skip
_NUMBER_CELLS: Final = 3
"""What a new number takes in memory, besides its place in an array."""
_PARSING_WORK: Final = 4
_MARK_WORK: Final = 10
_MARKS: Final = '[{,"'
_DEEPEST_TEXT: Final = 250
_QUOTED: Final = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_BRACKET: Final = re.compile(r"[\[\]{}]")
_MANY_DIGITS: Final = re.compile(r"[0-9]{20}")
_EXPONENT: Final = re.compile(r"[0-9][eE]")


def partition(run: Run, array: Value, size: Value) -> Value:
    """`$partition`: an array in pieces of one size."""
    if array is UNDEFINED or size is UNDEFINED or not math.isfinite(size):
        return UNDEFINED
    step = int(size)
    if step <= 0 or not array:
        return UNDEFINED
    run.array(len(array))
    return [list(array[at : at + step]) for at in range(0, len(array), step)]


def range_(run: Run, start: Value, end: Value = UNDEFINED, step: Value = UNDEFINED) -> Value:
    """`$range`: numbers from a start to an end, which is in it where a step hits it."""
    if UNDEFINED in (start, end, step) or not all(map(math.isfinite, (start, end, step))):
        return UNDEFINED
    first, last, width = int(start), int(end), int(step)
    if width == 0 or (last - first) * width < 0:
        return UNDEFINED
    count = (last - first) // width + 1
    if count > run.limits.range_items:
        raise memory_exceeded()
    run.array(count)
    run.charge(_NUMBER_CELLS * count)
    return Sequence(range(first, first + count * width, width))


def hash_(run: Run, text: Value, algorithm: Value = UNDEFINED) -> Value:
    """`$hash`: hexadecimal digits."""
    if text is UNDEFINED or algorithm is UNDEFINED:
        return UNDEFINED
    if algorithm not in _ALGORITHMS:
        raise JsonataError("U1006", message=f"Unsupported hashing algorithm: {algorithm}")
    run.string(len(text))
    data = text.encode("utf-8", "surrogatepass")
    return hashlib.new(_ALGORITHMS[algorithm], data, usedforsecurity=False).hexdigest()


def random(run: Run, seed: Value = UNDEFINED) -> Value:
    """`$random`: a number in [0, 1), always the same for a seed."""
    if seed is UNDEFINED:
        return run.environment.random()
    return generators.Random(int(seed)).random() if math.isfinite(seed) else UNDEFINED  # noqa: S311  # as on the service


def uuid(run: Run) -> Value:
    """`$uuid`."""
    return run.environment.uuid()


def millis(run: Run) -> Value:
    """`$millis`: the time of the evaluation."""
    return run.timestamp


def parse(run: Run, text: Value) -> Value:
    """`$parse`: the value of a JSON text."""
    if text is UNDEFINED:
        return UNDEFINED
    run.string(len(text))
    run.charge(_PARSING_WORK * len(text) + _MARK_WORK * sum(map(text.count, _MARKS)))
    _check_nesting(text)
    # most texts have no number that needs a closer look, and are read faster without it
    as_int = _integer if _MANY_DIGITS.search(text) else None
    as_float = _float if as_int or _EXPONENT.search(text) else None
    try:
        return json.loads(text, parse_constant=_no_constant, parse_int=as_int, parse_float=as_float)
    except ValueError:
        raise JsonataError("U1006", message="Failed to parse the text as JSON") from None


def _check_nesting(text: str) -> None:
    depth = 0
    for bracket in _BRACKET.findall(_QUOTED.sub("", text)):
        if bracket in "[{":
            depth += 1
            if depth > _DEEPEST_TEXT:
                raise stack_overflow(depth, _DEEPEST_TEXT)
        else:
            depth -= 1


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _integer(digits: str) -> float:
    return int(digits) if len(digits) < 20 else _float(digits)


def _float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(digits)
    return value
