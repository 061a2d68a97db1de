"""Every packaged function, in a fresh process with nothing else to import: all is loaded before the first call."""

import json
import os
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from stepsmith.deploy.packaging.package import Packages
from tests.stepsmith.deploy.packaged import laid_out, services, started
from tests.workflows.scenes import SCENES, play

ROOT = Path(__file__).resolve().parents[3]
ALL = os.environ.get("STEPSMITH_COLD_STARTS") == "all"
"""Whether every task is started, and not one for each set of clients and packages."""
FIRST_ROUTES = {name: next(iter(scene.routes)) for name, scene in SCENES.items()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("packages")


@pytest.fixture(scope="module")
def packages() -> Packages:
    return Packages(ROOT, "python3.11")


def payloads(history: Any) -> dict[str, Any]:
    """Give what each task was called with first."""
    found: dict[str, Any] = {}
    for event in history:
        parameters = event.get("taskScheduledEventDetails", {}).get("parameters")
        if parameters is not None and "FunctionName" in (call := json.loads(parameters)):
            found.setdefault(call["FunctionName"].strip("${}"), call["Payload"])
    return found


@cache
def chosen() -> frozenset[str]:
    """Give the tasks to start: all, or one for each set of clients and packages that is no part of another's."""
    tasks = {name: task for scene in SCENES.values() for name, task in scene.workflow.tasks.items()}
    if ALL:
        return frozenset(tasks)
    kinds = {
        name: {*task.boundary.clients.values(), *task.deployment.packages} for name, task in tasks.items()
    }
    found: dict[frozenset[str], str] = {}
    for name, kind in kinds.items():
        if not any(kind < other for other in kinds.values()):
            found.setdefault(frozenset(kind), name)
    return frozenset(found.values())


WEB = """from pydantic import BaseModel
from stepsmith.http import route


class Order(BaseModel):
    id: int


@route("POST", "/orders/{id}")
def order(id: int, given: Order, express: bool = False) -> Order:
    return given
"""


@pytest.mark.slow
def test_nothing_is_left_to_load_when_a_packaged_http_function_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ordering_web.py").write_text(WEB)
    (tmp_path / "requirements.lock").write_text((ROOT / "requirements.lock").read_text())
    monkeypatch.syspath_prepend(str(tmp_path))
    function: Any = import_module("ordering_web").order
    event = {
        "requestContext": {"http": {"method": "POST", "path": "/orders/7"}},
        "rawQueryString": "express=true",
        "pathParameters": {"id": "7"},
        "body": '{"id": 7}',
    }

    folders = laid_out(Packages(tmp_path, "python3.11"), function, tmp_path / "packages")
    loading, first = started(folders, function, [event], "http://127.0.0.1:9")

    assert first.loaded == [], first.ended
    assert "'statusCode': 200" in first.ended
    assert "stepsmith.authoring.compiler" not in loading.loaded


@pytest.mark.slow
@pytest.mark.parametrize("scene_name", SCENES)
def test_nothing_is_left_to_load_when_a_packaged_function_is_called(
    scene_name: str, folder: Path, packages: Packages
) -> None:
    scene = SCENES[scene_name]
    with scene.routes[FIRST_ROUTES[scene_name]]() as world:
        given = payloads(play(scene, world).execution.history)
        with services(world.clients) as endpoint:
            for name in sorted(chosen() & given.keys()):
                task = scene.workflow.tasks[name]
                loading, first = started(laid_out(packages, task, folder), task, [given[name]], endpoint)

                assert "stepsmith.deploy.handler" in loading.loaded, name
                assert "stepsmith.engine" not in loading.loaded, name
                assert first.loaded == [], f"{name}: {first.ended}"
                assert not first.ended.startswith(("InvalidInput", "ModuleNotFoundError")), first.ended
