"""What the parts of an expression need of the compiler that they belong to."""

from __future__ import annotations

import ast
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Final, Protocol, TypeAlias

from stepsmith.authoring.compiler.expressions.environment import Environment
from stepsmith.authoring.source.diagnostics import Refusal, Spoiled
from stepsmith.authoring.source.functions import Source
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import INT, ListType, Type
from stepsmith.expressions.typed.tree import Expression

MISSING: Final = object()
"""What `static` gives for an expression that is not known before the run."""
TaskCaller: TypeAlias = Callable[[ast.Call, object], Expression]
"""Turns a call of a task or workflow into the variable that will hold its result."""
MapCaller: TypeAlias = Callable[[ast.ListComp], Expression | None]
"""Turns a comprehension that calls a task for each item into the variable that will hold its result; else None."""
HelperCaller: TypeAlias = Callable[[ast.Call], Expression | None]
"""Turns a call of a helper function into what it returns; gives None for any other call."""


class ExpressionCompiler(Protocol):
    """Compiles the expressions of one function at one point after another."""

    source: Source
    names: Mapping[str, object]
    """What the function sees from outside."""
    environment: Environment
    """What is known about names at this point."""
    own: set[str]
    """Names that the function assigns somewhere."""
    call_task: TaskCaller | None
    """What calls of tasks are handed to; None where there can be none."""
    call_helper: HelperCaller
    """What calls of helper functions are handed to."""
    call_map: MapCaller
    """What comprehensions that may be Map states are handed to."""
    note: Callable[[Refusal], None]
    """Keeps what is wrong with one part of an expression, so that the others are looked at, too."""
    why_no_task: str
    """Where we are, when tasks cannot be called there."""
    items: bool
    """Whether we are inside `map_items()`, where plain Python knows the item as well."""
    argument: ast.expr | None
    """The argument of a call that is compiled, which the state that makes the call evaluates."""
    consumed: ast.expr | None
    """What is gone through once, so that it may be an iterator in Python."""
    timed: bool
    """Whether the clock has been read in this statement."""
    fallible: bool
    """Whether an expression that can fail has been met in this statement."""

    def refusal(self, node: ast.AST, code: str, message: str, help: str | None = None) -> Refusal:
        """Make the refusal of what a node says, to be raised."""
        ...

    def look_further(self, node: ast.expr, problem: Refusal | Spoiled) -> None:
        """Note what else is wrong in an expression of which one part is refused."""
        ...

    def may_be_none(self, node: ast.expr, rest: str) -> Refusal:
        """Make the refusal of the use of a value that may be None."""
        ...

    def at(self, environment: Environment) -> AbstractContextManager[None]:
        """Compile under what another environment knows."""
        ...

    def without_tasks(self, why: str) -> AbstractContextManager[None]:
        """Refuse calls of tasks, because this part is not always evaluated, or many times."""
        ...

    def compile(self, node: ast.expr, expected: Type | None = None) -> Expression:
        """Give the tree of an expression; `expected` types displays that have no type of their own."""
        ...

    def value(self, node: ast.expr, expected: Type | None = None) -> Expression:
        """Give the tree of an expression whose value is kept or passed on."""
        ...

    def typed(self, node: ast.expr, expected: Type, what: str) -> Expression:
        """Give the tree of an expression that must be of a type; `what` names the place in the message."""
        ...

    def static(self, node: ast.expr) -> object:
        """Give the Python object that names known before the run stand for, or MISSING."""
        ...

    def is_local(self, name: str) -> bool:
        """Say whether a name is one of the function's own."""
        ...

    def path(self, node: ast.expr) -> str | None:
        """Give a name or attribute chain as the source that narrowing knows it by."""
        ...


def library_call(
    x: ExpressionCompiler, node: ast.AST, name: str, kind: Type, *arguments: Expression
) -> tree.Call:
    """Give the tree of a call of one of the library's functions, at the place of a node."""
    return tree.Call(function=name, arguments=arguments, type=kind, span=x.source.span(node))


class Together:
    """Parts of an expression, of which each is looked at whatever is wrong with the others."""

    def __init__(self, x: ExpressionCompiler) -> None:
        self._x = x
        self._refused = False

    @contextmanager
    def part(self) -> Generator[None]:
        """Compile one part."""
        try:
            yield
        except Refusal as refusal:
            self._x.note(refusal)
            self._refused = True
        except Spoiled:
            self._refused = True

    def check(self) -> None:
        """Go no further where a part was refused. Raises Spoiled."""
        if self._refused:
            raise Spoiled


def consumed(x: ExpressionCompiler, node: ast.expr) -> Expression:
    """Give the tree of what is gone through once, which may be an iterator or a range in Python."""
    outer, x.consumed = x.consumed, node
    try:
        return x.compile(node)
    finally:
        x.consumed = outer


def once(x: ExpressionCompiler, value: Expression, made: Callable[[Expression], Expression]) -> Expression:
    """Give what is made of a value that stands in it more than once, and is drawn or read from the clock only once."""
    if not tree.is_volatile(value):
        return made(value)
    name = x.environment.unbound("0once")
    element = made(tree.Variable(name=name, type=value.type))
    one = tree.ListOf(elements=(value,), type=ListType(value.type))
    each = tree.Comprehension(
        element=element, name=name, items=one, condition=None, type=ListType(element.type), span=element.span
    )
    first = tree.Constant(value=0, type=INT)
    return tree.Item(value=each, index=first, type=element.type, certain=True, span=element.span)
