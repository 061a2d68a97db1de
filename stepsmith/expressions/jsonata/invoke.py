"""Calling functions while an expression is evaluated."""

from __future__ import annotations

from typing import Any

from stepsmith.expressions.jsonata.errors import JsonataError
from stepsmith.expressions.jsonata.limits import Run
from stepsmith.expressions.jsonata.values import Frame, Lambda, LambdaCode, Native, TailCall, Value
from stepsmith.expressions.types import UNDEFINED


def invoke(run: Run, function: Value, arguments: list[Value], context: Value) -> Value:
    """What a function yields for arguments; raises T1006 for a value that is no function."""
    while True:
        if type(function) is Lambda:
            code = function.code
            if code.signature is not None:
                arguments = list(code.signature.validate(arguments, context))
            result = enter(run, function, arguments)
            if type(result) is not TailCall:
                return result
            function, arguments = result.function, result.arguments
        elif type(function) is Native:
            if function.signature is not None:
                return function.call(run, *function.signature.validate(arguments, context))
            return function.call(run, *arguments)
        else:
            raise JsonataError("T1006")


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
