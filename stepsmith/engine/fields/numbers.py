"""Fields that hold a number, an expression that gives one, or a path to one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from stepsmith.engine.fields.expressions import is_expression
from stepsmith.engine.fields.query import compile_typed
from stepsmith.engine.kernel.frames import Execution, Frame
from stepsmith.engine.values.failures import evaluation, runtime
from stepsmith.engine.values.payload import text_of
from stepsmith.expressions.jsonpath import compile_path
from stepsmith.expressions.types import Json

_DECIMAL: Final = re.compile(r"[+-]?\d{1,18}(?:\.\d{1,18})?", re.ASCII)

NumberOf: TypeAlias = "Callable[[Execution, Frame], Any]"


def compile_number(
    field: str,
    literal: float | str | None,
    path: str | None,
    *,
    query: bool,
    whole: bool = True,
    location: str | None = None,
) -> NumberOf | None:
    """Compile a numeric field or its Path form; None where both are absent."""
    if path is not None:
        return _by_path(f"{field}Path", path, whole)
    if literal is None:
        return None
    if query and is_expression(literal):
        return _by_expression(location or field, str(literal), whole)
    return lambda run, frame: literal


def _by_path(field: str, path: str, whole: bool) -> NumberOf:
    reader = compile_path(path).evaluate
    kind = "integer" if whole else "float"

    def number(run: Execution, frame: Frame) -> Any:
        run.scope.input = frame.value
        run.scope.variables = frame.variables
        value = reader(run.scope)
        number = _parsed(value, whole)
        if number is None:
            shown = value if isinstance(value, str) else text_of(value)
            raise runtime(f'The {field} field refers to value "{shown}" which is not a valid {kind}: {path}')
        return number

    return number


def _by_expression(field: str, template: str, whole: bool) -> NumberOf:
    evaluate = compile_typed(template, field, "number")

    def number(run: Execution, frame: Frame) -> Any:
        value: Any = evaluate(run, frame, None)
        if whole and (value != int(value) or not _fits(value)):
            # in the words of machines/tiny/JSONataValidation-010
            raise evaluation(f"The {field} field cannot be parsed as an integer: {text_of(value)}", field)
        return int(value) if whole else value

    return number


def _parsed(value: Json, whole: bool) -> int | float | None:
    """Read a number, or a text that holds one, as AWS does."""
    if isinstance(value, str):
        if not _DECIMAL.fullmatch(value):
            return None
        value = float(value) if "." in value else int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not whole:
        return value
    return value if isinstance(value, int) and _fits(value) else None


def _fits(number: float) -> bool:
    """Tell whether a number is within Java's int, in which the service keeps such fields."""
    return -(2**31) <= number < 2**31
