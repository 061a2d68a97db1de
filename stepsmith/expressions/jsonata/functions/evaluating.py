"""`$eval`: an expression in a string. Step Functions does not have it."""

from __future__ import annotations

from stepsmith.expressions.jsonata.errors import JsonataError
from stepsmith.expressions.jsonata.runtime.limits import CompileText, Run
from stepsmith.expressions.jsonata.runtime.values import ARRAY, Frame, Outer, Sequence, Value
from stepsmith.expressions.types import UNDEFINED


def evaluate_text(run: Run, text: Value, focus: Value = UNDEFINED) -> Value:
    """`$eval`, called as a value: with no context and no variables but those from outside."""
    return evaluate_in(run, text, focus, UNDEFINED, [run, None], run.compile_text)


def evaluate_in(
    run: Run,
    text: Value,
    focus: Value,
    context: Value,
    frame: Frame,
    compile_text: CompileText,
) -> Value:
    """The value of a text, in the scope of what compiles it; raises D3120 or D3121 where it has none."""
    if text is UNDEFINED:
        return UNDEFINED
    if focus is not UNDEFINED:
        context = Outer([focus]) if type(focus) is ARRAY or type(focus) is Sequence else focus
    try:
        evaluate, slots = compile_text(text, guarded=run.guarded or run.limits.depth is not None)
    except JsonataError as error:
        raise JsonataError("D3120", value=error.message) from error
    try:
        return evaluate(context, [run, frame, *slots])
    except JsonataError as error:
        if error.code.startswith("U"):
            raise
        raise JsonataError("D3121", value=error.message) from error
