"""Names, fields and items: what an expression reads."""

from __future__ import annotations

import ast
import difflib
import types
from dataclasses import replace

from stepsmith.authoring.compiler.expressions import spans
from stepsmith.authoring.compiler.expressions.contexts import context_value
from stepsmith.authoring.compiler.expressions.library import moments
from stepsmith.authoring.compiler.expressions.narrowing.constants import as_declared, known
from stepsmith.authoring.compiler.expressions.protocol import ExpressionCompiler
from stepsmith.authoring.compiler.expressions.unsupported import (
    defined_below,
    described,
    missing_member,
    value_help,
)
from stepsmith.authoring.source.diagnostics import Spoiled
from stepsmith.authoring.values.code import has_own_value
from stepsmith.authoring.values.unions import union_of
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    ANY,
    DATETIME,
    INT,
    NONE,
    STR,
    DictType,
    EnumType,
    ErrorType,
    ListType,
    ModelField,
    ModelType,
    OptionalType,
    TupleType,
    Type,
    UnionType,
    describe,
    is_text,
)
from stepsmith.expressions.typed.tree import Expression


def _narrowed(x: ExpressionCompiler, node: ast.expr, kind: Type) -> Type:
    found = known(x, node, kind)
    return kind if found == kind else as_declared(found, kind)


def name(x: ExpressionCompiler, node: ast.Name) -> Expression:
    """Give the tree of a name."""
    name, environment, span = node.id, x.environment, x.source.span(node)
    bound = environment.bound.get(name)
    if bound is not None:
        return replace(bound, type=_narrowed(x, node, bound.type), span=span)
    if name in environment.spoiled:
        raise Spoiled
    local = environment.locals.get(name)
    if local is not None and name in environment.assigned:
        return tree.Variable(name=local.variable, type=_narrowed(x, node, local.type), span=span)
    if local is not None or name in x.own:
        help = f"assign {name} before the branches, or in each of them"
        raise x.refusal(node, "W103", f"name '{name}' is not defined on every path to here", help)
    if name in x.names:
        value = x.names[name]
        message = f"{name} is {described(value)}, which has no JSON form in a state machine"
        raise x.refusal(node, "W107", message, value_help(value))
    help = defined_below(x.source.file, name)
    close = difflib.get_close_matches(name, [*environment.assigned, *x.names], n=1)
    if help is None and close:
        help = f"did you mean '{close[0]}'?"
    raise x.refusal(node, "W102", f"name '{name}' is not defined", help)


def attribute(x: ExpressionCompiler, node: ast.Attribute) -> Expression:
    """Give the tree of `value.name`."""
    found = context_value(x, node)
    if found is not None:
        return found
    holder = x.static(node.value)
    if isinstance(holder, types.ModuleType | type) and not hasattr(holder, node.attr):
        raise x.refusal(node, "W131", *missing_member(holder, node.attr))
    asked = spans.field(x, node)
    if asked is not None:
        return asked
    value = x.compile(node.value)
    kind, span = value.type, x.source.span(node)
    if isinstance(kind, OptionalType):
        raise x.may_be_none(node.value, f"has no field '{node.attr}' then")
    told = moments.attribute(x, node, value) if kind == DATETIME else None
    if told is not None:
        return told
    if isinstance(kind, EnumType) and node.attr == "value" and not has_own_value(kind.python):
        base = INT if isinstance(kind.values[0], int) else STR
        return replace(value, type=base)
    if isinstance(kind, UnionType):
        return _common_field(x, node, value, kind)
    if isinstance(kind, ErrorType) and node.attr == "name":
        if kind.named:
            return tree.Field(value=value, name="Error", type=STR, span=span)
        message = f"{kind.name} has errors without a name in Python"
        raise x.refusal(node, "W131", message, "catch WorkflowError, or a class below it")
    if not isinstance(kind, ModelType) or kind.kind == "TypedDict":
        help = "read a key with value['key']" if isinstance(kind, ModelType | DictType) else None
        raise x.refusal(node, "W131", f"{describe(kind)} has no field '{node.attr}'", help)
    field = kind.fields.get(node.attr)
    if field is None:
        close = difflib.get_close_matches(node.attr, kind.fields, n=1)
        help = f"did you mean '{close[0]}'?" if close else f"its fields are {', '.join(kind.fields)}"
        raise x.refusal(node, "W131", f"{kind.name} has no field '{node.attr}'", help)
    return tree.Field(value=value, name=field.key, type=_narrowed(x, node, field.type), span=span)


def _common_field(
    x: ExpressionCompiler, node: ast.Attribute | ast.Subscript, value: Expression, kind: UnionType
) -> Expression:
    """Give the tree of a field that every member of a union has."""
    by_key = isinstance(node, ast.Subscript)
    name = x.static(node.slice) if isinstance(node, ast.Subscript) else node.attr
    found: list[ModelField] = []
    for member in kind.members:
        field = member.fields.get(str(name)) if isinstance(member, ModelType) else None
        typed = isinstance(member, ModelType) and member.kind == "TypedDict"
        if field is None or not field.always or typed != by_key:
            text = ast.unparse(node.value)
            help = f"find out first which it is: `if isinstance({text}, ...):`, or match"
            what = f"key {name!r}" if by_key else f"field '{name}'"
            message = f"{describe(member)} has no {what}, and {text} is {describe(kind)}"
            raise x.refusal(node, "W131", message, help)
        found.append(field)
    if len({field.key for field in found}) > 1:
        message = f"'{name}' of {describe(kind)} has another name in JSON in each of them"
        raise x.refusal(node, "W131", message, "find out first which it is")
    whole = union_of(field.type for field in found)
    return tree.Field(
        value=value, name=found[0].key, type=_narrowed(x, node, whole), span=x.source.span(node)
    )


