"""Built-in functions that encode and decode."""

from __future__ import annotations

import base64
import re
from typing import Final
from urllib.parse import quote

from stepsmith.expressions.java_text import java_utf8
from stepsmith.expressions.jsonata.errors import JsonataError
from stepsmith.expressions.jsonata.runtime.limits import Run
from stepsmith.expressions.jsonata.runtime.text import to_units
from stepsmith.expressions.jsonata.runtime.values import Value
from stepsmith.expressions.types import UNDEFINED

_BYTE_WORK: Final = 32
_ENCODING_WORK: Final = 128
_UNRESERVED: Final = "-_.!~*'()"
_RESERVED: Final = ";/?:@&=+$,#"
_BASE64: Final = re.compile(r"(?:[A-Za-z0-9+/]{4})*+(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?")
_ESCAPES: Final = re.compile(r"(?:%[0-9A-Fa-f]{2})++")
_MALFORMED: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ALPHABET: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_")


def base64encode(run: Run, text: Value) -> Value:
    """`$base64encode`: of the text in UTF-8."""
    if text is UNDEFINED:
        return UNDEFINED
    run.string(len(text) * 2)
    run.read(_BYTE_WORK * len(text))
    return base64.b64encode(text.encode("utf-8", "replace")).decode()


def base64decode(run: Run, text: Value) -> Value:
    """`$base64decode`: to a text in UTF-8; padding may be missing, what is no Base64 fails within the service."""
    if text is UNDEFINED:
        return UNDEFINED
    run.string(len(text))
    run.read(_BYTE_WORK * len(text))
    if not _BASE64.fullmatch(text):
        raise JsonataError("U1006", message="Illegal Base64")
    return java_utf8(base64.b64decode(text + "=" * (-len(text) % 4)))


def base64encode_of_reference(run: Run, text: Value) -> Value:
    """`$base64encode`: of the low byte of each UTF-16 code unit."""
    if text is UNDEFINED:
        return UNDEFINED
    run.string(len(text) * 2)
    run.read(_BYTE_WORK * len(text))
    return base64.b64encode(bytes(ord(unit) & 255 for unit in to_units(text))).decode()


def base64decode_of_reference(run: Run, text: Value) -> Value:
    """`$base64decode`: to one character for each byte; what is no Base64 is passed over."""
    if text is UNDEFINED:
        return UNDEFINED
    run.string(len(text))
    run.read(_BYTE_WORK * len(text))
    digits = "".join(char for char in text.partition("=")[0] if char in _ALPHABET)
    digits = digits.replace("-", "+").replace("_", "/")
    if len(digits) % 4 == 1:
        digits = digits[:-1]
    return base64.b64decode(digits + "=" * (-len(digits) % 4)).decode("latin-1")


def encode_url_component(run: Run, text: Value) -> Value:
    """`$encodeUrlComponent`."""
    return _encoded(run, text, _UNRESERVED, "encodeUrlComponent")


def encode_url(run: Run, text: Value) -> Value:
    """`$encodeUrl`."""
    return _encoded(run, text, _UNRESERVED + _RESERVED, "encodeUrl")


def _encoded(run: Run, text: Value, safe: str, name: str) -> Value:
    if text is UNDEFINED:
        return UNDEFINED
    run.string(len(text) * 3)
    run.read(_ENCODING_WORK * len(text))
    try:
        return quote(text, safe=safe)
    except UnicodeEncodeError:
        raise JsonataError("D3140", value=text, functionName=name) from None


def decode_url_component(run: Run, text: Value) -> Value:
    """`$decodeUrlComponent` as Java's URLDecoder: a plus is a blank, bytes that are no UTF-8 become U+FFFD."""
    return _decoded_by_java(run, text, "decodeUrlComponent")


def decode_url(run: Run, text: Value) -> Value:
    """`$decodeUrl`, which decodes as much."""
    return _decoded_by_java(run, text, "decodeUrl")


def _decoded_by_java(run: Run, text: Value, name: str) -> Value:
    if text is UNDEFINED:
        return UNDEFINED
    run.read(_ENCODING_WORK * len(text))
    if _MALFORMED.search(text):
        raise JsonataError("D3140", value=text, functionName=name)
    return _ESCAPES.sub(
        lambda found: java_utf8(bytes.fromhex(found[0].replace("%", ""))), text.replace("+", " ")
    )


def decode_url_component_of_reference(run: Run, text: Value) -> Value:
    """`$decodeUrlComponent`."""
    return _decoded(run, text, "", "decodeUrlComponent")


def decode_url_of_reference(run: Run, text: Value) -> Value:
    """`$decodeUrl`: leaves the escapes of reserved characters as they are."""
    return _decoded(run, text, _RESERVED, "decodeUrl")


def _decoded(run: Run, text: Value, kept: str, name: str) -> Value:
    if text is UNDEFINED:
        return UNDEFINED
    run.read(_ENCODING_WORK * len(text))
    parts: list[str] = []
    at = 0
    try:
        while at < len(text):
            if text[at] != "%":
                end = text.find("%", at)
                end = len(text) if end < 0 else end
                parts.append(text[at:end])
                at = end
                continue
            char, size = _escape(text, at)
            parts.append(text[at : at + size] if char in kept else char)
            at += size
    except ValueError:
        raise JsonataError("D3140", value=text, functionName=name) from None
    return "".join(parts)


def _escape(text: str, at: int) -> tuple[str, int]:
    """The character that an escape at this place stands for, and its length; ValueError if malformed."""
    first = _byte(text, at)
    count = 1 if first < 0x80 else 2 if first < 0xE0 else 3 if first < 0xF0 else 4
    data = bytes([first, *(_byte(text, at + 3 * number) for number in range(1, count))])
    return data.decode(), 3 * count


def _byte(text: str, at: int) -> int:
    digits = text[at + 1 : at + 3]
    if text[at : at + 1] != "%" or len(digits) < 2 or not all(c in "0123456789abcdefABCDEF" for c in digits):
        raise ValueError
    return int(digits, 16)
