"""The input of a run: JSON in the call, in a file or on standard input, and single values as key=value."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from stepsmith.errors import InvalidInput
from stepsmith.expressions.json_text import InvalidJson, read
from stepsmith.expressions.types import UNDEFINED, Json, Undefined
from stepsmith.service.machine import read_input

MOST_BYTES = 1_048_576


def read_option(text: str | None) -> tuple[Json | Undefined, str | None]:
    """Return the value of `--input` and the text it came from: JSON, `@file`, or `-` for standard input.

    Raises InvalidInput naming the source and the place in it.
    """
    if text is None:
        return UNDEFINED, None
    data, source = _source(text)
    if len(data) > MOST_BYTES:
        raise InvalidInput(f"{source}: the input is larger than {MOST_BYTES} bytes")
    try:
        value = read_input(data)
    except InvalidInput as error:
        raise InvalidInput(f"{source}: {error}") from None
    return value, data.decode()


def _source(text: str) -> tuple[bytes, str]:
    if text == "-":
        return sys.stdin.buffer.read(MOST_BYTES + 1), "standard input"
    if not text.startswith("@"):
        return text.encode("utf-8", "surrogateescape"), "--input"
    path = Path(text[1:])
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

    A value is JSON where it reads as such, and text where it does not or where the key is in `texts`.
    """
    if not pairs:
        return value
    if isinstance(value, Undefined):
        value = {}
    if not isinstance(value, dict):
        raise InvalidInput("key=value can only be added to an input that is an object")
    result: dict[str, Json] = dict(value)
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals or not key:
            raise InvalidInput(f"{pair!r} is not of the form key=value")
        _put(result, key.split("."), text if key in texts else _value(text), pair)
    return result


def read_answers(pairs: Sequence[str]) -> dict[str, Callable[[Json], Json]]:
    """Return who answers callbacks for each `state=JSON`; raises InvalidInput for what is not of that form."""
    found: dict[str, Callable[[Json], Json]] = {}
    for pair in pairs:
        state, equals, text = pair.partition("=")
        if not equals or not state:
            raise InvalidInput(f"--answer {pair!r} is not of the form STATE=JSON")
        found[state] = _answer(_value(text))
    return found


def _answer(value: Json) -> Callable[[Json], Json]:
    return lambda _: value


def _put(target: dict[str, Json], keys: list[str], value: Json, pair: str) -> None:
    for key in keys[:-1]:
        inner = target.get(key, {})
        if not isinstance(inner, dict):
            raise InvalidInput(f"{pair!r} goes into {key!r}, which is no object")
        target[key] = inner = dict(inner)
        target = inner
    target[keys[-1]] = value


def _value(text: str) -> Json:
    try:
        return read(text)
    except InvalidJson:
        _refuse_broken(text)
        return text


def _refuse_broken(text: str) -> None:
    """Refuse text that cannot be sent anywhere: what a terminal made of undecodable bytes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidInput(f"{text!r} is not UTF-8 text") from None
