"""The function that a transform expression makes."""

from __future__ import annotations

from typing import Any

from stepsmith.expressions.jsonata.errors import JsonataError
from stepsmith.expressions.jsonata.runtime.limits import Run
from stepsmith.expressions.jsonata.runtime.values import ARRAY_TYPES, OBJECT, Evaluate, Frame, Value
from stepsmith.expressions.types import UNDEFINED

_MATCH_WORK = 16


def transformed(
    run: Run,
    copy: Value,
    frame: Frame,
    pattern: Evaluate,
    update: Evaluate,
    delete: Evaluate | None,
    positions: tuple[int | None, int | None],
) -> Value:
    """The copy of a value with each match of the pattern changed; raises T2011 or T2012."""
    found = pattern(copy, frame)
    if found is UNDEFINED:
        return copy
    matches = found if type(found) in ARRAY_TYPES else [found]
    run.charge(_MATCH_WORK * len(matches))
    for match in matches:
        changes = update(match, frame)
        if changes is not UNDEFINED:
            if type(changes) is not OBJECT:
                raise JsonataError("T2011", position=positions[0], value=changes)
            if type(match) is OBJECT:
                match.update(changes)
        if delete is not None:
            _delete(match, delete(match, frame), positions[1])
    return copy


def _delete(match: Any, names: Value, position: int | None) -> None:
    if names is UNDEFINED:
        return
    wanted = names if type(names) in ARRAY_TYPES else [names]
    if any(type(name) is not str for name in wanted):
        raise JsonataError("T2012", position=position, value=names)
    if type(match) is OBJECT:
        for name in wanted:
            match.pop(name, None)
