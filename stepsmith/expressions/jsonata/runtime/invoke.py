"""Calling functions while an expression is evaluated."""

from __future__ import annotations

from typing import Any, Final

from stepsmith.expressions.jsonata.errors import JsonataError
from stepsmith.expressions.jsonata.runtime.limits import Run
from stepsmith.expressions.jsonata.runtime.values import (
    Frame,
    Lambda,
    LambdaCode,
    Native,
    Outer,
    TailCall,
    Value,
)
from stepsmith.expressions.types import UNDEFINED

_OF_REGEX: Final = ("regex", "next")
"""Functions of which the reference does not know where they were called."""


def invoke(
    run: Run,
    function: Value,
    arguments: list[Value],
    context: Value,
    position: int | None = None,
    token: object = None,
) -> Value:
    """What a function yields for arguments; raises T1006 for a value that is no function.

    `position` and `token` are those of the call, where an expression makes it and not a function.
    """
    try:
        while True:
            if type(function) is Lambda:
                code = function.code
                if code.signature is not None:
                    context = context[0] if type(context) is Outer else context
                    arguments = code.signature.validate(arguments, context)
                result = enter(run, function, arguments)
            elif type(function) is Native:
                if function.signature is not None:
                    arguments = function.signature.validate(arguments, context)
                result = function.call(run, *arguments)
            else:
                raise JsonataError("T1006")
            if type(result) is not TailCall:
                return result
            function, arguments = result.function, result.arguments
            position, token = result.position, result.token
    except JsonataError as error:
        if position is None:
            raise
        if error.before_call and error.position is not None and _makes_tail_calls(function):
            error.before_call = False
            raise
        if type(function) is Native and function.name in _OF_REGEX and error.position is not None:
            position = error.position
        raise error.passing(function, position, token) from error.__cause__


def _makes_tail_calls(function: Lambda | Native) -> bool:
    return type(function) is Lambda or (type(function) is Native and function.name == "chain")


def finished(run: Run, result: Value) -> Value:
    """What a function's body yields in the end: the tail call is made, if it ends with one."""
    if type(result) is not TailCall:
        return result
    return invoke(run, result.function, result.arguments, None, result.position, result.token)


def enter(run: Run, function: Lambda, arguments: list[Value]) -> Value:
    """One evaluation of a function's body; its tail call, if it ends with one, is not made."""
    code = function.code
    run.charge(code.work)
    return body_of(run, code)(function.context, frame_of(run, function, arguments))


def body_of(run: Run, code: LambdaCode) -> Any:
    """The body of a function that fits what is left of the depth."""
    return code.body if run.depth + code.height <= run.limits.most_depth else code.guarded_body()


def frame_of(run: Run, function: Lambda, arguments: list[Value]) -> Frame:
    """The frame in which the body of a function is evaluated."""
    code = function.code
    missing = code.arity - len(arguments)
    if missing:
        arguments = arguments[: code.arity] + [UNDEFINED] * missing
    return [run, function.frame, *arguments, *code.template]
