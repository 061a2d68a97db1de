"""What the closures of one kind of node need of the compiler that compiles the nodes inside it."""

from __future__ import annotations

from typing import Protocol

from stepsmith.expressions.jsonata.closures.scopes import Place, Scope
from stepsmith.expressions.jsonata.grammar import tree
from stepsmith.expressions.jsonata.runtime.dialect import Dialect
from stepsmith.expressions.jsonata.runtime.limits import CompiledText
from stepsmith.expressions.jsonata.runtime.values import Evaluate, Native


class Compiler(Protocol):
    """Compiles the nodes of one expression, and knows what its variables are."""

    @property
    def dialect(self) -> Dialect:
        """How the expression is to be run."""
        ...

    @property
    def functions(self) -> dict[str, Native]:
        """The built-in functions by name."""
        ...

    def compile(self, node: tree.Node, scope: Scope, depth: int) -> Evaluate:
        """A closure for one expression; what it yields is collapsed."""
        ...

    def compile_text(self, text: str, scope: Scope, *, guarded: bool) -> CompiledText:
        """The closure of a text inside a scope, and the slots that its own frame adds."""
        ...

    def slot_of(self, node: tree.Node, scope: Scope) -> int | None:
        """The slot in the innermost frame that an expression certainly is; None for any other."""
        ...

    def is_given(self, name: str, scope: Scope) -> bool:
        """Whether a name certainly is a variable from outside."""
        ...

    def find(self, name: str, scope: Scope) -> list[Place]:
        """Where the variable of that name may be, innermost first; empty for a built-in function."""
        ...