def subscript(x: ExpressionCompiler, node: ast.Subscript) -> Expression:
    """Give the tree of `value[index]`, slices included."""
    value = x.compile(node.value)
    kind, span = value.type, x.source.span(node)
    if isinstance(kind, OptionalType):
        raise x.may_be_none(node.value, "has no items then")
    if isinstance(node.slice, ast.Slice):
        return _slice(x, node, node.slice, value)
    match kind:
        case ListType(item=item):
            index = x.compile(node.slice)
            if index.type != INT:
                raise x.refusal(node.slice, "W132", f"a list index is int, got {describe(index.type)}")
            return tree.Item(value=value, index=index, type=_narrowed(x, node, item), span=span)
        case TupleType(items=items):
            index = x.compile(node.slice)
            if not (isinstance(index, tree.Constant) and isinstance(index.value, int)):
                raise x.refusal(node.slice, "W132", "the index of a tuple must be a constant", None)
            if not -len(items) <= index.value < len(items):
                raise x.refusal(node.slice, "W132", f"{describe(kind)} has no item {index.value}", None)
            kind = _narrowed(x, node, items[index.value])
            return tree.Item(value=value, index=index, type=kind, span=span)
        case DictType(value=item):
            index = x.typed(node.slice, STR, "a key")
            return tree.Item(value=value, index=index, type=_narrowed(x, node, item), span=span)
        case ModelType(kind="TypedDict"):
            return _key(x, node, value, kind)
        case _ if is_text(kind):
            index = x.compile(node.slice)
            if index.type != INT:
                raise x.refusal(node.slice, "W132", f"the index of a text is int, got {describe(index.type)}")
            return tree.Call(function="str.at", arguments=(value, index), type=STR, span=span)
        case _ if kind == ANY:
            index = x.compile(node.slice)
            if not (is_text(index.type) or index.type == INT):
                raise x.refusal(node.slice, "W132", f"an item of Any has no key of {describe(index.type)}")
            return tree.Call(
                function="any.item", arguments=(value, index), type=_narrowed(x, node, ANY), span=span
            )
        case UnionType():
            return _common_field(x, node, value, kind)
        case _:
            help = None
            raise x.refusal(node, "W132", f"{describe(kind)} has no items", help)


def _key(x: ExpressionCompiler, node: ast.Subscript, value: Expression, kind: ModelType) -> Expression:
    key = x.static(node.slice)
    field = kind.fields.get(key) if isinstance(key, str) else None
    if field is None:
        close = difflib.get_close_matches(str(key), kind.fields, n=1)
        help = f"did you mean '{close[0]}'?" if close else f"its keys are {', '.join(kind.fields)}"
        raise x.refusal(node.slice, "W131", f"{kind.name} has no key {ast.unparse(node.slice)}", help)
    found, span = _narrowed(x, node, field.type), x.source.span(node)
    if field.always:
        return tree.Field(value=value, name=field.key, type=found, span=span)
    index = tree.Constant(value=field.key, type=STR)
    return tree.Item(value=value, index=index, type=found, span=span)


def _is_backwards(x: ExpressionCompiler, part: ast.Slice) -> bool:
    return part.lower is None and part.upper is None and part.step is not None and x.static(part.step) == -1


def _by_step(
    x: ExpressionCompiler, node: ast.Subscript, part: ast.Slice, value: Expression, kind: Type, step: int
) -> Expression:
    bounds = [
        tree.Constant(value=None, type=NONE)
        if bound is None or (isinstance(bound, ast.Constant) and bound.value is None)
        else x.typed(bound, INT, "a bound of a slice")
        for bound in (part.lower, part.upper)
    ]
    by = tree.Constant(value=step, type=INT)
    return tree.Call(function="slice.by", arguments=(value, *bounds, by), type=kind, span=x.source.span(node))


def _slice(x: ExpressionCompiler, node: ast.Subscript, part: ast.Slice, value: Expression) -> Expression:
    if part.step is not None and isinstance(value.type, ListType) and _is_backwards(x, part):
        return tree.Call(function="reversed", arguments=(value,), type=value.type, span=x.source.span(node))
    kind = STR if is_text(value.type) else value.type
    if not (isinstance(kind, ListType) or kind == STR):
        raise x.refusal(node, "W133", f"{describe(kind)} cannot be sliced")
    step = None if part.step is None else x.static(part.step)
    if step is not None and (not isinstance(step, int) or isinstance(step, bool) or not step):
        assert part.step is not None
        message = f"a slice by {ast.unparse(part.step)} has no exact JSONata form"
        raise x.refusal(part.step, "W133", message, "write the step as a constant that is not 0")
    if step is not None and step != 1:
        return _by_step(x, node, part, value, kind, step)
    found = [None if bound is None else x.static(bound) for bound in (part.lower, part.upper)]
    start, stop = (
        bound if isinstance(bound, int) and not isinstance(bound, bool) else None for bound in found
    )
    if (start is None) == (found[0] is None) and (stop is None) == (found[1] is None):
        return tree.Slice(value=value, start=start, stop=stop, type=kind, span=x.source.span(node))
    bounds = (
        tree.Constant(value=0, type=INT)
        if part.lower is None
        else x.typed(part.lower, INT, "a bound of a slice"),
        tree.Constant(value=None, type=NONE)
        if part.upper is None
        else x.typed(part.upper, INT, "a bound of a slice"),
    )
    return tree.Call(function="slice", arguments=(value, *bounds), type=kind, span=x.source.span(node))
