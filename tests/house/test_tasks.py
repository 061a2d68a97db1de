"""No task sees the world but through its parameters; each is called directly by a test, and says what it does."""

import ast
import importlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from stepsmith import Task

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(path for path in (ROOT / "tasks").rglob("*.py") if path.stem != "__init__")
WORLD = {
    "boto3": "a client comes as a parameter: `*, s3: S3Client = client('s3')`",
    "botocore.session": "a client comes as a parameter",
    "os": "settings come as parameters",
    "random": "chance comes as a parameter",
    "secrets": "identifiers come as parameters: `uuid()` in the workflow",
    "socket": "the network is behind a client",
    "subprocess": "other programs are behind a parameter",
    "threading": "a task does one thing",
    "time": "the time comes as a parameter: `now()` in the workflow",
    "urllib.request": "the network is behind a client",
    "uuid": "identifiers come as parameters: `uuid()` in the workflow",
}
CALLS = {
    "datetime.now": "the time comes as a parameter: `now()` in the workflow",
    "datetime.utcnow": "the time comes as a parameter",
    "datetime.today": "the time comes as a parameter",
    "date.today": "the time comes as a parameter",
    "open": "files come as parameters",
    "Path.cwd": "files come as parameters",
    "Path.home": "files come as parameters",
    "input": "what people say comes as a parameter",
}
THE_WORLD_ITSELF: dict[str, dict[str, str]] = {
    "tasks/image_recognition/album/web.py": {
        "secrets": "answers requests, and makes the tokens of new albums, which nobody may guess or derive"
    },
    "tasks/power_tuning/aws/control_plane.py": {
        "time": "waits for AWS, unless the client brings a clock of its own"
    },
    "tasks/power_tuning/local/function.py": {
        "os": "gives its environment to the process of a local function",
        "subprocess": "runs a local function where it can neither print nor exit nor hang with the tuning",
        "threading": "listens to that process, for no longer than the function may take",
    },
    "tasks/power_tuning/local/worker.py": {
        "open": "is that process: its input is the tuning's",
        "os": "is that process: its output is its log",
        "time": "measures how long a local function takes",
    },
    "tasks/power_tuning/local/model_plane.py": {"threading": "plays Lambda, which many call at once"},
    "tasks/power_tuning/local/performance_model.py": {"uuid": "makes identifiers out of what it was given"},
}
"""What plays a part of the world for others, and is itself handed to tasks as a client."""


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in SOURCES:
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text())


def seen(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Give each way in which a module would see the world by itself."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name) for alias in names if alias.name in WORLD)
            case ast.ImportFrom(module=str() as module, names=names):
                if module in WORLD:
                    yield node.lineno, module
                yield from (
                    (node.lineno, f"{module}.{alias.name}")
                    for alias in names
                    if f"{module}.{alias.name}" in WORLD
                )
            case ast.Call(func=function) if (name := ast.unparse(function)) in CALLS:
                yield node.lineno, name
            case _:
                continue


def tasks() -> dict[str, Task[..., Any]]:
    found: dict[str, Task[..., Any]] = {}
    for path in SOURCES:
        name = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
        for value in vars(importlib.import_module(name)).values():
            if isinstance(value, Task) and value.function.__module__ == name:
                found[f"{name}.{value.function_name}"] = value
    return found


TASKS = tasks()


@cache
def called_in_tests() -> set[str]:
    """Give the full names of the tasks that some test of tasks calls, by what it imports."""
    found: set[str] = set()
    for path in (ROOT / "tests" / "tasks").rglob("*.py"):
        tree = ast.parse(path.read_text())
        names: dict[str, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tasks"):
                names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                text = ast.unparse(node.func).removesuffix(".function").removesuffix(".handle")
                head, _, rest = text.partition(".")
                found.add(f"{names.get(head, head)}.{rest}" if rest else names.get(head, head))
    return found


def test_no_task_sees_the_world_by_itself() -> None:
    found = [
        f"{path}:{line}: {what}: {WORLD.get(what) or CALLS.get(what)}"
        for path, tree in modules()
        for line, what in seen(tree)
        if what not in THE_WORLD_ITSELF.get(path, {})
    ]

    assert found == []


@pytest.mark.parametrize("name", sorted(TASKS))
def test_a_task_says_what_it_does_and_is_called_by_a_test(name: str) -> None:
    text = (TASKS[name].function.__doc__ or "").strip()

    assert text.endswith(".")
    assert len(text.split()) >= 4
    assert name in called_in_tests(), f"no test in tests/tasks calls {name} directly"


@pytest.mark.parametrize("name", sorted(TASKS))
def test_clients_are_parameters_by_keyword_with_the_name_of_their_service(name: str) -> None:
    boundary = TASKS[name].boundary
    kinds = {boundary.signature.parameters[client].kind.name for client in boundary.clients}

    assert kinds <= {"KEYWORD_ONLY"}
    assert not [client for client in boundary.clients if client in [p.name for p in boundary.parameters]]
