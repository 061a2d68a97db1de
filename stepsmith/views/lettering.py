"""How wide text is in a figure, and how it is broken into lines and escaped."""

from __future__ import annotations

from html import escape

NARROW = frozenset("iIjl.,:;'!|()[]{}ftr ")
WIDE = frozenset("mwMWQO@%&=<>+~")
BREAKS = frozenset("._,()[]-/")
"""After these a long word is broken first."""
SIZE = 12


def width(text: str, *, size: float = SIZE) -> float:
    """Give the width of text in pixels in a common sans-serif face, rounded up a little."""
    units = sum(0.34 if c in NARROW else _wide(c) for c in text)
    return units * size


def _wide(c: str) -> float:
    if c in WIDE or ord(c) > 0x2E80:
        return 0.9
    return 0.7 if c.isupper() else 0.6


def shorten(text: str, limit: int) -> str:
    """Cut text to `limit` characters, the last of which then is an ellipsis; line breaks become blanks."""
    start = text[: 20 * limit]
    flat = " ".join(printable(start).split())
    return flat if len(flat) <= limit and start == text else flat[: limit - 1] + "…"


def lines(text: str, *, limit: float = 190, most: int = 3) -> list[str]:
    """Break text at blanks, or in a long word, into at most `most` lines of `limit` pixels; the last may be cut."""
    found, glue = [""], [""]
    for word in printable(text).split():
        for number, piece in enumerate(_pieces(word, limit)):
            between = "" if number or not found[-1] else " "
            joined = f"{found[-1]}{between}{piece}"
            if width(joined) <= limit:
                found[-1] = joined
            else:
                found.append(piece)
                glue.append(between)
    if len(found) > most:
        rest = "".join(
            f"{between}{line}" for between, line in zip(glue[most - 1 :], found[most - 1 :], strict=True)
        )
        found = [*found[: most - 1], _cut(rest.strip(), limit)]
    return found


def _pieces(word: str, limit: float) -> list[str]:
    """Cut a word that is too long after points and brackets, before capitals, and at last anywhere."""
    if width(word) <= limit:
        return [word]
    pieces = [""]
    for before, character in zip(" " + word, word, strict=False):
        begins = before in BREAKS or (before.islower() and character.isupper())
        if begins or width(pieces[-1] + character) > limit:
            pieces.append("")
        pieces[-1] += character
    return pieces


def _cut(text: str, limit: float) -> str:
    """Cut text to a width, with an ellipsis for what is left out."""
    if width(text) <= limit:
        return text
    end = next(place for place in range(len(text)) if width(text[: place + 1] + "…") > limit)
    return text[:end].rstrip() + "…"


_CONTROLS = (
    *set(range(0x20)) - {0x09, 0x0A, 0x0D},
    *range(0x7F, 0xA0),
    *range(0xD800, 0xE000),
    0xFFFE,
    0xFFFF,
)
_TURNS = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x2070))
_REPLACED = dict.fromkeys((*_CONTROLS, *_TURNS), "\N{REPLACEMENT CHARACTER}")


def printable(text: str) -> str:
    """Replace what XML may not hold, and the marks that turn the direction of writing."""
    return text.translate(_REPLACED)


def xml(text: str) -> str:
    """Escape text for an XML element or attribute."""
    return escape(printable(text), quote=True)
