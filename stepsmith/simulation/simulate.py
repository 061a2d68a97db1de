"""The door: a workflow or a machine, a model, and how many executions."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.errors import InvalidInput, nearest
from stepsmith.expressions.types import Json
from stepsmith.prices import cost_of
from stepsmith.service.machines.machine import Machine, load
from stepsmith.service.machines.workflow_runs import workflow_machine, workflow_machines, workflow_tasks
from stepsmith.simulation.answering import behaviours, chosen
from stepsmith.simulation.chance import Chance
from stepsmith.simulation.driving import Driver
from stepsmith.simulation.examples import example
from stepsmith.simulation.model import Model, read_model
from stepsmith.simulation.outcome import Simulation

if TYPE_CHECKING:
    from stepsmith.views.histories.history_events import Event

MOST_EXECUTIONS: Final = 1_000_000


def simulate(
    target: Workflow[..., Any] | Machine,
    *,
    executions: int = 1000,
    model: Model | Mapping[str, Any] | str | Path | None = None,
    histories: Sequence[str | Path | Sequence[Event]] = (),
    machines: Mapping[str, Machine] | None = None,
    change: Mapping[str, Json] | None = None,
    seed: int = 0,
    region: str = "us-east-1",
) -> Simulation:
    """Run executions in virtual time with what a model says of their tasks, and give the figures.

    `model` is a file, an object or a Model; `histories` are exported ones, from which durations, failures and answers
    are learned for the tasks that the model does not name. `change` puts other values into states, the model's tasks or
    its limits, such as `{"Charge.TimeoutSeconds": 5, "limits.functions": 10}`. The same seed gives the same figures.
    Raises InvalidInput for a model that does not fit.
    """
    if not 1 <= executions <= MOST_EXECUTIONS:
        raise InvalidInput(f"executions is {executions}; it is a number from 1 to {MOST_EXECUTIONS:,}")
    found = model if isinstance(model, Model) else read_model(model if model is not None else {})
    if histories:
        from stepsmith.simulation.learning import learned

        found = learned(found, histories)
    machine, others, results = _machines(target, machines or {})
    if change:
        machine, found = _changed(machine, found, change)
    definitions = [machine.definition, *(each.definition for each in others.values())]
    behaving = behaviours(definitions, found, results)
    driver = Driver(machine, others, behaving, found.limits, inputs=_inputs(target, found), seed=seed)
    tally = driver.go(executions, found.arrivals)
    express = tally.express_seconds if machine.type == "EXPRESS" else None
    return Simulation(
        machine=machine.name,
        tally=tally,
        cost=cost_of(
            executions=executions,
            transitions=tally.transitions,
            calls=tally.calls,
            memory_seconds=tally.memory_seconds,
            express_seconds=express,
            region=region,
            architecture=found.architecture,
        ),
        seed=seed,
        per_second=found.arrivals.per_second,
        assumed=tuple(
            sorted(name for name, each in behaving.items() if each.is_assumed and name in tally.spent)
        ),
    )


def _machines(
    target: Workflow[..., Any] | Machine, machines: Mapping[str, Machine]
) -> tuple[Machine, dict[str, Machine], dict[str, Any]]:
    if isinstance(target, Machine):
        return target, dict(machines), {}
    results: dict[str, Any] = {
        name: cast("Any", task).result
        for name, task in workflow_tasks(target).items()
        if hasattr(task, "result")
    }
    return workflow_machine(target), {**workflow_machines(target), **machines}, results


def _inputs(target: Workflow[..., Any] | Machine, model: Model) -> Callable[[Chance], Json]:
    if model.inputs is not None:
        return chosen(model.inputs, "input")
    if isinstance(target, Machine):
        nothing: Json = {}
        return lambda chance: nothing
    given: dict[str, Json] = {
        each.name: example(each.converter.schema()) for each in target.boundary.parameters if each.required
    }
    return lambda chance: given


def _changed(machine: Machine, model: Model, change: Mapping[str, Json]) -> tuple[Machine, Model]:
    """Put other values into the definition or the model; raises InvalidInput for what is not there."""
    import json

    definition: Any = json.loads(machine.definition.to_json())
    assumptions: Any = model.model_dump(mode="json", exclude_none=True)
    for path, value in change.items():
        head, _, rest = path.partition(".")
        if head in Model.model_fields and (rest or head == "architecture"):
            _put(assumptions, path.split("."), value, path)
            continue
        states = dict(_states(definition))
        # names of states may hold dots
        state = max((name for name in states if path.startswith(f"{name}.")), key=len, default=None)
        if state is None:
            hint = nearest(head, [*states, *Model.model_fields], otherwise="there are")
            raise InvalidInput(f"change {path!r}: there is no state {head!r}{hint}")
        _put(states[state], path[len(state) + 1 :].split("."), value, path)
    return load(definition, name=machine.name, type=machine.type), read_model(assumptions)


def _put(target: Any, parts: list[str], value: Json, path: str) -> None:
    for part in parts[:-1]:
        inner: Any = None
        if isinstance(target, dict):
            inner = cast("dict[str, Any]", target).setdefault(part, {})
        elif isinstance(target, list) and part.isdecimal() and int(part) < len(cast("list[Any]", target)):
            inner = cast("list[Any]", target)[int(part)]
        if not isinstance(inner, dict | list):
            raise InvalidInput(f"change {path!r}: there is nothing at {part!r}")
        target = cast("Any", inner)
    if not isinstance(target, dict):
        raise InvalidInput(f"change {path!r}: {parts[-1]!r} is no field")
    target[parts[-1]] = copy.deepcopy(value)


def _states(scope: Any) -> list[tuple[str, dict[str, Any]]]:
    found: list[tuple[str, dict[str, Any]]] = []
    for name, state in scope.get("States", {}).items():
        found.append((name, state))
        for inner in (*state.get("Branches", ()), state.get("ItemProcessor"), state.get("Iterator")):
            if isinstance(inner, dict):
                found += _states(inner)
    return found
