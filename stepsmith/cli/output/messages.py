"""What the command line says, and the streams it says it to: one message, nothing that a terminal would obey."""

from __future__ import annotations

import codecs
import json
import os
import sys
from contextlib import suppress
from io import TextIOWrapper

from stepsmith.errors import nearest as nearest

WRONG_CALL = 2
_DIRECTIONS = frozenset([0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
"""Characters that make a terminal show text in another order than it has."""


def visible(text: str) -> str:
    """Return `text` with control characters shown instead of sent; line ends and tabs stay."""
    return "".join(character if _is_harmless(character) else _shown(character) for character in text)


def one_line(text: str) -> str:
    """Return `text` on one line, nothing in it that a terminal would obey."""
    return visible(" ".join(text.split()))


def say(text: str) -> None:
    """Write a line to standard error; where nobody can be told, the work goes on."""
    with suppress(OSError):
        print(visible(text), file=sys.stderr, flush=True)  # noqa: T201 - this is what the command line is for


def put(text: str) -> None:
    """Write a line to standard output."""
    print(text, flush=True)  # noqa: T201 - this is what the command line is for


def counted(number: int, noun: str) -> str:
    """Return a number of things in words: `1 error`, `2 errors`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def fail(text: str, *, code: int = WRONG_CALL) -> int:
    """Say what is wrong and return the exit code."""
    say(f"stepsmith: {text}")
    return code


def _is_harmless(character: str) -> bool:
    if character in "\n\t":
        return True
    code = ord(character)
    if code in _DIRECTIONS:
        return False
    return (
        code >= 32
        and not 127 <= code < 160
        and not 0xD800 <= code < 0xE000
        and character not in "\u2028\u2029"
    )


def _shown(character: str) -> str:
    return f"\\x{ord(character):02x}" if ord(character) < 256 else f"\\u{ord(character):04x}"


def open_streams() -> None:
    """Open those that the process was started without, and have letters written that their encoding does not have."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - as long as the process
    codecs.register_error("as in JSON", _escaped)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="as in JSON")


def _escaped(error: UnicodeError) -> tuple[str, int]:
    """Write what an encoding does not have as JSON escapes it, so that an output stays JSON."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


def give_up_output() -> None:
    """Have nothing more written to standard output, not even what is left when the process ends."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
