"""Headers, query and body of an HTTP task, encoded as Step Functions encodes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias, cast
from urllib.parse import quote

from stepsmith.expressions.types import Json
from stepsmith.integrations.failures import compact

ArrayFormat: TypeAlias = Literal["INDICES", "REPEAT", "COMMAS", "BRACKETS"]
"""How a list is written in a form."""

_FORBIDDEN = frozenset(
    {
        "a-im",
        "accept-charset",
        "accept-datetime",
        "accept-encoding",
        "authorization",
        "cache-control",
        "connection",
        "content-encoding",
        "content-md5",
        "date",
        "expect",
        "forwarded",
        "from",
        "host",
        "http2-settings",
        "max-forwards",
        "origin",
        "pragma",
        "proxy-authorization",
        "referer",
        "server",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
        "warning",
    }
)
_FORBIDDEN_PREFIXES = ("if-", "x-forwarded-", "x-amz-", "x-amzn-")


def is_forbidden_header(name: str) -> bool:
    """Say whether Step Functions refuses to send a header of this name."""
    lower = name.lower()
    return lower in _FORBIDDEN or lower.startswith(_FORBIDDEN_PREFIXES)


def header_values(value: Json) -> list[tuple[str, str]] | None:
    """Return the headers in a task's Headers, one pair for each value; None where the form is wrong."""
    if value is None:
        return []
    if not isinstance(value, dict):
        return None
    pairs: list[tuple[str, str]] = []
    for name, each in value.items():
        for one in each if isinstance(each, list) else [each]:
            text = scalar_text(one)
            if text is None or not _is_token(name) or not _is_field_value(text):
                return None
            pairs.append((name, text))
    return pairs


def query_text(value: Json) -> str | None:
    """Return the query for a task's QueryParameters; None where the form is wrong."""
    if value is None:
        return ""
    if isinstance(value, str):
        return quote(value, safe="=&%+~-._!$'()*,;:@/?")
    if isinstance(value, dict):
        return form_text(value, "REPEAT")
    return None


def form_text(value: Mapping[str, Json], arrays: ArrayFormat = "INDICES") -> str:
    """Return `value` as a URL-encoded form."""
    pairs: list[tuple[str, str]] = []
    for name, each in value.items():
        pairs.extend(_form_pairs(quote(name, safe=""), each, arrays))
    return "&".join(f"{name}={text}" for name, text in pairs)


def _form_pairs(name: str, value: Json, arrays: ArrayFormat) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _form_pairs(f"{name}[{quote(key, safe='')}]", each, arrays)
    elif isinstance(value, list) and arrays == "COMMAS":
        yield name, ",".join(_form_value(each) for each in value)
    elif isinstance(value, list):
        suffixes = {"INDICES": "[{}]", "REPEAT": "", "BRACKETS": "[]"}
        for index, each in enumerate(value):
            yield from _form_pairs(name + suffixes[arrays].replace("{}", str(index)), each, arrays)
    else:
        yield name, _form_value(value)


def _form_value(value: Json) -> str:
    text = scalar_text(value)
    return quote(compact(value) if text is None else text, safe="")


def scalar_text(value: Json) -> str | None:
    """Return the text of a string, number, boolean or null; None for objects and lists."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return None if isinstance(value, dict | list) else compact(cast("Json", value))


def _is_token(name: str) -> bool:
    return bool(name) and all(c.isascii() and (c.isalnum() or c in "!#$%&'*+-.^_`|~") for c in name)


def _is_field_value(text: str) -> bool:
    return all(c == "\t" or 32 <= ord(c) < 127 or 160 <= ord(c) < 256 for c in text)
