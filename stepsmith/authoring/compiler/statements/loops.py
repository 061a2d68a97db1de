"""for and while: a Choice state at the head of the loop, and variables for where it is."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

from stepsmith.authoring.compiler.drafts import Draft, Edge, Label
from stepsmith.authoring.compiler.expressions import comprehensions
from stepsmith.authoring.compiler.expressions.environment import Environment, assigned_names
from stepsmith.authoring.compiler.statements.assignments import bind_target
from stepsmith.authoring.compiler.statements.branching import condition
from stepsmith.authoring.compiler.statements.failing import guard, rules_of
from stepsmith.authoring.compiler.statements.protocol import StatementCompiler
from stepsmith.authoring.compiler.statements.scopes import (
    Loop,
)
from stepsmith.authoring.compiler.statements.tries import run_finally
from stepsmith.authoring.compiler.statements.ways import join_ways
from stepsmith.authoring.lowered import graph
from stepsmith.authoring.source.diagnostics import Refusal, Spoiled
from stepsmith.authoring.source.names import condition_words
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    ANY,
    INT,
    ListType,
    OptionalType,
    TupleType,
    Type,
    describe,
)
from stepsmith.expressions.typed.tree import Expression

_ZERO = tree.Constant(value=0, type=INT)
_ONE = tree.Constant(value=1, type=INT)


def while_(s: StatementCompiler, node: ast.While) -> None:
    """Compile a while statement."""
    loop = _enter(s, node)
    forever = isinstance(node.test, ast.Constant) and bool(node.test.value)
    if forever:
        _repeat(s, node, loop)
        _leave_loop(s, loop, None)
        return
    said = condition(s, node.test)
    name = s.scope.name(f"While {condition_words(node.test)}")
    inside, out = Edge(), Edge()
    rules = [*rules_of(s, node.test, [said.test]), (said.test, inside)]
    draft = Draft(graph.Choice(name=name, rules=(), span=s.x.source.span(node.test)), out, rules)
    s.scope.add(s.ends, draft)
    environment = s.environment
    s.ends, s.environment = [inside], environment.with_narrowing(said.when_true)
    _repeat(s, node, loop)
    s.ends, s.environment = [out], environment.with_narrowing(said.when_false)
    s.body(node.orelse)
    _leave_loop(s, loop, s.environment)


def _enter(s: StatementCompiler, node: ast.While | ast.For) -> Loop:
    head = Label()
    s.ends = [*s.ends, head]
    s.environment = s.environment.copy()
    s.environment.forget(assigned_names([node]))
    for saga in s.sagas.values():
        if node in saga.lists:
            s.environment.pending[node] = False
    return Loop(head)


def _repeat(s: StatementCompiler, node: ast.While | ast.For, loop: Loop) -> None:
    """Compile the body and lead its end back to the head."""
    with s.inside(loop):
        s.body(node.body)
        if s.ends and loop.head in s.ends:
            edge = Edge()
            state = graph.Pass(name=s.scope.name("Repeat"), span=s.x.source.span(node))
            s.scope.add(s.ends, Draft(state, edge))
            s.ends = [edge]
        s.scope.connect(s.ends, loop.head)


def _leave_loop(s: StatementCompiler, loop: Loop, environment: Environment | None) -> None:
    ways = list(zip([[end] for end in loop.breaks], loop.environments, strict=True))
    joined: list[tuple[list[Edge | Label], Environment]] = [(ends, known) for ends, known in ways]
    if environment is not None:
        joined.append((s.ends, environment))
    else:
        s.ends = []
    join_ways(s, joined)


def leave(s: StatementCompiler, node: ast.Break | ast.Continue) -> None:
    """Compile break and continue, finally blocks on the way included."""
    found = _innermost_loop(s)
    if found is None:
        raise s.refusal(node, "W100", f"`{ast.unparse(node)}` is outside a loop", None)
    depth, loop = found
    run_finally(s, until=depth)
    if isinstance(node, ast.Continue):
        if loop.head in s.ends:
            edge = Edge()
            state = graph.Pass(name=s.scope.name("Repeat"), span=s.x.source.span(node))
            s.scope.add(s.ends, Draft(state, edge))
            s.ends = [edge]
        s.scope.connect(s.ends, loop.head)
    else:
        loop.breaks += s.ends
        loop.environments += [s.environment.copy() for _ in s.ends]
    s.ends = []


def _innermost_loop(s: StatementCompiler) -> tuple[int, Loop] | None:
    """Give the loop around this point, with its depth."""
    for index in range(len(s.around) - 1, -1, -1):
        around = s.around[index]
        if isinstance(around, Loop):
            return index, around
    return None


@dataclass(slots=True)
class _Course:
    """What a for statement goes through."""

    start: Expression
    """Where the index starts."""
    limit: Expression
    """Where it ends."""
    values: dict[str, Expression] = field(default_factory=dict[str, Expression])
    """What each round assigns, by local name."""


def for_(s: StatementCompiler, node: ast.For) -> None:
    """Compile a for statement: an index, and a Choice that takes the next item or goes on."""
    names = [part.id for part in ast.walk(node.target) if isinstance(part, ast.Name)]
    index_name = s.scope.fresh(f"{names[0].lstrip('_') or 'item'}_index" if names else "index")
    index = tree.Variable(name=index_name, type=INT)
    before: dict[str, Expression] = {}
    try:
        course = _course(s, node, index, before)
        guard(s, node.iter, [course.start, *before.values()])
    except (Refusal, Spoiled) as problem:
        s.note(problem)
        s.environment.spoiled.update(names)
        course = _Course(_ZERO, _ZERO)
    s.assign({**before, index_name: course.start}, node)
    loop = _enter(s, node)
    inside, out = Edge(), Edge()
    name = s.scope.name(f"Next {condition_words(node.target)}")
    test = tree.Compare(operator="<", left=index, right=course.limit)
    draft = Draft(graph.Choice(name=name, rules=(), span=s.x.source.span(node.target)), out, [(test, inside)])
    s.scope.add(s.ends, draft)
    environment = s.environment
    s.environment = environment.copy()
    inside.assign.update(_bind(s, node.target, course.values))
    inside.assign[index_name] = tree.Binary(operator="+", left=index, right=_ONE, type=INT)
    s.ends = [inside]
    _repeat(s, node, loop)
    s.ends, s.environment = [out], environment.copy()
    s.body(node.orelse)
    _leave_loop(s, loop, s.environment)


def _bind(s: StatementCompiler, target: ast.expr, values: Mapping[str, Expression]) -> dict[str, Expression]:
    found: dict[str, Expression] = {}
    for name, value in values.items():
        place = ast.copy_location(ast.Name(name, ast.Store()), target)
        found.update(bind_target(s, place, value, None))
    return found


def _course(
    s: StatementCompiler, node: ast.For, index: tree.Variable, before: dict[str, Expression]
) -> _Course:
    call = node.iter if isinstance(node.iter, ast.Call) else None
    target = s.callee(call) if call else None
    if call and target is range and len(call.args) < 3:
        return _range(s, node, call, index, before)
    if call and target is enumerate and len(call.args) == 1 and not call.keywords:
        if not (isinstance(node.target, ast.Tuple) and len(node.target.elts) == 2):
            raise s.refusal(
                node.target,
                "W134",
                "enumerate() gives two values",
                "write `for index, item in enumerate(...)`",
            )
        first, second = node.target.elts
        items = _items(s, node, call.args[0], before)
        course = _over(items, index)
        course.values.update(_named(s, first, index))
        course.values.update(_named(s, second, _item(items, index)))
        return course
    items = _items(s, node, node.iter, before)
    course = _over(items, index)
    course.values.update(_named(s, node.target, _item(items, index)))
    return course


def _over(items: Expression, index: tree.Variable) -> _Course:
    return _Course(_ZERO, tree.Call(function="len", arguments=(items,), type=INT))


def _item(items: Expression, index: tree.Variable) -> Expression:
    kind: Type = items.type.item if isinstance(items.type, ListType) else ANY
    return tree.Item(value=items, index=index, type=kind, certain=True)


def _named(s: StatementCompiler, target: ast.expr, value: Expression) -> dict[str, Expression]:
    if isinstance(target, ast.Name):
        return {target.id: value}
    kind = value.type
    if not (
        isinstance(target, ast.Tuple) and isinstance(kind, TupleType) and len(target.elts) == len(kind.items)
    ):
        raise s.refusal(target, "W134", f"{ast.unparse(target)} does not fit items of {describe(kind)}", None)
    found: dict[str, Expression] = {}
    for place, part in enumerate(target.elts):
        at = tree.Constant(value=place, type=INT)
        item = tree.Item(value=value, index=at, type=kind.items[place], certain=True)
        found.update(_named(s, part, item))
    return found


def _range(
    s: StatementCompiler, node: ast.For, call: ast.Call, index: tree.Variable, before: dict[str, Expression]
) -> _Course:
    if not call.args or call.keywords:
        raise s.refusal(call, "W161", "range() takes its bounds by position", "write range(start, stop)")
    bounds = [s.x.typed(argument, INT, "a bound of range()") for argument in call.args]
    limit = bounds[-1]
    if not isinstance(limit, tree.Constant):
        limit = _kept(s, node, limit, f"{index.name.removesuffix('_index')}_stop", before)
    course = _Course(bounds[0] if len(bounds) == 2 else _ZERO, limit)
    course.values.update(_named(s, node.target, index))
    return course


def _items(
    s: StatementCompiler, node: ast.For, iterable: ast.expr, before: dict[str, Expression]
) -> Expression:
    items = comprehensions.iterable(s.x, iterable)
    if isinstance(items.type, OptionalType):
        raise s.x.may_be_none(iterable, "cannot be gone through then")
    names = [part.id for part in ast.walk(node.target) if isinstance(part, ast.Name)]
    return _kept(s, node, items, f"{names[0].lstrip('_') or 'item'}_items" if names else "items", before)


def _kept(
    s: StatementCompiler, node: ast.For, value: Expression, name: str, before: dict[str, Expression]
) -> Expression:
    """Give a value that stays as it was at the start of the loop, in a variable where the loop may change it."""
    changed = {
        local.variable
        for assigned in assigned_names([node])
        if (local := s.environment.locals.get(assigned)) is not None
    }
    if _is_stable(value) and not tree.variables(value) & changed:
        return value
    variable = s.scope.fresh(name)
    before[variable] = value
    return tree.Variable(name=variable, type=value.type, span=value.span)


def _is_stable(value: Expression) -> bool:
    match value:
        case tree.Variable():
            return True
        case tree.Field(value=inner):
            return _is_stable(inner)
        case _:
            return False
