"""Which variables the states of a scope read and assign, and every expression in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from operator import is_
from typing import Any, Final, TypeAlias, TypeVar, cast

from stepsmith.authoring.lowered import graph
from stepsmith.authoring.lowered.walk import every_state, inner_scopes, without_inner
from stepsmith.authoring.source.diagnostics import mistake
from stepsmith.authoring.source.names import variable_name
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.jsonata_text import FUNCTION_NAMES
from stepsmith.expressions.typed.tree import Expression

Change: TypeAlias = Callable[[Expression], Expression]
V = TypeVar("V")
_OF_THE_ITEM: Final = ("processor", "item_selector", "item_batcher")


def changed(value: V, change: Change, deeper: Change) -> V:
    """Give states with changed expressions; `deeper` changes those that see the item of a Map state in there."""
    return cast(V, _changed(value, change, deeper))


def _changed(value: object, change: Change, deeper: Change) -> object:
    if type(value) in tree.KINDS:
        return change(cast(Expression, value))
    if isinstance(value, tuple):
        items = cast("tuple[object, ...]", value)
        members = tuple(_changed(item, change, deeper) for item in items)
        return items if all(map(is_, items, members)) else members
    if isinstance(value, Mapping):
        known = cast("Mapping[str, object]", value)
        found = {name: _changed(item, change, deeper) for name, item in known.items()}
        return known if all(map(is_, known.values(), found.values())) else found
    inner = deeper if isinstance(value, graph.Map) else change
    new: dict[str, object] = {}
    for name in _fields(type(value)):
        old = getattr(value, name)
        part = _changed(old, inner if name in _OF_THE_ITEM else change, deeper)
        if part is not old:
            new[name] = part
    return cast(object, replace(cast(Any, value), **new)) if new else value


def own(state: graph.State, change: Change) -> graph.State:
    """Give a state whose own expressions are changed; those of its branches or its processor stay."""
    inner = inner_scopes(state)
    new = changed(without_inner(state), change, change)
    match new:
        case graph.Parallel():
            return replace(new, branches=inner)
        case graph.Map():
            return replace(new, processor=inner[0])
        case _:
            return new


def read_by(scope: graph.Scope) -> dict[str, graph.State]:
    """Give the names of the variables that states read, each with the first state that does."""
    found: dict[str, graph.State] = {}
    for state in every_state(scope):

        def note(expression: Expression, state: graph.State = state) -> Expression:
            for name in sorted(tree.variables(expression)):
                found.setdefault(name, state)
            return expression

        changed(without_inner(state), note, note)
    return found


def expressions(part: object) -> Iterator[Expression]:
    """Give every expression in states or parts of them, those of inner scopes included."""
    waiting = [part]
    while waiting:
        part = waiting.pop()
        if type(part) in tree.KINDS:
            yield cast(Expression, part)
        elif isinstance(part, tuple):
            waiting += reversed(cast("tuple[object, ...]", part))
        elif isinstance(part, Mapping):
            waiting += reversed(list(cast("Mapping[str, object]", part).values()))
        else:
            waiting += [getattr(part, name) for name in reversed(_fields(type(part)))]


@cache
def _fields(kind: type) -> tuple[str, ...]:
    """Name the attributes of a part of a state that may hold expressions."""
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) and kind is not tree.Span else ()


def variables_read(part: object) -> set[str]:
    """Give the names of the variables that states or parts of them read, those of inner scopes included."""
    return {name for expression in expressions(part) for name in tree.variables(expression)}


def assigned_by(scope: graph.Scope) -> set[str]:
    """Give the names of the variables that states assign, in their own words and inside them included."""
    return {name for state in every_state(scope) for name in _assigned(state)}


def assigned_here(scope: graph.Scope) -> set[str]:
    """Give the names of the variables that the states of a scope assign; those of scopes inside are left out."""
    return {name for state in scope.states for name in _assigned(state)}


def _assigned(state: graph.State) -> Iterator[str]:
    yield from _raw_names(state.definition if isinstance(state, graph.RawState) else state.raw)
    for part in (state, *getattr(state, "catch", ()), *getattr(state, "rules", ())):
        yield from getattr(part, "assign", {})


def _raw_names(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, item in cast("Mapping[str, object]", value).items():
            if name == "Assign" and isinstance(item, Mapping):
                yield from (key.removesuffix(".$") for key in cast("Mapping[str, object]", item))
            else:
                yield from _raw_names(item)
    elif isinstance(value, list | tuple):
        for item in cast("list[object]", value):
            yield from _raw_names(item)


def check_hidden(scope: graph.Scope, definition: str) -> None:
    """Raise DefinitionError where a variable hides a function that the definition calls."""
    for state in every_state(scope):
        for name in _assigned(state):
            if name in FUNCTION_NAMES and f"${name}(" in definition:
                raise mistake(
                    "W323",
                    f"state {state.name!r} assigns the variable {name!r}, which hides the function ${name}()",
                    f"give the variable another name, such as {variable_name(name, ())!r}",
                    state,
                )


def check_assigned(scope: graph.Scope) -> None:
    """Raise DefinitionError where a state reads a variable that no state assigns."""
    assigned = assigned_by(scope)
    for name, state in read_by(scope).items():
        if name not in assigned:
            raise mistake(
                "W322",
                f"state {state.name!r} reads the variable {name!r}, which no state assigns",
                "assign it in a state before, with .assign(variable) or Pass(...).let(variable, value)",
                state,
            )
