"""Sorting as the reference implementation does it: a stable merge sort that asks in a fixed order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stepsmith.expressions.jsonata.errors import JsonataError
from stepsmith.expressions.jsonata.runtime.limits import Run
from stepsmith.expressions.jsonata.runtime.text import less, sort_key
from stepsmith.expressions.jsonata.runtime.values import Evaluate, Frame, Value, kind_of
from stepsmith.expressions.types import UNDEFINED

_COMPARISON_WORK = 8
_ORDERING_WORK = 32


def merge_sort(run: Run, items: list[Any], after: Callable[[Any, Any], bool]) -> list[Any]:
    """The items sorted; `after` tells whether the first of two belongs behind the second."""
    if len(items) <= 1:
        return items
    middle = len(items) // 2
    left = merge_sort(run, items[:middle], after)
    right = merge_sort(run, items[middle:], after)
    run.charge(_COMPARISON_WORK * len(items))
    merged: list[Any] = []
    at_left = at_right = 0
    while at_left < len(left) and at_right < len(right):
        if after(left[at_left], right[at_right]):
            merged.append(right[at_right])
            at_right += 1
        else:
            merged.append(left[at_left])
            at_left += 1
    return [*merged, *left[at_left:], *right[at_right:]]


def by_terms(
    run: Run,
    items: Any,
    entries: list[tuple[Value, Frame]],
    terms: list[tuple[Evaluate, bool]],
    position: int,
) -> list[Any]:
    """Items in the order of an order-by clause; an entry has the context and frame of its item."""
    run.charge(_COMPARISON_WORK * len(items))
    first, descending = terms[0]
    keys: list[list[Value]] = [[first(context, frame)] for context, frame in entries]
    run.charge(_ORDERING_WORK * len(items))
    if len(terms) == 1 and (key_of := _uniform_key(keys)) is not None:
        order = sorted(range(len(items)), key=key_of, reverse=descending)
        return [items[index] for index in order]

    def key(index: int, number: int) -> Value:
        known = keys[index]
        if number == len(known):
            context, frame = entries[index]
            known.append(terms[number][0](context, frame))
        return known[number]

    def after(left: int, right: int) -> bool:
        for number, (_, down) in enumerate(terms):
            order = _compared(key(left, number), key(right, number), down, position)
            if order:
                return order == 1
        return False

    return [items[index] for index in merge_sort(run, list(range(len(items))), after)]


def _uniform_key(keys: list[list[Value]]) -> Callable[[int], Any] | None:
    """How to sort by one term whose values are all numbers or all strings."""
    kinds: set[type[Any]] = {type(key[0]) for key in keys}
    if kinds == {str} and not all(key[0].isascii() for key in keys):
        return lambda index: sort_key(keys[index][0])
    if kinds == {str} or (kinds <= {int, float} and all(key[0] == key[0] for key in keys)):
        return lambda index: keys[index][0]
    return None


def _compared(left: Value, right: Value, down: bool, position: int) -> int:
    if left is UNDEFINED:
        return 0 if right is UNDEFINED else 1
    if right is UNDEFINED:
        return -1
    kinds = kind_of(left), kind_of(right)
    for kind, value in zip(kinds, (left, right), strict=True):
        if kind not in (str, int, float):
            raise JsonataError("T2008", position=position, value=value)
    if (kinds[0] is str) is not (kinds[1] is str):
        raise JsonataError("T2007", position=position, value=left, value2=right)
    if left == right:
        return 0
    before = less(left, right) if kinds[0] is str else left < right
    return 1 if before is down else -1
