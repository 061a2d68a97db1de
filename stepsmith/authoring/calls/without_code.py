"""Pydantic's schema of a type without the code and the constraints that users put into it.

Between two states a value is JSON, which nobody checks or changes. A workflow that runs as plain Python reads and
writes values in the same way: the code of a type runs where an execution begins and inside tasks, as it does on AWS.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

_AROUND: Final = ("function-after", "function-before", "function-wrap")
_CONSTRAINTS: Final = frozenset(
    [
        *("gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "max_digits", "decimal_places"),
        *("pattern", "strip_whitespace", "to_lower", "to_upper", "strict", "custom_init", "post_init"),
        *("str_to_lower", "str_to_upper", "str_strip_whitespace", "str_min_length", "str_max_length"),
        *("revalidate_instances", "allow_inf_nan"),
    ]
)
_CHANGES: Final = (
    *("strip_whitespace", "to_lower", "to_upper", "custom_init", "post_init"),
    *("str_to_lower", "str_to_upper", "str_strip_whitespace"),
)
_OWN: Final = "stepsmith.authoring.values.declared"
_CHECKS_OF_PYDANTIC: Final = "pydantic._internal._known_annotated_metadata"


def without_code(schema: Any) -> Any:
    """Give the schema without users' functions and constraints; the same object where there are none."""
    if isinstance(schema, dict):
        return _without(cast("dict[str, Any]", schema))
    if isinstance(schema, list | tuple):
        items = cast("list[Any] | tuple[Any, ...]", schema)
        new = [without_code(item) for item in items]
        same = all(a is b for a, b in zip(items, new, strict=True))
        return cast(Any, items if same else new if isinstance(items, list) else tuple(new))
    return schema


def runs_code(schema: Any) -> bool:
    """Say whether users' functions check or change values of the type; constraints such as a length are none."""
    if isinstance(schema, list | tuple):
        return any(map(runs_code, cast("list[Any]", schema)))
    if not isinstance(schema, dict):
        return False
    found = cast("dict[str, Any]", schema)
    function = found.get("function") if str(found.get("type")).startswith("function-") else None
    if function is not None and _is_users(function, checks=False):
        return True
    if any(found.get(name) for name in _CHANGES):
        return True
    return any(runs_code(value) for key, value in found.items() if key not in ("serialization", "metadata"))


def _without(schema: dict[str, Any]) -> Any:
    kind = schema.get("type")
    if kind in _AROUND and "function" in schema and _is_users(schema["function"]):
        return without_code(_with_reference(schema, schema["schema"]))
    if kind == "function-plain" and "function" in schema and _is_users(schema["function"]):
        return _with_reference(schema, {"type": "any"})
    kept = _with_post_init(schema)
    new = {
        key: value if key in ("serialization", "metadata") else without_code(value)
        for key, value in schema.items()
        if key in kept or key not in _CONSTRAINTS
    }
    same = len(new) == len(schema) and all(new[key] is value for key, value in schema.items())
    return schema if same else new


def _with_post_init(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """Keep the `__post_init__` of a dataclass that makes fields of its own: without it they would not be there."""
    if schema.get("type") != "dataclass":
        return ()
    given = {field["name"] for field in schema["schema"].get("fields", ()) if field.get("init", True)}
    return () if given >= set(schema["fields"]) else ("post_init",)


def _with_reference(schema: Mapping[str, Any], inner: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: schema[name] for name in ("ref", "serialization") if name in schema}
    return {**inner, **kept}


def _is_users(function: Any, *, checks: bool = True) -> bool:
    """Say whether a function is a user's, or with `checks`, a constraint that pydantic checks in Python."""
    found = cast("object", function["function"] if isinstance(function, dict) else function)
    module: str = getattr(found, "__module__", None) or ""
    own = module.startswith(("pydantic.", "pydantic_core")) or module == _OWN
    return not own or (checks and module == _CHECKS_OF_PYDANTIC)
