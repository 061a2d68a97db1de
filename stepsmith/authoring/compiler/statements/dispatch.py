"""Python statements to states: each kind of statement goes to the file that knows it."""

from __future__ import annotations

import ast
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, assert_never, cast

from stepsmith.authoring.calls import constructs
from stepsmith.authoring.compiler.drafts import Draft, Edge, Ends, leave_by
from stepsmith.authoring.compiler.expressions.calls import check_place
from stepsmith.authoring.compiler.expressions.dispatch import Expressions
from stepsmith.authoring.compiler.expressions.environment import Environment, Local, assigned_names
from stepsmith.authoring.compiler.expressions.library.methods import rewritten
from stepsmith.authoring.compiler.expressions.options import called_name
from stepsmith.authoring.compiler.expressions.protocol import MISSING
from stepsmith.authoring.compiler.functions import Helper
from stepsmith.authoring.compiler.statements import (
    assignments,
    branching,
    callables,
    inlining,
    leaving,
    loops,
    maps,
    parallel,
    raising,
    sagas,
    tries,
    waiting,
)
from stepsmith.authoring.compiler.statements.protocol import StatementCompiler
from stepsmith.authoring.compiler.statements.scopes import (
    Inlined,
    Saga,
    ScopeBuilder,
    Surrounding,
    Try,
)
from stepsmith.authoring.source.diagnostics import Diagnostic, Ended, Refusal, Spoiled
from stepsmith.authoring.tasks.task import Task
from stepsmith.authoring.values.types import from_annotation, resolve
from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    Type,
)
from stepsmith.expressions.typed.tree import Expression


