"""What the checks ask of the JSONata room, which is imported by the first definition that needs it."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=4096)
def faults(text: str) -> tuple[tuple[str, str], ...]:
    """Give code and message of everything AWS refuses about an expression."""
    from stepsmith.expressions.jsonata import check_for_states

    return tuple((finding.code, finding.message) for finding in check_for_states(text))


def states_fields(text: str) -> frozenset[str]:
    """Give the fields of `$states` that an expression reads; none if it does not parse."""
    from stepsmith.expressions.jsonata import JsonataError, compile

    try:
        return compile(text).states_fields
    except JsonataError:
        return frozenset()


def variables(text: str) -> frozenset[str]:
    """Give the workflow variables that an expression reads; none if it does not parse."""
    from stepsmith.expressions.jsonata import JsonataError, compile

    try:
        return compile(text).references
    except JsonataError:
        return frozenset()
