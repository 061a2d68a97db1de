"""Where the states of a Map state's body find their item."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from stepsmith.authoring.lowered import graph
from stepsmith.authoring.lowered.task_states import in_context
from stepsmith.authoring.lowered.uses import assigned_by, changed, read_by
from stepsmith.authoring.lowered.walk import every_state, without_inner
from stepsmith.authoring.source.diagnostics import mistake
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import Type
from stepsmith.expressions.typed.tree import Expression

PREFIX: Final = "_item of "


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
            return in_context(*place, type=expression.type)
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

    processor = changed(state.processor, found, hidden)
    if distributed:
        _check_variables(state)
    return replace(state, processor=processor)


def _check_variables(state: graph.Map) -> None:
    assigned = assigned_by(state.processor)
    for name in read_by(state.processor):
        if name not in assigned:
            raise mistake(
                "W321",
                f"distributed Map {state.name!r} cannot see the variable {name!r} outside it",
                "put it into the items, or use an inline Map",
                state,
            )


def check_items(scope: graph.Scope) -> None:
    """Raise DefinitionError where the item of a Map state is used outside the state's body."""
    for state in every_state(scope):

        def check(expression: Expression, state: graph.State = state) -> Expression:
            for node in tree.walk(expression):
                if isinstance(node, tree.Variable) and node.name.startswith(PREFIX):
                    raise mistake(
                        "W321",
                        f"the item of Map {node.name.removeprefix(PREFIX)!r} is used outside the body of that state",
                        "give it as the output of the body: the result of a Map state is the list of these",
                        state,
                    )
            return expression

        changed(without_inner(state), check, check)
