"""Payload templates: JSON in which a key that ends in `.$` has a path or a call for its value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from typing import ClassVar, TypeAlias

from stepsmith.errors import ExpressionError
from stepsmith.expressions.intrinsics import compile_call, is_call
from stepsmith.expressions.intrinsics.functions import to_json_text
from stepsmith.expressions.jsonpath import PathMiss, compile_path
from stepsmith.expressions.scope import Scope
from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen

Evaluate: TypeAlias = Callable[[Scope], Json]


class TemplateSyntaxError(ExpressionError):
    """A template that AWS would refuse."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        """The key, with its `.$`."""


class FieldMiss(ExpressionError):
    """A path that leads to nothing where a field takes its value from it."""

    error: ClassVar[str] = "States.Runtime"
    """The name of the error that the state fails with."""

    def __init__(self, path: str, field: str, document: Json) -> None:
        super().__init__(
            f"The JSONPath '{path}' specified for the field '{field}' could not be found in the input "
            f"'{to_json_text(document)}'"
        )
        self.path = path
        """The path as it is written."""
        self.field = field
        """The field, with its `.$`."""


@frozen
class Template:
    """A compiled payload template."""

    constant: bool
    """Whether it holds nothing to evaluate, so that it gives the same value always."""
    evaluate: Evaluate = field(compare=False, repr=False)
    """Gives the payload in a scope; parts without paths and calls are given by reference.

    Raises FieldMiss, IntrinsicFailure or PathFailure.
    """


def compile_template(template: Json) -> Template:
    """Compile a payload template; raises TemplateSyntaxError."""
    evaluate = _compile(template)
    return Template(evaluate is None, evaluate or (lambda _: template))


def compile_expression(text: str) -> Evaluate:
    """Compile the value of a `.$` key, or of ErrorPath and its like: a path or a call.

    An index at the end of a path that is past the end of its array gives null.

    Raises PathSyntaxError or IntrinsicSyntaxError.
    """
    return compile_call(text).evaluate if is_call(text) else compile_path(text, past_end=True).evaluate


def _compile(template: Json) -> Evaluate | None:
    match template:
        case dict():
            return _compile_object(template)
        case list():
            return _compile_array(template)
        case _:
            return None


def _compile_array(template: list[Json]) -> Evaluate | None:
    readers = [(place, read) for place, item in enumerate(template) if (read := _compile(item)) is not None]
    if not readers:
        return None

    def evaluate(scope: Scope) -> Json:
        out = template.copy()
        for place, read in readers:
            out[place] = read(scope)
        return out

    return evaluate


def _compile_object(template: dict[str, Json]) -> Evaluate | None:
    base: dict[str, Json] = {}
    readers: list[tuple[str, Evaluate]] = []
    for key, value in template.items():
        name, read = (key[:-2], _dynamic(key, value)) if key.endswith(".$") else (key, _compile(value))
        if name in base:
            raise TemplateSyntaxError(key, f"The field '{name}' is given twice, once as '{name}.$'")
        base[name] = value
        if read is not None:
            readers.append((name, read))
    if not readers:
        return None

    def evaluate(scope: Scope) -> Json:
        out = base.copy()
        name = ""
        try:
            for name, read in readers:
                out[name] = read(scope)
        except PathMiss as miss:
            raise FieldMiss(miss.path, f"{name}.$", scope.input) from None
        return out

    return evaluate


def _dynamic(key: str, value: Json) -> Evaluate:
    if isinstance(value, str):
        try:
            return compile_expression(value)
        except ExpressionError:
            pass
    raise TemplateSyntaxError(
        key, f"The value for the field '{key}' must be a valid JSONPath or a valid intrinsic function call"
    )
