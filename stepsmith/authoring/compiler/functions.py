"""Helper functions: ordinary functions whose statements are written out where a workflow function calls them."""

from __future__ import annotations

import ast
import sys
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, cast
from weakref import WeakKeyDictionary

from stepsmith.authoring.calls.boundary import namespace
from stepsmith.authoring.compiler.expressions.environment import Environment
from stepsmith.authoring.source.diagnostics import DefinitionError, Refusal
from stepsmith.authoring.source.functions import Source, read_source

_SOURCES: Final[WeakKeyDictionary[types.FunctionType, Source]] = WeakKeyDictionary()
"""What has been read of helper functions, for every workflow that calls them."""


@dataclass(frozen=True, eq=False, slots=True)
class Helper:
    """A function that can be written out: of a module, or local to a workflow function."""

    node: ast.FunctionDef
    source: Source
    names: Mapping[str, object]
    """What it sees of its module."""
    own: frozenset[str]
    """The names of the functions around it."""
    environment: Callable[[], Environment]
    """Gives what it knows of the names of the functions around it when it is called."""
    functions: Callable[[], Mapping[str, Helper]]
    """Gives the local functions that it sees."""
    defaults: Mapping[str, object] | None = None
    """The default of each parameter that has one; None where the defaults are only known as source."""

    @property
    def name(self) -> str:
        """Its name."""
        return self.node.name

    @property
    def parameters(self) -> list[ast.arg]:
        """Its parameters, those that can be given by position first."""
        arguments = self.node.args
        return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]

    @property
    def only_value(self) -> ast.expr | None:
        """What it returns, where it has no other statement."""
        rest = [each for each in self.node.body if not _says_nothing(each)]
        match rest:
            case [ast.Return(value=ast.expr() as value)]:
                return value
            case _:
                return None

    def seeing(self, environment: Callable[[], Environment]) -> Helper:
        """Give the same function where the names of the functions around it are others."""
        if self.defaults is not None:
            return self
        functions = self.functions

        def around() -> dict[str, Helper]:
            return {name: each.seeing(environment) for name, each in functions().items()}

        return replace(self, environment=environment, functions=around)


def _says_nothing(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Pass) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )


def is_helper(target: object) -> bool:
    """Say whether something that is called is a function of the user's, neither of Python nor of a package."""
    if not isinstance(target, types.FunctionType):
        return False
    top = (target.__module__ or "").partition(".")[0]
    installed = any(f"/{part}/" in target.__code__.co_filename for part in ("site-packages", "dist-packages"))
    return top != "stepsmith" and top not in sys.stdlib_module_names and not installed


def read_helper(function: types.FunctionType) -> Helper:
    """Read a function of a module. Raises Refusal where it has no source, or one that cannot be written out."""
    source = _SOURCES.get(function)
    if source is None:
        try:
            source = _SOURCES[function] = read_source(function)
        except DefinitionError as error:
            raise Refusal(error.diagnostics[0]) from None
    environment = Environment()
    return Helper(
        node=source.function,
        source=source,
        names=namespace(function),
        own=frozenset(),
        environment=lambda: environment,
        functions=dict,
        defaults=_defaults(function),
    )


def _defaults(function: types.FunctionType) -> dict[str, object]:
    code = function.__code__
    values = function.__defaults__ or ()
    positional = code.co_varnames[: code.co_argcount]
    last = positional[len(positional) - len(values) :]
    return {
        **dict(zip(last, values, strict=True)),
        **cast("dict[str, object]", function.__kwdefaults__ or {}),
    }


def check_helper(helper: Helper) -> None:
    """Refuse what cannot be written out."""
    node, refusal = helper.node, helper.source.refusal
    if node.decorator_list:
        message = f"{node.name}() is decorated, and what a decorator does is not known before the run"
        raise refusal(node.decorator_list[0], "W230", message, "take the decorator away, or make it a task")
    for extra, stars in ((node.args.vararg, "*"), (node.args.kwarg, "**")):
        if extra is not None:
            message = f"{node.name}() has {stars}{extra.arg}, whose arguments are not known by name"
            raise refusal(extra, "W230", message, "name each parameter, or take a list")
