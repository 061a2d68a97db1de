"""Numbers as JavaScript computes and writes them.

Whole numbers are Python ints as far as a double holds them exactly, and floats beyond.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

from stepsmith.expressions.jsonata.errors import JsonataError

LARGEST_EXACT: Final = 2**53
_PRECISE: Final = Context(prec=1100, rounding=ROUND_HALF_UP)
_FIFTEEN: Final = Context(prec=15, rounding=ROUND_HALF_UP)


def number_from_text(digits: str) -> int | float:
    """The number that a decimal literal stands for; infinity where it is too large."""
    if len(digits) < 16 and digits.lstrip("-").isdigit():
        return int(digits)
    return shrink(float(digits))


def shrink(value: float) -> int | float:
    """The same number as an int where it is whole and exact."""
    if type(value) is int:
        return value
    if value.is_integer() and -LARGEST_EXACT <= value <= LARGEST_EXACT:
        return int(value)
    return value


def to_double(value: float) -> float:
    """The double nearest to a number; infinity where an int is too large."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def is_number(value: object) -> bool:
    """Whether a value is a number; NaN is none, and infinity raises D1001."""
    if type(value) is int:
        return True
    if type(value) is not float or value != value:
        return False
    if value in (math.inf, -math.inf):
        raise JsonataError("D1001", value=value)
    return True


def number_text(value: float) -> str:
    """A number as JavaScript's ToString writes it."""
    if type(value) is int:
        if -(10**21) < value < 10**21 and -LARGEST_EXACT <= value <= LARGEST_EXACT:
            return str(value)
        value = to_double(value)
    if value != value:
        return "NaN"
    if value in (math.inf, -math.inf):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "0"
    shortest = repr(value)
    if "e" not in shortest:
        return shortest.removesuffix(".0")
    sign = "-" if value < 0 else ""
    _, digits, exponent = Decimal(repr(abs(value))).as_tuple()
    text = "".join(map(str, digits)).rstrip("0")
    assert isinstance(exponent, int)
    return sign + _laid_out(text, len(digits) + exponent)


def _laid_out(digits: str, point: int) -> str:
    """Digits with a decimal point after `point` of them, in the notation that ToString chooses."""
    count = len(digits)
    if count <= point <= 21:
        return digits + "0" * (point - count)
    if 0 < point <= 21:
        return digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    exponent = f"e{'+' if point > 0 else '-'}{abs(point - 1)}"
    return digits[0] + ("." + digits[1:] if count > 1 else "") + exponent


def rounded_to_15(value: float) -> float:
    """The number with at most fifteen significant digits, as `$string` shows it."""
    if type(value) is int and -(10**15) < value < 10**15:
        return value
    value = to_double(value)
    text = repr(value)
    if len(text) <= 16 and "e" not in text:
        return value
    if "e" in text or text.removesuffix(".0").endswith("5"):
        # half-way between two numbers of fifteen digits, perhaps: JavaScript takes the larger one
        return float(_FIFTEEN.create_decimal(Decimal(value)))
    return float(f"{value:.15g}")


def fixed(value: float, places: int) -> str:
    """A number with so many decimals, as JavaScript's toFixed writes it."""
    if not 0 <= places <= 100:
        raise JsonataError("U1006", message="toFixed() digits argument must be between 0 and 100")
    if not math.isfinite(value) or abs(value) >= 1e21:
        return number_text(value)
    exact = Decimal(to_double(value)).quantize(Decimal(1).scaleb(-places), context=_PRECISE)
    return f"{exact:f}"


def round_half_up(value: float) -> float:
    """JavaScript's Math.round: to the nearest whole number, halves upwards."""
    if type(value) is int or not math.isfinite(value):
        return value
    below = math.floor(value)
    return below + 1 if value - below >= 0.5 else below


def scaled(value: float, exponent: float) -> float:
    """The number that its text with the exponent added stands for; exact where multiplying is not."""
    if not math.isfinite(value):
        return math.nan
    text, _, old = number_text(value).partition("e")
    total = float(old or 0) + exponent
    if not number_text(total).removeprefix("-").isdigit():
        return math.nan
    if abs(total) > 2000:
        return 0 if total < 0 or float(text) == 0 else math.copysign(math.inf, float(text))
    return float(f"{text}e{int(total)}")


def rounded(value: float, precision: float = 0) -> float:
    """The number rounded to so many decimals, halves to even; to tens and more below zero."""
    if precision:
        value = scaled(value, precision)
    result = round_half_up(value)
    if math.isfinite(value) and abs(result - value) == 0.5 and result % 2 == 1:
        result -= 1
    if precision:
        result = scaled(result, -precision)
    return shrink(result) if type(result) is float else result


def integer_text(value: float, radix: int) -> str:
    """A whole number in another base, as JavaScript's toString(radix) writes it."""
    if radix == 10 or not math.isfinite(value):
        return number_text(value)
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    rest = abs(to_double(value))
    text = ""
    # V8 writes zeros for the digits that a double does not hold
    while rest / radix >= LARGEST_EXACT:
        rest, text = rest / radix, "0" + text
    while True:
        digit = math.fmod(rest, radix)
        rest, text = (rest - digit) / radix, digits[int(digit)] + text
        if rest <= 0:
            return "-" + text if value < 0 else text


def json_number(value: float) -> float | str:
    """The number, or the text that the service writes where JSON has no such number."""
    if type(value) is int or math.isfinite(value):
        return value
    return number_text(value)
