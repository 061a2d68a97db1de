"""What executions that have run here asked for, read from their histories in a journal."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from stepsmith.deploy.application import AnyWorkflow
from stepsmith.deploy.costs.demand import Demand, add, call_of, function_name, total
from stepsmith.service.journals.journal import Journal
from stepsmith.views.histories.history_events import Event, Owner, Owners, details_of, seconds

_OVER: Final = ("Submitted", "Succeeded", "Failed", "TimedOut")
"""How the events end after which a function does no more: what it has asked somebody for may still come."""


@dataclass(frozen=True)
class Runs:
    """What some executions asked for on the average."""

    number: int
    demand: Demand
    function_seconds: Mapping[str, float]
    """Seconds that the calls of each function took in one execution."""
    duration: float
    """Seconds from start to end."""


MOST: Final = 100
"""How many executions of a workflow are looked at."""


def recorded(journal: Path, workflows: Iterable[AnyWorkflow]) -> dict[str, Runs]:
    """Give, by name, what the last executions in a journal asked for that have ended and had today's definition.

    Raises JournalDamaged.
    """
    found: dict[str, Runs] = {}
    if not journal.exists():
        return found
    opened = Journal(journal)
    for workflow in workflows:
        executions = opened.executions(machine=workflow.name, most=MOST)
        ended = [
            each for each in executions if each.status != "RUNNING" and each.definition == workflow.definition
        ]
        if ended:
            found[workflow.name] = measure(each.history for each in ended)
    return found


def measure(histories: Iterable[Sequence[Event]]) -> Runs:
    """Give what executions asked for on the average, by their histories."""
    demands: list[Demand] = []
    spent: dict[str, float] = {}
    duration = 0.0
    for events in histories:
        demands.append(_demand(events, spent))
        if events:
            duration += seconds(events[-1]["timestamp"]) - seconds(events[0]["timestamp"])
    number = len(demands)
    share = 1 / max(1, number)
    each = {name: value * share for name, value in spent.items()}
    return Runs(number, total(demands).times(share), each, duration * share)


def _demand(events: Sequence[Event], spent: dict[str, float]) -> Demand:
    """Count what one execution asked for, and add up the time of its functions."""
    found = [Demand(transitions=1)]
    attempts: Counter[int] = Counter()
    begun: dict[Owner, tuple[str, float]] = {}
    owners = Owners()
    for event in events:
        kind, owner = str(event["type"]), owners.take(event)
        if kind == "ExecutionRedriven" or kind.endswith("StateEntered"):
            found.append(Demand(transitions=1))
        if owner is None:
            continue
        if kind.endswith("Scheduled"):
            call = _call(kind, details_of(event))
            attempts[owner.entered] += 1
            found.append(call if attempts[owner.entered] == 1 else call.plus(Demand(transitions=1)))
            for name in call.functions:
                begun[owner] = (name, seconds(event["timestamp"]))
        elif owner in begun and kind.endswith(_OVER):
            name, since = begun.pop(owner)
            add(spent, {name: max(0.0, seconds(event["timestamp"]) - since)})
    return total(found)


def _call(kind: str, details: Mapping[str, Any]) -> Demand:
    if kind == "LambdaFunctionScheduled":
        return Demand(functions={function_name(str(details.get("resource", ""))): 1.0})
    if kind != "TaskScheduled":
        return Demand()
    try:
        given = json.loads(details.get("parameters", "{}"))
    except ValueError:
        given = {}
    service, action = details.get("resourceType", ""), details.get("resource", "")
    return call_of(f"arn:aws:states:::{service}:{action}", given)
