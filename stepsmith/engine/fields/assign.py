"""Assign: all values are worked out from the same snapshot, then all variables change at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from stepsmith.engine.fields.expressions import Extra
from stepsmith.engine.fields.query import compile_value
from stepsmith.engine.kernel.frames import Execution, Frame
from stepsmith.engine.values.failures import data_limit, runtime
from stepsmith.engine.values.payload import LIMIT, Large, size_of
from stepsmith.expressions.templates import compile_template
from stepsmith.expressions.types import Json

MOST_STORED: Final = 10 * 1024 * 1024
"""Bytes that all variables of an execution may have together."""

Assign: TypeAlias = "Callable[[Execution, Frame, Any], tuple[Mapping[str, Json], tuple[str, ...]]]"
"""Gives the new variables and the texts of those assigned, in the order of `names_of`."""


def names_of(assign: Mapping[str, Json]) -> tuple[str, ...]:
    """Give the names of the variables that an Assign field sets."""
    return tuple(name.removesuffix(".$") for name in assign)


def compile_assign(
    assign: Mapping[str, Json] | None, *, query: bool, location: str = "Assign", extra: Extra = None
) -> tuple[Assign | None, tuple[str, ...]]:
    """Compile an Assign field; gives the closure, if any, and the names it sets."""
    if not assign:
        return None, ()
    if query:
        return _compile_query(assign, location, extra), names_of(assign)
    return _compile_paths(assign), names_of(assign)


def _compile_query(assign: Mapping[str, Json], location: str, extra: Extra = None) -> Assign:
    """Compile the Assign field of a JSONata state."""
    names = names_of(assign)
    if len(names) == 1:
        return _compile_single(names[0], assign[names[0]], location, extra)
    parts = [(name, compile_value(value, f"{location}/{name}", extra)) for name, value in assign.items()]

    def evaluate(run: Execution, frame: Frame, given: Any) -> tuple[Mapping[str, Json], tuple[str, ...]]:
        values = {name: part(run, frame, given) for name, part in parts}
        return _commit(run, frame, values)

    return evaluate


def _compile_single(name: str, template: Json, location: str, extra: Extra) -> Assign:
    part = compile_value(template, f"{location}/{name}", extra)

    def evaluate(run: Execution, frame: Frame, given: Any) -> tuple[Mapping[str, Json], tuple[str, ...]]:
        value = part(run, frame, given)
        if type(value) is int:  # a counter: nothing to check
            return {**frame.variables, name: value}, (int.__repr__(value),)
        return _commit(run, frame, {name: value})

    return evaluate


def _compile_paths(assign: Mapping[str, Json]) -> Assign:
    """Compile the Assign field of a JSONPath state; the third argument is what `$` stands for."""
    template = compile_template(dict(assign)).evaluate

    def evaluate(run: Execution, frame: Frame, given: Any) -> tuple[Mapping[str, Json], tuple[str, ...]]:
        scope = run.scope
        scope.input = given
        scope.variables = frame.variables
        values = template(scope)
        if not isinstance(values, dict):
            raise runtime("The field 'Assign' must be an object")
        return _commit(run, frame, values)

    return evaluate


def _commit(
    run: Execution, frame: Frame, values: dict[str, Json]
) -> tuple[Mapping[str, Json], tuple[str, ...]]:
    texts = tuple([run.text(value, frame.node.name) for value in values.values()])
    variables = {**frame.variables, **values}
    if run.settings.quotas and (run.stored is not None or any(map(_is_long, texts))):
        _check_sizes(run, frame, dict(zip(values, map(size_of, texts), strict=True)))
    return variables, texts


def _is_long(text: str | Large) -> bool:
    return isinstance(text, Large) or len(text) * 64 > LIMIT


def _check_sizes(run: Execution, frame: Frame, sizes: dict[str, int]) -> None:
    """Hold the variables to their limits: those of one Assign, and all that are stored."""
    if run.stored is None:
        run.stored = {}
    run.stored.update(sizes)
    if sum(sizes.values()) > LIMIT or sum(run.stored.values()) > MOST_STORED:
        raise data_limit(frame.node.name)
