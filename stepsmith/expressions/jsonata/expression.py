"""Compiled expressions: what they refer to, and how they are evaluated."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache
from typing import Any, Final, TypeAlias

from stepsmith.expressions.jsonata.closures import references
from stepsmith.expressions.jsonata.closures.account import needs_account
from stepsmith.expressions.jsonata.closures.compiler import TreeCompiler, text_compiler
from stepsmith.expressions.jsonata.closures.scopes import Scope
from stepsmith.expressions.jsonata.errors import JsonataError, stack_overflow
from stepsmith.expressions.jsonata.grammar import tree
from stepsmith.expressions.jsonata.grammar.freeze import freeze
from stepsmith.expressions.jsonata.grammar.parser import parse
from stepsmith.expressions.jsonata.grammar.resolve import resolve
from stepsmith.expressions.jsonata.runtime.dialect import Dialect
from stepsmith.expressions.jsonata.runtime.limits import (
    AWS_LIMITS,
    REFERENCE_LIMITS,
    SYSTEM,
    Environment,
    IdleRun,
    Limits,
    NeedsAccount,
    Run,
)
from stepsmith.expressions.jsonata.runtime.numbers import json_number, to_double
from stepsmith.expressions.jsonata.runtime.text import whole_characters
from stepsmith.expressions.jsonata.runtime.values import (
    ARRAY,
    OBJECT,
    UNBOUND,
    Evaluate,
    Frame,
    Lambda,
    Native,
    Outer,
    Sequence,
    Value,
    check_size,
    is_function,
    keys_of,
    kind_of,
)
from stepsmith.expressions.types import UNDEFINED, Json, Undefined
from stepsmith.frozen import frozen

Result: TypeAlias = "Json | Undefined | Lambda | Native"
"""What an evaluation yields; a function only where the expression is one."""

_NOTHING: Final[Mapping[str, Any]] = {}
_NO_NAMES: Final[frozenset[str]] = frozenset()
_CACHED: Final = 4096


@frozen
class _Compiled:
    """The closures of an expression, for one set of hidden built-in functions."""

    evaluate: Evaluate
    hidden: frozenset[str]
    height: int
    names: tuple[str | None, ...]
    """The outer variable of each slot; None for a variable of the expression's own."""
    builtins: frozenset[str]


_Simple: TypeAlias = tuple[Evaluate, tuple[str, ...], str | None, frozenset[str], IdleRun, IdleRun]
"""What is evaluated without an account: its closure, its variables, the only one where it has one, the built-in
functions that it refers to, which a variable may hide, and what stands for its account, within the reference's bounds
and within AWS's."""


def read_tree(text: str, dialect: Dialect = Dialect.SERVICE) -> tree.Node:
    """The tree of an expression; raises JsonataError."""
    return freeze(resolve(parse(text, dialect)))


