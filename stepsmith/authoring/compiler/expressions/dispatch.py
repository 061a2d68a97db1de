"""Names, fields, items, displays and comprehensions: everything of an expression but operators and calls."""

from __future__ import annotations

import ast
import difflib
import types
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, cast

from stepsmith.authoring.compiler.expressions import calls, operators
from stepsmith.authoring.compiler.expressions.environment import Environment
from stepsmith.authoring.compiler.expressions.unsupported import (
    described,
    missing_member,
    unsupported,
    value_help,
)
from stepsmith.authoring.source.diagnostics import Refusal, Spoiled
from stepsmith.authoring.source.functions import Source
from stepsmith.authoring.values.constants import constant_expression
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    ANY,
    INT,
    NEVER,
    STR,
    DictType,
    EnumType,
    ErrorType,
    ListType,
    ModelType,
    OptionalType,
    TupleType,
    Type,
    assignable,
    describe,
    is_text,
    join,
)
from stepsmith.expressions.typed.tree import Expression

MISSING: Final = object()
TaskCaller = Callable[[ast.Call, object], Expression]
"""Turns a call of a task, workflow or local function into the variable that will hold its result."""


class Expressions:
    """Compiles the expressions of one function at one point after another; `environment` is what is known there."""

    def __init__(
        self, source: Source, names: Mapping[str, object], environment: Environment, own: set[str]
    ) -> None:
        self.source = source
        self.names = names
        """What the function sees from outside."""
        self.environment = environment
        self.own = own
        """Names that the function assigns somewhere."""
        self.call_task: TaskCaller | None = None
        self.why_no_task = "here"
        """Where we are, when tasks cannot be called there."""
        self.fallible = False
        """Whether an expression that can fail has been met in this statement."""

    def refusal(self, node: ast.AST, code: str, message: str, help: str | None = None) -> Refusal:
        """Make the refusal of what a node says, to be raised."""
        return self.source.refusal(node, code, message, help)

    @contextmanager
    def at(self, environment: Environment) -> Generator[None]:
        """Compile under what another environment knows."""
        before, self.environment = self.environment, environment
        try:
            yield
        finally:
            self.environment = before

    @contextmanager
    def without_tasks(self, why: str) -> Generator[None]:
        """Refuse calls of tasks, because this part is not always evaluated, or many times."""
        before = self.call_task, self.why_no_task
        self.call_task, self.why_no_task = None, why
        try:
            yield
        finally:
            self.call_task, self.why_no_task = before

    def compile(self, node: ast.expr, expected: Type | None = None) -> Expression:
        """Give the tree of an expression; `expected` types displays that have no type of their own."""
        constant = self.static(node)
        if isinstance(constant, datetime) and constant.tzinfo is None:
            raise self.refusal(
                node, "W107", "a datetime without a time zone is no point in time", "add tzinfo=UTC"
            )
        if constant is not MISSING:
            found = constant_expression(constant, self.source.span(node), expected)
            if found is not None:
                return found
        result = self._compile(node, expected)
        if not self.fallible and not isinstance(result, tree.Variable | tree.Constant):
            self.fallible = tree.can_fail(result)
        return result

    def value(self, node: ast.expr, expected: Type | None = None) -> Expression:
        """Give the tree of an expression whose value is kept or passed on."""
        found = self.compile(node, expected)
        if isinstance(found.type, ErrorType):
            message = f"{ast.unparse(node)} is a caught error, which has no JSON form"
            raise self.refusal(node, "W107", message, f"use str({ast.unparse(node)})")
        return found

    def typed(self, node: ast.expr, expected: Type, what: str) -> Expression:
        """Give the tree of an expression that must be of a type; `what` names the place in the message."""
        found = self.value(node, expected)
        if not fits(found, expected):
            message = f"{what} is {describe(expected)}, got {describe(found.type)}"
            raise self.refusal(node, "W201", message, type_help(found.type, expected, ast.unparse(node)))
        return found

    def _compile(self, node: ast.expr, expected: Type | None) -> Expression:
        match node:
            case ast.Name():
                return self._name(node)
            case ast.Attribute():
                return self._attribute(node)
            case ast.Subscript():
                return self._subscript(node)
            case ast.List() | ast.Tuple():
                return self._list(node, expected)
            case ast.Dict():
                return self._dict(node, expected)
            case ast.ListComp() | ast.GeneratorExp():
                return self.comprehension(node)
            case ast.DictComp():
                return self._dict_comprehension(node)
            case ast.JoinedStr():
                return self._text(node)
            case ast.BinOp():
                return operators.binary(self, node)
            case ast.UnaryOp():
                return operators.unary(self, node)
            case ast.BoolOp():
                return operators.bool_value(self, node, expected)
            case ast.Compare():
                return operators.condition(self, node).test
            case ast.IfExp():
                return operators.conditional(self, node, expected)
            case ast.Call():
                return calls.call(self, node)
            case _:
                raise self._unsupported(node)

    def _unsupported(self, node: ast.expr) -> Refusal:
        what, help = unsupported(node)
        return self.refusal(node, "W100", f"{what} is not supported in a workflow", help)

    def static(self, node: ast.expr) -> object:
        """Give the Python object that names known before the run stand for, or MISSING."""
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name) if not self.is_local(name):
                return self.names.get(name, MISSING)
            case ast.Attribute(value=value, attr=name):
                holder = self.static(value)
                if isinstance(holder, types.ModuleType | type):
                    return getattr(holder, name, MISSING)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
                return -value
            case ast.Call():
                return self._static_call(node)
            case _:
                pass
        return MISSING

    def _static_call(self, node: ast.Call) -> object:
        """Give a datetime or timedelta made of constants."""
        made = self.static(node.func)
        if made is not datetime and made is not timedelta:
            return MISSING
        values = [self.static(argument) for argument in node.args]
        named = {keyword.arg or "": self.static(keyword.value) for keyword in node.keywords}
        if MISSING in (*values, *named.values()) or "" in named:
            return MISSING
        try:
            return cast("Callable[..., object]", made)(*values, **named)
        except (TypeError, ValueError, OverflowError) as error:
            raise self.refusal(node, "W201", f"{ast.unparse(node)} fails: {error}", None) from error

    def is_local(self, name: str) -> bool:
        """Say whether a name is one of the function's own."""
        environment = self.environment
        return name in environment.bound or name in environment.locals or name in self.own

    def path(self, node: ast.expr) -> str | None:
        """Give a name or attribute chain as the source that narrowing knows it by."""
        match node:
            case ast.Name(id=name) if self.is_local(name):
                return name
            case ast.Attribute(value=value, attr=name):
                inner = self.path(value)
                return None if inner is None else f"{inner}.{name}"
            case ast.Subscript(value=value, slice=ast.Constant(value=str() as key)):
                inner = self.path(value)
                return None if inner is None else f"{inner}[{key!r}]"
            case _:
                return None

    def _narrowed(self, node: ast.expr, kind: Type) -> Type:
        path = self.path(node)
        return kind if path is None else self.environment.narrowed.get(path, kind)

    def _name(self, node: ast.Name) -> Expression:
        name, environment, span = node.id, self.environment, self.source.span(node)
        bound = environment.bound.get(name)
        if bound is not None:
            kind = self._narrowed(node, bound.type)
            return (
                tree.Variable(name=bound.name, type=kind, span=span)
                if isinstance(bound, tree.Variable)
                else bound
            )
        if name in environment.spoiled:
            raise Spoiled
        local = environment.locals.get(name)
        if local is not None and name in environment.assigned:
            return tree.Variable(name=local.variable, type=self._narrowed(node, local.type), span=span)
        if local is not None or name in self.own:
            help = f"assign {name} before the branches, or in each of them"
            raise self.refusal(node, "W103", f"name '{name}' is not defined on every path to here", help)
        if name in self.names:
            value = self.names[name]
            message = f"{name} is {described(value)}, which has no JSON form in a state machine"
            raise self.refusal(node, "W107", message, value_help(value))
        close = difflib.get_close_matches(name, [*environment.assigned, *self.names], n=1)
        raise self.refusal(
            node, "W102", f"name '{name}' is not defined", f"did you mean '{close[0]}'?" if close else None
        )

    def _attribute(self, node: ast.Attribute) -> Expression:
        holder = self.static(node.value)
        if isinstance(holder, types.ModuleType | type) and not hasattr(holder, node.attr):
            raise self.refusal(node, "W131", *missing_member(holder, node.attr))
        value = self.compile(node.value)
        kind, span = value.type, self.source.span(node)
        if isinstance(kind, OptionalType):
            raise self.may_be_none(node.value, f"has no field '{node.attr}' then")
        if isinstance(kind, EnumType) and node.attr == "value":
            base = INT if isinstance(kind.values[0], int) else STR
            return _as(value, base)
        if not isinstance(kind, ModelType) or kind.kind == "TypedDict":
            help = "read a key with value['key']" if isinstance(kind, ModelType | DictType) else None
            raise self.refusal(node, "W131", f"{describe(kind)} has no field '{node.attr}'", help)
        field = kind.fields.get(node.attr)
        if field is None:
            close = difflib.get_close_matches(node.attr, kind.fields, n=1)
            help = f"did you mean '{close[0]}'?" if close else f"its fields are {', '.join(kind.fields)}"
            raise self.refusal(node, "W131", f"{kind.name} has no field '{node.attr}'", help)
        return tree.Field(value=value, name=field.key, type=self._narrowed(node, field.type), span=span)

    def may_be_none(self, node: ast.expr, rest: str) -> Refusal:
        """Refuse the use of a value that may be None."""
        text = ast.unparse(node)
        return self.refusal(
            node, "W130", f"{text} may be None, and {rest}", f"test it first: `if {text} is not None:`"
        )

    def _subscript(self, node: ast.Subscript) -> Expression:
        value = self.compile(node.value)
        kind, span = value.type, self.source.span(node)
        if isinstance(kind, OptionalType):
            raise self.may_be_none(node.value, "has no items then")
        if isinstance(node.slice, ast.Slice):
            return self._slice(node, node.slice, value)
        match kind:
            case ListType(item=item):
                index = self.compile(node.slice)
                if index.type != INT:
                    raise self.refusal(node.slice, "W132", f"a list index is int, got {describe(index.type)}")
                return tree.Item(value=value, index=index, type=item, span=span)
            case TupleType(items=items):
                index = self.compile(node.slice)
                if not (isinstance(index, tree.Constant) and isinstance(index.value, int)):
                    raise self.refusal(node.slice, "W132", "the index of a tuple must be a constant", None)
                if not -len(items) <= index.value < len(items):
                    raise self.refusal(
                        node.slice, "W132", f"{describe(kind)} has no item {index.value}", None
                    )
                return tree.Item(value=value, index=index, type=items[index.value], span=span)
            case DictType(value=item):
                index = self.typed(node.slice, STR, "a key")
                return tree.Item(value=value, index=index, type=self._narrowed(node, item), span=span)
            case ModelType(kind="TypedDict"):
                return self._key(node, value, kind)
            case _:
                help = "write a slice, as in text[0:1]" if is_text(kind) else None
                raise self.refusal(node, "W132", f"{describe(kind)} has no items", help)

    def _key(self, node: ast.Subscript, value: Expression, kind: ModelType) -> Expression:
        key = self.static(node.slice)
        field = kind.fields.get(key) if isinstance(key, str) else None
        if field is None:
            close = difflib.get_close_matches(str(key), kind.fields, n=1)
            help = f"did you mean '{close[0]}'?" if close else f"its keys are {', '.join(kind.fields)}"
            raise self.refusal(node.slice, "W131", f"{kind.name} has no key {ast.unparse(node.slice)}", help)
        found, span = self._narrowed(node, field.type), self.source.span(node)
        if field.always:
            return tree.Field(value=value, name=field.key, type=found, span=span)
        index = tree.Constant(value=field.key, type=STR)
        return tree.Item(value=value, index=index, type=found, span=span)

    def _slice(self, node: ast.Subscript, part: ast.Slice, value: Expression) -> Expression:
        bounds: list[int | None] = []
        for bound in (part.lower, part.upper):
            found = None if bound is None else self.static(bound)
            if not (found is None or (isinstance(found, int) and not isinstance(found, bool))):
                raise self.refusal(
                    bound or node, "W133", "the bounds of a slice must be constants", "slice in a task"
                )
            bounds.append(found)
        if part.step is not None:
            raise self.refusal(
                part.step, "W133", "a slice with a step has no JSONata form", "pick the items in a task"
            )
        kind = STR if is_text(value.type) else value.type
        if not (isinstance(kind, ListType) or kind == STR):
            raise self.refusal(node, "W133", f"{describe(kind)} cannot be sliced")
        return tree.Slice(
            value=value, start=bounds[0], stop=bounds[1], type=kind, span=self.source.span(node)
        )

    def _list(self, node: ast.List | ast.Tuple, expected: Type | None) -> Expression:
        if isinstance(expected, OptionalType):
            expected = expected.inner
        wanted = expected.item if isinstance(expected, ListType) else None
        span = self.source.span(node)
        if isinstance(node, ast.Tuple) and not any(isinstance(item, ast.Starred) for item in node.elts):
            kinds = (
                expected.items
                if isinstance(expected, TupleType) and len(expected.items) == len(node.elts)
                else ()
            )
            items = tuple(
                self.value(item, kinds[index] if kinds else wanted) for index, item in enumerate(node.elts)
            )
            if wanted is None:
                return tree.ListOf(
                    elements=items, type=TupleType(tuple(item.type for item in items)), span=span
                )
        elements = tuple(self._list_element(item, wanted) for item in node.elts)
        kind: Type = NEVER
        for item in elements:
            found = (
                item.type.item
                if isinstance(item, tree.Spread) and isinstance(item.type, ListType)
                else item.type
            )
            joined = join(kind, found)
            if joined is None:
                kind = ANY
                break
            kind = joined
        if wanted is not None and all(fits_element(item, wanted) for item in elements):
            kind = wanted
        return tree.ListOf(elements=elements, type=ListType(kind), span=span)

    def _list_element(self, item: ast.expr, wanted: Type | None) -> Expression:
        if not isinstance(item, ast.Starred):
            return self.value(item, wanted)
        value = self.compile(item.value)
        if isinstance(value.type, OptionalType):
            raise self.may_be_none(item.value, "cannot be spread then")
        if not isinstance(value.type, ListType):
            raise self.refusal(item, "W112", f"only a list can follow *, got {describe(value.type)}")
        return tree.Spread(value=value, type=value.type, span=self.source.span(item))

    def _dict(self, node: ast.Dict, expected: Type | None) -> Expression:
        if isinstance(expected, OptionalType):
            expected = expected.inner
        if isinstance(expected, ModelType) and expected.kind == "TypedDict":
            return self._typed_dict(node, expected)
        wanted = expected.value if isinstance(expected, DictType) else None
        entries: list[tuple[Expression | None, Expression]] = []
        kind: Type | None = NEVER
        for key, value in zip(node.keys, node.values, strict=True):
            found = self.value(value, wanted)
            part = found.type
            if key is None:
                if not isinstance(part, DictType):
                    raise self.refusal(value, "W112", f"only a dict can follow **, got {describe(part)}")
                entries.append((None, tree.Spread(value=found, type=part, span=found.span)))
                part = part.value
            else:
                entries.append((self.typed(key, STR, "a key of a dict"), found))
            kind = None if kind is None else join(kind, part)
        if wanted is not None and all(k is not None and fits(v, wanted) for k, v in entries):
            kind = wanted
        return tree.ObjectOf(
            entries=tuple(entries), type=DictType(ANY if kind is None else kind), span=self.source.span(node)
        )

    def _typed_dict(self, node: ast.Dict, kind: ModelType) -> Expression:
        given: dict[str, ast.expr] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            name = None if key is None else self.static(key)
            if not isinstance(name, str):
                raise self.refusal(key or value, "W101", f"the keys of {kind.name} must be constants", None)
            given[name] = value
        return calls.build_model(self, node, kind, given)

    def comprehension(self, node: ast.ListComp | ast.GeneratorExp) -> tree.Comprehension:
        """Give the tree of a list comprehension or generator."""
        with self._generator(node, node.generators) as (items, name, condition):
            element = self.compile(node.elt)
        return tree.Comprehension(
            element=element,
            name=name,
            items=items,
            condition=condition,
            type=ListType(element.type),
            span=self.source.span(node),
        )

    def _dict_comprehension(self, node: ast.DictComp) -> Expression:
        with self._generator(node, node.generators) as (items, name, condition):
            key, value = self.typed(node.key, STR, "a key of a dict"), self.compile(node.value)
        return tree.DictComprehension(
            key=key,
            value=value,
            name=name,
            items=items,
            condition=condition,
            type=DictType(value.type),
            span=self.source.span(node),
        )

    @contextmanager
    def _generator(
        self, node: ast.expr, generators: list[ast.comprehension]
    ) -> Generator[tuple[Expression, str, Expression | None]]:
        if len(generators) != 1 or generators[0].is_async:
            help = "use one `for` in each comprehension, or a for statement"
            raise self.refusal(
                node, "W100", "a comprehension with several `for` is not supported in a workflow", help
            )
        generator = generators[0]
        items = self.iterable(generator.iter)
        name, bound = self.bind(generator.target, items)
        environment = self.environment.with_bound(bound)
        condition: Expression | None = None
        with self.without_tasks("in a comprehension"):
            for test in generator.ifs:
                with self.at(environment):
                    found = operators.condition(self, test)
                environment = environment.with_narrowing(found.when_true)
                condition = (
                    found.test
                    if condition is None
                    else tree.Bool(operator="and", values=(condition, found.test))
                )
            with self.at(environment):
                yield items, name, condition

    def iterable(self, node: ast.expr) -> Expression:
        """Give a list to go through; a dict gives its keys."""
        items = self.compile(node)
        if isinstance(items.type, OptionalType):
            raise self.may_be_none(node, "cannot be gone through then")
        if isinstance(items.type, DictType):
            return tree.Call(function="dict.keys", arguments=(items,), type=ListType(STR), span=items.span)
        if isinstance(items.type, TupleType):
            kind: Type | None = NEVER
            for item in items.type.items:
                kind = None if kind is None else join(kind, item)
            if kind is not None:
                return _as(items, ListType(kind))
        if not isinstance(items.type, ListType):
            raise self.refusal(
                node, "W134", f"{describe(items.type)} cannot be gone through", "go through a list"
            )
        return items

    def bind(self, target: ast.expr, items: Expression) -> tuple[str, dict[str, Expression]]:
        """Give the name that each item gets in JSONata, and what the names in a target stand for."""
        kind = items.type.item if isinstance(items.type, ListType) else ANY
        if isinstance(target, ast.Name):
            name = f"_{target.id.lstrip('_')}" if target.id != "_" else "_item"
            return name, {target.id: tree.Variable(name=name, type=kind)}
        if not (
            isinstance(target, ast.Tuple)
            and isinstance(kind, TupleType)
            and len(target.elts) == len(kind.items)
        ):
            raise self.refusal(
                target, "W134", f"{ast.unparse(target)} does not fit items of {describe(kind)}"
            )
        name = "_0" + "_".join(part.id for part in target.elts if isinstance(part, ast.Name))
        item = tree.Variable(name=name, type=kind)
        bound: dict[str, Expression] = {}
        for index, part in enumerate(target.elts):
            if not isinstance(part, ast.Name):
                raise self.refusal(part, "W134", "only plain names can be bound here")
            place = tree.Constant(value=index, type=INT)
            bound[part.id] = tree.Item(value=item, index=place, type=kind.items[index])
        return name, bound

    def _text(self, node: ast.JoinedStr) -> Expression:
        parts = tuple(self._text_part(part) for part in node.values)
        return tree.Text(parts=parts, span=self.source.span(node))

    def _text_part(self, part: ast.expr) -> Expression:
        if not isinstance(part, ast.FormattedValue):
            return self.compile(part)
        if part.format_spec is not None or part.conversion not in (-1, ord("s")):
            raise self.refusal(
                part.value, "W140", "format specifications have no JSONata form", "format it in a task"
            )
        value = self.compile(part.value)
        return self.as_text(part.value, value)

    def as_text(self, node: ast.expr, value: Expression) -> Expression:
        """Check that a value prints the same in Python and in JSONata."""
        if isinstance(value.type, ErrorType):
            return tree.Call(function="message", arguments=(value,), type=STR, span=value.span)
        if isinstance(value.type, OptionalType):
            raise self.may_be_none(node, "prints differently in Python and in JSONata")
        if value.type == INT or (is_text(value.type)):
            return value
        help = "format it in a task" if value.type != ANY else "give it a type"
        raise self.refusal(
            node, "W141", f"{describe(value.type)} prints differently in Python and in JSONata", help
        )


