"""Large payloads of a history, packed once there are many: as what differs from the one before, and compressed.

The newest stay as they are, since the execution goes on with them and shares their parts. A payload that stands in
several events is one object and is packed once.
"""

from __future__ import annotations

from collections import deque
from typing import Final
from zlib import compress, decompress

from stepsmith.engine.values.payload import Large

MOST_WHOLE: Final = 48 << 20
"""Bytes of the payloads that are kept as they are."""
MOST_LINKS: Final = 64
"""Payloads that are kept as differences, one from the other, before one is kept whole."""
_STEP: Final = 16_384
_QUICKLY: Final = 1


class Packed:
    """A payload as a beginning and an end that another one has too, with its own bytes between them."""

    __slots__ = ("base", "head", "middle", "tail")

    def __init__(self, base: Packed | None, head: int, tail: int, middle: bytes) -> None:
        self.base = base
        self.head = head
        """Bytes that it begins with as its base does."""
        self.tail = tail
        """Bytes that it ends with as its base does."""
        self.middle = middle
        """What is between them, compressed."""

    def text(self) -> str:
        """Give the text of the payload."""
        links: list[Packed] = []
        link: Packed | None = self
        while link is not None:
            links.append(link)
            link = link.base
        whole = b""
        for each in reversed(links):
            ending = whole[len(whole) - each.tail :] if each.tail else b""
            whole = whole[: each.head] + decompress(each.middle) + ending
        return whole.decode("utf-8", "surrogatepass")


class Packing:
    """The large payloads of one history, in the order in which they came."""

    __slots__ = ("_base", "_bytes", "_links", "_text", "_whole")

    def __init__(self) -> None:
        self._whole: deque[Large] = deque()
        self._bytes = 0
        self._base: Packed | None = None
        self._text = b""
        self._links = 0

    def add(self, payload: Large) -> None:
        """Take a payload in; the oldest ones are packed where there are too many."""
        self._whole.append(payload)
        self._bytes += payload.fresh
        while self._bytes > MOST_WHOLE and len(self._whole) > 1:
            oldest = self._whole.popleft()
            self._bytes -= oldest.fresh
            oldest.pack(self._pack(oldest.text().encode("utf-8", "surrogatepass")))

    def _pack(self, text: bytes) -> Packed:
        before, self._text = self._text, text
        head = _common(before, text)
        tail = _common_end(before, text, min(len(before), len(text)) - head)
        if (head + tail) * 2 < len(text) or self._links >= MOST_LINKS:
            self._links = 0
            self._base = Packed(None, 0, 0, compress(text, _QUICKLY))
        else:
            self._links += 1
            middle = text[head : len(text) - tail]
            self._base = Packed(self._base, head, tail, compress(middle, _QUICKLY))
        return self._base


def _common(one: bytes, other: bytes) -> int:
    """Count the bytes with which both begin."""
    most = min(len(one), len(other))
    start, step = 0, _STEP
    while start < most and step:
        if one[start : start + step] == other[start : start + step]:
            start = min(start + step, most)
        else:
            step //= 2
    return start


def _common_end(one: bytes, other: bytes, most: int) -> int:
    """Count the bytes, up to `most`, with which both end."""
    found, step = 0, _STEP
    while found < most and step:
        wanted = min(step, most - found)
        if (
            one[len(one) - found - wanted : len(one) - found]
            == other[len(other) - found - wanted : len(other) - found]
        ):
            found += wanted
        else:
            step = wanted // 2
    return found
