"""raise, and errors on their way at run time: to the clause that catches them, or to a Fail state."""

from __future__ import annotations

import ast
from dataclasses import replace

from stepsmith.authoring.compiler.drafts import Draft, Edge, Ends
from stepsmith.authoring.compiler.expressions.library import formats
from stepsmith.authoring.compiler.expressions.narrowing.constants import known
from stepsmith.authoring.compiler.statements.failing import guard
from stepsmith.authoring.compiler.statements.protocol import StatementCompiler
from stepsmith.authoring.compiler.statements.scopes import (
    Handler,
)
from stepsmith.authoring.compiler.statements.ways import handlers_around, reach
from stepsmith.authoring.lowered import graph
from stepsmith.authoring.source.names import class_words
from stepsmith.authoring.values.types import error_name
from stepsmith.authoring.values.unions import values_left
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.evaluate import cause_of
from stepsmith.expressions.typed.static_types import (
    NEVER,
    STR,
    EnumType,
    ErrorType,
    ListType,
    describe,
    is_text,
)
from stepsmith.expressions.typed.tree import Expression


def raise_(s: StatementCompiler, node: ast.Raise) -> None:
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
    guard(s, node.exc, [message])
    raise_named(s, node, error, message)


def raise_named(s: StatementCompiler, node: ast.AST, error: type[BaseException], message: Expression) -> None:
    """Lead an error straight to the clause that catches it, or to a Fail state."""
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


def assert_never_(s: StatementCompiler, node: ast.Call) -> None:
    """Compile `assert_never(value)`: refused where there is a value left, and a failure that no value leads to."""
    if len(node.args) != 1 or node.keywords or isinstance(node.args[0], ast.Starred):
        raise s.refusal(node, "W161", "assert_never() takes one value", "write assert_never(value)")
    place = node.args[0]
    left = known(s.x, place, s.x.compile(place).type)
    if left != NEVER:
        text = ", ".join(sorted(values_left(left)))
        raise s.refusal(node, "W204", f"assert_never() is reached with {text}", "decide that case before")
    message = tree.Constant(value="Expected code to be unreachable", type=STR)
    raise_named(s, node, AssertionError, message)


def _check_cause(s: StatementCompiler, cause: ast.expr | None) -> None:
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
    s: StatementCompiler, node: ast.AST, handler: Handler, error: type[BaseException], message: Expression
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


def _raised(s: StatementCompiler, node: ast.expr) -> tuple[type[BaseException], Expression]:
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
        return found, _cause(formats.as_text(s.x, call.args[0], value))
    if not is_text(value.type):
        raise s.refusal(
            call.args[0], "W201", f"the message of {text}() is str, got {describe(value.type)}", None
        )
    return found, _cause(value)


def _cause(text: Expression) -> Expression:
    """Give the Cause of an error that says a text: the text itself, unless it may be the JSON of an error."""
    if isinstance(text, tree.Constant):
        return replace(text, value=cause_of(str(text.value)))
    return (
        tree.Call(function="cause", arguments=(text,), type=STR, span=text.span)
        if _may_be_json(text)
        else text
    )


def _may_be_json(text: Expression) -> bool:
    match text:
        case tree.Constant(value=str() as value):
            return not value or value.startswith("{")
        case tree.Text(parts=(first, *_)):
            return is_text(first.type) and _may_be_json(first)
        case tree.Binary(operator="+", left=left):
            return _may_be_json(left)
        case tree.Call(function="str", arguments=(argument,)):
            return is_text(argument.type)
        case _:
            return not isinstance(text.type, EnumType)


def _is_changed(error: type[BaseException]) -> bool:
    own = [base for base in error.__mro__ if base.__module__ != "builtins"]
    return error.__str__ is not BaseException.__str__ or any(
        "__init__" in vars(base) or "__str__" in vars(base) or "__new__" in vars(base) for base in own
    )


def _raise_again(s: StatementCompiler, node: ast.Raise) -> None:
    if not s.errors:
        raise s.refusal(
            node,
            "W211",
            "`raise` without an error is only known inside an except clause",
            "raise an error by name",
        )
    route(s, s.errors[-1], node)


def route(s: StatementCompiler, variable: str, node: ast.AST, *, choice: Draft | None = None) -> None:
    """Lead an error in a workflow variable to the clause that catches it, by its name at run time, or fail with it.

    `choice` is a Choice state whose Default is the only way here, and which can ask for the name itself.
    """
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
        draft = choice or Draft(graph.Choice(name=s.scope.name("Which error?"), rules=(), span=span), Edge())
        if choice is None:
            s.scope.add(s.ends, draft)
        assert draft.edge is not None
        onward = draft.edge
        for handler, names in rules:
            edge = Edge()
            draft.rules.append((_is_one_of(error, names), edge))
            _hand_over(s, node, handler, error, [edge])
        s.ends = [onward]
    if last is not None:
        _hand_over(s, node, last, error, s.ends)
        s.ends = []
        return
    _fail_with(s, error, node)


def _hand_over(
    s: StatementCompiler, node: ast.AST, handler: Handler, error: tree.Variable, ends: Ends
) -> None:
    if error.name in s.scope.untold and handler.takes_expressions():
        _check_untold(s, node, handler)
    if handler.variable and handler.variable != error.name:
        ends = s.scope.assign(ends, {handler.variable: error}, f"Set {handler.variable}", None)
    reach(s, handler, ends)


def _check_untold(s: StatementCompiler, node: ast.AST, handler: Handler) -> None:
    """Refuse to hand the failure of an expression to what keeps its text; any other clause knows that it has none."""
    if handler.keeps_text:
        message = "what is raised again may be the failure of an expression, whose text only Python knows"
        raise s.refusal(node, "W216", message, "raise an error of your own")
    handler.untold = True
    if handler.variable:
        s.scope.untold.add(handler.variable)


def _is_one_of(error: Expression, names: tuple[str, ...]) -> Expression:
    name = tree.Field(value=error, name="Error", type=STR)
    if len(names) == 1:
        return tree.Compare(operator="==", left=name, right=tree.Constant(value=names[0], type=STR))
    return tree.Compare(operator="in", left=name, right=tree.Constant(value=list(names), type=ListType(STR)))


def _fail_with(s: StatementCompiler, error: tree.Variable, node: ast.AST) -> None:
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
