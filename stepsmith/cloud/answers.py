"""What the answers of many services have in common: pages, and tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

T = TypeVar("T")


def page(
    items: Sequence[T],
    name: str,
    given: Mapping[str, Any],
    *,
    most: str = "Limit",
    after: str = "NextToken",
    onward: str = "NextToken",
    default: int = 100,
) -> dict[str, Any]:
    """Give one page of a list, and the token of the next one, which is the place of its first item.

    `most` and `after` are the parameters that say how many are wanted and where to go on; `onward` is the member that
    tells where the next page begins.
    """
    text = str(given.get(after) or "0")
    start = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    size = given.get(most) or default
    found: dict[str, Any] = {name: list(items[start : start + size])}
    if len(items) > start + size:
        found[onward] = str(start + size)
    return found


def tags_of(given: Mapping[str, Any]) -> dict[str, str]:
    """Read tags that are given as a list of keys and values."""
    tags: Sequence[Mapping[str, str]] = given.get("Tags") or ()
    return {each["Key"]: each["Value"] for each in tags}


def listed_tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Write tags as a list of keys and values."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]
