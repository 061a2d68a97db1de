"""return, and where a scope ends."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import cast

from stepsmith.authoring.compiler.drafts import Draft, leave_by
from stepsmith.authoring.compiler.expressions.fitting import fits, type_help
from stepsmith.authoring.compiler.statements.failing import guard
from stepsmith.authoring.compiler.statements.inlining import call_last, helper_of, is_last
from stepsmith.authoring.compiler.statements.protocol import StatementCompiler
from stepsmith.authoring.compiler.statements.scopes import (
    Finally,
    Inlined,
)
from stepsmith.authoring.compiler.statements.tries import run_finally
from stepsmith.authoring.lowered import graph
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    NONE,
    describe,
    join,
)
from stepsmith.expressions.typed.tree import Expression


def return_(s: StatementCompiler, node: ast.Return) -> None:
    """Compile a return statement."""
    frame = _frame(s)
    depth = -1 if frame is None else s.around.index(frame)
    final = any(isinstance(around, Finally) for around in s.around[depth + 1 :])
    if node.value is not None and is_last(s):
        made = s.state_of(node.value)
        if made is not None:
            end_with(s, node.value, *made)
            return
        helper = helper_of(s, node.value) if isinstance(node.value, ast.Call) else None
        if helper is not None and helper.only_value is None:
            kind = call_last(s, cast(ast.Call, node.value), helper)
            check_result(s, node.value, tree.Variable(name="result", type=kind))
            return
    if node.value is None:
        value: Expression = tree.Constant(value=None, type=NONE)
        check_result(s, node, value)
    elif not is_last(s) and (made := s.state_of(node.value)) is not None:
        value = _kept(s, node.value, *made)
    else:
        value = s.x.value(node.value, s.result)
        guard(s, node.value, [value])
        check_result(s, node.value, value)
    if final and not isinstance(value, tree.Constant):
        value = s.fresh("result", value, node)
    if final:
        run_finally(s, until=None if frame is None else depth)
    if s.ends:
        _give(s, frame, value, node)


def _frame(s: StatementCompiler) -> Inlined | None:
    """Give the helper function that is written out here."""
    return next((around for around in reversed(s.around) if isinstance(around, Inlined)), None)


def _give(s: StatementCompiler, frame: Inlined | None, value: Expression, node: ast.AST) -> None:
    """End the scope with a value, or the helper function that is written out here."""
    if frame is None or frame.tail:
        succeed(s, value, node)
        return
    if s.result != NONE:
        name = f"Set {frame.variable}"
        s.ends = s.scope.assign(s.ends, {frame.variable: value}, name, s.x.source.span(node))
    frame.ends += s.ends
    s.ends = []


def _kept(s: StatementCompiler, node: ast.expr, draft: Draft, result: Expression) -> Expression:
    check_result(s, node, result)
    variable = s.scope.fresh("result")
    s.ends = [leave_by(draft, {variable: result})]
    return tree.Variable(name=variable, type=result.type)


def end_with(s: StatementCompiler, node: ast.expr, draft: Draft, result: Expression) -> None:
    """End the scope with a state whose result is what is returned."""
    check_result(s, node, result)
    draft.state = _with_output(draft.state, result)
    draft.edge = None
    s.ends = []


def check_result(s: StatementCompiler, node: ast.AST, value: Expression) -> None:
    """Check what is returned against the annotation."""
    if s.result is not None and not fits(value, s.result):
        message = f"the function returns {describe(s.result)}, got {describe(value.type)}"
        text = ast.unparse(node) if isinstance(node, ast.expr) else ""
        raise s.refusal(node, "W205", message, type_help(value.type, s.result, text))
    both = value.type if s.returned is None else join(s.returned, value.type)
    if both is None and s.result is not None:
        both = s.result
    if both is None:
        raise s.refusal(node, "W205", "the function returns different types", "annotate what it returns")
    s.returned = both


def succeed(s: StatementCompiler, value: Expression, node: ast.AST) -> None:
    """End the scope well."""
    key = ("Succeed", repr(_without_spans(value)))  # constants may be lists, which have no hash
    if not s.scope.joins_terminal(s.ends, key):
        state = graph.Succeed(name=s.scope.name("Return"), output=value, span=s.x.source.span(node))
        s.scope.add_terminal(s.ends, key, state)
    s.ends = []


def fall_off(s: StatementCompiler, node: ast.AST) -> None:
    """Return None where the last statement does not leave."""
    if not s.ends:
        return
    value = tree.Constant(value=None, type=NONE)
    if s.result is not None and not fits(value, s.result):
        message = f"the function returns {describe(s.result)}, but can end without return"
        raise s.refusal(node, "W205", message, "return a value, or raise an error, on every path")
    s.returned = NONE if s.returned is None else join(s.returned, NONE)
    _give(s, _frame(s), value, node)


def _with_output(state: graph.State, result: Expression) -> graph.State:
    """Give a state whose output is the result that Python sees."""
    if isinstance(state, graph.Calling):
        plain = isinstance(result, tree.State)
        return replace(state, output=None if plain else result)
    return state


def _without_spans(value: Expression) -> Expression:
    return replace(tree.rebuild(value, _without_spans), span=None)
