"""Transforms as the query of an address says them: `?width=300&height=200&fit=cover`."""

import difflib
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from tasks.errors import InvalidInput
from tasks.media.colors import color

_Read: TypeAlias = Callable[[str, str], object]


def from_query(query: Mapping[str, str]) -> dict[str, object]:
    """Return the fields of a transform. Raises InvalidInput naming what is unknown or cannot be read."""
    found: dict[str, object] = {}
    for name, text in query.items():
        read = _READERS.get(name)
        if read is None:
            near = difflib.get_close_matches(name, _READERS, n=1)
            hint = f"; did you mean {near[0]}?" if near else f": there are {', '.join(sorted(_READERS))}"
            raise InvalidInput(f"{name!r} is nothing that can be asked for{hint}")
        found[name] = read(name, text)
    return found


def whole(name: str, text: str) -> int:
    """Read a whole number. Raises InvalidInput naming it."""
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 9):
        raise InvalidInput(f"{name} is {text!r}, and must be a whole number")
    return int(text)


def real(name: str, text: str) -> float:
    """Read a number. Raises InvalidInput naming it."""
    before, point, after = text.removeprefix("-").partition(".")
    if not all(part.isascii() and part.isdigit() and len(part) <= 9 for part in (before, after or "0")):
        raise InvalidInput(f"{name} is {text!r}, and must be a number")
    if point and not after:
        raise InvalidInput(f"{name} is {text!r}, and must be a number")
    return float(text)


def yes(name: str, text: str) -> bool:
    """Read whether something is wanted; a name without a value says that it is. Raises InvalidInput naming it."""
    match text.lower():
        case "" | "true" | "1" | "yes":
            return True
        case "false" | "0" | "no":
            return False
        case _:
            raise InvalidInput(f"{name} is {text!r}, and must be true or false")


def _word(name: str, text: str) -> str:
    return text.lower()


def _rotate(name: str, text: str) -> int:
    return 0 if text == "auto" else whole(name, text)


def _format(name: str, text: str) -> str:
    return "jpeg" if text.lower() == "jpg" else text.lower()


def _color(name: str, text: str) -> str:
    return color(text)


def _focal(name: str, text: str) -> object:
    if text in ("auto", "center"):
        return text
    parts = text.split(",")
    if len(parts) != 2:
        raise InvalidInput(f"{name} is {text!r}, and must be auto, center, or two shares such as 0.3,0.7")
    x, y = (real(name, part) for part in parts)
    if not (0 <= x <= 1 and 0 <= y <= 1):
        raise InvalidInput(f"{name} is {text!r}, and its shares go from 0 to 1")
    return {"x": x, "y": y}


def _crop(name: str, text: str) -> object:
    parts = text.split(",")
    if len(parts) != 4:
        raise InvalidInput(f"{name} is {text!r}, and must be left,top,width,height in pixels")
    sides = ("left", "top", "width", "height")
    return {side: whole(name, part) for side, part in zip(sides, parts, strict=True)}


_READERS: Final[dict[str, _Read]] = {
    "width": whole,
    "height": whole,
    "fit": _word,
    "enlarge": yes,
    "focal": _focal,
    "crop": _crop,
    "rotate": _rotate,
    "flip": yes,
    "flop": yes,
    "grayscale": yes,
    "blur": real,
    "sharpen": yes,
    "background": _color,
    "format": _format,
    "quality": whole,
    "dpr": real,
    "keep_metadata": yes,
}
