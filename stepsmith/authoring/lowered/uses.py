"""Which variables the states of a scope read and assign, and every expression in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final, TypeAlias, TypeVar, cast, get_args

from stepsmith.authoring.lowered import graph
from stepsmith.authoring.lowered.walk import every_state, inner_scopes, without_inner
from stepsmith.authoring.source.diagnostics import mistake
from stepsmith.authoring.source.names import variable_name
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.jsonata_text import FUNCTION_NAMES
from stepsmith.expressions.typed.tree import Expression

Change: TypeAlias = Callable[[Expression], Expression]
V = TypeVar("V")
_NODES: Final = get_args(Expression)
_OF_THE_ITEM: Final = ("processor", "item_selector", "item_batcher")


def changed(value: V, change: Change, deeper: Change) -> V:
    """Give states with changed expressions; `deeper` changes those that see the item of a Map state in there."""
    return cast(V, _changed(value, change, deeper))


def _changed(value: object, change: Change, deeper: Change) -> object:
    if isinstance(value, _NODES):
        return change(cast(Expression, value))
    if isinstance(value, tuple):
        return tuple(_changed(item, change, deeper) for item in cast("tuple[object, ...]", value))
    if isinstance(value, Mapping):
        members = cast("Mapping[str, object]", value).items()
        return {name: _changed(item, change, deeper) for name, item in members}
    if isinstance(value, tree.Span) or not is_dataclass(value) or isinstance(value, type):
        return value
    inner = deeper if isinstance(value, graph.Map) else change
    new = {
        field.name: _changed(
            getattr(value, field.name), inner if field.name in _OF_THE_ITEM else change, deeper
        )
        for field in fields(value)
    }
    return cast(object, replace(cast(Any, value), **new))


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
    if isinstance(part, _NODES):
        yield cast(Expression, part)
    elif isinstance(part, tuple):
        for item in cast("tuple[object, ...]", part):
            yield from expressions(item)
    elif isinstance(part, Mapping):
        for item in cast("Mapping[str, object]", part).values():
            yield from expressions(item)
    elif is_dataclass(part) and not isinstance(part, tree.Span):
        for field in fields(part):
            yield from expressions(getattr(part, field.name))


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
