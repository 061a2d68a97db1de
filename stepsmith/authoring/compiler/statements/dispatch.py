"""Statements in order, to states: assignments, waiting, returning and raising; compound ones have their own modules."""

from __future__ import annotations

import ast
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

from stepsmith.authoring.calls import constructs
from stepsmith.authoring.compiler.expressions import operators
from stepsmith.authoring.compiler.expressions.dispatch import Expressions
from stepsmith.authoring.compiler.expressions.environment import Environment, Local
from stepsmith.authoring.compiler.expressions.fitting import fits, type_help
from stepsmith.authoring.compiler.expressions.methods import rewritten
from stepsmith.authoring.compiler.expressions.protocol import MISSING
from stepsmith.authoring.compiler.statements import branching, callables, loops, side_by_side, tries
from stepsmith.authoring.compiler.statements.assigned import assigned_names
from stepsmith.authoring.compiler.statements.drafts import Draft, Edge, Ends
from stepsmith.authoring.compiler.statements.scopes import Finally, Loop, ScopeBuilder, Surrounding, Try
from stepsmith.authoring.lowered import graph
from stepsmith.authoring.source.diagnostics import Diagnostic, Refusal, Spoiled
from stepsmith.authoring.tasks.task import Task
from stepsmith.authoring.values.types import from_annotation, resolve
from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    DATETIME,
    INT,
    NONE,
    DictType,
    ErrorType,
    ListType,
    OptionalType,
    TupleType,
    Type,
    assignable,
    describe,
    join,
)
from stepsmith.expressions.typed.tree import Expression

CONSTRUCTS = (constructs.parallel, constructs.map_items, constructs.wait, constructs.wait_until)


