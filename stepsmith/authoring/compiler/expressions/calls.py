"""Calls in expressions: builtins, methods, models; tasks are handed to the compiler of statements."""

from __future__ import annotations

import ast
import datetime as datetimes
import difflib
import random
import time
import types
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final, cast

from stepsmith.authoring.calls import constructs
from stepsmith.authoring.compiler.expressions import methods, operators
from stepsmith.authoring.source.diagnostics import Refusal
from stepsmith.authoring.tasks.task import Task
from stepsmith.authoring.values.types import from_annotation
from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    BOOL,
    DATETIME,
    FLOAT,
    INT,
    NEVER,
    STR,
    DictType,
    ErrorType,
    ListType,
    ModelField,
    ModelType,
    OptionalType,
    TupleType,
    Type,
    describe,
    is_number,
    is_text,
)
from stepsmith.expressions.typed.tree import Expression
from stepsmith.expressions.types import UNDEFINED

if TYPE_CHECKING:
    from stepsmith.authoring.compiler.expressions.dispatch import Expressions


def call(x: Expressions, node: ast.Call) -> Expression:
    """Give the tree of a call."""
    local = isinstance(node.func, ast.Name) and x.is_local(node.func.id)
    target = None if local else x.static(node.func)
    if local or isinstance(target, Task | Workflow):
        return call_task(x, node, cast(object, target))
    if isinstance(target, type) and isinstance(kind := from_annotation(target), ModelType):
        return build_model(x, node, kind, _model_arguments(x, node, kind))
    if callable(target) and _is_chance(target):
        raise x.refusal(
            node,
            "W180",
            f"{ast.unparse(node.func)}() gives something else at each replay",
            "use now() or uuid()",
        )
    for builtin, compile in _BUILTINS.items():
        if target is builtin:
            return compile(x, node)
    if isinstance(node.func, ast.Attribute) and _is_value(x.static(node.func.value)):
        return methods.method(x, node, node.func)
    name = ast.unparse(node.func)
    if isinstance(node.func, ast.Name) and node.func.id not in x.names:
        raise x.refusal(node.func, "W102", f"name '{name}' is not defined", None)
    help = f"decorate {name} with @task, or write the expression out"
    raise x.refusal(node, "W160", f"'{name}' is neither a task nor a supported function", help)


def _is_value(holder: object) -> bool:
    """Say whether a method is called on data: something of the run, or a constant."""
    return not isinstance(holder, types.ModuleType | type) and not isinstance(holder, Task | Workflow)


def call_task(x: Expressions, node: ast.Call, target: object) -> Expression:
    """Give the result of a task called inside an expression, where its state can be put before the expression."""
    name = ast.unparse(node.func)
    if x.call_task is None:
        raise x.refusal(
            node,
            "W200",
            f"{name}() is called {x.why_no_task}, where it is not always needed once",
            "call it in a statement of its own, or use an if statement",
        )
    if x.fallible:
        raise x.refusal(
            node,
            "W200",
            f"{name}() is called after something that can fail in the same expression",
            "call it in a statement of its own, before",
        )
    return x.call_task(node, target)


def _is_chance(target: Callable[..., object]) -> bool:
    module = getattr(target, "__module__", None) or getattr(
        getattr(target, "__self__", None), "__module__", None
    )
    owner = getattr(target, "__self__", None)
    known = (random, time, uuid, datetimes)
    return (
        module in ("random", "secrets", "time", "uuid")
        or (
            owner in (datetimes.datetime, datetimes.date)
            and getattr(target, "__name__", "") in ("now", "utcnow", "today")
        )
        or isinstance(owner, random.Random)
        or owner in known
    )


def _model_arguments(x: Expressions, node: ast.Call, kind: ModelType) -> dict[str, ast.expr]:
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


def build_model(x: Expressions, node: ast.AST, kind: ModelType, given: Mapping[str, ast.expr]) -> Expression:
    """Give the tree of a new model: fields by name, in the order of the model, defaults filled in."""
    if kind.checks:
        message = f"{kind.name} checks or changes its fields when it is made, which a state machine does not"
        raise x.refusal(node, "W220", message, "make it in a task")
    by_name = dict(kind.fields)
    keys = {field.key: name for name, field in by_name.items()}
    compiled: dict[str, Expression] = {}
    for name, value in given.items():
        field = by_name.get(name) or by_name.get(keys.get(name, ""))
        if field is None:
            close = difflib.get_close_matches(name, by_name, n=1)
            help = f"did you mean '{close[0]}'?" if close else f"its fields are {', '.join(by_name)}"
            raise x.refusal(value, "W131", f"{kind.name} has no field '{name}'", help)
        compiled[field.name] = x.typed(value, field.type, f"field '{name}' of {kind.name}")
    entries: list[tuple[Expression | None, Expression]] = []
    for field in by_name.values():
        value = compiled.get(field.name)
        if value is None:
            value = _default_of(x, node, kind, field)
        if value is not None:
            entries.append((tree.Constant(value=field.key, type=STR), value))
    return tree.ObjectOf(entries=tuple(entries), type=kind, span=x.source.span(node))


def _default_of(x: Expressions, node: ast.AST, kind: ModelType, field: ModelField) -> Expression | None:
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


def _arguments(x: Expressions, node: ast.Call, low: int, high: int | None = None) -> list[ast.expr]:
    high = low if high is None else high
    name = ast.unparse(node.func)
    if node.keywords:
        raise x.refusal(node, "W161", f"{name}() with keywords has no JSONata form", "compute it in a task")
    if not low <= len(node.args) <= high or any(isinstance(argument, ast.Starred) for argument in node.args):
        raise x.refusal(
            node, "W161", f"{name}() with these arguments has no JSONata form", "compute it in a task"
        )
    return node.args