def _as(value: Expression, kind: Type) -> Expression:
    return replace(value, type=kind)


def fits(value: Expression, kind: Type) -> bool:
    """Say whether an expression may stand where a type is expected, constants and displays looked into."""
    if assignable(value.type, kind):
        return True
    if isinstance(kind, OptionalType):
        return fits(value, kind.inner)
    match value, kind:
        case tree.Constant(value=constant), EnumType(python=None, values=values):
            return any(type(constant) is type(item) and constant == item for item in values)
        case tree.Conditional(then=then, otherwise=otherwise), _:
            return fits(then, kind) and fits(otherwise, kind)
        case tree.ListOf(elements=elements), ListType(item=item):
            return all(fits_element(element, item) for element in elements)
        case tree.ListOf(elements=elements), TupleType(items=items):
            return len(elements) == len(items) and all(map(fits, elements, items))
        case tree.ObjectOf(entries=entries, type=DictType()), DictType(value=item):
            return all(key is not None and fits(element, item) for key, element in entries)
        case _:
            return False


def fits_element(element: Expression, kind: Type) -> bool:
    """Say whether an element of a display may stand in a list of a type."""
    if isinstance(element, tree.Spread):
        return assignable(element.type, ListType(kind))
    return fits(element, kind)


def type_help(found: Type, expected: Type, text: str) -> str | None:
    """Say how to get from one type to another."""
    if isinstance(found, OptionalType) and assignable(found.inner, expected):
        return f"test it first: `if {text} is not None:`"
    return None
