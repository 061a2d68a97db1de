"""JSONata expressions as they stand in fields: how they are recognised, and what is said of values of a wrong type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

from stepsmith.engine.kernel.frames import Execution, Frame
from stepsmith.engine.values.failures import evaluation
from stepsmith.engine.values.payload import text_of
from stepsmith.expressions.types import Json

Evaluate: TypeAlias = "Callable[[Execution, Frame, Any], Json]"
"""Gives the value of a field; the third argument is the result or error output, None where there is neither."""
Extra: TypeAlias = Literal["result", "errorOutput"] | None
"""The name in `$states` of the third argument of Evaluate."""
JsonType: TypeAlias = Literal["null", "boolean", "number", "string", "array", "object"]


def is_expression(value: object) -> bool:
    """Tell whether a value is a string in `{% %}`."""
    return isinstance(value, str) and len(value) >= 4 and value.startswith("{%") and value.endswith("%}")


def type_of(value: Json) -> JsonType:
    """Name the JSON type of a value as AWS does in its messages."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case str():
            return "string"
        case list():
            return "array"
        case dict():
            return "object"
        case _:
            return "number"


def wrong_type(text: str, location: str, expected: str, value: Json) -> Exception:
    """Make the failure of an expression that gives a value of another type than its field takes."""
    return evaluation(
        f"The JSONata expression '{text}' specified for the field '{location}' returned an unexpected result"
        f" type. Expected '{expected}', but was '{type_of(value)}' for value: {text_of(value)}",
        location,
    )


def expression_text(template: str) -> str:
    """Give an expression without its delimiters and outer blanks."""
    return template[2:-2].strip()
