"""W-06: the committed definitions pass the linter, bound every task, and retry as the project says."""

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stepsmith.asl import check, to_json
from tasks import errors
from tasks.retries import LAMBDA_FAULTS, PERSISTENT
from tests.workflows.scenes import SCENES, play

DEFINITIONS = sorted((Path(__file__).resolve().parents[2] / "definitions").glob("*.asl.json"))
# A class stands for those below it that were imported when a workflow was compiled, which are others in each test run.
BELOW = {
    below.__name__
    for error in vars(errors).values()
    if isinstance(error, type)
    for below in error.__subclasses__()
} - set(vars(errors))
ROUTES = [(name, route) for name, scene in SCENES.items() for route in scene.routes]
LARGEST = 64 * 1024


def task_states(machine: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, state in machine["States"].items():
        if state["Type"] == "Task":
            yield name, state
        for inner in [*state.get("Branches", []), *filter(None, [state.get("ItemProcessor")])]:
            yield from task_states(inner)


def without(names: set[str], definition: str) -> Any:
    """Read a definition, and leave these names out of what it retries and catches."""

    def read(found: dict[str, Any]) -> dict[str, Any]:
        errors = found.get("ErrorEquals")
        return found if errors is None else {**found, "ErrorEquals": [e for e in errors if e not in names]}

    return json.loads(definition, object_hook=read)


@pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: path.name)
def test_w_06_a_definition_has_nothing_that_aws_would_refuse(path: Path) -> None:
    assert list(check(path.read_text())) == []


@pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: path.name)
def test_a_definition_is_what_its_workflow_compiles_to(path: Path) -> None:
    name = path.name.removesuffix(".asl.json")

    workflow = getattr(importlib.import_module(f"workflows.{name}"), name)

    assert without(BELOW, to_json(workflow.definition)) == without(BELOW, path.read_text())


@pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: path.name)
def test_every_task_has_a_time_limit_and_is_retried_for_what_passes_only(path: Path) -> None:
    for name, state in task_states(json.loads(path.read_text())):
        assert state["TimeoutSeconds"] > 0, name
        for retrier in state.get("Retry", []):
            errors = retrier["ErrorEquals"]
            if errors == ["States.ALL"]:
                assert retrier["MaxAttempts"] == PERSISTENT.max_attempts, name
            elif "Throttled" in errors:
                assert errors == ["Throttled", "Unavailable", *LAMBDA_FAULTS], name


@pytest.mark.parametrize(("scene_name", "route"), ROUTES)
def test_w_06_no_payload_is_large(scene_name: str, route: str) -> None:
    scene = SCENES[scene_name]
    with scene.routes[route]() as world:
        events = play(scene, world).execution.history

    texts = [
        str(text)
        for event in events
        for details in event.values()
        if isinstance(details, dict)
        for key, text in details.items()
        if key in ("input", "output", "parameters")
    ]
    assert max(len(text.encode()) for text in texts) < LARGEST
