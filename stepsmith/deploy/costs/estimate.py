"""What a thousand executions of each workflow will cost, and what a stack costs while nothing runs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from stepsmith.authoring.tasks.provisions import Architecture
from stepsmith.authoring.tasks.task import Task
from stepsmith.deploy.application import AnyWorkflow, Application, names_of_task
from stepsmith.deploy.costs.demand import Demand, add
from stepsmith.deploy.costs.runs import Runs
from stepsmith.deploy.costs.ways import ITEMS, ways
from stepsmith.deploy.options import Options
from stepsmith.expressions.types import Json
from stepsmith.prices import (
    ALARM_MONTH,
    DASHBOARD_MONTH,
    EXPRESS_GB,
    EXPRESS_GB_SECOND,
    EXPRESS_REQUEST,
    FUNCTION_GB_SECOND,
    FUNCTION_REQUEST,
    LOG_GB,
    OTHERS_OF,
    PRICES_OF,
    REQUESTS,
    TABLE_GB_MONTH,
    TRANSITION,
    TRANSITIONS,
)

THOUSAND: Final = 1000
CALL_SECONDS: Final = 0.1
"""What a call of a function is taken to last at least: one of 128 MB that computes nothing, see the guide."""
ITEM_KB: Final = 1.0
"""What an item is taken to hold that is put into a table."""
USUAL_MEMORY: Final = 128
"""MB of a function that nothing is known of."""
LOG_KB: Final = 0.7
"""What Lambda writes into the log for a call, as JSON."""
_GB: Final = 1024 * 1024
"""In KB."""


@dataclass(frozen=True, kw_only=True)
class Bill:
    """What a thousand executions ask for, and its dollars."""

    transitions: float
    calls: float
    gb_seconds: float
    requests: Mapping[str, float]
    stored_kb: float
    """What stays in tables."""
    machine: float
    """Dollars for transitions or, for Express executions, requests and time."""
    functions: float
    services: float
    """Dollars for requests to services."""
    logs: float
    kept: float
    """Dollars for each month that what was stored is kept."""

    @property
    def dollars(self) -> float:
        """What the executions cost, storage left out."""
        return self.machine + self.functions + self.services + self.logs

    def to_json(self) -> dict[str, Json]:
        """Give it for machines; money in dollars."""
        return {
            "dollars": self.dollars,
            "transitions": {"count": self.transitions, "dollars": self.machine},
            "functions": {"calls": self.calls, "gb_seconds": self.gb_seconds, "dollars": self.functions},
            "requests": {"count": dict(sorted(self.requests.items())), "dollars": self.services},
            "logs": {"dollars": self.logs},
            "storage": {"kilobytes": self.stored_kb, "dollars_per_month": self.kept},
        }


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What a thousand executions of a workflow cost at least and at most."""

    workflow: str
    basis: str
    """What it is reckoned from."""
    least: Bill
    most: Bill
    is_express: bool = False

    @property
    def unknown(self) -> list[str]:
        """The requests whose prices are not known."""
        return sorted(self.most.requests.keys() - REQUESTS.keys())

    def lines(self) -> Iterator[str]:
        """Give it as text."""
        least, most = self.least, self.most
        yield f"  {self.workflow}  {_money(least.dollars, most.dollars)}, by {self.basis}"
        if not self.is_express:
            count = _count(least.transitions, most.transitions)
            yield f"    {count} state transitions  {_money(least.machine, most.machine)}"
        else:
            yield f"    Express requests and time  {_money(least.machine, most.machine)}"
        if most.calls:
            seconds = f"{_count(least.gb_seconds, most.gb_seconds)} GB-s"
            calls = _count(least.calls, most.calls)
            yield f"    {calls} calls of functions, {seconds}  {_money(least.functions, most.functions)}"
        requests = _count(sum(least.requests.values()), sum(most.requests.values()))
        if most.requests:
            yield f"    {requests} requests to services  {_money(least.services, most.services)}"
        if most.logs:
            yield f"    logs  {_money(least.logs, most.logs)}"
        if most.stored_kb:
            size = _count(least.stored_kb / 1024, most.stored_kb / 1024)
            yield f"    {size} MB stored in tables  {_money(least.kept, most.kept)} a month"
        if self.unknown:
            yield f"    without {', '.join(self.unknown)}, whose prices are not known here"

    def to_json(self) -> dict[str, Json]:
        """Give it for machines."""
        return {
            "workflow": self.workflow,
            "basis": self.basis,
            "least": self.least.to_json(),
            "most": self.most.to_json(),
            "unknown": list(self.unknown),
        }


@dataclass(frozen=True, kw_only=True)
class Costs:
    """What executions of the workflows of a stack will cost, and what it costs by itself."""

    region: str
    estimates: tuple[Estimate, ...]
    standing: Mapping[str, tuple[int, float]]
    """What costs each month, whatever runs -> how many there are, and dollars."""

    def lines(self) -> list[str]:
        """Give them as text."""
        found = [f"Costs of a thousand executions (list prices: {self.prices}; no free tier)"]
        for each in self.estimates:
            found += each.lines()
        for name, (count, dollars) in self.standing.items():
            found.append(f"  each month, whatever runs: {count} {name}  {_money(dollars, dollars)}")
        return [*found, "  Taken to be so:", *(f"    {each}" for each in ASSUMED)]

    @property
    def prices(self) -> str:
        """Of when and where the prices are."""
        return f"transitions of {self.region}; {PRICES_OF}; {OTHERS_OF}"

    def to_json(self) -> dict[str, Json]:
        """Give them for machines."""
        return {
            "executions": THOUSAND,
            "prices": self.prices,
            "estimates": [each.to_json() for each in self.estimates],
            "standing": {
                name: {"count": count, "dollars_per_month": dollars}
                for name, (count, dollars) in self.standing.items()
            },
            "assumed": list(ASSUMED),
        }


