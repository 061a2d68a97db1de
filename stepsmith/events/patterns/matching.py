"""Holds a compiled pattern against an event.

A pattern is a tree of steps. An array in the event stands for each of its elements, and all that lies below one step
must be found in the same element. `exists: false` asks the whole event: nothing at that path, in no element.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from stepsmith.events.patterns.operators import Test
from stepsmith.expressions.types import Json

NOTHING_ABSENT: Final[frozenset[tuple[str, ...]]] = frozenset()


@dataclass(slots=True)
class Node:
    """A step of a path: what is asked of a leaf here, and what lies below."""

    children: dict[str, Node] = field(default_factory=dict[str, "Node"])
    tests: list[Test] = field(default_factory=list[Test])
    path: tuple[str, ...] | None = None
    """The path of a leaf that is asked for; None for a step in between."""


class Matcher:
    """A compiled pattern: called with an event (read JSON), says whether it matches."""

    __slots__ = ("_absences", "_rules")

    def __init__(self, rules: list[Node], absences: list[list[tuple[str, ...]]]) -> None:
        self._rules = rules
        self._absences = absences

    def __call__(self, event: Json) -> bool:
        """Say whether an event matches."""
        for rule, absences in zip(self._rules, self._absences, strict=True):
            absent = (
                frozenset(path for path in absences if not _has_leaf(event, path, 0))
                if absences
                else NOTHING_ABSENT
            )
            if _holds(rule, event, absent):
                return True
        return False


def _holds(node: Node, value: Json, absent: frozenset[tuple[str, ...]]) -> bool:
    if isinstance(value, list):
        return any(_holds(node, element, absent) for element in value) or _excused(node, absent)
    if isinstance(value, dict):
        if node.path is not None and node.path not in absent:
            return False
        members = _members(value)
        for step, child in node.children.items():
            if step in members:
                if not _holds(child, members[step], absent):
                    return False
            elif not _excused(child, absent):
                return False
        return True
    if node.path is not None and node.path not in absent and not any(test(value) for test in node.tests):
        return False
    return all(_excused(child, absent) for child in node.children.values())


def _excused(node: Node, absent: frozenset[tuple[str, ...]]) -> bool:
    """Whether all that is asked for from here on may be absent, and is."""
    if not absent:
        return False
    if node.path is not None and node.path not in absent:
        return False
    return all(_excused(child, absent) for child in node.children.values())


def _has_leaf(value: Json, path: tuple[str, ...], at: int) -> bool:
    if isinstance(value, list):
        return any(_has_leaf(element, path, at) for element in value)
    if at == len(path):
        return not isinstance(value, dict)
    if not isinstance(value, dict):
        return False
    members = _members(value)
    return path[at] in members and _has_leaf(members[path[at]], path, at + 1)


def _members(value: dict[str, Json]) -> dict[str, Json]:
    """Give an object's members with dots in names as nesting."""
    if not any("." in name for name in value):
        return value
    nested: dict[str, Json] = {}
    for name, member in value.items():
        first, _, rest = name.partition(".")
        inner: Json = {rest: member} if "." in name else member
        there = nested.get(first)
        if first not in nested:
            nested[first] = inner
        elif isinstance(there, dict) and isinstance(inner, dict):
            nested[first] = _together(there, inner)
        else:
            nested[first] = [there, inner]
    return nested


def _together(one: dict[str, Json], other: dict[str, Json]) -> dict[str, Json]:
    """Put the members of two objects together; what both have is there twice, as the elements of an array are."""
    found = dict(one)
    for name, member in other.items():
        found[name] = [found[name], member] if name in found else member
    return found
