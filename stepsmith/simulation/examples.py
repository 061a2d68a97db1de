"""An example of a JSON schema: the first of what is allowed, and of numbers and texts plain ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from stepsmith.expressions.types import Json

DEEPEST: Final = 20
_TEXTS: Final = {
    "date": "2026-01-01",
    "date-time": "2026-01-01T00:00:00Z",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "uri": "https://example.com/",
    "email": "somebody@example.com",
}


def example(schema: Mapping[str, Any]) -> Json:
    """Return a value that fits a schema, as far as its types go: conditions on texts may be beyond it."""
    return _example(schema, cast("Mapping[str, Any]", schema.get("$defs", {})), 0)


def _example(schema: Mapping[str, Any], known: Mapping[str, Any], depth: int) -> Json:
    if depth > DEEPEST:
        return None
    for name in ("const", "default"):
        if name in schema:
            return cast("Json", schema[name])
    if schema.get("examples"):
        return cast("Json", schema["examples"][0])
    if "enum" in schema:
        return cast("Json", schema["enum"][0])
    if "$ref" in schema:
        return _example(known.get(str(schema["$ref"]).rpartition("/")[2], {}), known, depth + 1)
    for name in ("anyOf", "oneOf", "allOf"):
        if schema.get(name):
            parts = cast("list[Mapping[str, Any]]", schema[name])
            # nothing, where that is allowed: it is the usual answer of what looks for something
            nothing = any(part.get("type") == "null" for part in parts)
            return None if nothing else _example(parts[0], known, depth + 1)
    return _of_type(schema, known, depth)


def _of_type(schema: Mapping[str, Any], known: Mapping[str, Any], depth: int) -> Json:
    match schema.get("type"):
        case "boolean":
            return True
        case "integer" | "number":
            least = schema.get("minimum", schema.get("exclusiveMinimum", 0))
            return cast("Json", least + 1 if "exclusiveMinimum" in schema else least)
        case "string":
            return _TEXTS.get(
                str(schema.get("format")), "x" * max(1, min(int(schema.get("minLength", 1)), 1000))
            )
        case "array":
            if "prefixItems" in schema:
                return [_example(each, known, depth + 1) for each in schema["prefixItems"]]
            least = min(int(schema.get("minItems", 0)), 100)
            return [_example(cast("Mapping[str, Any]", schema.get("items", {})), known, depth + 1)] * least
        case "object":
            parts = cast("Mapping[str, Mapping[str, Any]]", schema.get("properties", {}))
            return {name: _example(each, known, depth + 1) for name, each in parts.items()}
        case _:
            return None
