"""What the command line says, and the streams it says it to: one message, nothing that a terminal would obey."""

from __future__ import annotations

import codecs
import json
import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from typing import Final

from stepsmith.errors import nearest as nearest
from stepsmith.terminal_text import one_line as one_line
from stepsmith.terminal_text import visible as visible
from stepsmith.terminal_text import whole_line as whole_line

WRONG_CALL = 2


_COLOURS: Final = {"green": "32", "red": "31", "yellow": "33", "grey": "2"}


def say(text: str, *, colour: str | None = None) -> None:
    """Write a line to standard error, on a terminal in a colour; where nobody can be told, the work goes on."""
    line = visible(text)
    if colour is not None and has_colours():
        line = f"\x1b[{_COLOURS[colour]}m{line}\x1b[0m"
    with suppress(OSError):
        print(line, file=sys.stderr, flush=True)  # noqa: T201 - this is what the command line is for


def for_people() -> bool:
    """Say whether standard error is a terminal that somebody looks at."""
    return sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def has_colours() -> bool:
    """Say whether colours are wanted there; whoever sets NO_COLOR has none."""
    return for_people() and not os.environ.get("NO_COLOR")


def put(text: str) -> None:
    """Write lines to standard output; a document that is to be kept as it is goes to a file."""
    print(visible(text), flush=True)  # noqa: T201 - this is what the command line is for


def counted(number: int, noun: str) -> str:
    """Return a number of things in words: `1 error`, `2 errors`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def fail(text: str, *, code: int = WRONG_CALL) -> int:
    """Say what is wrong and return the exit code."""
    say(f"stepsmith: {text}")
    return code


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
