"""Values of templates: how they print, when they are equal, when they are true."""

from __future__ import annotations

import json

from stepsmith.expressions.java_text import java_double
from stepsmith.expressions.types import Json


class ContextMap(dict[str, Json]):
    """A map of `$context`, which prints as nothing (recorded: test_sqs_amz_json_protocol)."""


def context_map(value: Json) -> Json:
    """Turn the maps of a context into ones that print as nothing."""
    if isinstance(value, dict):
        return ContextMap({name: context_map(member) for name, member in value.items()})
    return value


def printed(value: Json) -> str:
    """Print a value: objects like Java's maps, lists as JSON, what is missing as nothing (recorded)."""
    match value:
        case None | ContextMap():
            return ""
        case str():
            return value
        case dict():
            return "{" + ", ".join(f"{key}={_inside(member)}" for key, member in value.items()) + "}"
        case list():
            return json_text(value)
        case _:
            return _scalar(value)


def _inside(value: Json) -> str:
    return "null" if value is None else printed(value)


def _scalar(value: bool | int | float) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return java_double(value) if isinstance(value, float) else str(value)


def json_text(value: Json) -> str:
    """Write a value as JSON."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def is_true(value: Json) -> bool:
    """Whether a condition holds: all but false and what is missing."""
    return value is not None and value is not False


def are_equal(left: Json, right: Json) -> bool:
    """Compare two values; what is missing equals both null and the empty text (recorded)."""
    if left is None or right is None:
        return left in (None, "") and right in (None, "")
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, int | float) and isinstance(right, int | float):
        return left == right
    if isinstance(left, str) != isinstance(right, str):
        return printed(left) == printed(right)
    return left == right