class Statements(StatementCompiler):
    """Compiles the statements of one scope: each kind of statement goes to the file that knows it."""

    def __init__(
        self,
        scope: ScopeBuilder,
        expressions: Expressions,
        *,
        result: Type | None,
        refusals: list[Diagnostic],
        functions: Mapping[str, Helper] | None = None,
        in_try: bool = False,
    ) -> None:
        self.scope = scope
        self.x = expressions
        self.x.call_task = self.hoist
        self.x.call_helper = self.call_helper
        self.x.call_map = self.call_map
        self.x.note = self.note
        self.ends: Ends = [scope.entry]
        self.result = result
        """The declared type of what is returned, where it is declared."""
        self.returned: Type | None = None
        """The type of what has been returned so far."""
        self.refusals = refusals
        self.functions = dict(functions or {})
        """Local functions, by name."""
        self.sagas: dict[str, Saga] = {}
        """What compensation() gives, by name."""
        self.compensations: dict[str, Local] = {}
        """What `undo = compensation()` has named, and what that stands for afterwards."""
        self.around: list[Surrounding] = []
        """Loops and try statements around the point that is compiled, outermost first."""
        self._hoisted: dict[ast.expr, Expression] = {}
        """Calls of this statement that have a state already, because a chain of comparisons meets them twice."""
        self.errors: list[str] = []
        """Variables of the except clauses around it."""
        self.decided = False
        self.following: Sequence[ast.stmt] = ()
        self.inside_try = in_try
        self._variables: dict[str, str] | None = None
        """The workflow variables of local names, where they are not those of the scope."""

    @property
    def environment(self) -> Environment:
        """What is known about names here."""
        return self.x.environment

    @environment.setter
    def environment(self, value: Environment) -> None:
        self.x.environment = value

    def refusal(self, node: ast.AST, code: str, message: str, help: str | None = None) -> Refusal:
        """Make the refusal of what a node says, to be raised."""
        return self.x.refusal(node, code, message, help)

    def in_try(self) -> bool:
        """Say whether errors are caught here, in Python and by states."""
        return self.inside_try or any(isinstance(around, Try) for around in self.around)

    def body(self, statements: Sequence[ast.stmt]) -> None:
        """Compile statements; a refused one does not hide what is wrong with the others."""
        for at, statement in enumerate(statements):
            self.following = statements[at + 1 :]
            if not self.ends and self.decided:
                return
            if not self.ends:
                diagnostic = self.x.source.diagnostic(
                    statement, "W204", "this statement is never reached", "remove it"
                )
                self.refusals.append(diagnostic)
                return
            before, found = self.ends, len(self.refusals)
            self.x.fallible = self.x.timed = False
            self.x.argument = self.x.consumed = None
            self._hoisted.clear()
            try:
                self.statement(statement)
            except Ended:
                self.ends, self.decided = [], True
            except (Refusal, Spoiled) as problem:
                self.note(problem)
                self.environment.spoiled.update(assigned_names([statement]))
                self.ends = before
            if not self.ends and not self.decided and len(self.refusals) > found and not _leaves(statement):
                self.ends = [Edge()]  # who knows what the refused part would have done
            elif _leaves(statement):
                self.ends = []

    def note(self, problem: Refusal | Spoiled) -> None:
        """Keep what is wrong with a part of a statement, so that its other parts are looked at, too."""
        if isinstance(problem, Refusal):
            self.refusals.append(problem.diagnostic)

    def statement(self, node: ast.stmt) -> None:
        """Compile one statement."""
        match node:
            case ast.Assign() if sagas.named(self, node):
                pass
            case ast.Assign():
                assignments.assign(self, node)
            case ast.AnnAssign():
                assignments.annotated(self, node)
            case ast.AugAssign():
                assignments.augmented(self, node)
            case ast.Expr():
                self._expression(node)
            case ast.Return():
                leaving.return_(self, node)
            case ast.If():
                branching.if_(self, node)
            case ast.Match():
                branching.match_(self, node)
            case ast.For():
                loops.for_(self, node)
            case ast.While():
                loops.while_(self, node)
            case ast.Break() | ast.Continue():
                loops.leave(self, node)
            case ast.Try():
                tries.try_(self, node)
            case ast.With():
                sagas.with_(self, node)
            case ast.Raise():
                raising.raise_(self, node)
            case ast.FunctionDef():
                self._function(node)
            case ast.Pass():
                pass
            case _:
                raise self._unsupported(node)

    def _unsupported(self, node: ast.stmt) -> Refusal:
        if isinstance(node, ast.Nonlocal | ast.Global):
            message = f"`{ast.unparse(node)}` would change a variable of an outer scope, which states cannot"
            return self.refusal(node, "W217", message, "return the value, and assign it outside")
        if isinstance(node, ast.Assert):
            help = f"write `if not ({ast.unparse(node.test)}): raise ...`"
            return self.refusal(node, "W100", "`assert` statements are not supported in a workflow", help)
        if isinstance(node, ast.TryStar):
            return self.refusal(node, "W100", "`except*` is not supported in a workflow", "write `except`")
        if isinstance(node, ast.Delete) and isinstance(target := node.targets[0], ast.Subscript):
            help = rewritten(target.value, "pop", [target.slice])
            return self.refusal(node, "W170", f"{ast.unparse(target)} is taken out in place", help)
        help = next(
            (help for kinds, help in _INSTEAD if isinstance(node, kinds)), "move the work into a task"
        )
        words = ast.unparse(node).split()
        message = f"`{words[0].rstrip(':')}` statements are not supported in a workflow"
        return self.refusal(node, "W100", message, help)

    def annotated_type(self, node: ast.expr) -> Type:
        """Give the type that an annotation in the source stands for."""
        text = node.value if isinstance(node, ast.Constant) else ast.unparse(node)
        try:
            return from_annotation(resolve(text, self.x.names))
        except (NameError, TypeError) as error:
            raise self.refusal(
                node, "W104", f"annotation {ast.unparse(node)} cannot be read: {error}", None
            ) from error

    def state_of(self, value: ast.expr) -> tuple[Draft, Expression] | None:
        """Make the state of a call of a task, workflow, parallel() or map_items(); None for any other expression."""
        if isinstance(value, ast.ListComp) and maps.is_map(self, value):
            return maps.comprehension(self, value)
        if not isinstance(value, ast.Call):
            return None
        target = self.callee(value)
        if target is constructs.parallel:
            return parallel.parallel(self, value)
        if target is constructs.map_items:
            return maps.map_items(self, value)
        if isinstance(target, Task | Workflow):
            return callables.call(self, value, cast("Task[..., Any] | Workflow[..., Any]", target))
        return None

    def callee(self, node: ast.Call) -> object:
        """Give what a call calls, where that is known before the run."""
        return self.x.static(node.func)

    def declare(self, name: str, kind: Type) -> Local:
        """Make a name a local of this type."""
        local = self.environment.locals[name] = Local(self.variable(name), kind)
        return local

    def variable(self, name: str) -> str:
        """Give the workflow variable of a local name."""
        if self._variables is None:
            return self.scope.variable(name)
        if name not in self._variables:
            self._variables[name] = self.scope.fresh(name)
        return self._variables[name]

    def assign(self, values: Mapping[str, Expression], node: ast.AST) -> None:
        """Assign workflow variables here."""
        if values:
            name = f"Set {' and '.join(values)}"
            self.ends = self.scope.assign(self.ends, values, name, self.x.source.span(node))

    def fresh(self, name: str, value: Expression, node: ast.AST) -> Expression:
        """Keep a value in a workflow variable of the compiler's own."""
        variable = self.scope.fresh(name)
        self.assign({variable: value}, node)
        return tree.Variable(name=variable, type=value.type, span=value.span)

    def hoist(self, node: ast.Call, target: object) -> Expression:
        """Put the state of a call before the expression that uses its result."""
        return self._put_before(node, called_name(node.func))

    def call_map(self, node: ast.ListComp) -> Expression | None:
        """Put the Map state of a comprehension before the expression; None where the comprehension is none."""
        if node not in self._hoisted and not maps.is_map(self, node):
            return None
        check_place(self.x, node, maps.called_in(node))
        return self._put_before(node, "each")

    def _put_before(self, node: ast.expr, name: str) -> Expression:
        if node in self._hoisted:
            return self._hoisted[node]
        made = self.state_of(node)
        assert made is not None
        draft, result = made
        variable = self.scope.fresh(f"{name.replace('.', '_')}_result")
        self.ends = [leave_by(draft, {variable: result})]
        self._hoisted[node] = tree.Variable(name=variable, type=result.type, span=result.span)
        return self._hoisted[node]

    def call_helper(self, node: ast.Call) -> Expression | None:
        """Write a helper function out here; gives what it returns, and None where the call calls something else."""
        helper = inlining.helper_of(self, node)
        if helper is None:
            return None
        if node in self._hoisted:
            return self._hoisted[node]
        if helper.only_value is None:
            check_place(self.x, node, called_name(node.func))
        result = inlining.call_helper(self, node, helper)
        if self.x.call_task is not None:
            self._hoisted[node] = result
        return result

    def _expression(self, node: ast.Expr) -> None:
        value = node.value
        if isinstance(value, ast.Constant):
            return
        if isinstance(value, ast.Call) and sagas.register(self, value):
            return
        target = self.callee(value) if isinstance(value, ast.Call) else MISSING
        if isinstance(value, ast.Call) and target is constructs.wait:
            waiting.wait(self, value)
            return
        if isinstance(value, ast.Call) and target is constructs.wait_until:
            waiting.wait_until(self, value)
            return
        if target is assert_never:
            raising.assert_never_(self, cast(ast.Call, value))
            return
        made = self.state_of(value)
        if made is not None:
            draft, result = made
            read = {self.scope.fresh("answer"): result} if tree.can_fail(result) else {}
            self.ends = [leave_by(draft, read)]
            return
        self.x.compile(value)
        if isinstance(value, ast.Call) and inlining.helper_of(self, value) is not None:
            return
        help = "assign it, or remove it"
        raise self.refusal(value, "W203", f"the value of `{ast.unparse(value)}` is not used", help)

    def _function(self, node: ast.FunctionDef) -> None:
        if node.decorator_list:
            message = "decorators are not supported inside a workflow"
            raise self.refusal(node.decorator_list[0], "W100", message, "define the function at module level")
        if node.name in self.functions and self.functions[node.name].node is not node:
            raise self.refusal(
                node, "W100", f"{node.name}() is defined twice", "give the second one another name"
            )
        if node.name in self.environment.locals:
            message = f"{node.name} is a variable, and a function here"
            raise self.refusal(node, "W100", message, "give the function another name")
        self.functions[node.name] = Helper(
            node=node,
            source=self.x.source,
            names=self.x.names,
            own=frozenset(self.x.own),
            environment=lambda: self.environment,
            functions=lambda: self.functions,
        )
        self.environment.assigned.add(node.name)

    @contextmanager
    def inside(self, around: Surrounding) -> Generator[None]:
        """Compile inside a loop or try statement."""
        self.around.append(around)
        try:
            yield
        finally:
            self.around.pop()

    def inner(self, names: Sequence[str], result: Type | None, environment: Environment) -> Statements:
        """Give the compiler of a scope inside this one, which declares these names itself."""
        plain = dict.fromkeys(name for name in names if not name.startswith("_"))
        scope = ScopeBuilder(self.scope.machine, self.scope, plain)
        known = _hidden(environment.inner(), names)
        expressions = Expressions(self.x.source, self.x.names, known, self.x.own | set(names))
        expressions.items = self.x.items
        return Statements(
            scope,
            expressions,
            result=result,
            refusals=self.refusals,
            functions=self.functions,
            in_try=self.in_try(),
        )

    def called(self, helper: Helper, frame: Inlined) -> Statements:
        """Give the compiler of a helper function that is written out here."""
        node = helper.node
        names = [*(parameter.arg for parameter in helper.parameters), *assigned_names(node.body)]
        known = _hidden(helper.environment().inner(), names)
        expressions = Expressions(helper.source, helper.names, known, {*helper.own, *names})
        expressions.items = self.x.items
        made = Statements(
            self.scope,
            expressions,
            result=None,
            refusals=self.refusals,
            functions=helper.functions(),
            in_try=self.inside_try,
        )
        made.around = [*self.around, frame]
        made.errors = list(self.errors)
        made._variables = self.scope.frames.setdefault(node, {})
        if node.returns is not None:
            made.result = made.annotated_type(node.returns)
        return made

    def end(self, node: ast.AST) -> None:
        """Return None where the last statement does not leave."""
        leaving.fall_off(self, node)


_INSTEAD: Final = (
    ((ast.Import, ast.ImportFrom), "import it at the top of the module"),
    (ast.ClassDef, "define it in the module"),
    (ast.AsyncFunctionDef, "write `def`: the state machine waits by itself"),
    (ast.AsyncFor, "write `for`: the state machine waits by itself"),
    (ast.Delete, "leave it out, or give the value another name"),
)
"""Statements that a workflow cannot have -> what to write instead."""


def _leaves(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Return | ast.Raise | ast.Break | ast.Continue)


def _hidden(known: Environment, names: Sequence[str]) -> Environment:
    """Give what is known where these names are declared anew."""
    known.assigned -= set(names)
    for name in names:
        known.locals.pop(name, None)
        known.bound.pop(name, None)
    known.forget(names)
    return known
