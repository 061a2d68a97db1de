"""try, except, else, finally and raise: errors led to the clause that Python would run."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from stepsmith.authoring.compiler.expressions import displays
from stepsmith.authoring.compiler.expressions.environment import Environment, Local
from stepsmith.authoring.compiler.statements.drafts import Draft, Edge, Ends
from stepsmith.authoring.compiler.statements.scopes import Finally, Handler, Try
from stepsmith.authoring.lowered import graph
from stepsmith.authoring.source.names import class_words
from stepsmith.authoring.values.types import error_name, error_names
from stepsmith.errors import TaskFailed
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import STR, ErrorType, ListType, describe, is_text
from stepsmith.expressions.typed.tree import Expression

if TYPE_CHECKING:
    from stepsmith.authoring.compiler.statements.dispatch import Statements


def error_variable(s: Statements) -> str:
    """Give a workflow variable for an error without a name; the same again where none is in use."""
    if s.errors or "error" in s.x.own:
        return s.scope.fresh("error")
    return s.scope.variable("error")


def handlers_around(s: Statements) -> list[Handler]:
    """Give the except clauses that an error raised here may reach, innermost first."""
    return [
        handler for around in reversed(s.around) if isinstance(around, Try) for handler in around.handlers
    ]


def add_catches(s: Statements, draft: Draft) -> None:
    """Give a state a catcher for each except clause around it."""
    seen = {name for names, _ in draft.catches for name in names}
    for handler in handlers_around(s):
        names = tuple(name for name in handler.errors if name not in seen)
        if not names:
            continue
        edge = Edge()
        if handler.variable:
            edge.assign[handler.variable] = tree.State(part="errorOutput", type=ErrorType())
        draft.catches.append((names, edge))
        reach(s, handler, [edge])
        seen.update(names)
        if handler.catches_all():
            return


def reach(s: Statements, handler: Handler, ends: Ends) -> None:
    """Lead control to an except clause."""
    handler.ends += ends
    handler.environments.append(s.environment.copy())


def try_(s: Statements, node: ast.Try) -> None:
    """Compile a try statement; `finally` becomes a clause for every error around the rest of it."""
    if not node.finalbody:
        _try_except(s, node)
        return
    for leaving in _leaving(node.finalbody):
        word = ast.unparse(leaving).split()[0]
        raise s.refusal(
            leaving,
            "W214",
            f"`{word}` in finally would hide the error that is on its way",
            "do it after the try",
        )
    handler = Handler(("States.ALL",), (BaseException,), s.scope.fresh("error"))
    with s.inside(Finally(node.finalbody)), s.inside(Try([handler])):
        if node.handlers:
            _try_except(s, node)
        else:
            s.body(node.body)
    if s.ends:
        s.body(node.finalbody)
    after, environment = s.ends, s.environment
    if handler.ends and handler.variable:
        s.ends, s.environment = handler.ends, _joined(handler.environments)
        s.errors.append(handler.variable)
        s.body(node.finalbody)
        s.errors.pop()
        if s.ends:
            route(s, handler.variable, node.finalbody[0])
    s.ends, s.environment = after, environment


def _leaving(statements: Sequence[ast.stmt]) -> list[ast.stmt]:
    found: list[ast.stmt] = []
    for statement in statements:
        if isinstance(statement, ast.Return | ast.Break | ast.Continue):
            found.append(statement)
        elif not isinstance(statement, ast.FunctionDef):
            nested = [child for child in ast.iter_child_nodes(statement) if isinstance(child, ast.stmt)]
            loop = isinstance(statement, ast.For | ast.While)
            found += [leave for leave in _leaving(nested) if not loop or isinstance(leave, ast.Return)]
    return found


def run_finally(s: Statements, until: int | None) -> None:
    """Run the finally blocks that control leaves on its way out, innermost first; `until` is a depth that stays."""
    around = s.around
    low = -1 if until is None else until
    for index in range(len(around) - 1, low, -1):
        block = around[index]
        if isinstance(block, Finally) and s.ends:
            s.around = around[:index]
            s.body(block.body)
    s.around = around


def _joined(environments: Sequence[Environment]) -> Environment:
    return environments[0].join(environments[1:])


def _try_except(s: Statements, node: ast.Try) -> None:
    handlers = [_handler(s, clause) for clause in node.handlers]
    found = len(s.refusals)
    with s.inside(Try(handlers)):
        s.body(node.body)
    if s.ends and node.orelse:
        s.body(node.orelse)
    ways: list[tuple[Ends, Environment]] = [(s.ends, s.environment)]
    for clause, handler in zip(node.handlers, handlers, strict=True):
        if not handler.ends:
            if len(s.refusals) == found:
                text = ast.unparse(clause.type) if clause.type else "Exception"
                raise s.refusal(
                    clause, "W215", f"nothing in the try body can raise {text}", "remove the except clause"
                )
            continue
        s.ends, s.environment = handler.ends, _joined(handler.environments)
        _clause(s, clause, handler)
        ways.append((s.ends, s.environment))
    join_ways(s, ways)


def join_ways(s: Statements, ways: Sequence[tuple[Ends, Environment]]) -> None:
    """Go on where several ways meet; those that ended do not count."""
    open_ways = [way for way in ways if way[0]]
    s.ends = [end for ends, _ in open_ways for end in ends]
    if open_ways:
        s.environment = _joined([environment for _, environment in open_ways])


def _clause(s: Statements, clause: ast.ExceptHandler, handler: Handler) -> None:
    before = s.environment.locals.get(clause.name) if clause.name else None
    if clause.name and handler.variable:
        s.environment.forget([clause.name])
        s.environment.locals[clause.name] = Local(handler.variable, ErrorType(_class_text(clause)))
        s.environment.assigned.add(clause.name)
    s.errors.append(handler.variable or "")
    s.body(clause.body)
    s.errors.pop()
    if clause.name:
        s.environment.assigned.discard(clause.name)
        if before is not None:
            s.environment.locals[clause.name] = before


def _class_text(clause: ast.ExceptHandler) -> str:
    return ast.unparse(clause.type) if clause.type else "Exception"


def _handler(s: Statements, clause: ast.ExceptHandler) -> Handler:
    if clause.type is None:
        raise s.refusal(
            clause, "W213", "a bare `except:` also catches what no state can", "write `except Exception:`"
        )
    parts = clause.type.elts if isinstance(clause.type, ast.Tuple) else [clause.type]
    classes = tuple(_exception_class(s, part) for part in parts)
    names: dict[str, None] = {}
    for found in classes:
        names.update(dict.fromkeys(error_names(found)))
    errors = ("States.ALL",) if "States.ALL" in names else tuple(names)
    variable: str | None = None
    if clause.name:
        s.check_name(clause, clause.name)
        named = s.scope.variable(clause.name)
        variable = s.scope.fresh(clause.name) if named in s.errors else named
    elif _raises_again(clause.body):
        variable = error_variable(s)
    return Handler(errors, classes, variable)


def _raises_again(statements: Sequence[ast.AST]) -> bool:
    for node in statements:
        if isinstance(node, ast.Raise) and node.exc is None:
            return True
        if not isinstance(node, ast.FunctionDef) and _raises_again(list(ast.iter_child_nodes(node))):
            return True
    return False


def _exception_class(s: Statements, node: ast.expr) -> type[BaseException]:
    found = s.x.static(node)
    text = ast.unparse(node)
    if not (isinstance(found, type) and issubclass(found, BaseException)):
        raise s.refusal(
            node,
            "W213",
            f"{text} is not a known exception class",
            "name a subclass of WorkflowError, or Exception",
        )
    if found is TaskFailed:
        message = "TaskFailed stands for every error of a task on AWS, but in Python only for itself"
        raise s.refusal(node, "W213", message, "write `except Exception:`")
    if found is BaseException or (found is not Exception and found.__module__ == "builtins"):
        message = f"{text} has subclasses that only Python knows, which a state machine cannot catch by name"
        raise s.refusal(
            node,
            "W213",
            message,
            "catch it in the task and raise a WorkflowError, or write `except Exception:`",
        )
    return found


def raise_(s: Statements, node: ast.Raise) -> None:
    """Compile a raise statement: straight to the clause that catches it, or to a Fail state."""
    if node.exc is None:
        _raise_again(s, node)
        return
    local = s.environment.locals.get(node.exc.id) if isinstance(node.exc, ast.Name) else None
    if isinstance(node.exc, ast.Name) and local and isinstance(local.type, ErrorType):
        s.x.compile(node.exc)
        route(s, local.variable, node)
        return
    _check_cause(s, node.cause)
    error, message = _raised(s, node.exc)
    s.check_fallible(node)
    for handler in handlers_around(s):
        if handler.catches_all() or any(issubclass(error, known) for known in handler.classes):
            _go_to(s, node, handler, error, message)
            return
    state = graph.Fail(
        name=s.scope.name(class_words(error.__name__)),
        error=tree.Constant(value=error_name(error), type=STR),
        cause=message,
        span=s.x.source.span(node),
    )
    s.scope.add(s.ends, Draft(state))
    s.ends = []


def _check_cause(s: Statements, cause: ast.expr | None) -> None:
    """Allow `from None` and `from` a caught error; the cause itself is not part of a failure."""
    if cause is None or (isinstance(cause, ast.Constant) and cause.value is None):
        return
    if not isinstance(s.x.compile(cause).type, ErrorType):
        raise s.refusal(
            cause,
            "W213",
            f"{ast.unparse(cause)} is not a caught error",
            "write `from error`, or leave it out",
        )


def _go_to(
    s: Statements, node: ast.Raise, handler: Handler, error: type[BaseException], message: Expression
) -> None:
    if handler.variable:
        name = tree.Constant(value=error_name(error), type=STR)
        members = (("Error", name), ("Cause", message))
        value = tree.ObjectOf(
            entries=tuple((tree.Constant(value=key, type=STR), part) for key, part in members),
            type=ErrorType(),
        )
        wanted = class_words(error.__name__)
        s.ends = s.scope.assign(s.ends, {handler.variable: value}, wanted, s.x.source.span(node))
    reach(s, handler, s.ends)
    s.ends = []


def _raised(s: Statements, node: ast.expr) -> tuple[type[BaseException], Expression]:
    call = node if isinstance(node, ast.Call) else None
    found = s.x.static(call.func if call else node)
    text = ast.unparse(call.func if call else node)
    if not (isinstance(found, type) and issubclass(found, Exception)):
        raise s.refusal(
            node, "W213", f"{text} is not a known exception class", "raise a subclass of WorkflowError"
        )
    if _is_changed(found):
        message = f"{found.__name__} makes its message itself, which a state machine does not"
        raise s.refusal(node, "W220", message, "raise it in a task, or give it no __init__ and no __str__")
    if call is None or not (call.args or call.keywords):
        return found, tree.Constant(value="", type=STR)
    if len(call.args) != 1 or call.keywords or isinstance(call.args[0], ast.Starred):
        raise s.refusal(node, "W201", f"{text}() takes one message here", "put the details into one text")
    value = s.x.compile(call.args[0])
    if isinstance(value.type, ErrorType):
        return found, displays.as_text(s.x, call.args[0], value)
    if not is_text(value.type):
        raise s.refusal(
            call.args[0], "W201", f"the message of {text}() is str, got {describe(value.type)}", None
        )
    return found, value


def _is_changed(error: type[BaseException]) -> bool:
    own = [base for base in error.__mro__ if base.__module__ != "builtins"]
    return error.__str__ is not BaseException.__str__ or any(
        "__init__" in vars(base) or "__str__" in vars(base) or "__new__" in vars(base) for base in own
    )


def _raise_again(s: Statements, node: ast.Raise) -> None:
    if not s.errors:
        raise s.refusal(
            node,
            "W211",
            "`raise` without an error is only known inside an except clause",
            "raise an error by name",
        )
    route(s, s.errors[-1], node)


def route(s: Statements, variable: str, node: ast.AST) -> None:
    """Lead an error in a workflow variable to the clause that catches it, by its name at run time, or fail with it."""
    error = tree.Variable(name=variable, type=ErrorType())
    rules: list[tuple[Handler, tuple[str, ...]]] = []
    last: Handler | None = None
    seen: set[str] = set()
    for handler in handlers_around(s):
        if handler.catches_all():
            last = handler
            break
        names = tuple(name for name in handler.errors if name not in seen)
        seen.update(names)
        if names:
            rules.append((handler, names))
    span = s.x.source.span(node)
    if rules:
        onward = Edge()
        draft = Draft(graph.Choice(name=s.scope.name("Which error?"), rules=(), span=span), onward)
        s.scope.add(s.ends, draft)
        for handler, names in rules:
            edge = Edge()
            draft.rules.append((_is_one_of(error, names), edge))
            _hand_over(s, handler, error, [edge])
        s.ends = [onward]
    if last is not None:
        _hand_over(s, last, error, s.ends)
        s.ends = []
        return
    _fail_with(s, error, node)


def _hand_over(s: Statements, handler: Handler, error: tree.Variable, ends: Ends) -> None:
    if handler.variable and handler.variable != error.name:
        ends = s.scope.assign(ends, {handler.variable: error}, f"Set {handler.variable}", None)
    reach(s, handler, ends)


def _is_one_of(error: Expression, names: tuple[str, ...]) -> Expression:
    name = tree.Field(value=error, name="Error", type=STR)
    if len(names) == 1:
        return tree.Compare(operator="==", left=name, right=tree.Constant(value=names[0], type=STR))
    return tree.Compare(operator="in", left=name, right=tree.Constant(value=list(names), type=ListType(STR)))


def _fail_with(s: Statements, error: tree.Variable, node: ast.AST) -> None:
    key = ("Raise again", error.name)
    if not s.scope.joins_terminal(s.ends, key):
        state = graph.Fail(
            name=s.scope.name("Raise again"),
            error=tree.Field(value=error, name="Error", type=STR),
            cause=tree.Field(value=error, name="Cause", type=STR),
            span=s.x.source.span(node),
        )
        s.scope.add_terminal(s.ends, key, state)
    s.ends = []
