"""Explicit states to the model of the language.

`build(scope)` is the last stage of both layers. It checks what only the whole machine shows - names, targets, states
that nothing leads to - and writes every expression in the query language of the machine. The order of the states is
that of the scope.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from stepsmith.asl import model
from stepsmith.asl.build import build_state
from stepsmith.asl.model import QueryLanguage
from stepsmith.asl.render import render_state
from stepsmith.authoring.lowered import graph
from stepsmith.authoring.lowered.in_jsonata import InJsonata
from stepsmith.authoring.lowered.in_jsonpath import InJsonPath
from stepsmith.authoring.lowered.walk import every_state, inner_scopes, targets
from stepsmith.authoring.lowered.writing import Language, write
from stepsmith.authoring.source.diagnostics import mistake
from stepsmith.authoring.source.names import LONGEST
from stepsmith.expressions.typed.to_jsonpath import NotInJsonPath
from stepsmith.expressions.typed.tree import Span
from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen

_LANGUAGES: Final[Mapping[QueryLanguage, Language]] = {"JSONata": InJsonata(), "JSONPath": InJsonPath()}


@frozen
class Built:
    """A state machine, and where each of its states was written."""

    machine: model.StateMachine
    spans: Mapping[str, Span]
    """State name -> place, for every state that has one; states of branches and processors included."""


def build(
    scope: graph.Scope,
    *,
    query_language: QueryLanguage = "JSONata",
    comment: str | None = None,
    timeout_seconds: int | None = None,
) -> Built:
    """Turn the states of a machine into the model.

    Raises DefinitionError for names that are taken, empty or too long, for transitions that lead nowhere, for states
    that nothing leads to, and for what the query language cannot say.
    """
    spans: dict[str, Span] = {}
    names: set[str] = set()
    for state in every_state(scope):
        _check_name(state, names)
        names.add(state.name)
        if state.span is not None:
            spans[state.name] = state.span
    branch = _branch(scope, query_language)
    machine = model.StateMachine(
        start_at=branch.start_at,
        states=branch.states,
        comment=comment,
        timeout_seconds=timeout_seconds,
        query_language=query_language if query_language == "JSONata" else None,
    )
    return Built(machine, spans)


def _check_name(state: graph.State, taken: set[str]) -> None:
    if not state.name:
        raise mistake("W300", "a state has an empty name", "give it a name of 1 to 80 characters", state)
    if len(state.name) > LONGEST:
        raise mistake(
            "W300",
            f"the state name {state.name!r} has {len(state.name)} characters",
            f"shorten it to {LONGEST}",
            state,
        )
    if state.name in taken:
        raise mistake(
            "W301",
            f"two states have the name {state.name!r}",
            "names are unique in the whole machine, branches included: give one of them another name",
            state,
        )


def _branch(scope: graph.Scope, language: QueryLanguage) -> model.Branch:
    if not scope.states:
        raise mistake("W302", "a scope has no states", "put a state there, such as Pass('Nothing to do')")
    start = scope.start_at or scope.states[0].name
    _check_targets(scope, start)
    states = {state.name: _state(state, language) for state in scope.states}
    return model.Branch(start_at=start, states=states, comment=scope.comment)


def _check_targets(scope: graph.Scope, start: str) -> None:
    known = {state.name for state in scope.states}
    reached = {start}
    for state in scope.states:
        for target in targets(state):
            if target not in known:
                raise mistake(
                    "W303",
                    f"state {state.name!r} leads to {target!r}, which is not among the states beside it",
                    "put that state into the chain; transitions cannot enter or leave a branch",
                    state,
                )
            reached.add(target)
    for state in scope.states:
        if state.name not in reached:
            raise mistake(
                "W304",
                f"nothing leads to state {state.name!r}",
                "every way before it ends, so take it out of the chain or open one of the ends",
                state,
            )


def _state(state: graph.State, language: QueryLanguage) -> model.State:
    if isinstance(state, graph.RawState):
        return build_state(_raw_definition(state))
    inner = tuple(_branch(scope, language) for scope in inner_scopes(state))
    try:
        written = write(state, inner, _LANGUAGES[language])
    except NotInJsonPath as error:
        help = "write it in another way, or leave the machine in JSONata"
        raise mistake("W320", f"state {state.name!r} in JSONPath: {error}", help, state) from None
    return build_state({**render_state(written), **state.raw}) if state.raw else written


def _raw_definition(state: graph.RawState) -> dict[str, Json]:
    definition = dict(state.definition)
    if definition.get("Type") in ("Succeed", "Fail"):
        return definition
    if definition.get("Type") == "Choice":
        return definition if state.next is None else {"Default": state.next, **definition}
    if "Next" in definition or "End" in definition:
        return definition
    return {**definition, "End": True} if state.next is None else {**definition, "Next": state.next}
