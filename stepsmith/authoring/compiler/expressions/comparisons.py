"""Comparisons and membership, each accepted only where JSONata gives what Python gives."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Final, Literal, cast

from stepsmith.authoring.compiler.expressions import spans
from stepsmith.authoring.compiler.expressions.environment import Condition
from stepsmith.authoring.compiler.expressions.narrowing.constants import constants_of, known, one_of
from stepsmith.authoring.compiler.expressions.protocol import ExpressionCompiler, consumed
from stepsmith.authoring.values.code import code_of_equality
from stepsmith.authoring.values.constants import constant_expression
from stepsmith.authoring.values.operators import equal_in_both, have_order, holds_in_both
from stepsmith.authoring.values.unions import json_type, members, of_members
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    ANY,
    NONE,
    STR,
    EnumType,
    ModelType,
    OptionalType,
    Type,
    UnionType,
    describe,
    is_number,
    is_text,
    without_none,
)
from stepsmith.expressions.typed.tree import Expression

Comparison = Literal["==", "!=", "<", "<=", ">", ">=", "in", "not in"]

_COMPARISONS: Final[dict[type, Comparison]] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "==",
    ast.IsNot: "!=",
}


def comparison(x: ExpressionCompiler, node: ast.Compare) -> Condition:
    """Give a comparison, or a chain of them, as a condition."""
    operands = [node.left, *(_as_list(x, each) for each in node.comparators)]
    compiled = [_operand(x, operands[0]), _operand(x, operands[1], node.ops[0])]
    with x.without_tasks("in a chain of comparisons"):
        rest = zip(operands[2:], node.ops[1:], strict=True)
        compiled += [_operand(x, operand, operator) for operand, operator in rest]
    if any(map(tree.is_volatile, compiled[1:-1])):
        text = ast.unparse(next(o for o, c in zip(operands, compiled, strict=True) if tree.is_volatile(c)))
        message = f"{text} would be evaluated twice in a chain of comparisons"
        raise x.refusal(node, "W100", message, "assign it to a variable before")
    said = [
        _single(
            x, node, operator, (operands[index], compiled[index]), (operands[index + 1], compiled[index + 1])
        )
        for index, operator in enumerate(node.ops)
    ]
    if len(said) == 1:
        return said[0]
    return Condition(
        tree.Bool(operator="and", values=tuple(one.test for one in said), span=x.source.span(node))
    )


def _operand(x: ExpressionCompiler, node: ast.expr, before: ast.cmpop | None = None) -> Expression:
    """Give an operand; a time span, which is compared with another, in milliseconds."""
    found = spans.span(x, node) or constant_set(x, node)
    if found is not None:
        return found
    return consumed(x, node) if isinstance(before, ast.In | ast.NotIn) else x.compile(node)


def constant_set(x: ExpressionCompiler, node: ast.expr) -> Expression | None:
    """Give what is in a constant set, in order; None for any other expression."""
    found = x.static(node)
    if not isinstance(found, set | frozenset):
        return None
    members = cast("set[int | str]", found)
    if {type(each) for each in members} not in ({int}, {str}):
        message = f"the set {ast.unparse(node)} has no JSON form"
        raise x.refusal(node, "W107", message, "let it hold texts alone, or ints alone, or use a list")
    return constant_expression(sorted(members), x.source.span(node))


def makes_set(x: ExpressionCompiler, function: ast.expr) -> bool:
    """Say whether a function makes sets."""
    made = x.static(function)
    return made is set or made is frozenset


def _as_list(x: ExpressionCompiler, node: ast.expr) -> ast.expr:
    """Give the list of what stands in a set, for there is no other set in JSON."""
    match node:
        case ast.Set(elts=elements):
            return ast.copy_location(ast.List(elements, ast.Load()), node)
        case ast.Call(func=function, args=[items], keywords=[]) if makes_set(x, function):
            return items
        case _:
            return node


_Operand = tuple[ast.expr, Expression]


def _single(
    x: ExpressionCompiler, node: ast.Compare, operator: ast.cmpop, left: _Operand, right: _Operand
) -> Condition:
    sign = _COMPARISONS[type(operator)]
    a, b = left[1], right[1]
    test = tree.Compare(operator=sign, left=a, right=b, span=x.source.span(node))
    if sign in ("in", "not in"):
        said = Condition(_membership(x, right[0], node, test))
        return _narrowing(x, said, left, constants_of(b), negated=sign == "not in")
    if NONE in (a.type, b.type) and sign in ("==", "!="):
        _check_identity(x, node, operator, a.type if b.type == NONE else b.type)
        return _against_none(
            x, test, left[0] if b.type == NONE else right[0], a.type if b.type == NONE else b.type
        )
    if isinstance(operator, ast.Is | ast.IsNot) and not _is_member(a.type, b.type):
        raise x.refusal(node, "W110", "`is` compares identity, which JSON does not have", "use == or !=")
    if sign in ("==", "!="):
        if not comparable(a, b):
            message = (
                f"comparing {describe(a.type)} with {describe(b.type)} is not the same in Python and JSONata"
            )
            raise x.refusal(node, "W110", message, "convert one side, or compare in a task")
        place, constant = (right, a) if isinstance(a, tree.Constant) else (left, b)
        constants = constants_of(constant) if isinstance(constant, tree.Constant) else ()
        return _narrowing(x, Condition(test), place, constants, negated=sign == "!=")
    _check_order(x, node, left[0], right[0], a.type, b.type)
    return Condition(test)


def _narrowing(
    x: ExpressionCompiler, said: Condition, place: _Operand, constants: Sequence[str | int], *, negated: bool
) -> Condition:
    """Give a condition with what it says about values of an enum."""
    when, other = one_of(x, place[0], place[1].type, constants)
    return Condition(said.test, other, when) if negated else Condition(said.test, when, other)


def _check_identity(x: ExpressionCompiler, node: ast.AST, operator: ast.cmpop, kind: Type) -> None:
    """Refuse `value == None` where a class answers itself."""
    inner = without_none(kind)
    python = inner.python if isinstance(inner, ModelType | EnumType) else None
    code = "" if isinstance(operator, ast.Is | ast.IsNot) or python is None else code_of_equality(python)
    if code.endswith("()"):
        message = f"comparing {describe(kind)} with None runs {code}, which a state machine does not"
        raise x.refusal(node, "W110", message, "use `is None` or `is not None`")


def _is_member(a: Type, b: Type) -> bool:
    match without_none(a), without_none(b):
        case EnumType(python=one), EnumType(python=other):
            return one is other and one is not None
        case _:
            return False


def _against_none(x: ExpressionCompiler, test: tree.Compare, node: ast.expr, kind: Type) -> Condition:
    path = x.path(node)
    if path is None or not isinstance(kind, OptionalType):
        return Condition(test)
    whole = known(x, node, kind)
    rest = of_members((member for member in members(whole) if member != NONE), whole)
    if test.operator == "==":
        return Condition(test, {path: NONE}, {path: rest})
    return Condition(test, {path: rest}, {path: NONE})


def comparable(left: Expression, right: Expression) -> bool:
    """Say whether == of two values means the same in JSONata; nothing but a text is equal to a text."""
    if STR in (left.type, right.type) and ANY in (left.type, right.type):
        return True
    if NONE in (left.type, right.type):
        return True
    a, b = without_none(left.type), without_none(right.type)
    if isinstance(a, UnionType) or isinstance(b, UnionType):
        return all(_equal_or_other(one, other) for one in members(a) for other in members(b))
    if isinstance(a, EnumType) and a.python is None and isinstance(right, tree.Constant):
        return is_text(a) == is_text(b) and is_number(a) == is_number(b)
    return equal_in_both(a, b)


def _equal_or_other(a: Type, b: Type) -> bool:
    """Say whether == of values is the same in JSONata, or they never are equal: a bool and an int may be in Python."""
    kinds = {json_type(a), json_type(b)}
    own = any(code_of_equality(each.python) for each in (a, b) if isinstance(each, ModelType | EnumType))
    apart = len(kinds) == 2 and "" not in kinds and kinds != {"boolean", "number"}
    return equal_in_both(a, b) or (apart and not own)


def _check_order(
    x: ExpressionCompiler, node: ast.AST, left: ast.expr, right: ast.expr, a: Type, b: Type
) -> None:
    for side, kind in ((left, a), (right, b)):
        if isinstance(kind, OptionalType):
            raise x.may_be_none(side, "has no order then")
    if have_order(a, b):
        return
    message = f"{describe(a)} and {describe(b)} have no order that Python and JSONata share"
    raise x.refusal(node, "W111", message, "compare numbers, texts or datetimes")


def _membership(x: ExpressionCompiler, holder: ast.expr, node: ast.Compare, test: tree.Compare) -> Expression:
    a, b = test.left.type, test.right.type
    if isinstance(b, OptionalType):
        raise x.may_be_none(holder, "contains nothing then")
    if holds_in_both(b, a):
        return test
    message = f"`in` of {describe(a)} in {describe(b)} is not the same in Python and JSONata"
    raise x.refusal(node, "W114", message, "use any(item == value for item in items), or a task")