ASSUMED: Final = (
    f"a call of a function lasts {CALL_SECONDS:g} s, or as long as it did here where that was longer",
    f"without runs a Map has {ITEMS} items, nothing fails and no loop is repeated",
    "with runs, items of distributed Maps are not counted",
    "a function makes each call that it declares once, of items of 1 KB; each item put into a table stays",
    "ways in, traces, transfers and what a workflow starts besides are not in it",
)


def estimate(
    application: Application,
    options: Options,
    *,
    region: str,
    runs: Mapping[str, Runs],
    template: Mapping[str, Json],
) -> Costs:
    """Estimate by the runs of each workflow or, where it has none, by its definition."""
    found = [
        _estimate(workflow, options, region, runs.get(workflow.name))
        for workflow in application.workflows.values()
    ]
    return Costs(region=region, estimates=tuple(found), standing=dict(_standing(template)))


def _estimate(workflow: AnyWorkflow, options: Options, region: str, runs: Runs | None) -> Estimate:
    is_express = workflow.name in options.express
    if runs is not None and runs.number:
        bill = _bill(workflow, runs.demand, options, region, runs)
        basis = f"the last {runs.number} runs here" if runs.number > 1 else "the last run here"
        return Estimate(workflow=workflow.name, basis=basis, least=bill, most=bill, is_express=is_express)

    def price(demand: Demand) -> float:
        return _bill(workflow, demand, options, region, None).dollars

    least, most = (_bill(workflow, each, options, region, None) for each in ways(workflow.definition, price))
    basis = "its definition: the cheapest and the dearest way through it"
    return Estimate(workflow=workflow.name, basis=basis, least=least, most=most, is_express=is_express)


def _bill(workflow: AnyWorkflow, demand: Demand, options: Options, region: str, runs: Runs | None) -> Bill:
    """Price what one execution asks for, a thousand times."""
    requests = dict(demand.requests)
    functions = gb_seconds = seconds = 0.0
    for name, number in demand.functions.items():
        task = workflow.tasks.get(name)
        seen = 0.0 if runs is None else runs.function_seconds.get(name, 0.0)
        took = max(CALL_SECONDS * number, seen)
        memory = took * _memory(task, options) / 1024
        functions += number * FUNCTION_REQUEST + memory * FUNCTION_GB_SECOND[_architecture(task)]
        gb_seconds, seconds = gb_seconds + memory, seconds + took
        if task is not None:
            add(requests, dict.fromkeys(_declared(task), number))
    calls = sum(demand.functions.values())
    if workflow.name in options.express:
        machine = _express(1.0, seconds if runs is None else runs.duration)
    else:
        machine = demand.transitions * TRANSITIONS.get(region, TRANSITION)
    machine += _express(demand.express, 0.0)
    logs_kb, stored_kb = calls * LOG_KB, requests.get("dynamodb:PutItem", 0.0) * ITEM_KB
    services = sum(number * REQUESTS.get(each, 0.0) for each, number in requests.items())
    return Bill(
        transitions=demand.transitions * THOUSAND,
        calls=calls * THOUSAND,
        gb_seconds=gb_seconds * THOUSAND,
        requests={each: number * THOUSAND for each, number in requests.items()},
        stored_kb=stored_kb * THOUSAND,
        machine=machine * THOUSAND,
        functions=functions * THOUSAND,
        services=services * THOUSAND,
        logs=logs_kb * THOUSAND / _GB * LOG_GB,
        kept=stored_kb * THOUSAND / _GB * TABLE_GB_MONTH,
    )


def _express(executions: float, seconds: float) -> float:
    """Price Express executions, whose time is billed in steps of 0.1 s."""
    billed = max(1, math.ceil(seconds * 10)) / 10
    return executions * (EXPRESS_REQUEST + billed * EXPRESS_GB * EXPRESS_GB_SECOND)


def _memory(task: Task[..., Any] | None, options: Options) -> int:
    if task is None:
        return USUAL_MEMORY
    choice = options.of_function(names_of_task(task))
    return task.deployment.memory if choice.memory is None else choice.memory


def _architecture(task: Task[..., Any] | None) -> Architecture:
    return "arm64" if task is None else task.deployment.architecture


def _declared(task: Task[..., Any]) -> set[str]:
    return {action for policy in task.deployment.policies for action in policy.actions}


def _standing(template: Mapping[str, Json]) -> Iterator[tuple[str, tuple[int, float]]]:
    """Give what costs each month, whatever runs."""
    resources = template.get("Resources")
    kinds = [
        each.get("Type")
        for each in (resources.values() if isinstance(resources, dict) else ())
        if isinstance(each, dict)
    ]
    for name, kind, price in (
        ("alarms", "AWS::CloudWatch::Alarm", ALARM_MONTH),
        ("dashboard", "AWS::CloudWatch::Dashboard", DASHBOARD_MONTH),
    ):
        if count := kinds.count(kind):
            yield name, (count, count * price)


def _money(least: float, most: float) -> str:
    low, high = (f"${each:,.2f}" if each >= 1 else f"${each:.4f}" for each in (least, most))
    return low if low == high else f"{low} to {high}"


def _count(least: float, most: float) -> str:
    low, high = (f"{each:,.0f}" if each >= 10 else f"{each:.2g}" for each in (least, most))
    return low if low == high else f"{low} to {high}"
