"""`with compensation() as undo`: the steps that are undone where a later one fails."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final, TypeGuard, cast

from stepsmith.authoring.calls.compensation import compensation
from stepsmith.authoring.compiler.drafts import is_path
from stepsmith.authoring.compiler.expressions.environment import Local
from stepsmith.authoring.compiler.statements import inlining
from stepsmith.authoring.compiler.statements.failing import guard
from stepsmith.authoring.compiler.statements.protocol import StatementCompiler
from stepsmith.authoring.compiler.statements.scopes import Handler, Saga, Try, Undo
from stepsmith.authoring.compiler.statements.undoing import (
    GIVEN,
    NOTHING,
    STATE,
    UNDO,
    message,
    state_of,
    undo_all,
)
from stepsmith.authoring.lowered.task_states import OBJECT, object_of
from stepsmith.authoring.tasks.task import Task
from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import BOOL, INT, STR, ErrorType, ListType, Type
from stepsmith.expressions.typed.tree import Expression

_FALSE: Final = tree.Constant(value=False, type=BOOL)
_TRUE: Final = tree.Constant(value=True, type=BOOL)
_EMPTY: Final = tree.ListOf(elements=(), type=ListType(OBJECT))


def with_(s: StatementCompiler, node: ast.With) -> None:
    """Compile a `with compensation()` statement; what it undoes becomes states behind every error of its body."""
    name = _name(s, node)
    _check_uses(s, node, name)
    handler = Handler(("States.ALL",), (Exception,), s.scope.fresh("error"), keeps_text=True)
    state = s.compensations.get(name) or _begin(s, name, node)
    saga = Saga(node, list(_undos(node.body, name, None)), name, handler.variable or "", state)
    _declare(s, saga)
    found, before = len(s.refusals), s.sagas
    s.sagas = {**before, name: saga}
    with s.inside(Try([handler])):
        s.body(node.body)
    s.sagas = before
    ends, environment = s.ends, s.environment
    if len(s.refusals) == found and handler.ways:
        undo_all(s, saga, handler)
    s.ends, s.environment = ends, environment
    _forget(s, saga)


def named(s: StatementCompiler, node: ast.Assign) -> bool:
    """Compile `undo = compensation()`, for a `with undo:`; says whether the assignment is one."""
    target = node.targets[0]
    if not isinstance(node.value, ast.Call) or s.callee(node.value) is not compensation:
        return False
    if len(node.targets) != 1 or not isinstance(target, ast.Name):
        raise s.refusal(node, "W232", "compensation() has one name", "write `undo = compensation()`")
    _check_call(s, node.value)
    s.compensations[target.id] = _begin(s, target.id, node)
    return True


def _begin(s: StatementCompiler, name: str, node: ast.AST) -> Local:
    """Declare what the name of a compensation stands for: nothing is left yet."""
    state = Local(s.scope.fresh(name), STATE)
    s.environment.locals[name] = state
    s.environment.assigned.add(name)
    s.assign({state.variable: state_of(tree.Constant(value="", type=STR), NOTHING)}, node)
    return state


def _name(s: StatementCompiler, node: ast.With) -> str:
    item = node.items[0]
    given = item.context_expr
    if len(node.items) == 1 and isinstance(given, ast.Name) and given.id in s.compensations:
        return given.id
    if len(node.items) != 1 or not isinstance(given, ast.Call) or s.callee(given) is not compensation:
        message = "`with` is only supported for compensation() in a workflow"
        raise s.refusal(node, "W100", message, "move the work into a task")
    _check_call(s, given)
    if not isinstance(item.optional_vars, ast.Name):
        message = "what compensation() gives has no name, so that nothing can be undone"
        raise s.refusal(given, "W232", message, "write `with compensation() as undo:`")
    return item.optional_vars.id


def _check_call(s: StatementCompiler, node: ast.Call) -> None:
    if node.args or node.keywords:
        raise s.refusal(node, "W201", "compensation() takes no arguments", None)


def _undos(body: list[ast.stmt], name: str, group: ast.For | ast.While | None) -> Iterator[Undo]:
    """Give each registration in a body, in the order of the source."""
    for statement in body:
        match statement:
            case ast.Expr(value=ast.Call(func=ast.Name(id=found)) as call) if found == name:
                yield Undo(call, group)
            case ast.FunctionDef():
                pass
            case _:
                loop = statement if isinstance(statement, ast.For | ast.While) else None
                yield from _undos(list(_inner(statement)), name, group or loop)


def _inner(node: ast.AST) -> Iterator[ast.stmt]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child
        elif not isinstance(child, ast.expr):
            yield from _inner(child)


def _check_uses(s: StatementCompiler, node: ast.With, name: str) -> None:
    """Refuse the name anywhere but in `undo(...)` and `undo.clear()` as statements of this function."""
    allowed: set[int] = set()
    for statement in _statements(node.body):
        match statement:
            case ast.Expr(value=ast.Call(func=ast.Name(id=found) as used) as call):
                allowed.add(id(used))
                if found == name:
                    given = [*call.args[1:], *(keyword.value for keyword in call.keywords)]
                    allowed.update(id(each.value) for each in given if _is_error(each, name))
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name() as used, attr="clear"))):
                allowed.add(id(used))
            case _:
                pass
    outside = list(_names_outside(s.x.source.function, name))
    for used in [*ast.walk(ast.Module(node.body, [])), *outside]:
        if isinstance(used, ast.Name) and used.id == name and id(used) not in allowed:
            message = f"{name} is used other than in a statement of its own in the `with` statement"
            help = f"write `{name}(function, argument)` before the step, where the step is called"
            raise s.refusal(used, "W232", message, help)


def _names_outside(node: ast.AST, name: str) -> Iterator[ast.Name]:
    """Give the uses of the name outside its `with` statements, but for what is left and the text of the error."""
    match node:
        case ast.With(items=[ast.withitem(optional_vars=ast.Name(id=found))]) if found == name:
            return
        case ast.With(items=[ast.withitem(context_expr=ast.Name(id=found))]) if found == name:
            return
        case ast.Assign(targets=[ast.Name(id=found)], value=ast.Call()) if found == name:
            return
        case ast.Attribute(attr="problems" | "error", value=ast.Name(id=found)) if found == name:
            return
        case ast.Name(id=found) if found == name:
            yield node
        case _:
            for child in ast.iter_child_nodes(node):
                yield from _names_outside(child, name)


def _is_error(node: ast.expr, name: str) -> TypeGuard[ast.Attribute]:
    return (
        isinstance(node, ast.Attribute)
        and node.attr == "error"
        and isinstance(node.value, ast.Name)
        and node.value.id == name
    )


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        yield statement
        if not isinstance(statement, ast.FunctionDef):
            yield from _statements(list(_inner(statement)))


def _declare(s: StatementCompiler, saga: Saga) -> None:
    """Begin with nothing registered."""
    values: dict[str, Expression] = {}
    for undo in saga.undos:
        undo.function = ast.unparse(undo.call.args[0]).rsplit(".", 1)[-1] if undo.call.args else "nothing"
        if undo.group is None:
            undo.flag = s.scope.fresh(f"undo_{undo.function}")
            values[undo.flag] = _FALSE
        elif undo.group not in saga.lists:
            saga.lists[undo.group] = s.scope.fresh("undos")
            values[saga.lists[undo.group]] = _EMPTY
    _forget(s, saga)
    s.assign(values, saga.node)


def _forget(s: StatementCompiler, saga: Saga) -> None:
    for undo in saga.undos:
        s.environment.pending.pop(undo.key, None)


def register(s: StatementCompiler, node: ast.Call) -> bool:
    """Compile `undo(...)` and `undo.clear()`; says whether the call is one of these."""
    match node.func:
        case ast.Name(id=name) if name in s.sagas:
            undo = next(each for each in s.sagas[name].undos if each.call is node)
            _register(s, s.sagas[name], undo)
            return True
        case ast.Attribute(value=ast.Name(id=name)) if name in s.sagas:
            _clear(s, s.sagas[name], node)
            return True
        case _:
            return False


def _clear(s: StatementCompiler, saga: Saga, node: ast.Call) -> None:
    if node.args or node.keywords:
        raise s.refusal(node, "W201", f"{ast.unparse(node.func)}() takes no arguments", None)
    _forget(s, saga)
    flags: dict[str, Expression] = {undo.flag: _FALSE for undo in saga.undos if undo.flag}
    s.assign({**flags, **dict.fromkeys(saga.lists.values(), _EMPTY)}, node)


def _register(s: StatementCompiler, saga: Saga, undo: Undo) -> None:
    node = undo.call
    if not node.args or isinstance(node.args[0], ast.Starred):
        message = f"{ast.unparse(node)} names no function"
        raise s.refusal(node, "W232", message, "name the task that undoes the step first")
    undo.function = _function_name(s, node)
    values = _arguments(s, saga, undo)
    guard(s, node, values.values())
    if undo.group is not None:
        undo.arguments = values
        variable = saga.lists[undo.group]
        members = {name.removeprefix(GIVEN): value for name, value in values.items()}
        entry = object_of({UNDO: tree.Constant(value=saga.undos.index(undo), type=INT), **members})
        listed = tree.Variable(name=variable, type=_EMPTY.type)
        spread = tree.Spread(value=listed, type=listed.type)
        s.assign({variable: tree.ListOf(elements=(spread, entry), type=listed.type)}, node)
    else:
        kept: dict[str, Expression] = {}
        for name, value in values.items():
            if _stays(s, saga, node, value):
                undo.arguments[name] = value
                continue
            variable = s.scope.fresh(f"undo_{undo.function}_{name.removeprefix(GIVEN)}")
            undo.arguments[name] = tree.Variable(name=variable, type=value.type)
            kept[variable] = value
        s.assign({**kept, undo.flag: _TRUE}, node)
    s.environment.pending[undo.key] = undo.group is None


def _function_name(s: StatementCompiler, node: ast.Call) -> str:
    """Give the name of what is called to undo."""
    function = node.args[0]
    call = ast.copy_location(ast.Call(function, node.args[1:], node.keywords), node)
    target, helper = s.callee(call), inlining.helper_of(s, call)
    if helper is not None:
        return helper.name
    if isinstance(target, Task | Workflow):
        return cast("Task[..., Any]", target).__name__
    message = f"{ast.unparse(function)} is neither a task, nor a workflow, nor a function that can be called to undo"
    raise s.refusal(function, "W232", message, "name the task, and its arguments after it")


def _arguments(s: StatementCompiler, saga: Saga, undo: Undo) -> dict[str, Expression]:
    """Give the values of the arguments as they are now, by the names that they have when the undo is called."""
    node = undo.call
    found: dict[str, Expression] = {}
    names, kinds = _parameters(s, node)
    given: list[tuple[str, ast.expr]] = [
        (names[place] if place < len(names) else str(place), argument)
        for place, argument in enumerate(node.args[1:])
    ]
    given += [(keyword.arg or "", keyword.value) for keyword in node.keywords]
    for name, argument in given:
        if isinstance(argument, ast.Starred) or not name:
            raise s.refusal(argument, "W201", "* and ** are not supported here", "write the arguments out")
        if _is_error(argument, saga.name):
            undo.late[f"{GIVEN}{name}"] = message(tree.Variable(name=saga.error, type=ErrorType()))
        else:
            found[f"{GIVEN}{name}"] = s.x.value(argument, kinds.get(name))
    return found


def _parameters(s: StatementCompiler, node: ast.Call) -> tuple[list[str], dict[str, Type]]:
    """Give the names of the parameters of what undoes, and their types."""
    call = ast.copy_location(ast.Call(node.args[0], [], []), node)
    target, helper = s.callee(call), inlining.helper_of(s, call)
    if helper is not None:
        inner = s.called(helper, inlining.probe(s))
        annotations = {parameter.arg: parameter.annotation for parameter in helper.parameters}
        kinds = {
            name: inner.annotated_type(written)
            for name, written in annotations.items()
            if written is not None
        }
        return list(annotations), kinds
    parameters = cast("Task[..., Any] | Workflow[..., Any]", target).boundary.parameters
    return [each.name for each in parameters], {each.name: each.type for each in parameters}


def _stays(s: StatementCompiler, saga: Saga, call: ast.Call, value: Expression) -> bool:
    """Say whether a value is the same when the undo runs: nothing assigns what it reads in the meantime."""
    if not is_path(value):
        return False
    read = tree.variables(value)
    names = {name for name, local in s.environment.locals.items() if local.variable in read}
    stores = [each for each in _stores(saga.node.body, looping=False) if each[0] in names]
    here = (call.lineno, call.col_offset)
    return not any(looping or place > here for _, looping, place in stores)


def _stores(body: list[ast.stmt], *, looping: bool) -> Iterator[tuple[str, bool, tuple[int, int]]]:
    """Give each assignment of a name in a body, whether it may be made more than once, and where it is."""
    for statement in body:
        if isinstance(statement, ast.FunctionDef):
            continue
        loop = looping or isinstance(statement, ast.For | ast.While)
        for child in ast.iter_child_nodes(statement):
            if isinstance(child, ast.expr):
                for name in ast.walk(child):
                    if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store):
                        yield name.id, loop, (name.lineno, name.col_offset)
            elif isinstance(child, ast.ExceptHandler) and child.name:
                yield child.name, loop, (child.lineno, child.col_offset)
            elif isinstance(child, ast.match_case):
                for part in ast.walk(child.pattern):
                    if isinstance(part, ast.MatchAs | ast.MatchStar) and part.name:
                        yield part.name, loop, (part.lineno, part.col_offset)
                    elif isinstance(part, ast.MatchMapping) and part.rest:
                        yield part.rest, loop, (part.lineno, part.col_offset)
        yield from _stores(list(_inner(statement)), looping=loop)
