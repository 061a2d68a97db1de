"""The text of a payload, made once for each distinct payload, and its size in bytes."""

from __future__ import annotations

from collections.abc import Callable
from json import JSONEncoder, encoder
from typing import Any, Final, cast

from stepsmith.engine.failures import StateFailure, runtime
from stepsmith.expressions.types import Json

LIMIT: Final = 262_144
"""Most bytes of UTF-8 that a payload may have."""
SAFE: Final = LIMIT // 4
"""Texts of up to this many characters cannot pass the limit, whatever the characters are."""


def _refuse(value: object) -> Json:
    raise runtime(f"A value of type {type(value).__name__} is not JSON")


def _chunks() -> Callable[[Any, int], tuple[str, ...]]:
    make = cast(Any, encoder).c_make_encoder
    if make is None:  # interpreters without the accelerator
        plain = JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_refuse, allow_nan=False)
        return lambda value, _level: (plain.encode(value),)
    quote = cast(Any, encoder).encode_basestring
    return make(None, _refuse, quote, None, ":", ",", False, False, False)


_encode: Final = _chunks()
_small: Final = tuple(map(str, range(256)))


def text_of(value: Json) -> str:
    """Give the compact JSON text of a value; raises StateFailure if it nests too deep or is not finite."""
    if type(value) is int:
        return _small[value] if 0 <= value < 256 else int.__repr__(value)
    try:
        return "".join(_encode(value, 0))
    except RecursionError:
        raise runtime("The payload is nested too deeply") from None
    except (ValueError, TypeError) as error:
        raise runtime(f"The payload cannot be written as JSON: {error}") from None


def size_of(text: str) -> int:
    """Count the bytes of a text in UTF-8."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def too_large(text: str) -> bool:
    """Tell whether a text is over the payload limit."""
    return len(text) > SAFE and size_of(text) > LIMIT


def fits(value: Json, budget: int) -> bool:
    """Tell whether a value's text stays within `budget` bytes, without building it and giving up at the budget."""
    stack: list[Json] = [value]
    while stack:
        item = stack.pop()
        match item:
            case str():
                budget -= 2 + len(item)
            case dict():
                budget -= 2 + 4 * len(item) + sum(map(len, item))
                if budget >= 0:
                    stack.extend(item.values())
            case list():
                budget -= 2 + len(item)
                if budget >= 0:
                    stack.extend(item)
            case _:
                budget -= 1
        if budget < 0:
            return False
    return True


__all__ = ["LIMIT", "SAFE", "StateFailure", "fits", "size_of", "text_of", "too_large"]
