"""Built-in functions on numbers and booleans."""

from __future__ import annotations

import math
import re
from typing import Final

from stepsmith.expressions.jsonata.errors import JsonataError
from stepsmith.expressions.jsonata.runtime.limits import Run, finite
from stepsmith.expressions.jsonata.runtime.numbers import (
    integer_text,
    number_from_text,
    rounded,
    shrink,
    to_double,
)
from stepsmith.expressions.jsonata.runtime.values import Value, is_function, truth
from stepsmith.expressions.types import UNDEFINED

_DECIMAL: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?([Ee][-+]?[0-9]+)?")
_LARGEST_EXACT_POWER: Final = 64
_DIGIT_WORK: Final = 16
_OTHER_BASES: Final = {"x": 16, "o": 8, "b": 2}


def number(run: Run, value: Value) -> Value:
    """`$number`."""
    if value is UNDEFINED or type(value) in (int, float):
        return value
    if type(value) is bool:
        return int(value)
    if type(value) is str:
        if _DECIMAL.fullmatch(value):
            result = number_from_text(value)
            if math.isfinite(result):
                return result
        elif (result := _in_other_base(value)) is not None:
            return finite(run, result)
    raise JsonataError("D3030", value=value, index=1)


def _in_other_base(text: str) -> float | None:
    """The number a prefixed text stands for; NaN where the reference only finds such a prefix in it."""
    base = _OTHER_BASES.get(text[1:2].lower())
    if base is not None and text[:1] == "0" and _digits_fit(text[2:], base):
        return shrink(float(int(text[2:], base))) if len(text) < 300 else to_double(int(text[2:], base))
    if re.match("0[xX][0-9A-Fa-f]", text) or re.search("0[oO][0-7]|0[bB][01]+$", text):
        return math.nan
    return None


def _digits_fit(text: str, base: int) -> bool:
    allowed = "0123456789abcdef"[:base]
    return bool(text) and all(char in allowed for char in text.lower()) and len(text) < 1100


def absolute(run: Run, value: Value) -> Value:
    """`$abs`."""
    del run
    return UNDEFINED if value is UNDEFINED else abs(value)


def floor(run: Run, value: Value) -> Value:
    """`$floor`."""
    del run
    if type(value) is not float or not math.isfinite(value):
        return value
    return shrink(to_double(math.floor(value)))


def ceil(run: Run, value: Value) -> Value:
    """`$ceil`."""
    del run
    if type(value) is not float or not math.isfinite(value):
        return value
    return shrink(to_double(math.ceil(value)))


def round_(run: Run, value: Value, precision: Value = UNDEFINED) -> Value:
    """`$round` to a precision that is cut to a whole number."""
    return round_of_reference(run, value, _cut(precision))


def _cut(number: Value) -> Value:
    return math.trunc(number) if type(number) is float and math.isfinite(number) else number


def round_of_reference(run: Run, value: Value, precision: Value = UNDEFINED) -> Value:
    """`$round`: halves to even."""
    if value is UNDEFINED:
        return UNDEFINED
    return finite(run, rounded(value, 0 if precision is UNDEFINED else precision))


def sqrt(run: Run, value: Value) -> Value:
    """`$sqrt`."""
    del run
    if value is UNDEFINED:
        return UNDEFINED
    if value < 0:
        raise JsonataError("D3060", value=value, index=1)
    return shrink(math.sqrt(to_double(value)))


def power(run: Run, base: Value, exponent: Value) -> Value:
    """`$power`."""
    del run
    if base is UNDEFINED:
        return UNDEFINED
    result = math.nan
    if exponent is not UNDEFINED:
        result = _power(to_double(base), to_double(exponent))
    if not math.isfinite(result):
        raise JsonataError("D3061", value=base, exp=exponent, index=1)
    return shrink(result)


def _power(base: float, exponent: float) -> float:
    if exponent != exponent or (abs(base) == 1 and not math.isfinite(exponent)):
        return math.nan
    try:
        if base.is_integer() and exponent.is_integer() and 0 <= exponent <= _LARGEST_EXACT_POWER:
            # the nearest double, which the C library misses now and then
            return float(int(base) ** int(exponent))
        return math.pow(base, exponent)
    except ValueError:
        return math.nan
    except OverflowError:
        return math.inf


def format_base(run: Run, value: Value, radix: Value = UNDEFINED) -> Value:
    """`$formatBase` with a radix that is cut to a whole number."""
    return format_base_of_reference(run, value, _cut(radix))


def format_base_of_reference(run: Run, value: Value, radix: Value = UNDEFINED) -> Value:
    """`$formatBase`."""
    if value is UNDEFINED:
        return UNDEFINED
    base = 10 if radix is UNDEFINED else rounded(radix)
    if base < 2 or base > 36:
        raise JsonataError("D3100", value=base)
    text = integer_text(rounded(value), int(base))
    run.charge(_DIGIT_WORK * len(text))
    return text


def sum_(run: Run, values: Value) -> Value:
    """`$sum`."""
    if values is UNDEFINED:
        return UNDEFINED
    run.charge(len(values))
    total = sum(values) if all(type(value) is int for value in values) else _added(values)
    if type(total) is int and abs(total) > 2**53:
        total = _added(values)
    return finite(run, total)


def _added(values: list[float]) -> float:
    # one after the other: Python's own sum of floats is more exact than a chain of additions
    total = 0.0
    for value in values:
        total += to_double(value)
    return shrink(total) if math.isfinite(total) else total


def count(run: Run, values: Value) -> Value:
    """`$count`."""
    del run
    return 0 if values is UNDEFINED else len(values)


def maximum(run: Run, values: Value) -> Value:
    """`$max`."""
    if values is UNDEFINED or not values:
        return UNDEFINED
    run.charge(len(values))
    return max(values)


def minimum(run: Run, values: Value) -> Value:
    """`$min`."""
    if values is UNDEFINED or not values:
        return UNDEFINED
    run.charge(len(values))
    return min(values)


def average(run: Run, values: Value) -> Value:
    """`$average`."""
    if values is UNDEFINED or not values:
        return UNDEFINED
    total = to_double(sum_(run, values))
    return finite(run, shrink(total / len(values)) if math.isfinite(total) else total)


def boolean(run: Run, value: Value) -> Value:
    """`$boolean`."""
    if value is UNDEFINED:
        return UNDEFINED
    return not is_function(value) and truth(value, run)


def not_(run: Run, value: Value) -> Value:
    """`$not`."""
    if value is UNDEFINED:
        return UNDEFINED
    return is_function(value) or not truth(value, run)