class Expression:
    """A compiled expression; it can be evaluated any number of times, in any thread."""

    def __init__(self, text: str, dialect: Dialect = Dialect.SERVICE) -> None:
        self.text = text
        self.dialect = dialect
        self.tree: tree.Node = read_tree(text, dialect)
        self._world = _WORLDS[dialect]
        self._variants: dict[tuple[frozenset[str], bool], _Compiled] = {}
        self._only_reads = references.only_reads(self.tree)
        self._makes_functions = references.may_yield_function(self.tree)
        self._has_halves = dialect is Dialect.SERVICE and references.has_halves(self.tree)
        self._plain = self._compiled(_NO_NAMES)
        self._simple = self._without_account()

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    @cached_property
    def free_variables(self) -> frozenset[str]:
        """Names, without dollar sign, of the variables that come from outside."""
        return references.free_variables(self.tree)

    @cached_property
    def references(self) -> frozenset[str]:
        """The workflow variables among the free variables, as DescribeStateMachine lists them."""
        return self.free_variables - {"states"}

    @cached_property
    def states_fields(self) -> frozenset[str]:
        """The fields of `$states` that are read by name, such as `input` and `result`."""
        return references.states_fields(self.tree)

    @property
    def is_self_contained(self) -> bool:
        """Whether it calls no built-in function and needs no account, so that no environment has to be given."""
        return self._simple is not None and not self._plain.builtins

    @cached_property
    def uses_root(self) -> bool:
        """Whether the input document is read: by `$` or a bare name at the top level, or `$$` anywhere."""
        return bool(references.top_level(self.tree)) or references.uses_root_variable(self.tree)

    def evaluate(
        self,
        input: Value = UNDEFINED,  # the name the field uses
        bindings: Mapping[str, Json] | None = None,
        *,
        limits: Limits | None = None,
        environment: Environment | None = None,
    ) -> Result:
        """The value for an input document and variables; raises JsonataError.

        Without `limits` those of the reference implementation hold. Infinity and NaN become the texts
        that the service writes for them; functions inside a result are left out, as in JSON.
        """
        variables = _NOTHING if bindings is None else bindings
        simple = self._simple
        if simple is not None and limits is None:
            # the way of most expressions in states; a variable that is missing goes the other one
            direct, names, only, builtins, idle, _ = simple
            if not builtins or builtins.isdisjoint(variables):
                try:
                    if only is not None:
                        frame: Frame = [idle, None, variables[only]]
                    else:
                        frame = [idle, None]
                        for name in names:
                            frame.append(variables[name])
                    result = direct(Outer([input]) if type(input) is ARRAY else input, frame)
                    return result if type(result) in _FINISHED else _finished(result)
                except _BEYOND:
                    pass
        result = self._evaluate(
            input, variables, limits or REFERENCE_LIMITS, SYSTEM if environment is None else environment
        )
        return _without_functions(result) if self._makes_functions else result

    def _evaluate(
        self, root: Value, variables: Mapping[str, Json], limits: Limits, environment: Environment
    ) -> Result:
        compiled = self._plain
        if compiled.builtins:
            hidden = compiled.builtins.intersection(variables)
            if not limits.evaluation and "eval" in compiled.builtins:
                hidden |= {"eval"}
            if hidden:
                compiled = self._compiled(hidden)
        world = self._world
        run = Run(limits, environment, world.compile_text, world.keys_of)
        run.root, run.bindings = root, variables
        # only where the depth may not suffice is it checked at every step
        run.guarded = compiled.height > limits.most_depth
        result: Value = UNDEFINED
        try:
            result = self._begin(run, compiled.hidden)
        except JsonataError:
            if not self._needs_guard(run):
                raise
        if self._needs_guard(run):
            run.again()
            result = self._begin(run, compiled.hidden)
        result = _finished(result)
        if not self._only_reads and (type(result) is ARRAY or type(result) is OBJECT):
            check_size(run, result)
        if (run.unclean or self._has_halves) and result is not UNDEFINED:
            result = to_json(result) if self.dialect is Dialect.REFERENCE else _by_service(result)
        return result

    def _needs_guard(self, run: Run) -> bool:
        return bool(run.single) and not run.guarded and references.reads_members_again(self.tree)

    def _begin(self, run: Run, hidden: frozenset[str]) -> Value:
        compiled = self._compiled(hidden, guarded=run.guarded)
        root, variables = run.root, run.bindings
        frame: Frame = [run, None]
        for name in compiled.names:
            frame.append(UNBOUND if name is None else root if name == "$" else variables.get(name, UNDEFINED))
        try:
            return compiled.evaluate(Outer([root]) if type(root) is ARRAY else root, frame)
        except RecursionError:
            depth = run.limits.depth or sys.getrecursionlimit()
            raise stack_overflow(depth + 1, depth) from None
        except _JAVASCRIPT_THROWS as error:
            # where JavaScript would throw as well; a state fails by an error of the expression, not of ours
            raise JsonataError("U1006", message="The expression cannot be evaluated") from error

    def run(
        self, states: Json, variables: Mapping[str, Json], environment: Environment | None = None
    ) -> Result:
        """The value in a state of a workflow, within the service's bounds; raises JsonataError.

        A function inside the result is an error (U1004): nothing says what the service makes of it.
        """
        simple = self._simple
        if simple is not None and self._plain.height <= _DEEPEST_ON_AWS:
            direct, names, _, builtins, _, idle = simple
            if not builtins or builtins.isdisjoint(variables):
                try:
                    frame: Frame = [idle, None]
                    for name in names:
                        frame.append(states if name == "states" else variables[name])
                    result = direct(UNDEFINED, frame)
                    kind = kind_of(result)
                    if kind is int:
                        return result if _LEAST <= result <= _MOST else to_double(result)
                    return result if kind in _FINISHED else _finished(result)
                except _BEYOND:
                    pass
        bindings = {**variables, "states": states}
        result = self._evaluate(UNDEFINED, bindings, AWS_LIMITS, environment or SYSTEM)
        if self._makes_functions and not is_function(result) and _without_functions(result) is not result:
            raise JsonataError("U1004")
        # an integer beyond 64 bits is read as a double, as was measured on AWS
        return to_double(result) if type(result) is int and not _LEAST <= result <= _MOST else result

    def _without_account(self) -> _Simple | None:
        """What is needed to evaluate an expression that needs no account of its own; None for any other."""
        names = tuple(name for name in self._plain.names if name is not None and name != "$")
        if (
            self._makes_functions
            or self._has_halves
            or len(names) < len(self._plain.names)
            or needs_account(self.tree)
        ):
            return None
        only = names[0] if len(names) == 1 else None
        world = self._world
        return self._plain.evaluate, names, only, self._plain.builtins, world.idle, world.idle_on_aws

    def _compiled(self, hidden: frozenset[str], *, guarded: bool = False) -> _Compiled:
        found = self._variants.get((hidden, guarded))
        if found is None:
            found = self._variants[hidden, guarded] = _compile(
                self.tree, hidden, self.dialect, guarded=guarded
            )
        return found


