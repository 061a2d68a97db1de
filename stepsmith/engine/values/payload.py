"""The text of a payload, made once for each distinct payload, and its size in bytes."""

from __future__ import annotations

from collections.abc import Callable
from json import JSONEncoder, encoder
from typing import Any, Final, Protocol, cast

from stepsmith.engine.values.failures import runtime
from stepsmith.expressions.json_text import NO_DOUBLE, unfit
from stepsmith.expressions.types import Json

LIMIT: Final = 262_144
"""Most bytes of UTF-8 that a payload may have."""
LARGE: Final = 4096
"""Characters from which on a payload is kept by reference, and its text made when somebody reads it."""


MOST_KNOWN: Final = 16 << 20
"""Bytes of the values whose sizes are known, before the older ones are forgotten."""
DEEPEST: Final = 500
"""How deep arrays and objects may nest in a large payload, so that its text can be made whenever it is asked for."""


class Text(Protocol):
    """A text that is kept in another form."""

    def text(self) -> str:
        """Give the text."""
        ...


class Large:
    """A payload kept by reference because its text is long; or packed, when the execution has gone on."""

    __slots__ = ("_packed", "fresh", "size", "value")

    def __init__(self, value: Json, size: int, fresh: int = 0) -> None:
        self.value = value
        """The value; None once it is packed."""
        self.size = size
        """Bytes of the text in UTF-8."""
        self.fresh = fresh
        """Bytes of what it does not share with payloads before it."""
        self._packed: Text | None = None

    def pack(self, packed: Text) -> None:
        """Let go of the value."""
        self._packed = packed
        self.value = None

    def text(self) -> str:
        """Give the text."""
        return "".join(_encode(self.value, 0)) if self._packed is None else self._packed.text()

    def __repr__(self) -> str:
        return f"Large({self.size})"


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
_quote: Final[Callable[[str], str]] = cast(Any, encoder).encode_basestring
SURELY_DOUBLE: Final = 308
"""Characters up to which the text of a number needs no closer look."""
_small: Final = tuple(map(str, range(256)))


def text_of(value: Json) -> str:
    """Give the compact JSON text of a value; raises StateFailure for one that no reader of JSON would take."""
    try:
        if type(value) is int:
            text = _small[value] if 0 <= value < 256 else int.__repr__(value)
            if len(text) <= SURELY_DOUBLE:
                return text
        else:
            text = "".join(_encode(value, 0))
    except RecursionError:
        raise runtime("The payload is nested too deeply") from None
    except ValueError:
        raise runtime(f"The payload holds {NO_DOUBLE}") from None
    except TypeError:
        raise runtime("The payload holds a key that is no text") from None
    if len(text) > SURELY_DOUBLE or not text.isascii():
        reason = unfit(text)
        if reason is not None:
            raise runtime(f"The payload holds {reason}")
    return text


def payload_text(payload: str | Large) -> str:
    """Give the text of a payload as it is recorded."""
    return payload if isinstance(payload, str) else payload.text()


def size_of(payload: str | Large) -> int:
    """Count the bytes of a payload's text in UTF-8."""
    if isinstance(payload, Large):
        return payload.size
    if payload.isascii():
        return len(payload)
    try:
        return len(payload.encode())
    except UnicodeEncodeError:
        raise runtime(f"The payload holds {unfit(payload)}") from None


def is_deep(value: Json) -> bool:
    """Tell whether a value is an array or object that holds others, or very many members."""
    if type(value) is dict:
        parts = value.values()
    elif type(value) is list:
        parts = value
    else:
        return False
    if len(parts) > 64:
        return True
    for part in parts:  # noqa: SIM110 - three times as fast as any() over a generator, and called for every payload
        if type(part) is dict or type(part) is list:
            return True
    return False


_BRACKETS_ALONE: Final[dict[int, str | None]] = {
    code: {"{": "[", "}": "]", "[": "[", "]": "]"}.get(chr(code)) for code in range(128)
}


def depth_of(value: Json, text: str) -> int:
    """Tell how deep the arrays and objects of a value with this text nest."""
    marks = text.encode("ascii", "ignore").decode().translate(_BRACKETS_ALONE)
    depth = 0
    while marks:
        fewer = marks.replace("[]", "")
        if fewer == marks:  # brackets inside strings do not pair
            return Sizes().measure(value, len(text) * 4)[1]
        marks = fewer
        depth += 1
    return depth + 1


class Sizes:
    """The sizes of the large arrays and objects of one execution, so that no text has to be made to know them.

    Values are immutable and shared, so a payload that holds a known one costs no more than what is new in it.
    """

    __slots__ = ("_bytes", "_known", "_older")

    def __init__(self) -> None:
        self._known: dict[int, tuple[Json, int, int]] = {}
        # The value is held too: its id stays its own as long as it lives.
        self._older: dict[int, tuple[Json, int, int]] = {}
        """Those that were known when there were last too many; the next time they are forgotten."""
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._known)

    def learn(self, value: Json, text: str, levels: int = 2) -> int:
        """Keep size and depth of a value with this text, and of what is large inside it; gives the size."""
        size = size_of(text)
        self.keep(value, size, depth_of(value, text))
        parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        if levels and len(parts) <= 64:
            for part in parts:
                if isinstance(part, dict | list):
                    inner = text_of(part)
                    if len(inner) * 4 >= LARGE:
                        self.learn(part, inner, levels - 1)
        return size

    def keep(self, value: Json, size: int, depth: int) -> None:
        """Keep the size and depth of a value."""
        if self._bytes > MOST_KNOWN:
            self._older, self._known, self._bytes = self._known, {}, 0
        self._known[id(value)] = (value, size, depth)
        self._bytes += size

    def _find(self, value: Json) -> tuple[Json, int, int] | None:
        found = self._known.get(id(value))
        if found is None and self._older:
            found = self._older.get(id(value))
            if found is not None:
                self.keep(*found)
        return found

    def measure(self, value: Json, most: int) -> tuple[int, int, int]:
        """Give the bytes of a value's text, how deep it nests, and the bytes of what was not known before.

        Stops once there are more bytes than `most`.
        """
        total, deepest, shared = 0, 0, 0
        stack: list[tuple[Json, int]] = [(value, 1)]
        while stack and total <= most:
            item, level = stack.pop()
            if level > deepest:
                deepest = level
            if not isinstance(item, dict | list):
                total += size_of(_quote(item)) if isinstance(item, str) else len(text_of(item))
                continue
            found = self._find(item)
            if found is not None:
                total += found[1]
                shared += found[1]
                deepest = max(deepest, level + found[2])
            elif not is_deep(item):
                total += size_of(text_of(item))
            elif isinstance(item, dict):
                total += sum([size_of(_quote(key)) + 2 for key in item]) + 1
                stack.extend([(part, level + 1) for part in item.values()])
            else:
                total += len(item) + 1
                stack.extend([(part, level + 1) for part in item])
        return total, deepest, total - shared
