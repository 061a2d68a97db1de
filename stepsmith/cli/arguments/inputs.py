"""The input of a run: JSON in the call, in a file or on standard input, and single values as key=value."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from stepsmith.errors import InvalidInput
from stepsmith.expressions.json_text import InvalidJson, read
from stepsmith.expressions.types import UNDEFINED, Json, Undefined
from stepsmith.service.machines.machine import read_input

MOST_BYTES = 1_048_576
_BEGINNINGS = ("{", "[", '"')
"""What only the objects, lists and texts of JSON begin with."""


class GivenInput(Protocol):
    """The input of a run as the command line has it."""

    @property
    def input(self) -> str | None:
        """JSON, `@file`, or `-` for standard input."""
        ...

    @property
    def pairs(self) -> tuple[str, ...]:
        """Single values as key=value."""
        ...

    @property
    def upload(self) -> Path | None:
        """A local file that the workflow makes an input of."""
        ...


def read_option(text: str | None) -> tuple[Json | Undefined, str | None]:
    """Return the value of `--input` and the text it came from: JSON, `@file`, or `-` for standard input.

    Raises InvalidInput naming the source and the place in it.
    """
    if text is None:
        return UNDEFINED, None
    data, source = _source(text, "--input")
    if len(data) > MOST_BYTES:
        raise InvalidInput(f"{source}: the input is larger than {MOST_BYTES} bytes")
    try:
        value = read_input(data)
    except InvalidInput as error:
        raise InvalidInput(f"{source}: {error}") from None
    return value, data.decode()


def read_text(text: str, name: str) -> str:
    """Return the text that an argument stands for: itself, `@file`, or `-` for standard input.

    Raises InvalidInput naming the source.
    """
    data, source = _source(text, name)
    if len(data) > MOST_BYTES:
        raise InvalidInput(f"{source}: it is larger than {MOST_BYTES} bytes")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise InvalidInput(f"{source}: it is no text in UTF-8") from None


def _source(text: str, name: str) -> tuple[bytes, str]:
    if text == "-":
        return sys.stdin.buffer.read(MOST_BYTES + 1), "standard input"
    if not text.startswith("@"):
        return text.encode("utf-8", "surrogateescape"), name
    path = Path(text[1:])
    if text == "@":
        raise InvalidInput(f"{name} @ names no file; write @input.json")
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1), str(path)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise InvalidInput(f"{text[1:]!r} cannot be read: {reason}") from None


def merge(
    value: Json | Undefined, pairs: Sequence[str], texts: frozenset[str] = frozenset()
) -> Json | Undefined:
    """Return the input with each `key=value` put in; `a.b=1` goes into the object `a`.

    A value is JSON where it reads as such, and text where it does not or where the key is in `texts`. Raises
    InvalidInput for what looks like JSON and is not, and for a key that is given twice.
    """
    if not pairs:
        return value
    if isinstance(value, Undefined):
        value = {}
    if not isinstance(value, dict):
        raise InvalidInput("key=value can only be added to an input that is an object")
    result: dict[str, Json] = dict(value)
    given: dict[tuple[str, ...], str] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        path = tuple(key.split("."))
        if not equals or not all(path):
            raise InvalidInput(f"{pair!r} is not of the form key=value")
        _refuse_twice(path, pair, given)
        _put(result, path, text if key in texts else read_value(text, pair), pair)
        given[path] = pair
    return result


def _refuse_twice(path: tuple[str, ...], pair: str, given: Mapping[tuple[str, ...], str]) -> None:
    """Refuse a part of the input that an earlier argument has said already, or has said a part of."""
    for before, earlier in given.items():
        if before[: len(path)] == path:
            raise InvalidInput(f"{pair!r} says again what {earlier!r} has said; give one of them")


def read_answers(pairs: Sequence[str]) -> dict[str, Callable[[Json], Json]]:
    """Return who answers callbacks for each `state=JSON`; raises InvalidInput for what is not of that form."""
    found: dict[str, Callable[[Json], Json]] = {}
    for pair in pairs:
        state, equals, text = pair.partition("=")
        if not equals or not state:
            raise InvalidInput(f"--answer {pair!r} is not of the form STATE=JSON")
        if state in found:
            raise InvalidInput(f"--answer {pair!r} answers {state!r} a second time; give one answer")
        found[state] = _answer(read_value(text, f"--answer {pair}"))
    return found


def _answer(value: Json) -> Callable[[Json], Json]:
    return lambda _: value


def _put(target: dict[str, Json], keys: Sequence[str], value: Json, pair: str) -> None:
    for key in keys[:-1]:
        inner = target.get(key, {})
        if not isinstance(inner, dict):
            raise InvalidInput(f"{pair!r} goes into {key!r}, which is no object")
        target[key] = inner = dict(inner)
        target = inner
    target[keys[-1]] = value


def read_value(text: str, pair: str) -> Json:
    """Return JSON where a text reads as such, and the text otherwise; raises InvalidInput for what is neither."""
    try:
        return read(text)
    except InvalidJson as error:
        _refuse_broken(text)
        if text.lstrip()[:1] in _BEGINNINGS:
            reason = error.message.partition("\n")[0]
            raise InvalidInput(
                f"{pair!r} begins like JSON and is not: column {error.column} of the value: {reason}; "
                "text is written in quotes then, as JSON has it"
            ) from None
        return text


def _refuse_broken(text: str) -> None:
    """Refuse text that cannot be sent anywhere: what a terminal made of undecodable bytes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidInput(f"{text!r} is not UTF-8 text") from None
