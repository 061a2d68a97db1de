"""Names of colours, and how they are written: `#rrggbb` or `#rrggbbaa`."""

import re
from typing import Final

from tasks.errors import InvalidInput

_HEX: Final = re.compile(r"#?([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})", re.ASCII)
_NAMES: Final = {
    "aqua": "#00ffff",
    "black": "#000000",
    "blue": "#0000ff",
    "fuchsia": "#ff00ff",
    "gray": "#808080",
    "green": "#008000",
    "grey": "#808080",
    "lime": "#00ff00",
    "maroon": "#800000",
    "navy": "#000080",
    "olive": "#808000",
    "orange": "#ffa500",
    "purple": "#800080",
    "red": "#ff0000",
    "silver": "#c0c0c0",
    "teal": "#008080",
    "transparent": "#00000000",
    "white": "#ffffff",
    "yellow": "#ffff00",
}


def color(text: str) -> str:
    """Return a colour as `#rrggbb` or `#rrggbbaa`. Raises InvalidInput for what is none."""
    lowered = text.strip().lower()
    if lowered in _NAMES:
        return _NAMES[lowered]
    found = _HEX.fullmatch(lowered)
    if found is None:
        raise InvalidInput(f"{text!r} is no colour: write #rrggbb, #rrggbbaa or a name such as white")
    digits = found.group(1)
    return "#" + ("".join(2 * digit for digit in digits) if len(digits) < 6 else digits)
