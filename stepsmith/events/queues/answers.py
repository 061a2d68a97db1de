"""Small rules of SQS' answers: which attributes a receive call shows, and the second code of a refusal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

_QUERY_CODES: Final = {
    "InvalidParameterValue": "InvalidParameterValueException",
    "MissingParameter": "MissingRequiredParameterException",
}


def query_error_code(code: str) -> str:
    """Give QueryErrorCode, the name that a refusal has in the newer protocol (recorded)."""
    return _QUERY_CODES.get(code, code.removeprefix("AWS.SimpleQueueService."))


def wanted_attributes(
    attributes: Mapping[str, Mapping[str, object]], names: Iterable[str]
) -> dict[str, Mapping[str, object]]:
    """Give the message attributes that MessageAttributeNames asks for: names, `prefix.*`, `.*` or `All`."""
    exact, starts = set[str](), list[str]()
    for name in names:
        if name in ("All", ".*"):
            return dict(attributes)
        if name.endswith(".*"):
            starts.append(name[:-2])
        else:
            exact.add(name)
    return {
        name: value
        for name, value in attributes.items()
        if name in exact or any(name.startswith(start) for start in starts)
    }


def wanted_system_attributes(attributes: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """Give the system attributes that a receive call asks for by name or `All`."""
    wanted = set(names)
    return {name: value for name, value in attributes.items() if "All" in wanted or name in wanted}
