"""Templates of JSONata states, to closures: any JSON in which strings may be expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from stepsmith.engine.fields.expressions import (
    Evaluate,
    Extra,
    JsonType,
    expression_text,
    is_expression,
    type_of,
    wrong_type,
)
from stepsmith.engine.kernel.frames import Execution, Frame
from stepsmith.expressions.types import Json


def compile_value(template: Json, location: str, extra: Extra = None) -> Evaluate:
    """Compile any JSON in which strings may be expressions; `location` names the field in messages."""
    evaluate = _compile_dynamic(template, location, extra)
    return _constant(template) if evaluate is None else evaluate


def compile_input_value(template: Json, location: str) -> Callable[[Execution, Frame], Json]:
    """Compile a field that sees neither result nor error output, such as Arguments."""
    evaluate = compile_value(template, location)
    return lambda run, frame: evaluate(run, frame, None)


def compile_typed(template: Json, location: str, expected: JsonType, extra: Extra = None) -> Evaluate:
    """Compile a field whose value must be of one type."""
    evaluate = compile_value(template, location, extra)
    if not is_expression(template):
        return evaluate
    text = expression_text(str(template))

    def typed(run: Execution, frame: Frame, given: Any) -> Json:
        value = evaluate(run, frame, given)
        if type_of(value) != expected:
            raise wrong_type(text, location, expected, value)
        return value

    return typed


def _constant(value: Json) -> Evaluate:
    def constant(run: Execution, frame: Frame, given: Any) -> Json:
        return value

    return constant


def _compile_dynamic(template: Json, location: str, extra: Extra) -> Evaluate | None:
    if isinstance(template, str):
        return _compile_expression(template, location, extra) if is_expression(template) else None
    if isinstance(template, dict):
        return _compile_object(template, location, extra)
    if isinstance(template, list):
        return _compile_array(template, location, extra)
    return None


def _compile_object(template: Mapping[str, Json], location: str, extra: Extra) -> Evaluate | None:
    parts = {key: _compile_dynamic(value, f"{location}/{key}", extra) for key, value in template.items()}
    dynamic = [(key, part) for key, part in parts.items() if part is not None]
    if not dynamic:
        return None
    if len(dynamic) == len(parts) == 1:
        only, evaluate = dynamic[0]
        return lambda run, frame, given: {only: evaluate(run, frame, given)}
    fixed = dict(template)

    def build(run: Execution, frame: Frame, given: Any) -> Json:
        value = fixed.copy()
        for key, part in dynamic:
            value[key] = part(run, frame, given)
        return value

    return build


def _compile_array(template: list[Json], location: str, extra: Extra) -> Evaluate | None:
    parts = [_compile_dynamic(value, f"{location}[{index}]", extra) for index, value in enumerate(template)]
    if not any(parts):
        return None
    members = [
        _constant(value) if part is None else part for value, part in zip(template, parts, strict=True)
    ]
    return lambda run, frame, given: [member(run, frame, given) for member in members]


def _compile_expression(template: str, location: str, extra: Extra) -> Evaluate:
    # JSONata is the larger part of the engine's start; machines without it do not pay for it.
    from stepsmith.engine.fields.jsonata import compile_expression

    return compile_expression(expression_text(template), location, extra)
