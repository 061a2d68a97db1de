"""What is known about names at one point of a workflow function, and which names statements assign."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from stepsmith.authoring.source.names import variable_name
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import Type
from stepsmith.expressions.typed.tree import Expression
from stepsmith.frozen import frozen

Narrowing = Mapping[str, Type]
"""Names and attribute chains, as source, with the type that a condition leaves them."""


@frozen
class Local:
    """A local name: the workflow variable that holds it, and its declared type."""

    variable: str
    type: Type


@dataclass(slots=True)
class Environment:
    """Names at one point of the function: copied where paths part, joined where they meet."""

    locals: dict[str, Local] = field(default_factory=dict[str, Local])
    """Every local seen so far, whichever path declared it; shared by all copies."""
    assigned: set[str] = field(default_factory=set[str])
    """Names assigned on every path to here."""
    narrowed: dict[str, Type] = field(default_factory=dict[str, Type])
    """What conditions on the way here say about names and attribute chains."""
    bound: dict[str, Expression] = field(default_factory=dict[str, Expression])
    """Names that comprehensions and lambdas around this point bind."""
    spoiled: set[str] = field(default_factory=set[str])
    """Names whose assignment was refused; shared by all copies."""
    pending: dict[ast.AST, bool] = field(default_factory=dict[ast.AST, bool])
    """What may be registered to be undone here, and whether it is on every path to here."""

    def copy(self) -> Environment:
        """Give an environment that changes on its own from here on."""
        return Environment(
            self.locals,
            set(self.assigned),
            dict(self.narrowed),
            dict(self.bound),
            self.spoiled,
            dict(self.pending),
        )

    def inner(self) -> Environment:
        """Give the environment of a branch or iteration: it reads these names and declares its own."""
        return Environment(
            dict(self.locals), set(self.assigned), dict(self.narrowed), dict(self.bound), set(self.spoiled)
        )

    def with_narrowing(self, narrowing: Narrowing) -> Environment:
        """Give a copy that knows more."""
        out = self.copy()
        out.narrowed.update(narrowing)
        return out

    def with_bound(self, names: Mapping[str, Expression]) -> Environment:
        """Give a copy in which a comprehension or lambda binds names."""
        out = self.copy()
        out.forget(names)
        out.bound.update(names)
        return out

    def unbound(self, wanted: str) -> str:
        """Give a name that a comprehension or lambda here may bind without hiding what is bound around it."""
        around = {
            inner.name
            for bound in self.bound.values()
            for inner in tree.walk(bound)
            if isinstance(inner, tree.Variable)
        }
        return variable_name(f"_{wanted.lstrip('_') or 'item'}", around)

    def forget(self, names: Iterable[str]) -> None:
        """Drop what conditions said about names, because they are assigned anew."""
        gone = set(names)
        for path in [path for path in self.narrowed if path.split(".")[0].split("[")[0] in gone]:
            del self.narrowed[path]

    def join(self, others: Iterable[Environment]) -> Environment:
        """Give what holds here and in all the others."""
        out = self.copy()
        for other in others:
            out.assigned &= other.assigned
            out.narrowed = {
                path: kind for path, kind in out.narrowed.items() if other.narrowed.get(path) == kind
            }
            for each in {*out.pending, *other.pending}:
                out.pending[each] = out.pending.get(each, False) and other.pending.get(each, False)
        return out


@frozen
class Condition:
    """A condition, and what it says about names when it holds and when it does not."""

    test: Expression
    when_true: Narrowing = field(default_factory=dict[str, Type])
    when_false: Narrowing = field(default_factory=dict[str, Type])


def assigned_names(statements: Sequence[ast.stmt]) -> list[str]:
    """Give the names that statements assign, nested functions left out, in the order of the source."""
    found: dict[str, None] = {}
    for statement in statements:
        _collect(statement, found)
    return list(found)


def _collect(node: ast.AST, found: dict[str, None]) -> None:
    match node:
        case ast.FunctionDef():
            found[node.name] = None
            return
        case ast.Name(id=name, ctx=ast.Store()):
            found[name] = None
        case ast.alias(name=name, asname=other):
            found[other or name.partition(".")[0]] = None
        case ast.ClassDef(name=name) | ast.AsyncFunctionDef(name=name):
            found[name] = None
            return
        case ast.Tuple() | ast.List() | ast.Starred():
            pass
        case ast.expr():
            # no other expression that is supported assigns
            return
        case ast.ExceptHandler(name=str() as name) | ast.MatchAs(name=str() as name):
            found[name] = None
        case ast.MatchStar(name=str() as name) | ast.MatchMapping(rest=str() as name):
            found[name] = None
        case _:
            pass
    for child in ast.iter_child_nodes(node):
        _collect(child, found)
