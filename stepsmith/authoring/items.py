"""Where the states of a Map state's body find their item."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final, cast, get_args

from stepsmith.authoring import graph
from stepsmith.authoring.mistakes import mistake
from stepsmith.expressions import tree
from stepsmith.expressions.static_types import ANY, Type
from stepsmith.expressions.tree import Expression

PREFIX: Final = "_item of "
_NODES: Final = get_args(Expression)


def item_variable(state: str, kind: Type) -> tree.Variable:
    """Give what stands for the item of a Map state of this name until the state is linked."""
    return tree.Variable(name=PREFIX + state, type=kind)


def place_item(state: graph.Map) -> graph.Map:
    """Put the place of the item where the body refers to it.

    An inline iteration finds it in the context object; the item of an outer Map state is hidden there by that of an
    inner one. A distributed iteration finds it as the input of its execution. Raises DefinitionError where the body
    refers to what it cannot see.
    """
    distributed = state.config is not None and state.config.mode == "DISTRIBUTED"
    place = ("Execution", "Input") if distributed else ("Map", "Item", "Value")
    name = PREFIX + state.name

    def found(expression: Expression) -> Expression:
        if isinstance(expression, tree.Variable) and expression.name == name:
            return _context(place, expression.type)
        return tree.rebuild(expression, found)

    def hidden(expression: Expression) -> Expression:
        if any(isinstance(node, tree.Variable) and node.name == name for node in tree.walk(expression)):
            raise mistake(
                "W321",
                f"the item of Map {state.name!r} is not visible inside another Map state",
                "assign it to a variable first: Pass(...).let(variable, item)",
                state,
            )
        return expression

    processor = _scope(state.processor, found, hidden)
    if distributed:
        _check_variables(state)
    return replace(state, processor=processor)


def _context(path: tuple[str, ...], kind: Type) -> Expression:
    value: Expression = tree.State(part="context")
    for index, name in enumerate(path):
        value = tree.Field(value=value, name=name, type=kind if index + 1 == len(path) else ANY)
    return value


def _check_variables(state: graph.Map) -> None:
    assigned: set[str] = set()
    read: set[str] = set()

    def note(expression: Expression) -> Expression:
        read.update(tree.variables(expression))
        return expression

    def names(value: object) -> None:
        if isinstance(value, graph.Scope):
            for inner in value.states:
                assigned.update(getattr(inner, "assign", {}))
                for catcher in getattr(inner, "catch", ()):
                    assigned.update(catcher.assign)
                names(getattr(inner, "processor", None))
                for branch in getattr(inner, "branches", ()):
                    names(branch)

    names(state.processor)
    _scope(state.processor, note, note)
    for name in sorted(read - assigned):
        raise mistake(
            "W321",
            f"distributed Map {state.name!r} cannot see the variable {name!r} outside it",
            "put it into the items, or use an inline Map",
            state,
        )


def _scope(
    scope: graph.Scope, change: Callable[[Expression], Expression], deeper: Callable[[Expression], Expression]
) -> graph.Scope:
    return cast(graph.Scope, _changed(scope, change, deeper))


def _changed(
    value: object, change: Callable[[Expression], Expression], deeper: Callable[[Expression], Expression]
) -> object:
    if isinstance(value, _NODES):
        return change(cast(Expression, value))
    if isinstance(value, tuple):
        return tuple(_changed(item, change, deeper) for item in cast("tuple[object, ...]", value))
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, object]", value).items()
        return {name: _changed(item, change, deeper) for name, item in pairs}
    if isinstance(value, tree.Span) or not is_dataclass(value) or isinstance(value, type):
        return value
    inner = deeper if isinstance(value, graph.Map) else change
    new = {
        field.name: _changed(
            getattr(value, field.name),
            inner if field.name in ("processor", "item_selector", "item_batcher") else change,
            deeper,
        )
        for field in fields(value)
    }
    return cast(object, replace(cast(Any, value), **new))
