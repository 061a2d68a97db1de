"""Parameters that AWS refuses before it schedules a task."""

from __future__ import annotations

from typing import Final

from stepsmith.engine.values.payload import text_of
from stepsmith.expressions.types import Json

_LISTS_OF_TEXTS: Final = {
    "arn:aws:states:::apigateway:invoke": ("Headers", "QueryParameters"),
    "arn:aws:states:::apigateway:invoke.waitForTaskToken": ("Headers", "QueryParameters"),
}
"""Fields whose values must be objects of arrays of texts, by resource."""


def is_limited(resource: str) -> bool:
    """Tell whether there is anything to check about the parameters of a resource."""
    return resource in _LISTS_OF_TEXTS


def unusable(resource: str, parameters: Json) -> str | None:
    """Say why parameters cannot start a task; None if nothing speaks against them."""
    fields = _LISTS_OF_TEXTS.get(resource)
    if fields is None or not isinstance(parameters, dict):
        return None
    problems = [
        f"The value of the field '{field}' has an invalid format"
        for field in fields
        if field in parameters and not _is_lists_of_texts(parameters[field])
    ]
    if not problems:
        return None
    return (
        f"The Parameters '{text_of(parameters)}' could not be used to start the Task: [{', '.join(problems)}]"
    )


def _is_lists_of_texts(value: Json) -> bool:
    return isinstance(value, dict) and all(
        isinstance(items, list) and all(isinstance(item, str) for item in items) for items in value.values()
    )
