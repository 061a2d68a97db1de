"""Assignments, plain, annotated and augmented, and the names they bind."""

from __future__ import annotations

import ast

from stepsmith.authoring.compiler.drafts import leave_by
from stepsmith.authoring.compiler.expressions import operators
from stepsmith.authoring.compiler.expressions.fitting import fits, type_help
from stepsmith.authoring.compiler.expressions.library.methods import rewritten
from stepsmith.authoring.compiler.statements.failing import guard
from stepsmith.authoring.compiler.statements.protocol import StatementCompiler
from stepsmith.authoring.source.diagnostics import Refusal, Spoiled
from stepsmith.authoring.values.reading import outlined
from stepsmith.authoring.values.unions import members, of_members
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    ANY,
    INT,
    NONE,
    DictType,
    ErrorType,
    ListType,
    OptionalType,
    TupleType,
    Type,
    assignable,
    describe,
    is_member,
    join,
)
from stepsmith.expressions.typed.tree import Expression


def assign(s: StatementCompiler, node: ast.Assign) -> None:
    """Compile `target = value`."""
    if len(node.targets) == 1 and _assign_call(s, node.targets[0], node.value, None):
        return
    if (
        len(node.targets) == 1
        and isinstance(node.targets[0], ast.Tuple)
        and isinstance(node.value, ast.Tuple)
    ):
        _assign_each(s, node, node.targets[0], node.value)
        return
    value = s.x.compile(node.value, _declared(s, node.targets[0]))
    if isinstance(node.targets[0], ast.Tuple) and isinstance(value.type, ListType):
        value = _unpacked(s, node.targets[0], value, value.type.item)
    guard(s, node.value, [value])
    if isinstance(value, tree.Call) and value.function == "unpacked":
        value = s.fresh("parts", value, node)
    if isinstance(node.targets[-1], ast.Subscript | ast.Attribute):
        raise _refuse_target(s, node.targets[-1], node.value)
    if len(node.targets) > 1 and tree.is_volatile(value):
        value = s.fresh("value", value, node)
    values: dict[str, Expression] = {}
    for target in node.targets:
        values.update(bind_target(s, target, value, None))
    s.assign(values, node)


def _unpacked(s: StatementCompiler, target: ast.Tuple, value: Expression, item: Type) -> Expression:
    """Give a list as the tuple of as many items as there are names; Python fails where it is longer or shorter."""
    starred = next((part for part in target.elts if isinstance(part, ast.Starred)), None)
    if starred is not None:
        text = ast.unparse(starred.value)
        help = f"take the parts by their places, as in `{text} = items[1:]`"
        raise s.refusal(starred, "W201", f"*{text} in an assignment is not supported in a workflow", help)
    count = tree.Constant(value=len(target.elts), type=INT)
    kind = TupleType((item,) * len(target.elts))
    return tree.Call(function="unpacked", arguments=(value, count), type=kind, span=value.span)


def _assign_each(s: StatementCompiler, node: ast.Assign, target: ast.Tuple, value: ast.Tuple) -> None:
    if len(target.elts) != len(value.elts):
        raise s.refusal(node, "W201", f"{len(target.elts)} names for {len(value.elts)} values")
    compiled = [
        s.x.compile(part, _declared(s, name)) for name, part in zip(target.elts, value.elts, strict=True)
    ]
    guard(s, node.value, compiled)
    values: dict[str, Expression] = {}
    for name, part in zip(target.elts, compiled, strict=True):
        values.update(bind_target(s, name, part, None))
    s.assign(values, node)


def _declared(s: StatementCompiler, target: ast.expr) -> Type | None:
    local = s.environment.locals.get(target.id) if isinstance(target, ast.Name) else None
    return local.type if local else None


def annotated(s: StatementCompiler, node: ast.AnnAssign) -> None:
    """Compile `target: annotation = value`, and a declaration without value."""
    kind = s.annotated_type(node.annotation)
    if node.value is None:
        if isinstance(node.target, ast.Name):
            s.declare(node.target.id, kind)
        return
    if _assign_call(s, node.target, node.value, kind):
        return
    value = s.x.compile(node.value, kind)
    guard(s, node.value, [value])
    value = _with_type(s, node, value, kind)  # Python does not look, so that no clause catches this
    s.assign(bind_target(s, node.target, value, kind), node)


def _with_type(s: StatementCompiler, node: ast.AnnAssign, value: Expression, kind: Type) -> Expression:
    """Give a value of Any as the type that it is annotated with, which it must have where the state is."""
    if value.type != ANY or kind == ANY:
        return value
    place = ast.unparse(node.target)
    found = outlined(value, kind, place)
    if found is None:
        message = f"{place} is Any, and Python makes no {describe(kind)} of it"
        help = "annotate it with what JSON has: dict[str, Any], list[int], str, a TypedDict"
        raise s.refusal(node.annotation, "W202", message, help)
    s.x.fallible = True
    return found


def augmented(s: StatementCompiler, node: ast.AugAssign) -> None:
    """Compile `target += value` and its kin."""
    if not isinstance(node.target, ast.Name):
        operator = ast.BinOp(node.target, node.op, node.value)
        raise _refuse_target(s, node.target, operator)
    text = node.target.id
    left = s.x.compile(ast.copy_location(ast.Name(text, ast.Load()), node.target))
    if isinstance(left.type, ListType | DictType):
        message = f"{text} is changed in place; workflow variables are immutable"
        name = "extend" if isinstance(left.type, ListType) else "update"
        raise s.refusal(node, "W170", message, rewritten(node.target, name, [node.value]))
    whole = ast.copy_location(ast.BinOp(ast.Name(text, ast.Load()), node.op, node.value), node)
    ast.copy_location(whole.left, node.target)
    value = operators.binary(s.x, whole)
    s.x.fallible = s.x.fallible or tree.can_fail(value)
    guard(s, whole, [value])
    s.assign(bind_target(s, node.target, value, None), node)


