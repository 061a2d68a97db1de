"""W-06: the committed definitions pass the linter, bound every task, and retry as the project says."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stepsmith.asl import check
from tasks.retries import LAMBDA_FAULTS, PERSISTENT
from tests.workflows.scenes import SCENES, play

DEFINITIONS = sorted((Path(__file__).resolve().parents[2] / "definitions").glob("*.asl.json"))
ROUTES = [(name, route) for name, scene in SCENES.items() for route in scene.routes]
LARGEST = 64 * 1024


def task_states(machine: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, state in machine["States"].items():
        if state["Type"] == "Task":
            yield name, state
        for inner in [*state.get("Branches", []), *filter(None, [state.get("ItemProcessor")])]:
            yield from task_states(inner)


@pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: path.name)
def test_w_06_a_definition_has_nothing_that_aws_would_refuse(path: Path) -> None:
    assert list(check(path.read_text())) == []


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
