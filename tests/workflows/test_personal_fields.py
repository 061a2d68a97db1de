"""W-08 and ON-05: what personal fields hold is in no log and in nothing that is shown, however a run ends."""

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import TypeAdapter

from stepsmith import unmasked
from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.cli.output.progress import Progress
from stepsmith.cli.output.reports import failure_lines, summary_lines
from stepsmith.notebook.live import Live
from stepsmith.service import Execution
from stepsmith.service.executions.shown import execution_bundle, shown_history
from stepsmith.service.machines.workflow_runs import local, run_workflow
from tests.workflows.faults import FaultyTasks, failing
from tests.workflows.scenes import SCENES, Scene, World, route_through

ROUTES = [(name, route) for name, scene in SCENES.items() for route in scene.routes]
TASKS = [(name, task) for name, scene in SCENES.items() for task in sorted(scene.workflow.tasks)]


def run(scene: Scene, world: World, changed: dict[str, Callable[[Any], Any]] | None = None) -> Execution[Any]:
    """Run a scene with the progress that the command line writes."""
    tasks = FaultyTasks(scene.workflow, failing(*world.failing), world.clients).tasks
    options = local(
        clients=world.clients,
        tasks={**tasks, **(changed or {})},
        responders=world.responders,
        watcher=Progress(spin=False),
    )
    return run_workflow(scene.workflow, scene.workflow.check_input(world.input), options)


def everything_shown(execution: Execution[Any]) -> str:
    """All that people get to see of an execution."""
    frames: list[Any] = []

    class Cell:
        def update(self, bundle: Any) -> None:
            frames.append(bundle)

    def show(bundle: Any) -> Cell:
        frames.append(bundle)
        return Cell()

    Live(execution, show).end()
    lines = failure_lines(execution) if execution.status == "FAILED" else []
    return "\n".join(
        [
            *(text for frame in frames for text in frame.values()),
            *execution_bundle(execution).values(),
            json.dumps(list(shown_history(execution)), ensure_ascii=False),
            *lines,
            *summary_lines(execution, {}),
        ]
    )


def leaked(world: World, text: str) -> list[str]:
    return [secret for secret in world.secrets if secret in text]


@pytest.mark.parametrize(("scene_name", "route"), ROUTES)
def test_w_08_no_personal_field_is_in_what_is_logged_or_shown(
    scene_name: str, route: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    scene = SCENES[scene_name]
    with scene.routes[route]() as world, caplog.at_level(logging.DEBUG):
        execution = run(scene, world)

        assert leaked(world, everything_shown(execution)) == []
    written = capsys.readouterr()
    assert leaked(world, written.out + written.err + _our_logs(caplog)) == []


@pytest.mark.parametrize(("scene_name", "task"), TASKS)
def test_w_08_not_even_where_an_error_quotes_all_that_its_task_was_given(
    scene_name: str, task: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def quote(payload: Any) -> Any:
        raise RuntimeError(f"cannot work on {json.dumps(payload)}, that is on {payload!r}")

    scene = SCENES[scene_name]
    with scene.routes[route_through(scene_name, task)]() as world:
        execution = run(scene, world, {task: quote})

        assert leaked(world, everything_shown(execution)) == []
    written = capsys.readouterr()
    assert leaked(world, written.out + written.err) == []


@pytest.mark.parametrize(
    ("scene_name", "route"),
    [("shopping_cart", "bought"), ("vending_pass", "free drink"), ("image_recognition", "recognised")],
)
def test_the_data_stay_data_and_are_shown_on_request(scene_name: str, route: str) -> None:
    scene = SCENES[scene_name]
    with scene.routes[route]() as world:
        execution = run(scene, world)

        assert set(leaked(world, json.dumps(list(execution.history)))) == set(world.secrets) - _RAW_ONLY
        with unmasked():
            assert leaked(world, everything_shown(execution)) != []


_RAW_ONLY = {"1999:08:07 06:05:04"}


@pytest.mark.parametrize("route", SCENES["customer_onboarding"].routes)
def test_on_05_an_application_never_enters_the_state_at_all(route: str) -> None:
    scene = SCENES["customer_onboarding"]
    with scene.routes[route]() as world:
        execution = run(scene, world)

        found = leaked(world, json.dumps(list(execution.history), ensure_ascii=False))

    assert set(found) <= {"reviewer-hildegard"}


IMPERSONAL = {
    "Order.id": "of the idempotency key",
    "Authorisation.id": "of the idempotency key",
    "Geo.latitude": "personal with the whole Geo",
    "Geo.longitude": "personal with the whole Geo",
    "record_refusal(detail)": "what is wrong with a file",
}
"""What is called like a personal field and is none, and why."""


def named_fields(workflow: Workflow[..., Any]) -> Iterator[tuple[str, str, bool]]:
    """Give the parameters of tasks and workflow and the fields of their models: where, name, whether it is marked."""
    calls = [(workflow.name, workflow.boundary, workflow.boundary.result)]
    calls += [(name, task.boundary, task.result) for name, task in workflow.tasks.items()]
    for call, boundary, result in calls:
        for name, converter in [(each.name, each.converter) for each in boundary.parameters] + [("", result)]:
            schema = TypeAdapter[Any](converter.annotation).json_schema()
            if name:
                yield f"{call}({name})", name, is_marked(schema)
            for model in (schema, *schema.get("$defs", {}).values()):
                for field, inner in model.get("properties", {}).items():
                    yield f"{model['title']}.{field}", field, is_marked(inner)


def is_marked(schema: dict[str, Any]) -> bool:
    return schema.get("personal") is True or any(map(is_marked, schema.get("anyOf", [])))


@pytest.mark.parametrize("scene", SCENES.values(), ids=lambda scene: scene.name)
def test_w_08_what_is_personal_in_one_place_is_so_wherever_it_has_that_name(scene: Scene) -> None:
    workflows = [scene.workflow, *filter(None, [scene.workflow.ended])]
    fields = {where: (name, marked) for each in workflows for where, name, marked in named_fields(each)}

    personal = {name for name, marked in fields.values() if marked}

    unmarked = [where for where, (name, marked) in fields.items() if name in personal and not marked]
    assert [where for where in unmarked if where not in IMPERSONAL] == []
    assert bool(personal) == (scene.name not in ("power_tuning", "content_refresh"))


@pytest.mark.parametrize("scene", SCENES.values(), ids=lambda scene: scene.name)
def test_the_deployed_state_machine_logs_no_execution_data(scene: Scene) -> None:
    from tests.stepsmith.deploy.applications import template_of

    resources: Any = template_of(scene.name)["Resources"]
    machines = [each for each in resources.values() if each["Type"] == "AWS::StepFunctions::StateMachine"]

    logging_of = [machine["Properties"]["LoggingConfiguration"] for machine in machines]
    assert {(each["Level"], each["IncludeExecutionData"]) for each in logging_of} == {("ERROR", False)}
    assert len(machines) == 1 + (scene.workflow.ended is not None)


def _our_logs(caplog: pytest.LogCaptureFixture) -> str:
    """Everything that was logged, but by the libraries that play AWS here."""
    playing = ("botocore", "boto3", "moto", "urllib3", "PIL", "werkzeug", "responses")
    ours = [record for record in caplog.records if not record.name.startswith(playing)]
    return "\n".join(record.getMessage() for record in ours)
