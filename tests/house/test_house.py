"""The project as a whole: what it exports, what it imports, what its files may hold."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import stepsmith

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ["boto3", "botocore", "moto", "PIL", "IPython", "pyarrow", "pygraphviz", "rich", "typer"]


def tracked_files() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listing.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listing.stdout.decode().split("\0") if name]


def test_the_public_face_has_the_names_of_the_contract() -> None:
    promised = {
        "workflow",
        "task",
        "callback_task",
        "parallel",
        "map_items",
        "wait",
        "wait_until",
        "client",
        "Retry",
        "WorkflowError",
        "load",
    }

    assert promised <= set(stepsmith.__all__)
    assert all(getattr(stepsmith, name) is not None for name in stepsmith.__all__)


def test_importing_stepsmith_loads_nothing_heavy() -> None:
    script = f"import stepsmith, sys, json; print(json.dumps([m for m in {HEAVY!r} if m in sys.modules]))"

    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, cwd=ROOT)

    assert json.loads(loaded.stdout) == []


def test_the_workflows_and_tasks_load_nothing_heavy() -> None:
    modules = [f"workflows.{path.stem}" for path in (ROOT / "workflows").glob("[a-z]*.py")]
    script = (
        f"import importlib, sys, json\nfor name in {modules!r}: importlib.import_module(name)\n"
        f"print(json.dumps([m for m in {['boto3', 'moto', 'PIL', 'IPython', 'pyarrow']!r} if m in sys.modules]))"
    )

    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, cwd=ROOT)

    assert json.loads(loaded.stdout) == []


def test_tasks_start_without_the_language_and_the_engine() -> None:
    names = [path.relative_to(ROOT).with_suffix("") for path in sorted((ROOT / "tasks").rglob("[a-z]*.py"))]
    script = (
        f"import importlib, sys, json\nfor name in {['.'.join(name.parts) for name in names]!r}:\n"
        "    importlib.import_module(name)\n"
        "rooms = {'.'.join(name.split('.')[:2]) for name in sys.modules}\n"
        "print(json.dumps(sorted(rooms & {'stepsmith.asl', 'stepsmith.engine', 'stepsmith.service'})))"
    )

    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, cwd=ROOT)

    assert json.loads(loaded.stdout) == []


def test_the_lock_names_no_index() -> None:
    lock = (ROOT / "requirements.lock").read_text()

    assert "://" not in lock
    assert "--index" not in lock
    assert "--find-links" not in lock


def test_no_source_file_is_longer_than_600_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked_files()
        if path.suffix == ".py" and path.exists() and (lines := len(path.read_text().splitlines())) > 600
    }

    assert long == {}


@pytest.mark.parametrize("word", ["/wor" + "k/", "/ro" + "ot/", "pypi." + "org", "npmjs." + "org"])
def test_no_file_holds_a_path_of_a_machine_or_the_host_of_a_registry(word: str) -> None:
    holding = [
        str(path.relative_to(ROOT))
        for path in tracked_files()
        if path.is_file() and word.encode() in path.read_bytes()
    ]

    assert holding == []
