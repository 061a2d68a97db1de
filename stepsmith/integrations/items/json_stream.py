"""A large JSON document read a piece at a time: one place in it is found, and its elements are given one by one."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import Final

from stepsmith.expressions.json_text import InvalidJson, read, read_part
from stepsmith.expressions.types import Json

_BLANK: Final = " \t\r\n"
_NUMBER_GOES_ON: Final = ("", *".eE+-0123456789")


class JsonStreamError(ValueError):
    """A document that is not JSON, or lacks what was asked for."""


class PointerNotFound(JsonStreamError):
    """A JSON Pointer that leads nowhere."""


class JsonStream:
    """A document of which only the part that is being read is in memory."""

    def __init__(self, chunks: Iterator[bytes], *, largest: int) -> None:
        self._chunks = codecs.iterdecode(chunks, "utf-8-sig")
        self._largest = largest
        self._text = ""
        self._at = 0
        self._ended = False

    def elements(self, pointer: str) -> Iterator[Json]:
        """Give the elements of the array, or the key-value pairs of the object, that `pointer` leads to.

        Raises PointerNotFound, and JsonStreamError for a scalar or for text that is no JSON.
        """
        for token in _tokens(pointer):
            self._enter(token)
        match self._next():
            case "[":
                self._at += 1
                yield from self._array()
            case "{":
                self._at += 1
                for key in self._keys():
                    yield {"Key": key, "Value": self._value()}
            case _:
                self._value()
                raise JsonStreamError("Attempting to map over non-iterable node.")

    def _enter(self, token: str) -> None:
        mark = self._next()
        self._at += 1
        if mark == "{":
            for key in self._keys():
                if key == token:
                    return
                self._value()
        elif mark == "[" and token.isdecimal():
            for index, _ in enumerate(self._slots()):
                if index == int(token):
                    return
                self._value()
        raise PointerNotFound(token)

    def _array(self) -> Iterator[Json]:
        for _ in self._slots():
            yield self._value()

    def _slots(self) -> Iterator[None]:
        """Stop before each element of an array; the element is read by whoever asked."""
        if self._next() == "]":
            self._at += 1
            return
        while True:
            yield
            if self._separator("]"):
                return

    def _keys(self) -> Iterator[str]:
        if self._next() == "}":
            self._at += 1
            return
        while True:
            key = self._value()
            if not isinstance(key, str) or self._next() != ":":
                raise JsonStreamError("was expecting a field name and a colon")
            self._at += 1
            yield key
            if self._separator("}"):
                return

    def _separator(self, end: str) -> bool:
        mark = self._next()
        if mark not in (",", end):
            raise JsonStreamError(f"was expecting a comma or {end!r}, not {mark!r}")
        self._at += 1
        return mark == end

    def _value(self) -> Json:
        self._next()
        while True:
            try:
                value, end = read_part(self._text, self._at)
            except InvalidJson as error:
                raise JsonStreamError(error.message) from None
            except RecursionError:
                raise JsonStreamError("an item is nested too deeply") from None
            except ValueError:
                if self._ended:
                    raise self._broken() from None
            else:
                # a number at the end of what was read may go on in the next piece
                if self._ended or self._text[end : end + 1] not in _NUMBER_GOES_ON:
                    self._at = end
                    return value
            self._more(len(self._text) - self._at)

    def _broken(self) -> JsonStreamError:
        try:
            read(self._text[self._at :], repeated_keys=True)
        except InvalidJson as error:
            return JsonStreamError(error.message)
        return JsonStreamError("Unexpected end-of-input")

    def _next(self) -> str:
        while True:
            while self._at < len(self._text):
                character = self._text[self._at]
                if character not in _BLANK:
                    return character
                self._at += 1
            if self._ended:
                raise JsonStreamError("Unexpected end-of-input")
            self._more(0)

    def _more(self, wanted: int) -> None:
        """Read on until the kept text has doubled, so that a long value is not tried again for every piece."""
        if wanted > self._largest:
            raise JsonStreamError(f"an item is larger than {self._largest} bytes")
        pieces = [self._text[self._at :]]
        self._at = 0
        size = 0
        while size <= wanted:
            try:
                piece = next(self._chunks, None)
            except UnicodeDecodeError:
                raise JsonStreamError("the file is not UTF-8 text") from None
            if piece is None:
                self._ended = True
                break
            pieces.append(piece)
            size += len(piece)
        self._text = "".join(pieces)


def _tokens(pointer: str) -> list[str]:
    if pointer == "":
        return []
    if not pointer.startswith("/"):
        raise PointerNotFound(pointer)
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer[1:].split("/")]
