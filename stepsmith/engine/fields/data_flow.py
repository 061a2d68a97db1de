"""What a JSONPath state does with its data: InputPath, Parameters, ResultSelector, ResultPath, OutputPath."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from stepsmith.engine.kernel.frames import Execution, Frame
from stepsmith.expressions.jsonpath import compile_path, compile_reference_path
from stepsmith.expressions.scope import Scope
from stepsmith.expressions.templates import compile_template
from stepsmith.expressions.types import UNDEFINED, Json, Undefined

Input: TypeAlias = "Callable[[Execution, Frame], Json]"
"""Gives the effective input of a state."""
Output: TypeAlias = "Callable[[Execution, Frame, Json], Json]"
"""Makes the output of a state from its result."""
Read: TypeAlias = Callable[[Scope], Json]
PathField: TypeAlias = str | None | Undefined


def compile_path_field(path: PathField) -> Read | None:
    """Compile InputPath or OutputPath; None where it changes nothing."""
    if isinstance(path, Undefined) or path == "$":
        return None
    if path is None:
        return lambda scope: {}
    return compile_path(path).evaluate


def compile_template_field(template: Json | Undefined) -> Read | None:
    """Compile Parameters, ResultSelector or ItemSelector; None where it is absent."""
    return None if isinstance(template, Undefined) else compile_template(template).evaluate


def compile_input(input_path: PathField, parameters: Json | Undefined = UNDEFINED) -> Input | None:
    """Compile InputPath and then Parameters; None where the effective input is the raw input."""
    path, template = compile_path_field(input_path), compile_template_field(parameters)
    if path is None and template is None:
        return None
    if path is None or template is None:
        only = path or template

        def one(run: Execution, frame: Frame) -> Json:
            scope = run.scope
            scope.input = frame.value
            scope.variables = frame.variables
            return only(scope)  # type: ignore[misc]  # pyright: ignore[reportOptionalCall] - one of them is there

        return one

    def both(run: Execution, frame: Frame) -> Json:
        scope = run.scope
        scope.input = frame.value
        scope.variables = frame.variables
        scope.input = path(scope)
        return template(scope)

    return both


def compile_output(
    selector: Json | Undefined, result_path: PathField, output_path: PathField
) -> Output | None:
    """Compile ResultSelector, ResultPath and OutputPath; None where the output is the result."""
    select = compile_template_field(selector)
    place = _compile_result_path(result_path)
    path = compile_path_field(output_path)
    if select is None and path is None:
        return None if place is None else lambda run, frame, result: place(frame.value, result)

    def output(run: Execution, frame: Frame, result: Json) -> Json:
        scope = run.scope
        scope.variables = frame.variables
        if select is not None:
            scope.input = result
            result = select(scope)
        if place is not None:
            result = place(frame.value, result)
        if path is not None:
            scope.input = result
            result = path(scope)
        return result

    return output


def _compile_result_path(path: PathField) -> Callable[[Json, Json], Json] | None:
    if isinstance(path, Undefined) or path == "$":
        return None
    if path is None:
        return lambda raw, result: raw
    return compile_reference_path(path).set


def read(run: Execution, frame: Frame, value: Json, reader: Read) -> Json:
    """Evaluate a path or template on a value."""
    scope = run.scope
    scope.input = value
    scope.variables = frame.variables
    return reader(scope)
