"""What the parts of a statement need of the compiler that they belong to."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from stepsmith.authoring.compiler.drafts import Draft, Ends
from stepsmith.authoring.compiler.expressions.environment import Environment, Local
from stepsmith.authoring.compiler.expressions.protocol import ExpressionCompiler
from stepsmith.authoring.compiler.functions import Helper
from stepsmith.authoring.compiler.statements.scopes import Inlined, Saga, ScopeBuilder, Surrounding
from stepsmith.authoring.source.diagnostics import Diagnostic, Refusal, Spoiled
from stepsmith.expressions.typed.static_types import Type
from stepsmith.expressions.typed.tree import Expression


class StatementCompiler(Protocol):
    """Compiles the statements of one scope, one after another."""

    scope: ScopeBuilder
    x: ExpressionCompiler
    """What compiles the expressions of these statements."""
    ends: Ends
    """Where control is."""
    result: Type | None
    """The declared type of what is returned, where it is declared."""
    returned: Type | None
    """The type of what has been returned so far."""
    refusals: list[Diagnostic]
    functions: dict[str, Helper]
    """Local functions, by name."""
    sagas: dict[str, Saga]
    """What compensation() gives, by name."""
    compensations: dict[str, Local]
    """What `undo = compensation()` has named, and what that stands for afterwards."""
    around: list[Surrounding]
    """Loops and try statements around the point that is compiled, outermost first."""
    decided: bool
    """Whether helper functions and their arguments decide where control goes, so that some code may not be reached."""
    following: Sequence[ast.stmt]
    """The statements after the one that is compiled, in the same block."""
    inside_try: bool
    """Whether this scope is inside a try statement of the one around it."""
    errors: list[str]
    """Variables of the except clauses around it."""

    @property
    def environment(self) -> Environment:
        """What is known about names here."""
        ...

    @environment.setter
    def environment(self, value: Environment) -> None: ...

    def refusal(self, node: ast.AST, code: str, message: str, help: str | None = None) -> Refusal:
        """Make the refusal of what a node says, to be raised."""
        ...

    def in_try(self) -> bool:
        """Say whether errors are caught here, in Python and by states."""
        ...

    def note(self, problem: Refusal | Spoiled) -> None:
        """Keep what is wrong with a part of a statement, so that its other parts are looked at, too."""
        ...

    def body(self, statements: Sequence[ast.stmt]) -> None:
        """Compile statements; a refused one does not hide what is wrong with the others."""
        ...

    def state_of(self, value: ast.expr) -> tuple[Draft, Expression] | None:
        """Make the state of a call that is one of its own, with its result; None for any other expression."""
        ...

    def callee(self, node: ast.Call) -> object:
        """Give what a call calls, where that is known before the run."""
        ...

    def annotated_type(self, node: ast.expr) -> Type:
        """Give the type that an annotation in the source stands for."""
        ...

    def declare(self, name: str, kind: Type) -> Local:
        """Make a name a local of this type."""
        ...

    def variable(self, name: str) -> str:
        """Give the workflow variable of a local name."""
        ...

    def assign(self, values: Mapping[str, Expression], node: ast.AST) -> None:
        """Assign workflow variables here."""
        ...

    def fresh(self, name: str, value: Expression, node: ast.AST) -> Expression:
        """Keep a value in a workflow variable of the compiler's own."""
        ...

    def inside(self, around: Surrounding) -> AbstractContextManager[None]:
        """Compile inside a loop or try statement."""
        ...

    def inner(self, names: Sequence[str], result: Type | None, environment: Environment) -> StatementCompiler:
        """Give the compiler of a scope inside this one, which declares these names itself."""
        ...

    def called(self, helper: Helper, frame: Inlined) -> StatementCompiler:
        """Give the compiler of a helper function that is written out here."""
        ...

    def end(self, node: ast.AST) -> None:
        """Return None where the last statement does not leave."""
        ...
