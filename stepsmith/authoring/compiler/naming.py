"""The names of states, which depend on their own words and on nothing that stands before them.

Names are given from the last state to the first. Each takes the shortest that is free: what it does; what it does and
where (`Void payment after Declined`); what it does with what (`Notify ('paid', order)`). So a statement that is put
above others renames none of them. A comment names a state (`# state: Name`) or becomes its Comment.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from stepsmith.authoring.lowered import graph
from stepsmith.authoring.lowered.walk import every_state
from stepsmith.authoring.source.functions import Source
from stepsmith.authoring.source.names import LONGEST, condition_words, unique
from stepsmith.expressions.typed.tree import Span

_LONGEST_DETAIL: Final = 40


@dataclass(slots=True)
class _Place:
    """Where a state stands in the source."""

    node: ast.AST
    """The statement, call or condition that it stands for."""
    statement: ast.stmt
    blocks: list[str]
    """The blocks around the statement in words, outermost first; none in the body of the function."""


def name_states(scope: graph.Scope, source: Source, wanted: Mapping[str, str]) -> graph.Scope:
    """Name the states of a machine; `wanted` holds what each would be called if it stood alone, by its name so far.

    Raises Refusal where a comment names a state and its statement has none.
    """
    places = _places(source)
    states = list(every_state(scope))
    said = _commented(states, places, source)
    names = {old: name for old, (name, _) in said.items() if name is not None}
    taken = set(names.values())
    places_in_order = sorted(
        (state for state in states if state.name not in names),
        key=lambda state: (state.span.line, state.span.column) if state.span else (0, 0),
    )
    for state in reversed(places_in_order):
        place = places.get(_key(state.span)) if state.span else None
        names[state.name] = _free(wanted[state.name], place, taken)
    return _renamed(scope, names, {old: comment for old, (_, comment) in said.items() if comment})


def _key(span: Span) -> tuple[int, int, int, int]:
    return span.line, span.column, span.end_line, span.end_column


def _free(base: str, place: _Place | None, taken: set[str]) -> str:
    for name in _names(base, place):
        if len(name) <= LONGEST and name not in taken:
            taken.add(name)
            return name
    return unique(base, taken)


def _names(base: str, place: _Place | None) -> Iterator[str]:
    yield base
    if place is None:
        return
    inner, detail = place.blocks[-1:], _detail(place.node)
    for ending in (inner, place.blocks[::-1], [detail], [detail, *inner], [detail, *place.blocks[::-1]]):
        if words := " ".join(filter(None, ending)):
            yield f"{base} {words}"


def _detail(node: ast.AST) -> str:
    match node:
        case ast.Call(args=args, keywords=keywords):
            parts = [*map(ast.unparse, args), *(ast.unparse(keyword.value) for keyword in keywords)]
            text = f"({', '.join(parts)})" if parts else ""
        case ast.Return(value=ast.expr() as value):
            text = ast.unparse(value)
        case _:
            text = ""
    return text if len(text) <= _LONGEST_DETAIL else ""


# places


def _places(source: Source) -> dict[tuple[int, int, int, int], _Place]:
    found: dict[tuple[int, int, int, int], _Place] = {}
    _find(source, source.function.body, [], found)
    return found


def _find(source: Source, body: Sequence[ast.AST], blocks: list[str], found: dict[Any, _Place]) -> None:
    for statement in body:
        if not isinstance(statement, ast.stmt):
            continue
        inner = dict(_blocks(statement))
        nested = {id(child) for part in inner for child in part}
        _note(source, statement, statement, blocks, nested, found)
        for part, words in inner.items():
            _find(source, part, [*blocks, words] if words else blocks, found)


def _note(
    source: Source,
    node: ast.AST,
    statement: ast.stmt,
    blocks: list[str],
    nested: set[int],
    found: dict[Any, _Place],
) -> None:
    if isinstance(node, ast.stmt | ast.expr):
        found[_key(source.span(node))] = _Place(node, statement, blocks)
    for child in ast.iter_child_nodes(node):
        if id(child) not in nested:
            _note(source, child, statement, blocks, nested, found)


def _blocks(statement: ast.stmt) -> Iterator[tuple[tuple[ast.stmt, ...], str]]:
    """Give the blocks of a compound statement, each with where its states are."""
    match statement:
        case ast.If(test=test, body=body, orelse=orelse):
            yield tuple(body), f"if {condition_words(test)}"
            yield tuple(orelse), "otherwise"
        case ast.For(target=target, body=body, orelse=orelse):
            yield tuple(body), f"for each {condition_words(target)}"
            yield tuple(orelse), "after the loop"
        case ast.While(test=test, body=body, orelse=orelse):
            yield tuple(body), f"while {condition_words(test)}"
            yield tuple(orelse), "after the loop"
        case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=finalbody):
            yield tuple(body), ""
            for handler in handlers:
                yield tuple(handler.body), f"after {_errors(handler)}"
            yield tuple(orelse), ""
            yield tuple(finalbody), "finally"
        case ast.With(body=body):
            yield tuple(body), ""
        case ast.Match(cases=cases):
            for case in cases:
                yield tuple(case.body), f"in case {ast.unparse(case.pattern)}"
        case ast.FunctionDef(name=name, body=body):
            yield tuple(body), f"in {name.strip('_').replace('_', ' ')}"
        case _:
            pass


def _errors(handler: ast.ExceptHandler) -> str:
    parts = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return " or ".join(ast.unparse(part).rsplit(".", 1)[-1] for part in parts if part is not None)


# comments


def _commented(
    states: Sequence[graph.State], places: Mapping[tuple[int, int, int, int], _Place], source: Source
) -> dict[str, tuple[str | None, str | None]]:
    """Give the name and the comment that the source gives to states, by their names so far."""
    main: dict[int, tuple[graph.State, Span]] = {}
    for state in states:
        place = places.get(_key(state.span)) if state.span else None
        if place is None or state.span is None:
            continue
        known = main.get(id(place.statement))
        if known is None or _is_wider(state.span, known[1]):
            main[id(place.statement)] = (state, state.span)
    found: dict[str, tuple[str | None, str | None]] = {}
    for statement in ast.walk(source.function):
        if not isinstance(statement, ast.stmt) or statement is source.function:
            continue
        name, comment = source.comments.named(statement), source.comments.said(statement)
        if name is not None and id(statement) not in main:
            text = ast.unparse(statement).split("\n")[0]
            help = "take the comment away, or put it above the statement whose state it shall name"
            raise source.refusal(
                statement, "W206", f"no state is made of `{text}` to be called {name!r}", help
            )
        if name is not None or (comment is not None and id(statement) in main):
            found[main[id(statement)][0].name] = (name, comment)
    return found


def _is_wider(one: Span, other: Span) -> bool:
    return (one.line, one.column) <= (other.line, other.column) and (one.end_line, one.end_column) >= (
        other.end_line,
        other.end_column,
    )


# renaming


def _renamed(scope: graph.Scope, names: Mapping[str, str], comments: Mapping[str, str]) -> graph.Scope:
    states = tuple(_renamed_state(state, names, comments) for state in scope.states)
    return replace(scope, states=states, start_at=None if scope.start_at is None else names[scope.start_at])


def _renamed_state(state: graph.State, names: Mapping[str, str], comments: Mapping[str, str]) -> graph.State:
    new: dict[str, object] = {"name": names[state.name]}
    if isinstance(state, graph.RawState):
        return replace(state, name=names[state.name])
    if state.name in comments:
        new["comment"] = comments[state.name]
    if not isinstance(state, graph.Succeed | graph.Fail) and state.next is not None:
        new["next"] = names[state.next]
    match state:
        case graph.Choice(rules=rules):
            new["rules"] = tuple(replace(rule, next=names[rule.next]) for rule in rules)
        case graph.Task(catch=catch) | graph.Parallel(catch=catch) | graph.Map(catch=catch):
            new["catch"] = tuple(replace(catcher, next=names[catcher.next]) for catcher in catch)
        case _:
            pass
    match state:
        case graph.Parallel(branches=branches):
            new["branches"] = tuple(_renamed(branch, names, comments) for branch in branches)
        case graph.Map(processor=processor):
            new["processor"] = _renamed(processor, names, comments)
        case _:
            pass
    return cast(graph.State, replace(cast(Any, state), **new))
