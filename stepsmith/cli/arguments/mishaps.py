"""What goes wrong on purpose: tasks that fail or take long, named on the command line."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from stepsmith.errors import InvalidInput, StepsmithError, nearest
from stepsmith.service.definitions.planned_failures import PlannedFailure, read_failure
from stepsmith.service.definitions.task_names import states_calling

if TYPE_CHECKING:
    from stepsmith.asl.model import StateMachine


def read_failures(
    pairs: Sequence[str], machines: Sequence[StateMachine]
) -> dict[str, tuple[PlannedFailure, ...]]:
    """Return what is planned for each state by `TASK=ERROR` and `TASK=ERROR@ATTEMPT`.

    Raises InvalidInput for what is not of that form, and for a task that no state of the machines calls.
    """
    found: dict[str, tuple[PlannedFailure, ...]] = {}
    for pair in pairs:
        task, equals, text = pair.rpartition("=")
        if not equals or not task:
            raise InvalidInput(f"--fail {pair!r} is not of the form TASK=ERROR or TASK=ERROR@ATTEMPT")
        try:
            failure = read_failure(text)
        except StepsmithError as error:
            raise InvalidInput(f"--fail {pair!r}: {error}") from None
        for state in _states(task, machines, f"--fail {pair!r}"):
            found[state] = (*found.get(state, ()), failure)
    return found


def read_delays(pairs: Sequence[str], machines: Sequence[StateMachine]) -> dict[str, float]:
    """Return the seconds that each state's task takes by `TASK=SECONDS`.

    Raises InvalidInput for what is not of that form, and for a task that no state of the machines calls.
    """
    found: dict[str, float] = {}
    for pair in pairs:
        task, _, text = pair.rpartition("=")
        seconds = _number(text)
        if not task or seconds is None:
            raise InvalidInput(f"--delay {pair!r} is not of the form TASK=SECONDS, with seconds from 0")
        for state in _states(task, machines, f"--delay {pair!r}"):
            if state in found:
                raise InvalidInput(f"--delay {pair!r} delays {state!r} a second time; give one of them")
            found[state] = seconds
    return found


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) and found >= 0 else None


def _states(task: str, machines: Iterable[StateMachine], place: str) -> list[str]:
    """Name the states that a task means: the state of this name, or those that call the function or the service."""
    callers = states_calling(machines)
    found = callers.get(task)
    if found is None:
        known = sorted(each for each in callers if not each.startswith("arn:"))
        raise InvalidInput(f"{place}: no state calls {task!r}{nearest(task, known, otherwise='they call')}")
    return found
