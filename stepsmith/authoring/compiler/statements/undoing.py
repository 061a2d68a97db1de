"""What a `with compensation()` statement undoes: states from the last registered to the first."""

from __future__ import annotations

import ast
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final

from stepsmith.authoring.calls.compensation import UNDO_RETRY
from stepsmith.authoring.compiler.drafts import Draft, Edge, Ends, Label
from stepsmith.authoring.compiler.expressions.environment import Environment
from stepsmith.authoring.compiler.statements.protocol import StatementCompiler
from stepsmith.authoring.compiler.statements.raising import raise_named, route
from stepsmith.authoring.compiler.statements.scopes import Handler, Saga, Try, Undo
from stepsmith.authoring.compiler.statements.ways import join_ways, joined
from stepsmith.authoring.lowered import graph
from stepsmith.authoring.lowered.task_states import OBJECT, object_of
from stepsmith.authoring.source.names import sentence
from stepsmith.authoring.tasks.task import Task
from stepsmith.errors import CompensationFailed
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    BOOL,
    INT,
    STR,
    ErrorType,
    ListType,
    ModelField,
    ModelType,
)
from stepsmith.expressions.typed.tree import Expression

_FUNCTION: Final = "function to undo with"
"""The name that the function of an undo is called by, which no name in a source can be."""
GIVEN: Final = "argument "
"""Begins the name that an argument of an undo goes by, which no name in a source can."""
UNDO: Final = "undo"
"""The member that says which undo a loop has registered."""
STATE: Final = ModelType(
    "Compensation",
    "dataclass",
    None,
    {
        "error": ModelField("error", "error", STR, required=True),
        "problems": ModelField("problems", "problems", ListType(STR), required=True),
    },
)
"""What the name of a compensation stands for after its `with` statement."""
NOTHING: Final = tree.ListOf(elements=(), type=ListType(STR))
_ZERO: Final = tree.Constant(value=0, type=INT)
_LAST: Final = tree.Constant(value=-1, type=INT)


@dataclass(slots=True)
class _Way:
    """A way of errors on its way down."""

    ends: Ends
    known: list[Environment]
    """What is known where it comes from."""

    def has(self, key: ast.AST) -> bool | None:
        """Say whether an undo is registered on it: always, perhaps, or not at all, which is None."""
        found = {each.pending.get(key) for each in self.known}
        return found.pop() if len(found) == 1 else False


@dataclass(slots=True)
class _Ladder:
    """The undoing while it is compiled."""

    saga: Saga
    error: tree.Variable
    problems: tree.Variable
    down: _Way = field(default_factory=lambda: _Way([], []))
    """Where control is, above the next undo."""
    failed: bool = False
    """Whether some undo can have failed on the way."""


def undo_all(s: StatementCompiler, saga: Saga, handler: Handler) -> None:
    """Compile the undoing of every way to a handler, and what is raised after it."""
    assert handler.variable is not None
    error = tree.Variable(name=handler.variable, type=ErrorType())
    problems = tree.Variable(name=s.scope.fresh("problems"), type=ListType(STR))
    ladder = _Ladder(saga, error, problems)
    s.errors.append(handler.variable)
    keys = list(dict.fromkeys(undo.key for undo in saga.undos))
    clean: Ends = []
    entries: dict[ast.AST, list[_Way]] = {}
    span = s.x.source.span(saga.node.items[0].context_expr)
    for ends, known in handler.ways:
        registered = [key for key in keys if key in known.pending]
        if not registered:
            clean += ends
            continue
        begun = s.scope.assign(ends, {problems.name: NOTHING}, "Begin to undo", span)
        entries.setdefault(registered[-1], []).append(_Way(begun, [known]))
    for key in reversed(keys):
        _rung(s, ladder, key, entries.get(key, []))
    _end(s, ladder, clean)
    s.errors.pop()


def _rung(s: StatementCompiler, ladder: _Ladder, key: ast.AST, entries: list[_Way]) -> None:
    """Undo what one place registered, or all that one loop did."""
    undos = [undo for undo in ladder.saga.undos if undo.key is key]
    certain: Ends = []
    perhaps: Ends = []
    past: Ends = []
    for way in [*entries, ladder.down]:
        registered = way.has(key) if way.known else None
        (past if registered is None else certain if registered else perhaps).extend(way.ends)
    known = [*ladder.down.known, *(each for way in entries for each in way.known)]
    ladder.down = _Way(past, known)
    if not certain and not perhaps:
        return
    s.environment = joined(known)
    if undos[0].group is not None:
        past += _undo_listed(s, ladder, undos, [*certain, *perhaps])
        return
    if perhaps:
        yes, no = Edge(), Edge()
        name = s.scope.name(f"{sentence(undos[0].function)}?")
        flag = tree.Variable(name=undos[0].flag, type=BOOL)
        choice = graph.Choice(name=name, rules=(), span=s.x.source.span(undos[0].call.args[0]))
        s.scope.add(perhaps, Draft(choice, no, [(flag, yes)]))
        certain.append(yes)
        past.append(no)
    past += _undo(s, ladder, undos[0], undos[0].arguments, certain)


