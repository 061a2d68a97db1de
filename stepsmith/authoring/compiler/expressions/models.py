"""New models: fields by name, checked and filled in."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Mapping

from stepsmith.authoring.compiler.expressions.protocol import ExpressionCompiler, Together
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    STR,
    ModelField,
    ModelType,
)
from stepsmith.expressions.typed.tree import Expression
from stepsmith.expressions.types import UNDEFINED


def model_arguments(x: ExpressionCompiler, node: ast.Call, kind: ModelType) -> dict[str, ast.expr]:
    """Give the arguments of a call of a model by field."""
    given: dict[str, ast.expr] = {}
    names = list(kind.fields)
    for index, argument in enumerate(node.args):
        if kind.kind != "dataclass" or isinstance(argument, ast.Starred) or index >= len(names):
            raise x.refusal(
                argument, "W161", f"{kind.name}() takes its fields by name", f"write {kind.name}(field=...)"
            )
        given[names[index]] = argument
    for keyword in node.keywords:
        if keyword.arg is None:
            raise x.refusal(
                keyword.value, "W161", f"** is not supported in {kind.name}()", "write the fields out"
            )
        given[keyword.arg] = keyword.value
    return given


def build_model(
    x: ExpressionCompiler, node: ast.AST, kind: ModelType, given: Mapping[str, ast.expr]
) -> Expression:
    """Give the tree of a new model: fields by name, in the order of the model, defaults filled in."""
    if kind.code:
        message = f"{kind.name} checks or changes its fields when it is made, which a state machine does not"
        raise x.refusal(node, "W220", f"{message}: {kind.code}", "make it in a task")
    by_name = dict(kind.fields)
    compiled: dict[str, Expression] = {}
    together = Together(x)
    for name, value in given.items():
        with together.part():
            compiled.update(_field(x, kind, name, value))
    together.check()
    entries: list[tuple[Expression | None, Expression]] = []
    for field in by_name.values():
        value = compiled.get(field.name)
        if value is None:
            value = _default_of(x, node, kind, field)
        if value is not None:
            entries.append((tree.Constant(value=field.key, type=STR), value))
    return tree.ObjectOf(entries=tuple(entries), type=kind, span=x.source.span(node))


def _field(x: ExpressionCompiler, kind: ModelType, name: str, value: ast.expr) -> dict[str, Expression]:
    """Give the value of a field under its name in Python."""
    by_name = dict(kind.fields)
    keys = {field.key: name for name, field in by_name.items()}
    field = by_name.get(name) or by_name.get(keys.get(name, ""))
    if field is None:
        close = difflib.get_close_matches(name, by_name, n=1)
        help = f"did you mean '{close[0]}'?" if close else f"its fields are {', '.join(by_name)}"
        raise x.refusal(value, "W131", f"{kind.name} has no field '{name}'", help)
    return {field.name: x.typed(value, field.type, f"field '{name}' of {kind.name}")}


def _default_of(
    x: ExpressionCompiler, node: ast.AST, kind: ModelType, field: ModelField
) -> Expression | None:
    if field.required:
        raise x.refusal(
            node, "W201", f"field '{field.name}' of {kind.name} is missing", f"add {field.name}=..."
        )
    if field.default is UNDEFINED:
        if not field.always:
            return None
        raise x.refusal(
            node, "W220", f"the default of '{field.name}' of {kind.name} is made anew each time", "give it"
        )
    return tree.Constant(value=field.default, type=field.type)  # pyright: ignore[reportArgumentType] - not UNDEFINED here
