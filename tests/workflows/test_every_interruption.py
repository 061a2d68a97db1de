"""W-03 and VP-02: a process that ends at any moment changes nothing of how a workflow ends and what it leaves."""

from __future__ import annotations

import json
import re
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from stepsmith.errors import JournalError
from stepsmith.integrations import ClientRegistry
from stepsmith.service import JournalExecution
from stepsmith.service.executions.declared import declared_by
from stepsmith.service.machines.workflow_runs import workflow_machine, workflow_machines
from stepsmith.store import Reader, Store
from tests.stepsmith.service.durable.engines import Answers, Clock, Crash, driven, failing, finish, started
from tests.workflows.faults import FaultyTasks
from tests.workflows.faults import failing as planned
from tests.workflows.scenes import SCENES, Ran, Scene, World, route_through
from workflows.delayed_vending import delayed_vending

pytestmark = pytest.mark.slow

SIDE_BY_SIDE = {"measure_power": 2}
"""Calls of a task that may be under way at once where it is not one."""


class Interrupted:
    """A run of a scene in a journal, whose process may end inside a task, after its effect."""

    def __init__(
        self, scene: Scene, world: World, path: Path, dies_in: int = 0, clock: Clock | None = None
    ) -> None:
        self.clock = clock
        self.scene, self.world, self.path, self.dies_in = scene, world, path, dies_in
        self.tasks = FaultyTasks(scene.workflow, planned(*world.failing), world.clients)
        dying = {name: self._dying(call) for name, call in self.tasks.tasks.items()}
        self.answers = Answers(
            {**scene.workflow.tasks, **dying},
            clients=ClientRegistry.local(world.clients),
            responders=world.responders,
            machines=workflow_machines(scene.workflow),
        )
        machine = workflow_machine(scene.workflow)
        checked = json.loads(json.dumps(scene.workflow.check_input(world.input)))
        now = (clock or Clock()).now()
        started(path, machine, checked, attended=False, virtual=clock is None, now=now)

    def _dying(self, call: Any) -> Any:
        def call_and_die(payload: Any) -> Any:
            try:
                return call(payload)
            finally:
                if len(self.tasks.calls) == self.dies_in:
                    raise Crash

        return call_and_die

    def drive(self, store: Store | None = None) -> None:
        with suppress(Crash, JournalError):
            driven(self.path, self.answers, store=store, clock=self.clock).close()

    @property
    def due(self) -> float | None:
        """When it has to be gone on with; None once it has ended."""
        reader = Reader(self.path)
        try:
            return reader.next_due
        finally:
            reader.close()

    def end(self) -> tuple[Any, ...]:
        """Drive it to its end, and give how it ended."""
        finish(self.path, self.answers, clock=self.clock)
        execution = JournalExecution(self.path, 1, declared_by(self.scene.workflow))
        self.world.check(Ran(execution=execution, tasks=self.tasks))  # type: ignore[arg-type]  # it shows the same
        output = plain(self.world.same(execution.output))
        return execution.status, output, execution.error, execution.elapsed


def plain(value: Any) -> str:
    """Return a value as text, without the number of each picture's folder and the time of its upload."""
    text = re.sub(r"(hohenstein\W*)\d+", r"\1", json.dumps(value, default=repr, sort_keys=True))
    return re.sub(r"(uploaded_at\W+)[\w:-]+", r"\1", text)


def left(world: World) -> str:
    """Return what a run has left: a message that was on its way when the process ended may have gone out twice."""
    records = world.records()
    if isinstance(records, tuple):
        records = tuple(list(dict.fromkeys(each)) if isinstance(each, list) else each for each in records)
    return plain(repr(records))


def undisturbed(scene: Scene, route: str, path: Path) -> tuple[tuple[Any, ...], Any, Counter[str]]:
    """Return how a run ends, and when, what it leaves, and how often it calls each task."""
    with scene.routes[route]() as world:
        run = Interrupted(scene, world, path)
        ended = run.end()
        return ended, left(world), Counter(run.tasks.calls)