def bad_argument(x: Expressions, node: ast.Call, kind: Type) -> Refusal:
    """Refuse a call for the type of its argument."""
    if isinstance(kind, OptionalType):
        return x.may_be_none(node.args[0] if node.args else node, f"{ast.unparse(node.func)}() fails then")
    message = f"{ast.unparse(node.func)}() of {describe(kind)} has no exact JSONata form"
    return x.refusal(node, "W165", message, "call it in a task")


def _make(x: Expressions, node: ast.Call, name: str, kind: Type, *arguments: Expression) -> Expression:
    return tree.Call(function=name, arguments=arguments, type=kind, span=x.source.span(node))


def _len(x: Expressions, node: ast.Call) -> Expression:
    value = x.compile(_arguments(x, node, 1)[0])
    if not (is_text(value.type) or isinstance(value.type, ListType | DictType | TupleType)):
        raise bad_argument(x, node, value.type)
    return _make(x, node, "len", INT, value)


def _numbers(x: Expressions, node: ast.Call) -> Expression:
    value = x.compile(_arguments(x, node, 1)[0])
    if not (isinstance(value.type, ListType) and (is_number(value.type.item) or value.type.item == NEVER)):
        raise bad_argument(x, node, value.type)
    return value


def _sum(x: Expressions, node: ast.Call) -> Expression:
    value = _numbers(x, node)
    item = value.type.item if isinstance(value.type, ListType) else INT
    return _make(x, node, "sum", FLOAT if item == FLOAT else INT, value)


def _extreme(x: Expressions, node: ast.Call) -> Expression:
    name = ast.unparse(node.func)
    if len(node.args) < 2:
        value = _numbers(x, node)
    else:
        _arguments(x, node, 2, 100)
        items = tuple(x.compile(argument) for argument in node.args)
        for item in items:
            if not is_number(item.type):
                raise bad_argument(x, node, item.type)
        kind = FLOAT if any(item.type == FLOAT for item in items) else INT
        value = tree.ListOf(elements=items, type=ListType(kind), span=x.source.span(node))
    item = value.type.item if isinstance(value.type, ListType) else INT
    return _make(x, node, name, item, value)


def _number(x: Expressions, node: ast.Call) -> Expression:
    name = ast.unparse(node.func)
    value = x.compile(_arguments(x, node, 1)[0])
    if not is_number(value.type):
        raise bad_argument(x, node, value.type)
    kind = {"abs": value.type, "round": INT, "int": INT, "float": FLOAT}[name]
    return _make(x, node, name, kind, value)


def _str(x: Expressions, node: ast.Call) -> Expression:
    argument = _arguments(x, node, 1)[0]
    value = x.compile(argument)
    if isinstance(value.type, ErrorType):
        return _make(x, node, "message", STR, value)
    x.as_text(argument, value)
    return _make(x, node, "str", STR, value)


def _sorted(x: Expressions, node: ast.Call) -> Expression:
    value = x.compile(_arguments(x, node, 1)[0])
    if not (isinstance(value.type, ListType) and (is_number(value.type.item) or is_text(value.type.item))):
        raise bad_argument(x, node, value.type)
    return _make(x, node, "sorted", value.type, value)


def _quantifier(x: Expressions, node: ast.Call) -> Expression:
    name, argument = ast.unparse(node.func), _arguments(x, node, 1)[0]
    if isinstance(argument, ast.ListComp | ast.GeneratorExp):
        value: Expression = x.comprehension(argument)
        assert isinstance(value, tree.Comprehension)
        value = replace(value, element=operators.truth(x, argument.elt, value.element), type=ListType(BOOL))
        if isinstance(argument, ast.ListComp) and tree.can_fail(value):
            raise x.refusal(
                argument,
                "W161",
                f"{name}() of a list evaluates all of it first",
                f"write {name}(... for ...)",
            )
    else:
        value = x.compile(argument)
        if value.type != ListType(BOOL):
            raise bad_argument(x, node, value.type)
    return _make(x, node, name, BOOL, value)


def _range(x: Expressions, node: ast.Call) -> Expression:
    values = tuple(x.typed(argument, INT, "a bound of range()") for argument in _arguments(x, node, 1, 2))
    return _make(x, node, "range", ListType(INT), *values)


def _list(x: Expressions, node: ast.Call) -> Expression:
    argument = _arguments(x, node, 1)[0]
    return x.comprehension(argument) if isinstance(argument, ast.GeneratorExp) else x.iterable(argument)


def _now(x: Expressions, node: ast.Call) -> Expression:
    _arguments(x, node, 0)
    return _make(x, node, "now", DATETIME)


def _uuid(x: Expressions, node: ast.Call) -> Expression:
    _arguments(x, node, 0)
    return _make(x, node, "uuid", STR)


def _wait_in_expression(x: Expressions, node: ast.Call) -> Expression:
    raise x.refusal(
        node,
        "W200",
        f"{ast.unparse(node.func)}() is called inside an expression",
        "make it a statement of its own",
    )


_BUILTINS: Final[Mapping[object, Callable[[Expressions, ast.Call], Expression]]] = {
    len: _len,
    sum: _sum,
    min: _extreme,
    max: _extreme,
    abs: _number,
    round: _number,
    int: _number,
    float: _number,
    str: _str,
    sorted: _sorted,
    any: _quantifier,
    all: _quantifier,
    range: _range,
    list: _list,
    constructs.now: _now,
    constructs.uuid: _uuid,
    constructs.parallel: _wait_in_expression,
    constructs.map_items: _wait_in_expression,
    constructs.wait: _wait_in_expression,
    constructs.wait_until: _wait_in_expression,
}