def _finished(result: Value) -> Value:
    """A result as others may have it."""
    kind = kind_of(result)
    if kind is Sequence or kind is Outer:
        return list(result)
    return json_number(result) if kind is float else result


def _compile(node: tree.Node, hidden: frozenset[str], dialect: Dialect, *, guarded: bool) -> _Compiled:
    compiler = TreeCompiler(hidden, dialect)
    evaluate, scope = compiler.whole(node, guarded=guarded)
    return _Compiled(
        evaluate=evaluate,
        hidden=hidden,
        height=scope.unit.height,
        names=_names(compiler, scope),
        builtins=frozenset(compiler.builtins),
    )


def _names(compiler: TreeCompiler, scope: Scope) -> tuple[str | None, ...]:
    outer = {slot: name for name, slot in compiler.outer.items()}
    return tuple(outer.get(slot) for slot in scope.names.values())


class _World:
    """What the runs of a dialect have in common."""

    def __init__(self, dialect: Dialect, keys_of: Callable[[dict[str, Any]], list[str]]) -> None:
        self.compile_text = text_compiler(dialect)
        self.keys_of = keys_of
        self.idle = IdleRun(REFERENCE_LIMITS, SYSTEM, self.compile_text, keys_of)
        self.idle_on_aws = IdleRun(AWS_LIMITS, SYSTEM, self.compile_text, keys_of)


_WORLDS: Final = {
    Dialect.SERVICE: _World(Dialect.SERVICE, list),
    Dialect.REFERENCE: _World(Dialect.REFERENCE, keys_of),
}
_LEAST: Final = -(2**63)
_MOST: Final = 2**63 - 1
_DEEPEST_ON_AWS: Final = 100
_FINISHED: Final = frozenset({str, int, bool, dict, list, type(None), type(UNDEFINED)})
"""Types of results that others may have as they are."""
_JAVASCRIPT_THROWS: Final = (TypeError, AttributeError, ValueError, ArithmeticError, LookupError)
_BEYOND: Final = (NeedsAccount, RecursionError, *_JAVASCRIPT_THROWS)
"""What ends an evaluation without an account, and is to be told by one that has it."""


def to_json(value: Value) -> Json:
    """A value with the texts that the service writes for Infinity and NaN, and null for nothing."""
    if type(value) is float:
        return json_number(value)
    if value is UNDEFINED:
        return None
    if type(value) is ARRAY or type(value) is Sequence:
        return [to_json(member) for member in value]
    if type(value) is OBJECT:
        return {key: to_json(member) for key, member in value.items()}
    return value


def _by_service(value: Value) -> Json:
    """The same, with whole characters in texts."""
    if type(value) is str:
        return whole_characters(value)
    if type(value) is ARRAY or type(value) is Sequence:
        return [_by_service(member) for member in value]
    if type(value) is OBJECT:
        return {whole_characters(key): _by_service(member) for key, member in value.items()}
    return to_json(value)


def _without_functions(value: Value) -> Value:
    """The value as JSON.stringify takes it: without fields that are functions, and with null for members.

    It is the same one where no function is inside; a function itself stays.
    """
    if type(value) is ARRAY:
        members = [None if is_function(member) else _without_functions(member) for member in value]
        return value if all(map(operator.is_, members, value)) else members
    if type(value) is OBJECT:
        fields = {key: _without_functions(field) for key, field in value.items() if not is_function(field)}
        same = len(fields) == len(value) and all(map(operator.is_, fields.values(), value.values()))
        return value if same else fields
    return value


@lru_cache(maxsize=_CACHED)
def compile(text: str, dialect: Dialect = Dialect.SERVICE) -> Expression:  # the name the field uses
    """The compiled expression of a text, the same one for the same text; raises JsonataError."""
    return Expression(text, dialect)
