"""Values and texts as Java has them, which is what AWS's programs are written in."""

from __future__ import annotations

import math
import re
from typing import Final

from stepsmith.expressions.types import Json

_SURROGATE: Final = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]?")
"""Half of a surrogate pair in UTF-8, which Python takes for three bytes that are wrong, and Java for one character."""


def java_text(value: Json) -> str:
    """Print a value the way Java's toString does: `{Arg1=1, Arg2=[]}`, strings bare."""
    match value:
        case str():
            return value
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return java_double(value)
        case list():
            return f"[{', '.join(map(java_text, value))}]"
        case dict():
            return "{" + ", ".join(f"{key}={java_text(item)}" for key, item in value.items()) + "}"


def java_double(value: float) -> str:
    """Print a double as Java's Double.toString does: 1.0E10, 1.0E-5, 123.25."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    from decimal import Decimal

    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    mantissa = "".join(map(str, digits))
    power = int(exponent) + len(mantissa) - 1
    return f"{'-' if sign else ''}{mantissa[0]}.{mantissa[1:] or '0'}E{power}"


def java_utf8(data: bytes) -> str:
    """Decode UTF-8 as Java does, with U+FFFD for what is none."""
    return _SURROGATE.sub(b"\xef\xbf\xbd", data).decode(errors="replace")


def java_class(value: Json) -> str:
    """Name the Java class that AWS's parser reads a value into."""
    match value:
        case str():
            return "java.lang.String"
        case None:
            return "null"
        case bool():
            return "java.lang.Boolean"
        case int():
            return "java.lang.Integer" if -(2**31) <= value < 2**31 else "java.lang.Long"
        case float():
            return "java.lang.Double"
        case list():
            return "java.util.ArrayList"
        case dict():
            return "java.util.LinkedHashMap"
