"""Python expressions to trees: each kind of node goes to the file that knows it."""

from __future__ import annotations

import ast
import types
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import cast

from stepsmith.authoring.calls.namespaces import Namespace, UnknownName
from stepsmith.authoring.compiler.expressions import (
    calls,
    comprehensions,
    displays,
    names,
    operators,
    options,
)
from stepsmith.authoring.compiler.expressions.environment import Environment
from stepsmith.authoring.compiler.expressions.fitting import fits, type_help
from stepsmith.authoring.compiler.expressions.further import look_further
from stepsmith.authoring.compiler.expressions.library import formats
from stepsmith.authoring.compiler.expressions.narrowing.constants import known
from stepsmith.authoring.compiler.expressions.protocol import (
    MISSING,
    ExpressionCompiler,
    HelperCaller,
    MapCaller,
    TaskCaller,
)
from stepsmith.authoring.compiler.expressions.unsupported import (
    unsupported,
)
from stepsmith.authoring.source.diagnostics import Refusal, Spoiled
from stepsmith.authoring.source.functions import Source
from stepsmith.authoring.tasks.service_call import ServiceCall
from stepsmith.authoring.tasks.task import Task
from stepsmith.authoring.values.constants import constant_expression
from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    ErrorType,
    Type,
    assignable,
    describe,
)
from stepsmith.expressions.typed.tree import Expression


def _raised(refusal: Refusal) -> None:
    raise refusal


class Expressions(ExpressionCompiler):
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
        self.call_helper: HelperCaller = lambda _: None
        """What calls of helper functions are handed to."""
        self.call_map: MapCaller = lambda _: None
        """What comprehensions that may be Map states are handed to."""
        self.note: Callable[[Refusal], None] = _raised
        """Keeps what is wrong with one part of an expression, so that the others are looked at, too."""
        self.why_no_task = "here"
        """Where we are, when tasks cannot be called there."""
        self.items = False
        """Whether we are inside `map_items()`, where plain Python knows the item as well."""
        self.argument: ast.expr | None = None
        """The argument of a call that is compiled, which the state that makes the call evaluates."""
        self.consumed: ast.expr | None = None
        """What is gone through once, so that it may be an iterator in Python."""
        self.fallible = False
        self.timed = False
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
        self.call_task, self.why_no_task = None, self.why_no_task if self.call_task is None else why
        try:
            yield
        finally:
            self.call_task, self.why_no_task = before

    def compile(self, node: ast.expr, expected: Type | None = None) -> Expression:
        """Give the tree of an expression; `expected` types displays that have no type of their own."""
        try:
            return self._whole(node, expected)
        except (Refusal, Spoiled) as problem:
            self.look_further(node, problem)
            raise

    def look_further(self, node: ast.expr, problem: Refusal | Spoiled) -> None:
        """Note what else is wrong in an expression of which one part is refused."""
        if self.note is not _raised:
            look_further(self, node, problem, self.note)
        problem.within = node

    def _whole(self, node: ast.expr, expected: Type | None) -> Expression:
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
        self.timed = self.timed or (isinstance(result, tree.Call) and result.function == "now")
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
        narrow = known(self, node, found.type)
        if not fits(found, expected) and not assignable(narrow, expected):
            message = f"{what} is {describe(expected)}, got {describe(found.type)}"
            raise self.refusal(node, "W201", message, type_help(found.type, expected, ast.unparse(node)))
        return found

    def _compile(self, node: ast.expr, expected: Type | None) -> Expression:
        match node:
            case ast.Name():
                return names.name(self, node)
            case ast.Attribute():
                return names.attribute(self, node)
            case ast.Subscript():
                return names.subscript(self, node)
            case ast.List() | ast.Tuple():
                return displays.list_(self, node, expected)
            case ast.Dict():
                return displays.dict_(self, node, expected)
            case ast.ListComp():
                return self.call_map(node) or comprehensions.comprehension(self, node, expected)
            case ast.GeneratorExp():
                self._check_generator(node)
                return comprehensions.comprehension(self, node)
            case ast.DictComp():
                return comprehensions.dict_comprehension(self, node, expected)
            case ast.JoinedStr():
                return formats.text(self, node)
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

    def _check_generator(self, node: ast.GeneratorExp) -> None:
        """Refuse a generator that calls a task for each item: a Map state gives a list, and gives it first."""
        if isinstance(node.elt, ast.Call) and isinstance(self.static(node.elt.func), Task | Workflow):
            listed = ast.unparse(ast.ListComp(node.elt, node.generators))
            message = (
                f"{options.called_name(node.elt.func)}() is called in a generator, and a state gives a list"
            )
            raise self.refusal(node, "W200", message, f"write the list: `{listed}`")

    def _unsupported(self, node: ast.expr) -> Refusal:
        if isinstance(node, ast.NamedExpr):
            self.environment.spoiled.add(node.target.id)
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
                if isinstance(holder, Namespace | ServiceCall):
                    return self._found(node, holder, name)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
                return -value
            case ast.Call():
                return self._static_call(node)
            case _:
                pass
        return MISSING

    def _found(self, node: ast.Attribute, holder: Namespace | ServiceCall, name: str) -> object:
        try:
            return holder.find(name)
        except UnknownName as error:
            raise self.refusal(node, "W240", error.told, error.help) from error

    def _static_call(self, node: ast.Call) -> object:
        """Give a datetime or timedelta made of constants, or a task with other options."""
        changed = options.with_options(self, node)
        if changed is not MISSING:
            return changed
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
            case ast.Subscript(value=value, slice=ast.Constant(value=str() | int() as key)):
                inner = self.path(value)
                return None if inner is None else f"{inner}[{key!r}]"
            case _:
                return None

    def may_be_none(self, node: ast.expr, rest: str) -> Refusal:
        """Refuse the use of a value that may be None."""
        text = ast.unparse(node)
        return self.refusal(
            node, "W130", f"{text} may be None, and {rest}", f"test it first: `if {text} is not None:`"
        )
