"""Sets, where nothing shows their order: what is counted, or put in order."""

from __future__ import annotations

import ast

from stepsmith.authoring.compiler.expressions import comparisons, comprehensions
from stepsmith.authoring.compiler.expressions.protocol import ExpressionCompiler, library_call
from stepsmith.authoring.values.operators import is_simple
from stepsmith.expressions.typed.static_types import BOOL, ListType, describe
from stepsmith.expressions.typed.tree import Expression


def distinct(x: ExpressionCompiler, node: ast.expr) -> Expression | None:
    """Give what is in `set(items)` or `{item for ...}`, each once; None for any other expression."""
    known = comparisons.constant_set(x, node)
    if known is not None:
        return known
    match node:
        case ast.Call(func=function, args=[items], keywords=[]) if comparisons.makes_set(x, function):
            value = comprehensions.iterable(x, items)
        case ast.SetComp(elt=element, generators=generators):
            listed = ast.copy_location(ast.ListComp(element, generators), node)
            value = comprehensions.comprehension(x, listed)
        case ast.Set(elts=elements):
            value = x.compile(ast.copy_location(ast.List(elements, ast.Load()), node))
        case _:
            return None
    kind = value.type.item if isinstance(value.type, ListType) else value.type
    if not is_simple(kind) or kind == BOOL:
        message = f"a set of {describe(kind)} has no exact JSONata form"
        raise x.refusal(node, "W100", message, "make it of numbers or texts, or move the work into a task")
    return library_call(x, node, "distinct", ListType(kind), value)
