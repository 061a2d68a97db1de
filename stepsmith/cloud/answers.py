"""What many services have in common: finding the operation that is asked for, pages, and tags."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

from stepsmith.cloud.services import UNKNOWN, Caller, ServiceError

T = TypeVar("T")
Operation: TypeAlias = Callable[[Mapping[str, Any], Caller], dict[str, Any]]


def carry_out(
    operations: Mapping[str, Operation], name: str, given: Mapping[str, Any], caller: Caller
) -> dict[str, Any]:
    """Carry out one of a service's operations. Raises ServiceError for one that the service does not answer."""
    found = operations.get(name)
    if found is None:
        raise ServiceError(UNKNOWN, f"{name} is not answered by the local cloud")
    return found(given, caller)


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


def add_tags(tags: dict[str, str], added: Mapping[str, str]) -> dict[str, Any]:
    """Tag something; gives the empty answer of that operation."""
    tags.update(added)
    return {}


def remove_tags(tags: dict[str, str], keys: Iterable[str]) -> dict[str, Any]:
    """Take tags away, whether or not they are there; gives the empty answer of that operation."""
    for key in keys:
        tags.pop(key, None)
    return {}


def listed_tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Write tags as a list of keys and values."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]