class Statements:
    """Compiles the statements of one scope; `ends` is where control is."""

    def __init__(
        self,
        scope: ScopeBuilder,
        expressions: Expressions,
        *,
        result: Type | None,
        refusals: list[Diagnostic],
        functions: Mapping[str, ast.FunctionDef] | None = None,
        in_try: bool = False,
    ) -> None:
        self.scope = scope
        self.x = expressions
        self.x.call_task = self.hoist
        self.ends: Ends = [scope.entry]
        self.result = result
        """The declared type of what is returned, where it is declared."""
        self.returned: Type | None = None
        """The type of what has been returned so far."""
        self.refusals = refusals
        self.functions = dict(functions or {})
        """Local functions, by name."""
        self.around: list[Surrounding] = []
        """Loops and try statements around the point that is compiled, outermost first."""
        self._hoisted: dict[ast.Call, Expression] = {}
        """Calls of this statement that have a state already, because a chain of comparisons meets them twice."""
        self.errors: list[str] = []
        """Variables of the except clauses around it."""
        self._in_try = in_try

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
        return self._in_try or any(isinstance(around, Try) for around in self.around)

    def body(self, statements: Sequence[ast.stmt]) -> None:
        """Compile statements; a refused one does not hide what is wrong with the others."""
        for statement in statements:
            if not self.ends:
                diagnostic = self.x.source.diagnostic(
                    statement, "W204", "this statement is never reached", "remove it"
                )
                self.refusals.append(diagnostic)
                return
            before = self.ends
            self.x.fallible = False
            self._hoisted.clear()
            try:
                self.statement(statement)
            except (Refusal, Spoiled) as problem:
                if isinstance(problem, Refusal):
                    self.refusals.append(problem.diagnostic)
                self.environment.spoiled.update(assigned_names([statement]))
                leaves = isinstance(statement, ast.Return | ast.Raise | ast.Break | ast.Continue)
                self.ends = [] if leaves else before

    def statement(self, node: ast.stmt) -> None:
        """Compile one statement."""
        match node:
            case ast.Assign():
                self._assign(node)
            case ast.AnnAssign():
                self._annotated(node)
            case ast.AugAssign():
                self._augmented(node)
            case ast.Expr():
                self._expression(node)
            case ast.Return():
                self._return(node)
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
            case ast.Raise():
                tries.raise_(self, node)
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
        words = ast.unparse(node).split()
        message = f"`{words[0].rstrip(':')}` statements are not supported in a workflow"
        return self.refusal(node, "W100", message, "move the work into a task")

    def check_fallible(self, node: ast.AST) -> None:
        """Refuse an expression that can fail where Python would catch the failure and a state would not."""
        if self.x.fallible and self.in_try():
            message = "this expression can fail, and a state machine cannot catch that here"
            raise self.refusal(node, "W216", message, "compute it before the try statement, or inside a task")

    # assignments

    def _assign(self, node: ast.Assign) -> None:
        if len(node.targets) == 1 and self._assign_call(node.targets[0], node.value, None):
            return
        if (
            len(node.targets) == 1
            and isinstance(node.targets[0], ast.Tuple)
            and isinstance(node.value, ast.Tuple)
        ):
            self._assign_each(node, node.targets[0], node.value)
            return
        value = self.x.compile(node.value, self._declared(node.targets[0]))
        self.check_fallible(node.value)
        values: dict[str, Expression] = {}
        for target in node.targets:
            values.update(self.bind_target(target, value, None))
        self.assign(values, node)

    def _assign_each(self, node: ast.Assign, target: ast.Tuple, value: ast.Tuple) -> None:
        if len(target.elts) != len(value.elts):
            raise self.refusal(node, "W201", f"{len(target.elts)} names for {len(value.elts)} values")
        compiled = [
            self.x.compile(part, self._declared(name))
            for name, part in zip(target.elts, value.elts, strict=True)
        ]
        self.check_fallible(node.value)
        values: dict[str, Expression] = {}
        for name, part in zip(target.elts, compiled, strict=True):
            values.update(self.bind_target(name, part, None))
        self.assign(values, node)

    def _declared(self, target: ast.expr) -> Type | None:
        local = self.environment.locals.get(target.id) if isinstance(target, ast.Name) else None
        return local.type if local else None

    def _annotated(self, node: ast.AnnAssign) -> None:
        kind = from_annotation(self.annotation(node.annotation))
        if node.value is None:
            if isinstance(node.target, ast.Name):
                self.declare(node.target.id, kind)
            return
        if self._assign_call(node.target, node.value, kind):
            return
        value = self.x.compile(node.value, kind)
        self.check_fallible(node.value)
        self.assign(self.bind_target(node.target, value, kind), node)

    def annotation(self, node: ast.expr) -> object:
        """Give the object that an annotation in the source stands for."""
        try:
            return resolve(
                ast.unparse(node) if not isinstance(node, ast.Constant) else node.value, self.x.names
            )
        except (NameError, TypeError, SyntaxError) as error:
            raise self.refusal(
                node, "W104", f"annotation {ast.unparse(node)} cannot be read: {error}", None
            ) from error

    def _augmented(self, node: ast.AugAssign) -> None:
        if not isinstance(node.target, ast.Name):
            raise self._refuse_target(node.target, node.value)
        text = node.target.id
        left = self.x.compile(ast.copy_location(ast.Name(text, ast.Load()), node.target))
        if isinstance(left.type, ListType | DictType):
            message = f"{text} is changed in place; workflow variables are immutable"
            name = "extend" if isinstance(left.type, ListType) else "update"
            raise self.refusal(node, "W170", message, rewritten(node.target, name, [node.value]))
        whole = ast.copy_location(ast.BinOp(ast.Name(text, ast.Load()), node.op, node.value), node)
        ast.copy_location(whole.left, node.target)
        value = operators.binary(self.x, whole)
        self.x.fallible = self.x.fallible or tree.can_fail(value)
        self.check_fallible(node)
        self.assign(self.bind_target(node.target, value, None), node)

    def _assign_call(self, target: ast.expr, value: ast.expr, annotated: Type | None) -> bool:
        """Compile `target = call(...)` where the call is a state of its own."""
        made = self.state_of(value)
        if made is None:
            return False
        draft, result = made
        values = self.bind_target(target, result, annotated)
        edge = Edge(retried=bool(draft.catches) or self.is_retried(draft))
        edge.assign.update(values)
        draft.edge = edge
        self.ends = [edge]
        return True

    def is_retried(self, draft: Draft) -> bool:
        """Say whether a failing assignment of a state would be tried again."""
        return isinstance(draft.state, graph.Task | graph.Parallel | graph.Map) and bool(draft.state.retry)

    def state_of(self, value: ast.expr) -> tuple[Draft, Expression] | None:
        """Make the state of a call of a task, workflow, parallel() or map_items(); None for any other expression."""
        if isinstance(value, ast.ListComp) and side_by_side.is_map(self, value):
            return side_by_side.comprehension(self, value)
        if not isinstance(value, ast.Call):
            return None
        target = self.callee(value)
        if target is constructs.parallel:
            return side_by_side.parallel(self, value)
        if target is constructs.map_items:
            return side_by_side.map_items(self, value)
        if isinstance(target, Task | Workflow):
            return callables.call(self, value, cast("Task[..., Any] | Workflow[..., Any]", target))
        return None

    def callee(self, node: ast.Call) -> object:
        """Give what a call calls, where that is known before the run."""
        return self.x.static(node.func)

    def bind_target(
        self, target: ast.expr, value: Expression, annotated: Type | None
    ) -> dict[str, Expression]:
        """Declare what a target assigns; gives the values by workflow variable."""
        if isinstance(target, ast.Name):
            if target.id == "_":
                return {}
            return {self.bind(target, value, annotated): value}
        if isinstance(target, ast.Tuple | ast.List) and isinstance(value.type, TupleType):
            items = value.type.items
            if len(items) != len(target.elts):
                raise self.refusal(target, "W201", f"{len(target.elts)} names for {len(items)} values")
            found: dict[str, Expression] = {}
            for index, (part, kind) in enumerate(zip(target.elts, items, strict=True)):
                place = tree.Constant(value=index, type=INT)
                item = tree.Item(value=value, index=place, type=kind, certain=True)
                found.update(self.bind_target(part, item, None))
            return found
        raise self._refuse_target(target, None)

    def _refuse_target(self, target: ast.expr, value: ast.expr | None) -> Refusal:
        match target:
            case ast.Subscript(value=holder, slice=key):
                new = ast.unparse(value) if value else "..."
                help = (
                    f"write `{ast.unparse(holder)} = {{**{ast.unparse(holder)}, {ast.unparse(key)}: {new}}}`"
                )
            case ast.Attribute(value=holder, attr=name):
                help = f"make a new value with another {name}, and assign it to {ast.unparse(holder)}"
            case _:
                kind = "" if value is None else f", from {ast.unparse(value)}"
                message = f"{ast.unparse(target)} takes apart what is no tuple of known length{kind}"
                return self.refusal(target, "W201", message, "assign plain names")
        text = ast.unparse(target)
        return self.refusal(
            target, "W170", f"{text} is changed in place; workflow variables are immutable", help
        )

    def bind(self, target: ast.Name, value: Expression, annotated: Type | None) -> str:
        """Declare a name or check that a new value fits it; gives its workflow variable."""
        name, environment = target.id, self.environment
        self.check_name(target, name)
        if isinstance(value.type, ErrorType):
            raise self.refusal(
                target, "W107", "a caught error cannot be kept under another name", "use str(error)"
            )
        local = environment.locals.get(name)
        if annotated is not None:
            if not fits(value, annotated):
                message = f"{name} is {describe(annotated)}, got {describe(value.type)}"
                raise self.refusal(target, "W202", message, type_help(value.type, annotated, name))
            local = self.declare(name, annotated)
        elif local is None:
            local = self.declare(name, value.type)
        elif not fits(value, local.type):
            both = join(local.type, value.type)
            help = (
                f"annotate its first assignment: `{name}: {describe(both)} = ...`"
                if both
                else "use another name"
            )
            message = f"{name} is {describe(local.type)} where it is first assigned, and {describe(value.type)} here"
            raise self.refusal(target, "W202", message, help)
        environment.forget([name])
        if isinstance(local.type, OptionalType) and assignable(value.type, local.type):
            environment.narrowed[name] = value.type
        environment.assigned.add(name)
        environment.spoiled.discard(name)
        return local.variable

    def check_name(self, node: ast.AST, name: str) -> None:
        """Refuse names that variables of states cannot have."""
        if name.startswith("_"):
            message = f"'{name}' begins with an underscore, which names of workflow variables cannot"
            raise self.refusal(node, "W105", message, f"call it {name.lstrip('_') or 'value'}")

    def declare(self, name: str, kind: Type) -> Local:
        """Make a name a local of this type."""
        local = self.environment.locals[name] = Local(self.scope.variable(name), kind)
        return local

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
        if node in self._hoisted:
            return self._hoisted[node]
        made = self.state_of(node)
        if made is None:
            name = ast.unparse(node.func)
            message = f"{name}() is a local function, which is only called by parallel() and map_items()"
            raise self.refusal(node, "W160", message, "write its statements here, or make it a task")
        draft, result = made
        variable = self.scope.fresh(f"{ast.unparse(node.func).replace('.', '_')}_result")
        draft.edge = Edge(retried=bool(draft.catches) or self.is_retried(draft), assign={variable: result})
        self.ends = [draft.edge]
        self._hoisted[node] = tree.Variable(name=variable, type=result.type, span=result.span)
        return self._hoisted[node]

    # statements that are calls

    def _expression(self, node: ast.Expr) -> None:
        value = node.value
        if isinstance(value, ast.Constant):
            return
        target = self.callee(value) if isinstance(value, ast.Call) else MISSING
        if isinstance(value, ast.Call) and target is constructs.wait:
            self._wait(value)
            return
        if isinstance(value, ast.Call) and target is constructs.wait_until:
            self._wait_until(value)
            return
        made = self.state_of(value)
        if made is not None:
            draft, _ = made
            draft.edge = Edge(retried=bool(draft.catches) or self.is_retried(draft))
            self.ends = [draft.edge]
            return
        self.x.compile(value)
        help = "assign it, or remove it"
        raise self.refusal(value, "W203", f"the value of `{ast.unparse(value)}` is not used", help)

    def _one_argument(self, node: ast.Call) -> ast.expr:
        if len(node.args) == 1 and not node.keywords and not isinstance(node.args[0], ast.Starred):
            return node.args[0]
        if not node.args and len(node.keywords) == 1 and node.keywords[0].arg in ("duration", "moment"):
            return node.keywords[0].value
        raise self.refusal(node, "W201", f"{ast.unparse(node.func)}() takes one argument", None)

    def _wait(self, node: ast.Call) -> None:
        argument = self._one_argument(node)
        span = self.x.source.span(node)
        known = branching.constant_duration(self.x, argument)
        if known is not None:
            seconds = known.total_seconds()
            if seconds != int(seconds) or not 0 <= seconds <= 99_999_999:
                raise self.refusal(argument, "W201", f"{known} is not 0 to 99,999,999 whole seconds")
            value: Expression = tree.Constant(value=int(seconds), type=INT, span=span)
            name = f"Wait {spoken(known)}"
        else:
            value = self.x.typed(argument, INT, "the argument of wait()")
            name = f"Wait {ast.unparse(argument)} seconds"
        self.check_fallible(argument)
        self._add_wait(graph.Wait(name=self.scope.name(name), seconds=value, span=span))

    def _wait_until(self, node: ast.Call) -> None:
        argument = self._one_argument(node)
        value = self.x.typed(argument, DATETIME, "the argument of wait_until()")
        self.check_fallible(argument)
        name = self.scope.name(f"Wait until {ast.unparse(argument)}")
        self._add_wait(graph.Wait(name=name, timestamp=value, span=self.x.source.span(node)))

    def _add_wait(self, state: graph.Wait) -> None:
        edge = Edge()
        self.scope.add(self.ends, Draft(state, edge))
        self.ends = [edge]

    # leaving

    def _return(self, node: ast.Return) -> None:
        final = any(isinstance(around, Finally) for around in self.around)
        if node.value is not None and not final:
            made = self.state_of(node.value)
            if made is not None:
                self.end_with(node.value, *made)
                return
        if node.value is None:
            value: Expression = tree.Constant(value=None, type=NONE)
            self.check_result(node, value)
        elif final and (made := self.state_of(node.value)) is not None:
            value = self._kept(node.value, *made)
        else:
            value = self.x.value(node.value, self.result)
            self.check_fallible(node.value)
            self.check_result(node.value, value)
        if final and not isinstance(value, tree.Constant):
            value = self.fresh("result", value, node)
        if final:
            tries.run_finally(self, until=None)
        if self.ends:
            self.succeed(value, node)

    def _kept(self, node: ast.expr, draft: Draft, result: Expression) -> Expression:
        self.check_result(node, result)
        variable = self.scope.fresh("result")
        draft.edge = Edge(retried=bool(draft.catches) or self.is_retried(draft), assign={variable: result})
        self.ends = [draft.edge]
        return tree.Variable(name=variable, type=result.type)

    def end_with(self, node: ast.expr, draft: Draft, result: Expression) -> None:
        """End the scope with a state whose result is what is returned."""
        self.check_result(node, result)
        draft.state = callables.with_output(draft.state, result)
        draft.edge = None
        self.ends = []

    def check_result(self, node: ast.AST, value: Expression) -> None:
        """Check what is returned against the annotation."""
        if self.result is not None and not fits(value, self.result):
            message = f"the function returns {describe(self.result)}, got {describe(value.type)}"
            text = ast.unparse(node) if isinstance(node, ast.expr) else ""
            raise self.refusal(node, "W205", message, type_help(value.type, self.result, text))
        both = value.type if self.returned is None else join(self.returned, value.type)
        if both is None:
            raise self.refusal(
                node, "W205", "the function returns different types", "annotate what it returns"
            )
        self.returned = both

    def succeed(self, value: Expression, node: ast.AST) -> None:
        """End the scope well."""
        key = ("Succeed", repr(_without_spans(value)))  # constants may be lists, which have no hash
        if not self.scope.joins_terminal(self.ends, key):
            state = graph.Succeed(name=self.scope.name("Return"), output=value, span=self.x.source.span(node))
            self.scope.add_terminal(self.ends, key, state)
        self.ends = []

    def fall_off(self, node: ast.AST) -> None:
        """Return None where the last statement does not leave."""
        if not self.ends:
            return
        value = tree.Constant(value=None, type=NONE)
        if self.result is not None and not fits(value, self.result):
            message = f"the function returns {describe(self.result)}, but can end without return"
            raise self.refusal(node, "W205", message, "return a value, or raise an error, on every path")
        self.returned = NONE if self.returned is None else join(self.returned, NONE)
        self.succeed(value, node)

    def _function(self, node: ast.FunctionDef) -> None:
        if node.decorator_list:
            message = "decorators are not supported inside a workflow"
            raise self.refusal(node.decorator_list[0], "W100", message, "define the function at module level")
        if node.name in self.functions and self.functions[node.name] is not node:
            raise self.refusal(
                node, "W100", f"{node.name}() is defined twice", "give the second one another name"
            )
        self.functions[node.name] = node
        self.environment.assigned.add(node.name)

    @contextmanager
    def inside(self, around: Surrounding) -> Generator[None]:
        """Compile inside a loop or try statement."""
        self.around.append(around)
        try:
            yield
        finally:
            self.around.pop()

    def innermost_loop(self) -> tuple[int, Loop] | None:
        """Give the loop around this point, with its depth."""
        for index in range(len(self.around) - 1, -1, -1):
            around = self.around[index]
            if isinstance(around, Loop):
                return index, around
        return None


def _without_spans(value: Expression) -> Expression:
    return replace(tree.rebuild(value, _without_spans), span=None)


def spoken(duration: timedelta) -> str:
    """Write a duration in its largest whole unit: `90 seconds`, `3 days`."""
    seconds = int(duration.total_seconds())
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        if seconds % size == 0 and (seconds or unit == "second"):
            count = seconds // size
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{seconds} seconds"
