"""Text as a terminal may have it: what a terminal would obey is shown instead, as Python or JSON writes it.

Names of states, errors and causes come from whoever wrote a definition, an input or a task. On a terminal they must
neither colour it, move its cursor, turn the direction of writing nor begin a line that looks like one of ours.
"""

from __future__ import annotations

import re
from typing import Final

_OBEYED: Final = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters, which are escape sequences or begin them
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # marks that show text in another order than it has
    "\u2028\u2029"  # ends of lines and paragraphs that not everything takes for such
    "\ud800-\udfff"  # halves of surrogate pairs, which no stream takes
    "]"
)
_LINE_ENDS: Final = {"\n": "\\n", "\t": "\\t"}


def visible(text: str) -> str:
    """Give text of several lines with what a terminal would obey shown; line ends and tabs stay."""
    return _OBEYED.sub(_as_python_writes, text)


def visible_json(text: str) -> str:
    """Give JSON text with what a terminal would obey escaped: the same value again."""
    return _OBEYED.sub(_as_json_writes, text)


def one_line(text: str) -> str:
    """Give text on one line: each run of blanks and line ends is a blank, and what a terminal would obey is shown."""
    return visible(" ".join(text.split()))


def whole_line(text: str) -> str:
    """Give a line with its indentation, line ends and tabs in it shown, too."""
    return visible(re.sub("[\n\t]", lambda found: _LINE_ENDS[found[0]], text))


def _as_python_writes(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def _as_json_writes(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
