"""Copies of a model with other fields: `dataclasses.replace()` and `model_copy(update={...})`."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Mapping

from stepsmith.authoring.compiler.expressions.protocol import ExpressionCompiler
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import STR, ModelType, OptionalType, describe
from stepsmith.expressions.typed.tree import Expression


def replaced(x: ExpressionCompiler, node: ast.Call) -> Expression:
    """Give the tree of `dataclasses.replace(value, field=...)`."""
    if len(node.args) != 1 or isinstance(node.args[0], ast.Starred):
        raise x.refusal(node, "W161", "replace() takes one dataclass", "write replace(value, field=...)")
    given = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg is not None}
    if len(given) < len(node.keywords):
        raise x.refusal(node, "W161", "** is not supported in replace()", "write the fields out")
    return _copy(x, node, node.args[0], given, "dataclass")


def model_copy(x: ExpressionCompiler, node: ast.Call, value: ast.expr) -> Expression:
    """Give the tree of `value.model_copy(update={"field": ...})`."""
    options = {keyword.arg: keyword.value for keyword in node.keywords}
    update = options.get("update", ast.Dict([], []))
    names = [x.static(key) if key else None for key in update.keys] if isinstance(update, ast.Dict) else []
    if node.args or set(options) - {"update"} or not isinstance(update, ast.Dict):
        help = "write model_copy(update={'field': ...})"
        raise x.refusal(node, "W161", "model_copy() takes the fields to update, written out", help)
    given: dict[str, ast.expr] = {}
    for name, part in zip(names, update.values, strict=True):
        if not isinstance(name, str):
            raise x.refusal(part, "W161", "the fields of model_copy() are constants", "write them out")
        given[name] = part
    return _copy(x, node, value, given, "pydantic")


def _copy(
    x: ExpressionCompiler, node: ast.Call, holder: ast.expr, given: Mapping[str, ast.expr], maker: str
) -> Expression:
    value = x.compile(holder)
    kind = value.type
    if isinstance(kind, OptionalType):
        raise x.may_be_none(holder, "cannot be copied then")
    if not isinstance(kind, ModelType) or kind.kind != maker:
        raise x.refusal(node, "W161", f"{describe(kind)} is no {maker} model to copy", "make a new value")
    code = kind.code or kind.written_by
    if code:
        message = f"{kind.name} checks or changes its fields when it is made, which a state machine does not"
        raise x.refusal(node, "W220", f"{message}: {code}", "copy it in a task")
    entries: list[tuple[Expression | None, Expression]] = [
        (None, tree.Spread(value=value, type=kind, span=value.span))
    ]
    for name, part in given.items():
        field = kind.fields.get(name)
        if field is None:
            close = difflib.get_close_matches(name, kind.fields, n=1)
            help = f"did you mean '{close[0]}'?" if close else f"its fields are {', '.join(kind.fields)}"
            raise x.refusal(part, "W131", f"{kind.name} has no field '{name}'", help)
        key = tree.Constant(value=field.key, type=STR)
        entries.append((key, x.typed(part, field.type, f"field '{name}' of {kind.name}")))
    return tree.ObjectOf(entries=tuple(entries), type=kind, span=x.source.span(node))
