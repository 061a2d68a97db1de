"""Steps to closures that follow them through a value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeAlias

from stepsmith.expressions.jsonpath.functions import FUNCTIONS, FunctionFailure
from stepsmith.expressions.jsonpath.steps import (
    Filter,
    Function,
    Index,
    Indexes,
    Name,
    Names,
    Predicate,
    Scan,
    Search,
    Selector,
    Slice,
    Step,
    Wildcard,
    is_definite,
)
from stepsmith.expressions.types import Json

Reader: TypeAlias = Callable[[Json], Json]
"""Follows definite steps from a value; raises one of MISSES where they lead to nothing."""
Finder: TypeAlias = Callable[[list[Json], Search], list[Json]]
"""Follows one indefinite step from each value."""

MISSES: Final = (KeyError, IndexError, TypeError)
_VISIT: Final = 1
"""Steps that it takes to look at a value."""
_FILTERED: Final = 2
"""Steps that it takes to ask a filter."""
_FOUND: Final = 4
"""How many values are found in one step."""


def compile_reader(steps: tuple[Step, ...], *, past_end: bool = False) -> Reader:
    """Compile steps; an indefinite path gives an array, an empty one where nothing matches.

    With `past_end`, a last index that is past the end of its array gives null.
    """
    if is_definite(steps):
        last = steps[-1] if steps else None
        if past_end and isinstance(last, Index):
            return _leaf_index(_definite(steps[:-1]), last.index)
        return _definite(steps)
    function = steps[-1] if isinstance(steps[-1], Function) else None
    inner = _indefinite(steps[:-1] if function else steps)
    if function is None:
        return lambda document: inner(document, Search(document))
    apply = FUNCTIONS[function.name]
    return lambda document: apply(inner(document, Search(document)))


def compile_finder(steps: tuple[Step, ...]) -> Callable[[Json, Search], Json]:
    """Compile steps that start at a filter's `@` or `$`, as part of the search that the filter belongs to."""
    if is_definite(steps):
        read = _definite(steps)
        return lambda value, search: read(value)
    return _indefinite(steps)


def _definite(steps: tuple[Step, ...]) -> Reader:
    names = tuple(step.name for step in steps if isinstance(step, Name))
    if len(names) == len(steps):
        return _names(names)
    read = _last(steps[-1])
    if len(steps) == 1:
        return read
    before = _definite(steps[:-1]) if len(steps) < 32 else _chain(steps[:-1])
    return lambda value: read(before(value))


def _chain(steps: tuple[Step, ...]) -> Reader:
    readers = tuple(map(_last, steps))

    def read(value: Json) -> Json:
        for follow in readers:
            value = follow(value)
        return value

    return read


def _leaf_index(before: Reader, index: int) -> Reader:
    """Follow an index as AWS does at the end of a payload template's path (machines/floci/index-past-end-is-null)."""

    def read(value: Json) -> Json:
        items = _list(before(value))
        return items[index] if -len(items) <= index < len(items) else None

    return read


def _names(names: tuple[str, ...]) -> Callable[[Any], Any]:
    """Follow names alone: nothing but a dict may be indexed with a text, so a plain lookup suffices."""
    match names:
        case ():
            return lambda value: value
        case (a,):
            return lambda value: value[a]
        case (a, b):
            return lambda value: value[a][b]
        case (a, b, c):
            return lambda value: value[a][b][c]
        case _:
            return _chain(tuple(map(Name, names)))


def _last(step: Step) -> Reader:
    match step:
        case Name(name):
            return _names((name,))
        case Index(index):
            return lambda value: _list(value)[index]
        case Names(names):
            return lambda value: _merged(_dict(value), names)
        case Function(name):
            return FUNCTIONS[name]
        case _:
            raise TypeError("an indefinite step among definite ones")


def _list(value: Json) -> list[Json]:
    if isinstance(value, list):
        return value
    raise TypeError


def _dict(value: Json) -> dict[str, Json]:
    if isinstance(value, dict):
        return value
    raise TypeError


