"""try, except and finally."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Sequence

from stepsmith.authoring.compiler.drafts import Edge, Ends
from stepsmith.authoring.compiler.expressions.environment import Environment, Local
from stepsmith.authoring.compiler.statements.assignments import check_name
from stepsmith.authoring.compiler.statements.protocol import StatementCompiler
from stepsmith.authoring.compiler.statements.raising import route
from stepsmith.authoring.compiler.statements.scopes import (
    Finally,
    Handler,
    Try,
)
from stepsmith.authoring.compiler.statements.ways import error_variable, join_ways
from stepsmith.authoring.source.diagnostics import Refusal
from stepsmith.authoring.values.reach import Reach
from stepsmith.authoring.values.types import error_name, error_names, subclasses
from stepsmith.errors import TaskFailed, WorkflowError
from stepsmith.expressions.typed.failures import ERRORS
from stepsmith.expressions.typed.static_types import (
    ErrorType,
)


def try_(s: StatementCompiler, node: ast.Try) -> None:
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
    if handler.ways and handler.variable:
        join_ways(s, handler.ways)
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


def run_finally(s: StatementCompiler, until: int | None) -> None:
    """Run the finally blocks that control leaves on its way out, innermost first; `until` is a depth that stays."""
    around = s.around
    low = -1 if until is None else until
    for index in range(len(around) - 1, low, -1):
        block = around[index]
        if isinstance(block, Finally) and s.ends:
            s.around = around[:index]
            s.body(block.body)
    s.around = around


def _try_except(s: StatementCompiler, node: ast.Try) -> None:
    handlers = [_handler_or_any(s, clause) for clause in node.handlers]
    found, start = len(s.refusals), s.environment.copy()
    with s.inside(Try(handlers)):
        s.body(node.body)
    if s.ends and node.orelse:
        s.body(node.orelse)
    ways: list[tuple[Ends, Environment]] = [(s.ends, s.environment)]
    for clause, handler in zip(node.handlers, handlers, strict=True):
        if not handler.ways:
            if len(s.refusals) == found:
                text = ast.unparse(clause.type) if clause.type else "Exception"
                raise s.refusal(
                    clause, "W215", f"nothing in the try body can raise {text}", "remove the except clause"
                )
            handler.ways.append(([Edge()], start.copy()))  # what is refused might lead there
        join_ways(s, handler.ways)
        _clause(s, clause, handler)
        ways.append((s.ends, s.environment))
    join_ways(s, ways)


def _clause(s: StatementCompiler, clause: ast.ExceptHandler, handler: Handler) -> None:
    before = s.environment.locals.get(clause.name) if clause.name else None
    if clause.name and handler.variable:
        s.environment.forget([clause.name])
        s.environment.locals[clause.name] = Local(handler.variable, _error_type(clause, handler))
        s.environment.assigned.add(clause.name)
    s.errors.append(handler.variable or "")
    s.body(clause.body)
    s.errors.pop()
    if clause.name:
        s.environment.assigned.discard(clause.name)
        if before is not None:
            s.environment.locals[clause.name] = before


def _error_type(clause: ast.ExceptHandler, handler: Handler) -> ErrorType:
    own = inspect.getattr_static(WorkflowError, "name")
    named = all(inspect.getattr_static(each, "name", None) is own for each in handler.classes)
    return ErrorType(_class_text(clause), named=named, told=not handler.untold)


def _class_text(clause: ast.ExceptHandler) -> str:
    return ast.unparse(clause.type) if clause.type else "Exception"


def _handler_or_any(s: StatementCompiler, clause: ast.ExceptHandler) -> Handler:
    """Give the handler of a clause; of a refused one a handler of everything, so that its body is compiled, too."""
    try:
        return _handler(s, clause)
    except Refusal as refusal:
        s.note(refusal)
        return Handler(("States.ALL",), (WorkflowError,), s.scope.fresh("error"))


def _handler(s: StatementCompiler, clause: ast.ExceptHandler) -> Handler:
    if clause.type is None:
        raise s.refusal(
            clause, "W213", "a bare `except:` also catches what no state can", "write `except Exception:`"
        )
    parts = clause.type.elts if isinstance(clause.type, ast.Tuple) else [clause.type]
    classes = tuple(_exception_class(s, part) for part in parts)
    names: dict[str, None] = {}
    for found in classes:
        names.update(dict.fromkeys(_names(found, s.scope.machine.reach)))
    errors = ("States.ALL",) if "States.ALL" in names else tuple(names)
    variable: str | None = None
    if clause.name:
        check_name(s, clause, clause.name)
        named = s.variable(clause.name)
        variable = s.scope.fresh(clause.name) if named in s.errors else named
    elif _raises_again(clause.body):
        variable = error_variable(s)
    own = [each for each in classes if each.__module__ == "builtins" and errors != ("States.ALL",)]
    return Handler(errors, classes, variable, builtin=own[0] if own else None)


def _names(error: type[BaseException], reach: Reach) -> tuple[str, ...]:
    """Give the names of a class and of what is below it; of a class of Python's own, what a workflow can raise."""
    if error.__module__ != "builtins" or error in (Exception, BaseException):
        return error_names(error, reach)
    by_expressions = [each for each in ERRORS if issubclass(each, error)]
    below = [each for each in sorted(subclasses(error, reach), key=error_name) if _is_written_here(each)]
    return tuple(dict.fromkeys(error_name(each) for each in [error, *by_expressions, *below]))


def _is_written_here(error: type[BaseException]) -> bool:
    """Say whether a class is the user's: which others there are depends on what has been imported."""
    top = error.__module__.partition(".")[0]
    file = getattr(sys.modules.get(error.__module__), "__file__", None) or ""
    installed = any(f"/{part}/" in file for part in ("site-packages", "dist-packages"))
    return top != "stepsmith" and top not in sys.stdlib_module_names and not installed and bool(file)


def _raises_again(statements: Sequence[ast.AST]) -> bool:
    for node in statements:
        if isinstance(node, ast.Raise) and node.exc is None:
            return True
        if not isinstance(node, ast.FunctionDef) and _raises_again(list(ast.iter_child_nodes(node))):
            return True
    return False


def _exception_class(s: StatementCompiler, node: ast.expr) -> type[BaseException]:
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
    if not issubclass(found, Exception):
        message = f"{text} ends a process of Python's, and no state machine"
        raise s.refusal(node, "W213", message, "write `except Exception:`")
    return found
