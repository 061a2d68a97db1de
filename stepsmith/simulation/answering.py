"""What each task does in a simulation: drawn from the model, and where that says nothing, an example of its type."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, TypeAlias, cast

from stepsmith.asl.model import StateMachine
from stepsmith.asl.model import Task as TaskState
from stepsmith.errors import InvalidInput, nearest
from stepsmith.expressions.types import Json
from stepsmith.integrations.resources import LambdaFunction, ServiceAction, parse_resource
from stepsmith.service.definitions.task_names import states_calling, task_states
from stepsmith.simulation.chance import Chance, exponential, lognormal
from stepsmith.simulation.examples import example
from stepsmith.simulation.model import (
    Duration,
    Exponential,
    Lognormal,
    Model,
    Observed,
    Task,
    Uniform,
    Weighted,
)

Draw: TypeAlias = Callable[[Chance], float]
Answering: TypeAlias = Callable[[Chance, Json], "tuple[Json, str | None, float | None]"]
"""Gives what a task says to a payload."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What the task of one state does."""

    state: str
    seconds: Draw
    cold_seconds: Draw
    answer: Answering
    """Gives output, error, and the seconds that were seen with them, where these were."""
    ignored: float
    memory_mb: int
    is_function: bool
    """Whether it runs as a Lambda function, which has a limit and a price."""
    is_wrapped: bool
    """Whether what it gives comes as Lambda's own integration wraps it."""
    items: list[Json] | None
    echoes: str | None
    """The member of what it is given that it gives."""
    is_assumed: bool
    """Whether nothing is said of what it gives."""


def behaviours(
    machines: list[StateMachine], model: Model, results: Mapping[str, Any]
) -> dict[str, Behaviour]:
    """Return what the task of each state does.

    `results` has the converters of what functions give, by name. Raises InvalidInput for a task in the model that no
    state calls.
    """
    callers = states_calling(machines)
    for name in model.tasks:
        if name not in callers and not _is_map(name, machines):
            known = sorted(each for each in callers if not each.startswith("arn:"))
            raise InvalidInput(
                f"tasks.{name}: no state calls {name!r}{nearest(name, known, otherwise='they call')}"
            )
    given: dict[str, Task] = {}
    for name, task in model.tasks.items():
        for state in callers.get(name, [name]):
            if name == state or state not in given:
                given[state] = task
    found: dict[str, Behaviour] = {}
    for machine in machines:
        for state, task_state in task_states(machine):
            found[state] = _behaviour(state, task_state, given.get(state), results, callers)
    for name, task in given.items():
        if name not in found:
            found[name] = _made(name, task, is_function=False, is_wrapped=False, is_assumed=False)
    return found


def _is_map(name: str, machines: list[StateMachine]) -> bool:
    from stepsmith.views.graphs.outline import outline, walk

    return any(node.name == name for machine in machines for node in walk(outline(machine)))


def _behaviour(
    state: str,
    task_state: TaskState,
    given: Task | None,
    results: Mapping[str, Any],
    callers: Mapping[str, list[str]],
) -> Behaviour:
    resource = parse_resource(task_state.resource)
    invokes = isinstance(resource, ServiceAction) and (resource.service, resource.action) == (
        "lambda",
        "invoke",
    )
    function = isinstance(resource, LambdaFunction) or invokes
    wrapped = invokes and isinstance(resource, ServiceAction) and resource.pattern != "waitForTaskToken"
    task = given or Task()
    assumed = not task.model_fields_set & {"returns", "one_of", "echoes", "samples"}
    if assumed:
        named = [name for name, states in callers.items() if state in states and name in results]
        value = example(results[named[0]].schema(written=True)) if named else ({} if not function else None)
        task = task.model_copy(update={"returns": value})
    return _made(state, task, is_function=function, is_wrapped=wrapped, is_assumed=assumed)


def _made(state: str, task: Task, *, is_function: bool, is_wrapped: bool, is_assumed: bool) -> Behaviour:
    return Behaviour(
        state=state,
        seconds=drawn(task.seconds, f"{state} takes"),
        cold_seconds=drawn(task.cold_seconds, f"{state} starts"),
        answer=_answer(state, task),
        ignored=task.ignored,
        memory_mb=task.memory_mb,
        is_function=is_function,
        is_wrapped=is_wrapped,
        items=cast("list[Json] | None", task.items),
        echoes=task.echoes,
        is_assumed=is_assumed,
    )


def _answer(state: str, task: Task) -> Answering:
    samples = task.samples
    if samples is not None:
        what = f"{state} did"

        def sampled(chance: Chance, payload: Json) -> tuple[Json, str | None, float | None]:
            sample = samples[int(chance.draw(what) * len(samples))]
            return cast("Json", sample.value), sample.error, sample.seconds

        return sampled
    gives = _given(state, task)
    if not task.fails:
        return lambda chance, payload: (gives(chance, payload), None, None)
    errors, ends, fails = list(task.fails), list(accumulate(task.fails.values())), f"{state} fails"

    def answered(chance: Chance, payload: Json) -> tuple[Json, str | None, float | None]:
        place = bisect_right(ends, chance.draw(fails))
        return (None, errors[place], None) if place < len(errors) else (gives(chance, payload), None, None)

    return answered


def _given(state: str, task: Task) -> Callable[[Chance, Json], Json]:
    if task.one_of is not None:
        choose = chosen(task.one_of, f"{state} gives")
        return lambda chance, payload: choose(chance)
    name, value = task.echoes, cast("Json", task.returns)
    if name is None:
        return lambda chance, payload: value
    return lambda chance, payload: payload.get(name) if isinstance(payload, dict) else None


def chosen(values: list[Weighted], what: str) -> Callable[[Chance], Json]:
    """Return what draws one of several values as often as its weight says."""
    ends = list(accumulate(each.weight for each in values))
    last = len(values) - 1
    return lambda chance: cast(
        "Json", values[min(bisect_right(ends, chance.draw(what) * ends[-1]), last)].value
    )


def drawn(given: Duration, what: str) -> Draw:
    """Return what draws a duration in seconds."""
    match given:
        case Uniform(uniform=(least, most)):
            return lambda chance: least + (most - least) * chance.draw(what)
        case Exponential(exponential=mean):
            return lambda chance: exponential(chance.draw(what), mean)
        case Lognormal(median=median, p95=p95):
            return lambda chance: lognormal(chance.draw(what), median, p95)
        case Observed(observed=seen):
            return lambda chance: seen[int(chance.draw(what) * len(seen))]
        case _:
            seconds = float(given)
            return lambda chance: seconds