def routes(scene: Scene) -> list[str]:
    """Return routes that go through every task between them."""
    return sorted({route_through(scene.name, task) for task in scene.workflow.tasks})


@pytest.mark.parametrize("scene_name", SCENES)
def test_w_03_killed_at_every_state_boundary(tmp_path: Path, scene_name: str) -> None:
    scene = SCENES[scene_name]
    for route in routes(scene):
        killed_at_every_boundary(tmp_path / route, scene, route)


def killed_at_every_boundary(folder: Path, scene: Scene, route: str) -> None:
    folder.mkdir()
    ended, records, _ = undisturbed(scene, route, folder / "calm.db")
    number = 0
    while True:
        number += 1
        connect = failing(number, "after")
        with scene.routes[route]() as world:
            run = Interrupted(scene, world, folder / f"{number}.db")
            store = Store(run.path, synchronous="NORMAL", connect=connect)
            run.drive(store)
            store.close()

            assert run.end() == ended
            assert left(world) == records
        if connect.kind.commits < number:  # type: ignore[attr-defined]
            break
    assert number > 2


@pytest.mark.parametrize("scene_name", SCENES)
def test_w_03_killed_inside_every_task(tmp_path: Path, scene_name: str) -> None:
    scene = SCENES[scene_name]
    for route in routes(scene):
        killed_inside_every_task(tmp_path / route, scene, route)


def killed_inside_every_task(folder: Path, scene: Scene, route: str) -> None:
    folder.mkdir()
    ended, records, calls = undisturbed(scene, route, folder / "calm.db")
    for number in range(1, sum(calls.values()) + 1):
        with scene.routes[route]() as world:
            run = Interrupted(scene, world, folder / f"{number}.db", dies_in=number)
            run.drive()

            assert run.end() == ended
            assert left(world) == records
            for task, times in (Counter(run.tasks.calls) - calls).items():
                assert times <= SIDE_BY_SIDE.get(task, 1), task


@pytest.mark.parametrize("scene_name", SCENES)
def test_vp_02_a_process_killed_in_the_middle_of_a_wait_waits_only_for_what_is_left(
    tmp_path: Path, scene_name: str
) -> None:
    scene = SCENES[scene_name]
    for route in routes(scene):
        killed_in_every_wait(tmp_path / route, scene, route)


def killed_in_every_wait(folder: Path, scene: Scene, route: str) -> None:
    folder.mkdir()
    ended, records, _ = undisturbed(scene, route, folder / "calm.db")
    with scene.routes[route]() as world:
        clock = Clock()
        run = Interrupted(scene, world, folder / "journal.db", clock=clock)
        run.drive()
        while (due := run.due) is not None:
            assert due > clock.now()
            clock.instant = (clock.now() + due) / 2
            run.drive()
            assert run.due == due
            clock.instant = due
            run.drive()

        assert run.end() == ended
        assert left(world) == records


@pytest.mark.parametrize(("late", "left"), [(60.0, 30.0), (3600.0, 0.0)])
def test_vp_02_a_process_killed_during_the_wait_waits_only_for_what_is_left(
    tmp_path: Path, late: float, left: float
) -> None:
    path, clock, scene = tmp_path / "journal.db", Clock(), SCENES["delayed_vending"]
    with scene.routes["sold"]() as world:
        answers = Answers(dict(scene.workflow.tasks), clients=ClientRegistry.local(world.clients))
        started(path, workflow_machine(delayed_vending), world.input, virtual=False, now=clock.now())
        driven(path, answers, clock=clock).close()
        began = clock.now()

        clock.instant = began + late
        driven(path, answers, clock=clock).close()
        execution = JournalExecution(path, 1, declared_by(delayed_vending))
        assert (execution.status == "RUNNING") == (left > 0)
        clock.instant = began + late + left
        driven(path, answers, clock=clock).close()

    assert execution.status == "SUCCEEDED"
    assert execution.result().delivered
    assert execution.elapsed.total_seconds() == late + left
