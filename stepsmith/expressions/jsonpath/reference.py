"""Reference paths: paths that name one place, and ResultPath, which writes there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from functools import lru_cache
from typing import Any, TypeAlias, cast

from stepsmith.expressions.json_text import DEEPEST
from stepsmith.expressions.jsonpath.errors import PathMiss, PathSyntaxError
from stepsmith.expressions.jsonpath.path import Path, compile_path
from stepsmith.expressions.jsonpath.steps import Index, Name, normalised
from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen

Setter: TypeAlias = Callable[[Json, Json], Json]


@frozen
class ReferencePath:
    """A compiled path to write to."""

    text: str
    """As written."""
    steps: tuple[Name | Index, ...]
    """The names and indexes that lead to the place."""
    set: Setter = field(compare=False, repr=False)
    """Gives the document (first) with the value (second) at the place; copies only what lies on the way.

    Objects that are missing on the way are made; raises PathMiss where something else is in the way.
    """


def is_reference(path: Path) -> bool:
    """True when a path names one place: nothing but names and indexes."""
    return all(isinstance(step, Name | Index) for step in path.steps)


@lru_cache(maxsize=4096)
def compile_reference_path(text: str) -> ReferencePath:
    """Compile a path to write to, such as ResultPath; raises PathSyntaxError."""
    path = compile_path(text)
    if path.root != "input":
        raise PathSyntaxError(text, "Another root than '$', which is all that can be written to,", 0)
    if not is_reference(path):
        raise PathSyntaxError(text, "A step that may lead to several places", 1)
    if len(path.steps) > DEEPEST:
        raise PathSyntaxError(text, f"More than {DEEPEST} steps", 1)
    steps = cast("tuple[Name | Index, ...]", path.steps)
    return ReferencePath(text, steps, _setter(text, steps))


def _setter(text: str, steps: tuple[Name | Index, ...]) -> Setter:
    if not steps:
        return lambda document, value: value
    if len(steps) == 1 and isinstance(steps[0], Name):
        return _one_name(text, steps[0])
    return lambda document, value: _set(text, steps, document, value)


def _one_name(text: str, step: Name) -> Setter:
    name = step.name

    def put(document: Json, value: Json) -> Json:
        if not isinstance(document, dict):
            raise _in_the_way(text, (step,))
        return {**document, name: value}

    return put


def _set(text: str, steps: tuple[Name | Index, ...], document: Json, value: Json) -> Json:
    spine: list[Any] = []
    node = document
    for place, step in enumerate(steps):
        node = _copied(text, steps[: place + 1], node)
        spine.append(node)
        node = _child(node, step)
    for parent, step in zip(reversed(spine), reversed(steps), strict=True):
        parent[step.name if isinstance(step, Name) else step.index] = value
        value = parent
    return value


def _copied(text: str, so_far: tuple[Name | Index, ...], node: Json) -> dict[str, Json] | list[Json]:
    step = so_far[-1]
    if isinstance(step, Name) and isinstance(node, dict):
        return dict(node)
    if isinstance(step, Index) and isinstance(node, list) and -len(node) <= step.index < len(node):
        return list(node)
    raise _in_the_way(text, so_far)


def _child(node: dict[str, Json] | list[Json], step: Name | Index) -> Json:
    if isinstance(node, list):
        return node[cast(Index, step).index]
    return node.get(cast(Name, step).name, {})


def _in_the_way(text: str, so_far: tuple[Name | Index, ...]) -> PathMiss:
    return PathMiss(text, f"Missing property in path {normalised(so_far)}")
