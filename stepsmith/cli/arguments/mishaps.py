"""What tasks do on purpose: fail, give a value, or take long, as the command line says."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from stepsmith.cli.arguments.inputs import read_value
from stepsmith.errors import InvalidInput, StepsmithError, nearest
from stepsmith.expressions.types import Json
from stepsmith.service.definitions.planned import Planned, PlannedAnswer, read_failure
from stepsmith.service.definitions.task_names import states_calling, task_states

if TYPE_CHECKING:
    from stepsmith.asl.model import StateMachine


def read_planned(
    failures: Sequence[str], answers: Sequence[str], machines: Sequence[StateMachine]
) -> dict[str, tuple[Planned, ...]]:
    """Return what is planned for each state by `TASK=ERROR`, `TASK=ERROR@ATTEMPT`, and `TASK=JSON` for answers.

    Raises InvalidInput for what is not of that form, and for a task that no state of the machines calls.
    """
    found: dict[str, tuple[Planned, ...]] = {}
    resources = {name: state.resource for machine in machines for name, state in task_states(machine)}
    for pair in answers:
        task, equals, text = pair.partition("=")
        if not equals or not task:
            raise InvalidInput(f"--returns {pair!r} is not of the form TASK=JSON")
        value = read_value(text, f"--returns {pair}")
        for state in _states(task, machines, f"--returns {pair!r}"):
            if state in found:
                raise InvalidInput(
                    f"--returns {pair!r} answers for {state!r} a second time; give one of them"
                )
            found[state] = (PlannedAnswer(_answered(value, resources[state])),)
    for pair in failures:
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


def _answered(value: Json, resource: str) -> Json:
    """Return what a state is answered where its function gives a value: Lambda's own integration wraps it."""
    return {"Payload": value, "StatusCode": 200} if resource.endswith(":lambda:invoke") else value


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
