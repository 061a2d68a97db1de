"""`jsonata()`: an expression in the language of the state machine, for what has no form in Python."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from stepsmith.authoring.calls.boundary import Converter
from stepsmith.expressions.types import Json

T = TypeVar("T")


def jsonata(text: str, result: type[T], /, **values: object) -> T:
    """Evaluate JSONata over values, here as in the state machine; gives the result as the type `result`.

    `text` names each value as a variable: `jsonata("$average($xs)", float, xs=xs)`. In a workflow function text and
    type are constants, and the state machine evaluates the expression itself. Raises ValueError where the expression
    fails or gives nothing. Source: https://docs.jsonata.org and
    https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
    """
    from stepsmith.expressions import jsonata as language
    from stepsmith.expressions.types import UNDEFINED

    given = {name: Converter(cast(Any, type(value)), {}).to_json(value) for name, value in values.items()}
    try:
        found = language.compile(text).run({}, given)
    except language.JsonataError as error:
        raise ValueError(str(error)) from None
    if found is UNDEFINED:
        raise ValueError(f"the JSONata expression {text!r} gave nothing")
    return cast(T, Converter(cast(Any, result), {}).from_json(cast(Json, found)))