def _indefinite(steps: tuple[Step, ...]) -> Callable[[Json, Search], list[Json]]:
    start = next(place for place, step in enumerate(steps) if not isinstance(step, Name | Index))
    before = _definite(steps[:start])
    finders = tuple(_finder(step, last=step is steps[-1]) for step in steps[start:])

    def find(value: Json, search: Search) -> list[Json]:
        try:
            values = [before(value)]
        except MISSES:
            return []
        for follow in finders:
            values = follow(values, search)
        return values

    return find


def _finder(step: Step, *, last: bool) -> Finder:
    if isinstance(step, Scan):
        select = _scanned(step.step, last=last)

        def scan(values: list[Json], search: Search) -> list[Json]:
            found: list[Json] = []
            for value in values:
                for node in _walk(value):
                    search.charge(_VISIT)
                    found.extend(select(node, search))
            search.charge(len(found) // _FOUND)
            return found

        return scan
    if isinstance(step, Function):
        raise TypeError("a function before the end of a path")
    select = _selector(step, last=last)

    def each(values: list[Json], search: Search) -> list[Json]:
        found: list[Json] = []
        for value in values:
            selected = select(value, search)
            search.charge(len(selected) // _FOUND + 1)
            found.extend(selected)
        return found

    return each


def _walk(value: Json) -> Iterator[Json]:
    """Give the value and everything below that is an array or object, in document order."""
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting.extend(reversed(node.values()))
        elif isinstance(node, list):
            yield node
            waiting.extend(reversed(node))


def _scanned(step: Selector, *, last: bool) -> Callable[[Json, Search], list[Json]]:
    if isinstance(step, Filter):
        accepts = step.accepts
        return lambda node, search: (
            [node] if isinstance(node, dict) and _passes(accepts, node, search) else []
        )
    return _selector(step, last=last)


def _passes(accepts: Predicate, item: Json, search: Search) -> bool:
    search.charge(_FILTERED)
    return accepts(item, search)


def _selector(step: Selector, *, last: bool) -> Callable[[Json, Search], list[Json]]:
    """Give what one step selects from one value; nothing where it does not fit the value."""
    match step:
        case Name(name):
            return lambda value, _: [value[name]] if isinstance(value, dict) and name in value else []
        case Names(names):
            return lambda value, _: _pick(value, names, merged=last)
        case Index(index):
            return lambda value, _: _at(value, (index,))
        case Indexes(indexes):
            return lambda value, _: _at(value, indexes)
        case Slice(start, stop):
            return lambda value, _: _slice(value, start, stop)
        case Wildcard():
            return lambda value, _: _children(value)
        case Filter(accepts):
            return lambda value, search: [
                item for item in _candidates(value) if _passes(accepts, item, search)
            ]


def _pick(value: Json, names: tuple[str, ...], *, merged: bool) -> list[Json]:
    if not isinstance(value, dict):
        return []
    if merged:
        return [_merged(value, names)]
    return [value[name] for name in names if name in value]


def _merged(value: dict[str, Json], names: tuple[str, ...]) -> Json:
    return {name: value[name] for name in names if name in value}


def _at(value: Json, indexes: tuple[int, ...]) -> list[Json]:
    if not isinstance(value, list):
        return []
    size = len(value)
    return [value[index] for index in indexes if -size <= index < size]


def _slice(value: Json, start: int | None, stop: int | None) -> list[Json]:
    """Slice as Jayway does: bounds given together count from the start, negative indexes each from the end."""
    if not isinstance(value, list):
        return []
    size = len(value)
    if start is None or stop is None:
        return value[start:stop]
    return _at(value, tuple(range(max(start, -size), min(stop, size))))


def _children(value: Json) -> list[Json]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _candidates(value: Json) -> list[Json]:
    if isinstance(value, dict):
        return [value]
    return value if isinstance(value, list) else []


__all__ = ["MISSES", "FunctionFailure", "Reader", "compile_finder", "compile_reader"]