def _undo(
    s: StatementCompiler, ladder: _Ladder, undo: Undo, arguments: Mapping[str, Expression], ends: Ends
) -> Ends:
    """Call what undoes a step; gives the ways on, whether it fails or not."""
    caught = Handler(("States.ALL",), (Exception,), s.scope.fresh("problem"), keeps_text=True)
    environment = s.environment
    s.ends, s.environment = ends, environment.with_bound({**arguments, **undo.late})
    with s.inside(Try([caught])), _callable(s, undo) as call:
        s.body([ast.copy_location(ast.Expr(call), undo.call)])
    after = s.ends
    assert caught.variable is not None
    if caught.ways:
        join_ways(s, caught.ways)
        ladder.failed = True
        problem = tree.Variable(name=caught.variable, type=ErrorType())
        name = tree.Constant(value=f"{undo.function}: ", type=STR)
        text = tree.Text(parts=(name, message(problem)))
        spread = tree.Spread(value=ladder.problems, type=ladder.problems.type)
        values = {ladder.problems.name: tree.ListOf(elements=(spread, text), type=ladder.problems.type)}
        s.assign(values, undo.call)
        after = [*after, *s.ends]
    s.environment = environment
    return after


@contextmanager
def _callable(s: StatementCompiler, undo: Undo) -> Generator[ast.Call]:
    """Give the call that undoes; a task that is never retried is retried then."""
    node = undo.call
    names_of = [*undo.arguments, *undo.late]
    places = {
        name.removeprefix(GIVEN): ast.copy_location(ast.Name(name, ast.Load()), node) for name in names_of
    }
    by_place = [name for place, name in places.items() if place.isdecimal()]
    by_name = [ast.keyword(place, name) for place, name in places.items() if not place.isdecimal()]
    function = node.args[0]
    target = s.x.static(function)
    names = s.x.names
    if isinstance(target, Task) and not target.retry:
        function = ast.copy_location(ast.Name(_FUNCTION, ast.Load()), function)
        s.x.names = {**names, _FUNCTION: target.with_options(retry=[UNDO_RETRY])}
    try:
        yield ast.copy_location(ast.Call(function, [*by_place], by_name), node)
    finally:
        s.x.names = names


def _undo_listed(s: StatementCompiler, ladder: _Ladder, undos: list[Undo], ends: Ends) -> Ends:
    """Undo what a loop has registered, the last first: a loop over the list of it."""
    listed = tree.Variable(name=ladder.saga.lists[undos[0].key], type=ListType(OBJECT))
    last = tree.Item(value=listed, index=_LAST, type=OBJECT, certain=True)
    before = tree.Slice(value=listed, start=None, stop=-1, type=listed.type)
    current = tree.Variable(name=s.scope.fresh("undone"), type=OBJECT)
    head, out = Label(), Edge()
    name = s.scope.name("More to undo?")
    span = s.x.source.span(undos[0].call)
    draft = Draft(graph.Choice(name=name, rules=(), span=span), out)
    s.scope.add([*ends, head], draft)
    some = tree.Compare(
        operator=">", left=tree.Call(function="len", arguments=(listed,), type=INT), right=_ZERO
    )
    for undo in undos:
        inside = Edge(assign={current.name: last, listed.name: before})
        number = tree.Constant(value=ladder.saga.undos.index(undo), type=INT)
        its = tree.Compare(operator="==", left=tree.Field(value=last, name=UNDO, type=INT), right=number)
        test: Expression = some if len(undos) == 1 else tree.Bool(operator="and", values=(some, its))
        draft.rules.append((test, inside))
        arguments = {
            name: tree.Field(value=current, name=name.removeprefix(GIVEN), type=value.type)
            for name, value in undo.arguments.items()
        }
        s.scope.connect(_undo(s, ladder, undo, arguments, [inside]), head)
    return [out]


def state_of(error: Expression, problems: Expression) -> Expression:
    """Give what the name of a compensation stands for afterwards."""
    return replace(object_of({"error": error, "problems": problems}), type=STATE)


def message(error: Expression) -> Expression:
    """Give the text of an error."""
    return tree.Call(function="message", arguments=(error,), type=STR)


def _end(s: StatementCompiler, ladder: _Ladder, clean: Ends) -> None:
    """Raise the error again, or CompensationFailed where something is left."""
    node = ladder.saga.node.items[0].context_expr
    choice: Draft | None = None
    if ladder.failed and ladder.down.ends:
        yes, no = Edge(), Edge()
        count = tree.Call(function="len", arguments=(ladder.problems,), type=INT)
        test = tree.Compare(operator=">", left=count, right=_ZERO)
        state = graph.Choice(name=s.scope.name("Not undone?"), rules=(), span=s.x.source.span(node))
        choice = s.scope.add(ladder.down.ends, Draft(state, no, [(test, yes)]))
        ladder.down.ends = [no]
        yes.assign[ladder.saga.state.variable] = state_of(message(ladder.error), ladder.problems)
        s.ends = [yes]
        raise_named(s, node, CompensationFailed, _failure(ladder))
    s.ends = ladder.down.ends
    if s.ends:
        route(s, ladder.error.name, node, choice=choice)
    s.ends = clean
    if s.ends:
        route(s, ladder.error.name, node)


def _failure(ladder: _Ladder) -> Expression:
    """Give the text of CompensationFailed: the error, and all that is left."""
    separator = tree.Constant(value="; ", type=STR)
    return tree.Text(
        parts=(
            tree.Field(value=ladder.error, name="Error", type=STR),
            tree.Constant(value=": ", type=STR),
            message(ladder.error),
            tree.Constant(value="; not undone: ", type=STR),
            tree.Call(function="str.join", arguments=(separator, ladder.problems), type=STR),
        )
    )
