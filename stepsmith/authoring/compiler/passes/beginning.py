"""The first state reads the input itself, instead of a state before it that only names what is in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Set
from dataclasses import replace
from typing import Any, Final, cast

from stepsmith.authoring.compiler.drafts import is_path
from stepsmith.authoring.lowered import graph
from stepsmith.authoring.lowered.task_states import OBJECT, in_context, object_of
from stepsmith.authoring.lowered.uses import assigned_here, changed, expressions, own, variables_read
from stepsmith.authoring.lowered.walk import inner_scopes, targets, without_inner
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import ANY, DATETIME
from stepsmith.expressions.typed.tree import Expression

_LARGEST: Final = 40
"""Most nodes of an expression, other than a path, that may stand in more than one place."""
_INPUT: Final = tree.State(part="input", type=OBJECT)
_ENTERED: Final = in_context("State", "EnteredTime", type=DATETIME)
"""What the clock shows where the first state is entered; the same for all that is evaluated there, retries included."""


def begin_with_the_input(scope: graph.Scope) -> graph.Scope:
    """Take out a first state that only names the input, where the state after it can read it and hand it on.

    before: Start (x := $states.input.x) -> A ($x)
    after:  A ($states.input.x; x := $states.input.x on every way, where it is read later)

    The clock is read from the context object then, where the time of entering stays. What else is another one each time
    is moved where it is evaluated once.
    """
    first = _first(scope)
    if not isinstance(first, graph.Pass) or first.output is not None or first.next is None or first.raw:
        return scope
    others = tuple(state for state in scope.states if state is not first)
    read = variables_read(others)
    values = {name: value for name, value in first.assign.items() if name in read or tree.can_fail(value)}
    if not any(first.name in targets(state) for state in others):
        known = {name: _when_entered(value) for name, value in values.items()}
        received = _received(graph.Scope(states=others, start_at=first.next), known, frozenset())
        if received is not None:
            return replace(received, comment=scope.comment)
    new = replace(first, assign=values)
    return replace(scope, states=tuple(new if state is first else state for state in scope.states))


def _when_entered(value: Expression) -> Expression:
    if isinstance(value, tree.Call) and value.function == "now":
        return _ENTERED
    return tree.rebuild(value, _when_entered)


def _first(scope: graph.Scope) -> graph.State:
    start = scope.start_at or scope.states[0].name
    return next(state for state in scope.states if state.name == start)


def _received(scope: graph.Scope, values: Mapping[str, Expression], taken: Set[str]) -> graph.Scope | None:
    """Give a scope whose first state reads values itself, which it finds in its input, and hands them on.

    None where it cannot; `taken` are variables of the scope around, which this one must not assign.
    """
    first = _first(scope)
    others = tuple(state for state in scope.states if state is not first)
    read = variables_read(others)
    later = {name: value for name, value in values.items() if name in read or tree.can_fail(value)}
    if any(first.name in targets(state) for state in scope.states) or later.keys() & taken:
        return None
    read_inside = variables_read(inner_scopes(first))
    if isinstance(first, graph.RawState) or not _can_read(first, values, later, read_inside):
        return None
    inside = {name: value for name, value in values.items() if name in read_inside}
    if inside:
        handed = _handed_inside(first, inside, assigned_here(scope) | later.keys())
        if handed is None:
            return None
        first = handed
    new = _handing_on(own(first, lambda value: tree.substitute(value, values)), later)
    states = tuple(new if state.name == new.name else state for state in scope.states)
    return replace(scope, states=states)


def _can_read(
    first: graph.State, values: Mapping[str, Expression], later: Mapping[str, Expression], inside: Set[str]
) -> bool:
    guarded = isinstance(first, graph.Task | graph.Parallel | graph.Map) and bool(first.catch or first.retry)
    nodes = (node for each in expressions(without_inner(first)) for node in tree.walk(each))
    reads = Counter(node.name for node in nodes if isinstance(node, tree.Variable))
    evaluated = _evaluated_first(first, values)
    for name, value in values.items():
        copies = reads[name] + (name in inside) + (len(list(_ways(first))) if name in later else 0)
        if name in inside and (tree.is_volatile(value) or _ENTERED in tree.walk(value)):
            return False
        if tree.is_volatile(value) and not (
            reads[name] == 0 or (name not in later and _reads_once(first, name))
        ):
            return False
        if guarded and tree.can_fail(value):
            return False
        if tree.can_fail(value) and value not in evaluated and not _fails_at_once(first, name):
            return False
        if copies > 1 and not is_path(value) and tree.size(value) > _LARGEST:
            return False
    return True


def _reads_once(state: graph.State, name: str) -> bool:
    """Say whether a state evaluates a variable at most once: in one place, which is neither retried nor repeated."""
    if isinstance(state, graph.Parallel | graph.Map):
        return False
    if isinstance(state, graph.Task) and state.retry:
        retried = (state.arguments, state.timeout_seconds, state.heartbeat_seconds)
        if any(each is not None and name in tree.variables(each) for each in retried):
            return False
    nodes = [node for each in expressions(state) for node in tree.walk(each)]
    read = [node for node in nodes if isinstance(node, tree.Variable) and node.name == name]
    loops = [node for node in nodes if isinstance(node, tree.Comprehension | tree.DictComprehension)]
    return len(read) == 1 and not any(name in tree.variables(loop) for loop in loops)


def _fails_at_once(state: graph.State, name: str) -> bool:
    """Say whether a value that is handed on as a variable fails no later than in the state before, and for sure."""
    match state:
        case graph.Pass(assign=assign):
            return state.next is not None and name not in assign
        case graph.Choice(rules=rules, assign=assign):
            return name not in assign and not any(name in rule.assign for rule in rules)
        case _:
            return False


def _evaluated_first(state: graph.State, values: Mapping[str, Expression]) -> list[Expression]:
    """Give what a state certainly evaluates before anything else happens in it."""
    ends = isinstance(state, graph.Succeed) or (isinstance(state, graph.Pass) and state.next is None)
    names = ("output",) if ends else ("arguments", "items", "seconds", "timestamp")
    found = (getattr(state, name, None) for name in names)
    return [node for each in found if each is not None for node in tree.always(tree.substitute(each, values))]


def _ways(state: graph.State) -> Iterator[graph.State | graph.ChoiceRule | graph.Catcher]:
    """Give the ways out of a state that lead on."""
    if not isinstance(state, graph.Succeed | graph.Fail) and state.next is not None:
        yield state
    match state:
        case graph.Choice(rules=rules):
            yield from rules
        case graph.Task(catch=catch) | graph.Parallel(catch=catch) | graph.Map(catch=catch):
            yield from catch
        case _:
            pass


def _handing_on(state: graph.State, values: Mapping[str, Expression]) -> graph.State:
    """Give a state that assigns values on every way that leads on."""
    new: dict[str, object] = {}
    match state:
        case graph.Choice(rules=rules):
            new["rules"] = tuple(replace(rule, assign={**values, **rule.assign}) for rule in rules)
        case graph.Task(catch=catch) | graph.Parallel(catch=catch) | graph.Map(catch=catch):
            new["catch"] = tuple(replace(each, assign={**values, **each.assign}) for each in catch)
        case graph.Succeed() | graph.Fail() | graph.RawState():
            return state
        case _:
            pass
    if state.next is not None:
        new["assign"] = {**values, **state.assign}
    return cast(graph.State, replace(cast(Any, state), **new))


# into branches and iterations


def _handed_inside(
    state: graph.State, values: Mapping[str, Expression], taken: Set[str]
) -> graph.State | None:
    """Give a Parallel or Map state whose first states inside read values from their input."""
    match state:
        case graph.Parallel(branches=branches):
            received = [_received(branch, values, taken) for branch in branches]
            whole = tuple(each for each in received if each is not None)
            return replace(state, branches=whole) if len(whole) == len(branches) else None
        case graph.Map(item_selector=None, item_reader=None, item_batcher=None, config=None):
            return _handed_to_items(state, values, taken)
        case _:
            return None


def _handed_to_items(state: graph.Map, values: Mapping[str, Expression], taken: Set[str]) -> graph.Map | None:
    first = _first(state.processor)
    if inner_scopes(first):
        return None
    key = next(name for name in ("item", "Item", "the_item") if name not in values)
    place = tree.Field(value=_INPUT, name=key, type=ANY)
    item = _reading_item_at(first, place)
    states = tuple(item if each is first else each for each in state.processor.states)
    found = {name: tree.Field(value=_INPUT, name=name, type=value.type) for name, value in values.items()}
    processor = _received(replace(state.processor, states=states), found, taken)
    if processor is None:
        return None
    selector = object_of({key: in_context("Map", "Item", "Value"), **values})
    return replace(state, processor=processor, item_selector=selector)


def _reading_item_at(state: graph.State, place: tree.Field) -> graph.State:
    def change(value: Expression) -> Expression:
        if isinstance(value, tree.State) and value.part == "input":
            return replace(place, type=value.type)
        return tree.rebuild(value, change)

    return changed(state, change, change)
