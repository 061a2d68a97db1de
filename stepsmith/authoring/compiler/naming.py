"""The names of states, which depend on their own words and on nothing that stands before them.

Names are given from the last state to the first. Each takes the shortest that is free: what it does; what it does and
where (`Void payment after Declined`); what it does with what (`Notify ('paid', order)`). So a statement that is put
above others renames none of them. Of a helper function that is called more than once, the states of the last call are
named first. A comment names a state (`# state: Name`) or becomes its Comment.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias, cast

from stepsmith.authoring.lowered import graph
from stepsmith.authoring.lowered.walk import every_state
from stepsmith.authoring.source.functions import Source
from stepsmith.authoring.source.names import LONGEST, condition_words, pattern_words, unique
from stepsmith.expressions.typed.tree import Span

_LONGEST_DETAIL: Final = 40


_Key: TypeAlias = tuple[str, int, int, int, int]


@dataclass(slots=True)
class _Place:
    """Where a state stands in the source."""

    node: ast.AST
    """The statement, call or condition that it stands for."""
    statement: ast.stmt
    blocks: list[str]
    """The blocks around the statement in words, outermost first; none in the body of the workflow function."""


@dataclass(slots=True)
class Made:
    """How states were made, by their names so far."""

    wanted: Mapping[str, str]
    """What each would be called if it stood alone."""
    called_from: Mapping[str, tuple[Span, ...]]
    """The calls of helper functions that each was made in, outermost first."""


def name_states(scope: graph.Scope, source: Source, helpers: Sequence[Source], made: Made) -> graph.Scope:
    """Name the states of a machine; `helpers` are the sources of helper functions.

    Raises Refusal where a comment names a state and its statement has none.
    """
    places = _places(source, [])
    for helper in helpers:
        places.update(_places(helper, [_inside(helper.function.name)]))
    states = list(every_state(scope))
    said = _Said()
    for each in (source, *helpers):
        _read_comments(said, states, places, each, made)
    names = dict(said.names)
    taken = set(names.values())
    places_in_order = sorted(
        (state for state in states if state.name not in names), key=lambda state: _position(state, made)
    )
    for state in reversed(places_in_order):
        place = places.get(_key(state.span)) if state.span else None
        calls = [places[_key(span)] for span in made.called_from[state.name] if _key(span) in places]
        base = said.bases.get(state.name, made.wanted[state.name])
        names[state.name] = _free(base, place, calls, taken)
    return _renamed(scope, names, said.comments)


def _position(state: graph.State, made: Made) -> list[tuple[int, int]]:
    """Give where a state stands: the places of the calls that it was made in, and its own."""
    spans = [*made.called_from[state.name], *([state.span] if state.span else [])]
    return [(span.line, span.column) for span in spans] or [(0, 0)]


def _key(span: Span) -> _Key:
    return span.file, span.line, span.column, span.end_line, span.end_column


def _free(base: str, place: _Place | None, calls: Sequence[_Place], taken: set[str]) -> str:
    for name in _names(base, place, calls):
        if len(name) <= LONGEST and name not in taken:
            taken.add(name)
            return name
    return unique(base, taken)


def _names(base: str, place: _Place | None, calls: Sequence[_Place]) -> Iterator[str]:
    yield base
    if place is None:
        return
    inner, around, detail = place.blocks[-1:], place.blocks[::-1], _detail(place.node)
    endings = [inner, around]
    if calls:
        call = calls[-1]
        endings += [[*around, _detail(call.node)], [*around, _detail(call.node), *call.blocks[::-1]]]
    endings += [[detail], [detail, *inner], [detail, *around]]
    for ending in endings:
        if words := " ".join(filter(None, ending)):
            yield f"{base} {words}"


def _inside(name: str) -> str:
    return f"in {name.strip('_').replace('_', ' ')}"


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


def _places(source: Source, blocks: list[str]) -> dict[_Key, _Place]:
    found: dict[_Key, _Place] = {}
    _find(source, source.function.body, blocks, found)
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
                yield tuple(case.body), f"in case {pattern_words(case.pattern)}"
        case ast.FunctionDef(name=name, body=body):
            yield tuple(body), _inside(name)
        case _:
            pass


def _errors(handler: ast.ExceptHandler) -> str:
    parts = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return " or ".join(ast.unparse(part).rsplit(".", 1)[-1] for part in parts if part is not None)


# comments


@dataclass(slots=True)
class _Said:
    """What comments say of states, by their names so far."""

    names: dict[str, str] = field(default_factory=dict[str, str])
    bases: dict[str, str] = field(default_factory=dict[str, str])
    """Names given to a statement of a helper function that is called more than once."""
    comments: dict[str, str] = field(default_factory=dict[str, str])


def _read_comments(
    said: _Said, states: Sequence[graph.State], places: Mapping[_Key, _Place], source: Source, made: Made
) -> None:
    """Note the names and the comments that a source gives to states."""
    if not source.comments.above and not source.comments.behind:
        return
    main = _main_states(states, places, made)
    for statement in ast.walk(source.function):
        if not isinstance(statement, ast.stmt) or statement is source.function:
            continue
        name, comment = source.comments.named(statement), source.comments.said(statement)
        found = main.get(id(statement), [])
        if name is not None and not found:
            text = ast.unparse(statement).split("\n")[0]
            help = "take the comment away, or put it above the statement whose state it shall name"
            raise source.refusal(
                statement, "W206", f"no state is made of `{text}` to be called {name!r}", help
            )
        for state in found:
            if name is not None:
                (said.names if len(found) == 1 else said.bases)[state] = name
            if comment is not None:
                said.comments[state] = comment


def _main_states(
    states: Sequence[graph.State], places: Mapping[_Key, _Place], made: Made
) -> dict[int, list[str]]:
    """Give the state of each statement that stands for all of it, for each call that it was made in."""
    widest: dict[tuple[int, tuple[Span, ...]], tuple[str, Span]] = {}
    for state in states:
        place = places.get(_key(state.span)) if state.span else None
        if place is None or state.span is None:
            continue
        key = id(place.statement), made.called_from[state.name]
        known = widest.get(key)
        if known is None or _is_wider(state.span, known[1]):
            widest[key] = (state.name, state.span)
    found: dict[int, list[str]] = {}
    for (statement, _), (name, _) in widest.items():
        found.setdefault(statement, []).append(name)
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
