"""What the checks ask of the JSONata room."""

from __future__ import annotations

from functools import lru_cache

from stepsmith.expressions.jsonata import JsonataError, check_for_states, compile


@lru_cache(maxsize=4096)
def faults(text: str) -> tuple[tuple[str, str], ...]:
    """Give code and message of everything AWS refuses about an expression."""
    return tuple((finding.code, finding.message) for finding in check_for_states(text))


def states_fields(text: str) -> frozenset[str]:
    """Give the fields of `$states` that an expression reads; none if it does not parse."""
    try:
        return compile(text).states_fields
    except JsonataError:
        return frozenset()


def variables(text: str) -> frozenset[str]:
    """Give the workflow variables that an expression reads; none if it does not parse."""
    try:
        return compile(text).free_variables - {"states"}
    except JsonataError:
        return frozenset()
