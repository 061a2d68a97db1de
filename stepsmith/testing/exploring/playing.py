"""One play of executions on a world: everything as usual, except for what a plan says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, TypeAlias, TypeVar, cast

from stepsmith.authoring.values.types import error_name
from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.errors import InvalidInput
from stepsmith.expressions.types import Json
from stepsmith.integrations import ClientRegistry
from stepsmith.service.driving.live import Responder
from stepsmith.service.executions.declared import declared_by
from stepsmith.service.executions.execution import Execution
from stepsmith.service.machines.machine import registry_of
from stepsmith.service.machines.workflow_runs import workflow_machine
from stepsmith.testing.exploring.actors import Script
from stepsmith.testing.exploring.mishaps import Mishap, Situation, Work
from stepsmith.testing.exploring.stage import Stage
from stepsmith.testing.faults import checked_json, is_exception
from stepsmith.testing.task_names import ByTask, TaskNames

MOST_MOMENTS: Final = 5_000
"""Moments of a play after which its executions are taken to go on for ever."""

Inputs: TypeAlias = "Mapping[str, Json] | Sequence[Mapping[str, Json]]"
"""The input of an execution, or those of several on one world, one after the other."""


class World(Protocol):
    """Where executions take place: what makes it is called anew for every play.

    A world may have a method `snapshot`, which gives all that lies in it as a value: plays that come to the same
    snapshot are then taken to be in the same state, however they came there.
    """

    @property
    def clients(self) -> ClientRegistry | Mapping[str, object]:
        """The clients of its services."""
        ...


W = TypeVar("W")


Answers: TypeAlias = "ByTask[object] | Callable[[W], ByTask[object]]"
"""What callback tasks are answered with, by task, or what gives that for a world."""


@dataclass(frozen=True, slots=True)
class Ending(Generic[W]):
    """How a play has ended: what a property looks at."""

    world: W
    """The world as it was left."""
    executions: tuple[Execution[Any], ...]
    """The executions of the inputs, in their order; one that was never started is not among them."""
    plan: tuple[Mishap, ...]
    """What went wrong."""
    work: tuple[Work, ...]
    """The calls of tasks that were carried out, in order; for properties of worlds without a snapshot."""


Watch: TypeAlias = "Callable[[Stage, object, Situation, Mishap], bool]"
"""Is told of each moment after the last mishap, and of the usual there; says whether to go on."""


class Play(Generic[W]):
    """What is the same in all plays: the workflow, the inputs, how a world is made, who answers."""

    def __init__(
        self,
        workflow: Workflow[..., Any],
        inputs: Inputs,
        world: Callable[[], W],
        answers: Answers[W] | None,
        errors: ByTask[Sequence[str | type[Exception]]] | None = None,
    ) -> None:
        names = TaskNames.of(workflow)
        self.workflow = workflow
        given = [inputs] if isinstance(inputs, Mapping) else list(inputs)
        self.inputs = [workflow.check_input(dict(each)) for each in given]
        if not self.inputs:
            raise InvalidInput("inputs is empty; it is the input of an execution, or a sequence of them")
        self.world = world
        self._names = names
        self._answers = answers
        self._script = Script.of(workflow, _error_names(names, errors))
        self._machine, self._declared = workflow_machine(workflow), declared_by(workflow)

    def go(
        self, plan: Sequence[Mishap], watch: Watch, always: Callable[[W], object] | None = None
    ) -> Ending[W] | None:
        """Play with a plan and look at the world all along; None where the one who watches had enough.

        Raises InvalidInput for what cannot be done, and what `always` raises.
        """
        world = self.world()
        answers = self._answers(world) if callable(self._answers) else self._answers
        stage = Stage(self._script, self.inputs, clients_of(world), _responders(self._names, answers))
        times: dict[tuple[int, str], int] = {}
        left = list(plan)
        for _ in range(MOST_MOMENTS):
            situation = stage.situation()
            if situation is None:
                break
            here = (situation.execution, situation.at)
            time = times[here] = times.get(here, 0) + 1
            choice = situation.usual
            if left and (left[0].execution, left[0].at, left[0].time) == (*here, time):
                choice = situation.choice(left.pop(0).does)
            elif not left:
                usual = Mishap(situation.at, choice.does, situation.execution, time)
                if not watch(stage, world, situation, usual):
                    return None
            choice.act()
            if always is not None:
                always(world)
        else:
            raise InvalidInput(f"the executions go on for more than {MOST_MOMENTS} moments")
        if left:
            raise InvalidInput(f"it never came to {left[0]}")
        return Ending(world, self._executions(stage), tuple(plan), tuple(stage.work))

    def _executions(self, stage: Stage) -> tuple[Execution[Any], ...]:
        return tuple(Execution(actor.live.run, self._machine, {}, self._declared) for actor in stage.begun())


def clients_of(world: object) -> ClientRegistry:
    """Give the clients of a world, or a world that is clients. Raises InvalidInput for what has none."""
    found = world if isinstance(world, ClientRegistry) else getattr(world, "clients", None)
    if not isinstance(found, ClientRegistry | Mapping):
        raise InvalidInput(
            f"world gives {type(world).__name__}, which has no `clients`: a ClientRegistry or a mapping"
        )
    return registry_of(cast("ClientRegistry | Mapping[str, object]", found))


def _responders(names: TaskNames, answers: ByTask[object] | None) -> dict[str, tuple[Responder, ...]]:
    """Give who answers, by the names a run knows tasks by: a list is of alternatives, the usual one first."""
    given = names.each(answers, names.waiting, "answers")
    found: dict[str, tuple[Responder, ...]] = {}
    for name, answer in given.items():
        alternatives = cast("list[object]", answer) if isinstance(answer, list) else [answer]
        task = names.tasks.get(name)
        for known in names.in_run(name):
            found[known] = tuple(_responder(name, task, each) for each in alternatives)
    return found


def _responder(name: str, task: object, answer: object) -> Responder:
    if not callable(answer) and not is_exception(answer):
        checked_json(task, answer, f"answers: {name}")

    def respond(payload: Json) -> Json:
        if is_exception(answer):
            raise answer
        return checked_json(task, answer(payload) if callable(answer) else answer, f"answers: {name}")

    return respond


def _error_names(
    names: TaskNames, errors: ByTask[Sequence[str | type[Exception]]] | None
) -> dict[str, list[str]]:
    return {
        task: [each if isinstance(each, str) else error_name(each) for each in found]
        for task, found in names.each(errors, names.task, "errors").items()
    }
