"""Calls to closures over a scope."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from functools import lru_cache
from typing import TypeAlias

from stepsmith.expressions.intrinsics.errors import ArgumentMiss, IntrinsicFailure, UnsuitableArgument
from stepsmith.expressions.intrinsics.format import fill, split_template, unescape
from stepsmith.expressions.intrinsics.functions import FUNCTIONS, Function, to_json_text
from stepsmith.expressions.intrinsics.parse import Argument, Call, Literal, Text, parse_call
from stepsmith.expressions.jsonpath import Path, PathMiss
from stepsmith.expressions.scope import Randomness, Scope
from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen

Evaluate: TypeAlias = Callable[[Scope], Json]


@frozen
class Intrinsic:
    """A compiled call."""

    text: str
    """As written."""
    call: Call
    """The call and its arguments."""
    evaluate: Evaluate = field(compare=False, repr=False)
    """Gives the result in a scope; raises IntrinsicFailure."""


@lru_cache(maxsize=4096)
def compile_call(text: str) -> Intrinsic:
    """Compile a call such as `States.Format('{}', $.a)`; raises IntrinsicSyntaxError."""
    call = parse_call(text)
    return Intrinsic(text, call, _call(call))


def _call(call: Call) -> Evaluate:
    arguments = tuple(_argument(argument, call) for argument in call.arguments)
    function, least, most = (_format(call), 1, None) if call.name == "Format" else FUNCTIONS[call.name]
    count = len(arguments)
    if count < least or (most is not None and count > most):
        return _refusing(call.text, f"{count} arguments where the function takes {_takes(least, most)}")
    return _calling(call.text, function, arguments)


def _takes(least: int, most: int | None) -> str:
    if most is None:
        return f"at least {least}"
    return str(least) if least == most else f"{least} to {most}"


def _calling(text: str, function: Function, arguments: tuple[Evaluate, ...]) -> Evaluate:
    def evaluate(scope: Scope) -> Json:
        values = [read(scope) for read in arguments]
        try:
            return function(values, scope.random)
        except UnsuitableArgument as error:
            raise IntrinsicFailure(text, str(error)) from None

    return evaluate


def _refusing(text: str, detail: str) -> Evaluate:
    def evaluate(scope: Scope) -> Json:
        raise IntrinsicFailure(text, detail)

    return evaluate


def _argument(argument: Argument, call: Call) -> Evaluate:
    match argument:
        case Literal(value):
            return lambda _: value
        case Text(raw):
            text = unescape(raw)
            return lambda _: text
        case Call():
            return _call(argument)
        case Path():
            return _path(argument, call.text)


def _path(path: Path, call: str) -> Evaluate:
    read = path.evaluate

    def evaluate(scope: Scope) -> Json:
        try:
            return read(scope)
        except PathMiss:
            detail = (
                f"The JsonPath argument for the field '{path.text}' could not be found in the input "
                f"'{to_json_text(scope.input)}'"
            )
            raise ArgumentMiss(call, detail) from None

    return evaluate


def _format(call: Call) -> Function:
    """Give States.Format for a call; a template that is written in it is taken apart once, its escapes resolved."""
    if call.arguments and isinstance(call.arguments[0], Text):
        pieces = split_template(call.arguments[0].raw)
        return lambda arguments, _: fill(pieces, arguments[1:])

    def of_path(arguments: list[Json], _: Randomness) -> Json:
        template = arguments[0]
        if not isinstance(template, str):
            raise UnsuitableArgument("Argument 1 must be a string")
        return fill(split_template(template), arguments[1:])

    return of_path