def _assign_call(s: StatementCompiler, target: ast.expr, value: ast.expr, annotated: Type | None) -> bool:
    """Compile `target = call(...)` where the call is a state of its own."""
    made = s.state_of(value)
    if made is None:
        return False
    draft, result = made
    values = bind_target(s, target, result, annotated)
    s.ends = [leave_by(draft, values)]
    return True


def bind_target(
    s: StatementCompiler, target: ast.expr, value: Expression, annotated: Type | None
) -> dict[str, Expression]:
    """Declare what a target assigns; gives the values by workflow variable."""
    if isinstance(target, ast.Name):
        if target.id == "_":
            # what is thrown away must still fail
            return {s.scope.fresh("unused"): value} if tree.can_fail(value) else {}
        return {_bind(s, target, value, annotated): value}
    if isinstance(target, ast.Tuple | ast.List) and isinstance(value.type, TupleType):
        items = value.type.items
        if len(items) != len(target.elts):
            raise s.refusal(target, "W201", f"{len(target.elts)} names for {len(items)} values")
        found: dict[str, Expression] = {}
        for index, (part, kind) in enumerate(zip(target.elts, items, strict=True)):
            place = tree.Constant(value=index, type=INT)
            item = tree.Item(value=value, index=place, type=kind, certain=True)
            found.update(bind_target(s, part, item, None))
        return found
    raise _refuse_target(s, target, None)


def _refuse_target(s: StatementCompiler, target: ast.expr, value: ast.expr | None) -> Refusal:
    match target:
        case ast.Subscript():
            help = f"write `{_rewritten(s, target, ast.unparse(value) if value else '...')}`"
        case ast.Attribute(value=holder, attr=name):
            help = f"make a new value with another {name}, and assign it to {ast.unparse(holder)}"
        case _:
            kind = "" if value is None else f", from {ast.unparse(value)}"
            message = f"{ast.unparse(target)} takes apart what is no tuple of known length{kind}"
            return s.refusal(target, "W201", message, "assign plain names")
    text = ast.unparse(target)
    return s.refusal(target, "W170", f"{text} is changed in place; workflow variables are immutable", help)


def _rewritten(s: StatementCompiler, target: ast.expr, new: str) -> str:
    """Write the assignment of a new list or dict in which an item is another one."""
    if not isinstance(target, ast.Subscript):
        return f"{ast.unparse(target)} = {new}"
    holder, key = ast.unparse(target.value), ast.unparse(target.slice)
    try:
        is_list = isinstance(s.x.compile(target.value).type, ListType)
    except (Refusal, Spoiled):
        is_list = False
    if isinstance(target.slice, ast.Slice):
        lower, upper = (
            ast.unparse(each) if each else "" for each in (target.slice.lower, target.slice.upper)
        )
        whole = f"[*{holder}[:{lower or 0}], *{new}{f', *{holder}[{upper}:]' if upper else ''}]"
    elif is_list:
        after = f"{holder}[{key} + 1:]" if not key.isdigit() else f"{holder}[{int(key) + 1}:]"
        whole = f"[*{holder}[:{key}], {new}, *{after}]"
    else:
        whole = f"{{**{holder}, {key}: {new}}}"
    return _rewritten(s, target.value, whole)


def _bind(s: StatementCompiler, target: ast.Name, value: Expression, annotated: Type | None) -> str:
    """Declare a name or check that a new value fits it; gives its workflow variable."""
    name, environment = target.id, s.environment
    check_name(s, target, name)
    if name in s.functions and name not in environment.locals:
        raise s.refusal(target, "W100", f"{name} is a function, and a variable here", "give one another name")
    if isinstance(value.type, ErrorType):
        raise s.refusal(target, "W107", "a caught error cannot be kept under another name", "use str(error)")
    local = environment.locals.get(name)
    if annotated is not None:
        if not fits(value, annotated):
            message = f"{name} is {describe(annotated)}, got {describe(value.type)}"
            raise s.refusal(target, "W202", message, type_help(value.type, annotated, name))
        local = s.declare(name, annotated)
    elif local is None:
        local = s.declare(name, value.type)
    elif not fits(value, local.type):
        both = join(local.type, value.type)
        help = (
            f"annotate its first assignment: `{name}: {describe(both)} = ...`" if both else "use another name"
        )
        message = (
            f"{name} is {describe(local.type)} where it is first assigned, and {describe(value.type)} here"
        )
        raise s.refusal(target, "W202", message, help)
    environment.forget([name])
    if isinstance(local.type, OptionalType) and assignable(value.type, local.type):
        environment.narrowed[name] = value.type
    kinds = members(value.type)
    whole = members(local.type)
    if len(whole) > 1 + (NONE in whole) and all(any(is_member(k, m) for m in whole) for k in kinds):
        found = (m for m in whole if any(is_member(k, m) for k in kinds))
        environment.narrowed[name] = of_members(found, local.type)
    environment.assigned.add(name)
    environment.spoiled.discard(name)
    return local.variable


def check_name(s: StatementCompiler, node: ast.AST, name: str) -> None:
    """Refuse names that variables of states cannot have."""
    if name.startswith("_"):
        message = f"'{name}' begins with an underscore, which names of workflow variables cannot"
        raise s.refusal(node, "W105", message, f"call it {name.lstrip('_') or 'value'}")
