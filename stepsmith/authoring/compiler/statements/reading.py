"""Which variables the states of a scope read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import cast

from stepsmith.authoring.lowered import graph
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.tree import Expression


def variables_read(scope: graph.Scope) -> set[str]:
    """Give the names of the workflow variables that states read, those of inner scopes included."""
    return {name for expression in _expressions(scope) for name in tree.variables(expression)}


def _expressions(value: object) -> Iterator[Expression]:
    if isinstance(value, tree.NODES):
        yield value
    elif isinstance(value, tuple):
        for item in cast("tuple[object, ...]", value):
            yield from _expressions(item)
    elif isinstance(value, Mapping):
        for item in cast("Mapping[str, object]", value).values():
            yield from _expressions(item)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _expressions(getattr(value, field.name))
