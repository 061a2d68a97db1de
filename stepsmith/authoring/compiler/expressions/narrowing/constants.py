"""Comparisons with constants, and what they leave of an enum, a Literal, or a union that a field tells apart."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from stepsmith.authoring.compiler.expressions.environment import Narrowing
from stepsmith.authoring.compiler.expressions.protocol import ExpressionCompiler
from stepsmith.authoring.values.unions import drop, keep, members, of_members
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import NONE, EnumType, ModelType, Type, UnionType
from stepsmith.expressions.typed.tree import Expression


def known(x: ExpressionCompiler, node: ast.expr, kind: Type) -> Type:
    """Give what is known of an expression here, values of enums that are ruled out left out."""
    path = x.path(node)
    return kind if path is None else x.environment.narrowed.get(path, kind)


def constants_of(value: Expression) -> tuple[str | int, ...]:
    """Give the texts or ints that an expression is, or is a list of; none where it is anything else."""
    match value:
        case tree.Constant(value=bool()):
            return ()
        case tree.Constant(value=str() | int() as constant):
            return (constant,)
        case tree.Constant(value=list() as items):
            found = [item for item in items if isinstance(item, str | int) and not isinstance(item, bool)]
            return tuple(found) if len(found) == len(items) else ()
        case tree.ListOf(elements=elements):
            each = [
                constants_of(element) if isinstance(element, tree.Constant) else () for element in elements
            ]
            return tuple(one for found in each for one in found) if all(each) else ()
        case _:
            return ()


def one_of(
    x: ExpressionCompiler, node: ast.expr, kind: Type, values: Iterable[str | int]
) -> tuple[Narrowing, Narrowing]:
    """Give what is known where an expression is one of some constants, and where it is none of them."""
    found, path = frozenset(values), x.path(node)
    if path is None or not found:
        return {}, {}
    whole = known(x, node, kind)
    when: dict[str, Type] = {}
    other: dict[str, Type] = {}
    several = [member for member in members(whole) if member != NONE]
    if len(several) > 1 or any(isinstance(member, EnumType) for member in several):
        when[path], other[path] = keep(whole, found), drop(whole, found)
    if isinstance(node, ast.Attribute | ast.Subscript):
        _narrow_holder(x, node.value, path, found, when, other)
    return when, other


def _narrow_holder(
    x: ExpressionCompiler,
    holder: ast.expr,
    path: str,
    values: frozenset[str | int],
    when: dict[str, Type],
    other: dict[str, Type],
) -> None:
    """Say which members of a union have a field of these values."""
    place = x.path(holder)
    whole = x.compile(holder).type
    if place is None or not isinstance(whole, UnionType):
        return
    whole = known(x, holder, whole)
    key = path.removeprefix(place)
    yes = [member for member in members(whole) if keep(_field(member, key), values) != _NOTHING]
    no = [member for member in members(whole) if drop(_field(member, key), values) != _NOTHING]
    when[place], other[place] = of_members(yes, whole), of_members(no, whole)


_NOTHING = of_members((), UnionType(()))


def _field(model: Type, key: str) -> Type:
    """Give the type of the field at `.name` or `['name']`; a union of nothing known where there is none."""
    fields = model.fields.values() if isinstance(model, ModelType) else ()
    return next(
        (field.type for field in fields if key in (f".{field.name}", f"[{field.key!r}]")), UnionType((model,))
    )


def as_declared(found: Type, kind: Type) -> Type:
    """Give a narrower type for use: fewer values of an enum stay the enum, so that a name keeps its type."""
    left, whole = members(found), members(kind)
    if not left:
        return kind
    enums = {member.python or member.base: member for member in whole if isinstance(member, EnumType)}
    wider = [
        enums.get(member.python or member.base, member) if isinstance(member, EnumType) else member
        for member in left
    ]
    return of_members(wider, kind) if wider != list(left) else found
