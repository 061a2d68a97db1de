"""Methods that a template may call on values, and the functions of `$util`."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from typing import Final

from stepsmith.errors import ExpressionError
from stepsmith.events.templates.values import are_equal, printed
from stepsmith.expressions.types import Json

Charge = Callable[[int], None]


def util(name: str, arguments: list[Json]) -> Json:
    """Call a function of `$util`; what there is not is nothing."""
    text = printed(arguments[0]) if arguments else ""
    match name:
        case "escapeJavaScript":
            return escaped(text)
        case "parseJson":
            return parsed(text)
        case "urlEncode":
            return _url_encoded(text)
        case "urlDecode":
            return _url_decoded(text)
        case "base64Encode":
            return base64.b64encode(text.encode(errors="replace")).decode()
        case "base64Decode":
            return _base64_decoded(text)
        case _:
            return None


def parsed(text: str) -> Json:
    """Read JSON; a text that is none is nothing."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


_SHORT: Final = {"\b": "\\b", "\n": "\\n", "\t": "\\t", "\f": "\\f", "\r": "\\r"}


def escaped(text: str) -> str:
    """Escape a text for JavaScript: quotes of both kinds, slashes, all that is not ASCII."""
    found: list[str] = []
    for mark in text:
        if mark in "\"'\\/":
            found.append("\\" + mark)
        elif mark in _SHORT:
            found.append(_SHORT[mark])
        elif " " <= mark <= "~":
            found.append(mark)
        else:
            units = mark.encode("utf-16-be", errors="surrogatepass")
            found += [f"\\u{units[at]:02X}{units[at + 1]:02X}" for at in range(0, len(units), 2)]
    return "".join(found)


_PLAIN: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.*")


def _url_encoded(text: str) -> str:
    data = text.encode(errors="replace")
    return "".join(chr(b) if b in _PLAIN else "+" if b == 32 else f"%{b:02X}" for b in data)


def _url_decoded(text: str) -> str:
    data, at = bytearray(), 0
    while at < len(text):
        digits = text[at + 1 : at + 3]
        if text[at] == "%" and len(digits) == 2 and all(d in "0123456789abcdefABCDEF" for d in digits):
            data.append(int(digits, 16))
            at += 3
        else:
            data += b" " if text[at] == "+" else text[at].encode(errors="replace")
            at += 1
    return data.decode(errors="replace")


def _base64_decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode(errors="replace")
    except (binascii.Error, ValueError):
        return ""


def method(value: Json, name: str, arguments: list[Json], charge: Charge) -> Json:
    """Call a method of a value; what there is not is nothing."""
    if name == "toString":
        return printed(value)
    if name == "equals" and arguments:
        return are_equal(value, arguments[0])
    try:
        match value:
            case str():
                return _of_text(value, name, arguments, charge)
            case list():
                return _of_list(value, name, arguments)
            case dict():
                return _of_map(value, name, arguments)
            case _:
                return None
    except (IndexError, TypeError, ValueError):
        return None


def _of_text(value: str, name: str, arguments: list[Json], charge: Charge) -> Json:
    first = printed(arguments[0]) if arguments else ""
    charge(len(value) // 64)
    match name:
        case "length":
            return len(value)
        case "isEmpty":
            return not value
        case "contains":
            return first in value
        case "startsWith":
            return value.startswith(first)
        case "endsWith":
            return value.endswith(first)
        case "equalsIgnoreCase":
            return value.lower() == first.lower()
        case "indexOf":
            return value.find(first)
        case "lastIndexOf":
            return value.rfind(first)
        case "toLowerCase":
            return value.lower()
        case "toUpperCase":
            return value.upper()
        case "trim":
            return value.strip()
        case "concat":
            return value + first
        case "charAt":
            return value[_index(arguments[0])]
        case "substring":
            start = _index(arguments[0])
            return value[start : _index(arguments[1]) if len(arguments) > 1 else None]
        case "replace":
            replacement = printed(arguments[1])
            charge((value.count(first) * len(replacement) + len(value)) // 16)
            return value.replace(first, replacement)
        case "replaceAll" | "replaceFirst" | "matches" | "split":
            return _by_pattern(
                value, name, first, printed(arguments[1]) if len(arguments) > 1 else "", charge
            )
        case _:
            return None


def _by_pattern(value: str, name: str, source: str, replacement: str, charge: Charge) -> Json:
    """Do what takes a regular expression of Java's, on our own engine."""
    # Imported here because only templates with a pattern need that room.
    from stepsmith.expressions.jsonata.regex import compile_java_pattern

    try:
        pattern = compile_java_pattern(rf"\A(?:{source})\z" if name == "matches" else source, "")
    except ExpressionError:
        return None
    if name == "matches":
        return pattern.search(value, 0, charge) is not None
    pieces: list[str] = []
    separators: list[str] = []
    at = begin = 0
    while at <= len(value) and (found := pattern.search(value, at, charge)) is not None:
        start, end = found.span
        if name == "split" and end == 0:
            at = 1
            continue
        pieces.append(value[begin:start])
        separators.append(_filled(replacement, found.groups, value[start:end]))
        begin = end
        at = end if end > start else end + 1
        charge(8 + len(separators[-1]) // 16)
        if name == "replaceFirst":
            break
    pieces.append(value[begin:])
    if name != "split":
        return "".join(piece + separator for piece, separator in zip(pieces, [*separators, ""], strict=True))
    while len(pieces) > 1 and not pieces[-1]:
        pieces.pop()
    return list[Json](pieces)


def _filled(replacement: str, groups: tuple[str | None, ...], whole: str) -> str:
    """Fill a replacement in: `$1` is a group, a backslash takes the next character as it is."""
    found, at = "", 0
    while at < len(replacement):
        mark, follower = replacement[at], replacement[at + 1 : at + 2]
        if mark == "\\" and follower:
            found += follower
            at += 2
        elif mark == "$" and follower.isdigit():
            number = int(follower)
            found += whole if number == 0 else (groups[number - 1] or "")
            at += 2
        else:
            found += mark
            at += 1
    return found


def _index(value: Json) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise IndexError(value)
    return value


def _of_list(value: list[Json], name: str, arguments: list[Json]) -> Json:
    match name:
        case "size":
            return len(value)
        case "isEmpty":
            return not value
        case "get":
            return value[_index(arguments[0])]
        case "contains":
            return any(are_equal(element, arguments[0]) for element in value)
        case "add":
            value.append(arguments[0])
            return True
        case "addAll":
            added = arguments[0]
            value.extend(added if isinstance(added, list) else [])
            return True
        case "set":
            before, value[_index(arguments[0])] = value[_index(arguments[0])], arguments[1]
            return before
        case "remove":
            return value.pop(_index(arguments[0]))
        case _:
            return None


def _of_map(value: dict[str, Json], name: str, arguments: list[Json]) -> Json:
    key = printed(arguments[0]) if arguments else ""
    match name:
        case "size":
            return len(value)
        case "isEmpty":
            return not value
        case "get":
            return value.get(key)
        case "containsKey":
            return key in value
        case "containsValue":
            return any(are_equal(member, arguments[0]) for member in value.values())
        case "keySet":
            return list[Json](value)
        case "values":
            return list(value.values())
        case "entrySet":
            return [{"key": name, "value": member} for name, member in value.items()]
        case "getKey":
            return value.get("key")
        case "getValue":
            return value.get("value")
        case "put":
            before = value.get(key)
            value[key] = arguments[1]
            return before
        case "putAll":
            value.update(arguments[0] if isinstance(arguments[0], dict) else {})
            return None
        case "remove":
            return value.pop(key, None)
        case _:
            return None
