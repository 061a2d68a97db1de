"""Both type checkers agree with what the package promises, and find what is wrong."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
PROMISES = HERE / "promises.py"
MISTAKES = HERE / "mistakes.py"
MACHINES = sorted((ROOT / "tests/stepsmith/authoring/explicit/machines").glob("*.py"))
MARK = "# pyright: ignore["

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def mypy_errors(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[int]]:
    """Lines with errors, by file name."""
    command = [
        *(sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", "--no-error-summary"),
        f"--cache-dir={tmp_path_factory.mktemp('mypy')}",
        *map(str, (PROMISES, MISTAKES, *MACHINES)),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    found: dict[str, set[int]] = {}
    for file, line in re.findall(r"^(.+?):(\d+): error", done.stdout, re.MULTILINE):
        found.setdefault(Path(file).name, set()).add(int(line))
    return found


@pytest.fixture(scope="module")
def pyright_errors() -> list[str]:
    """Every error as text."""
    files = map(str, (PROMISES, MISTAKES, *MACHINES))
    command = [sys.executable, "-m", "pyright", "--outputjson", *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    found = json.loads(done.stdout)["generalDiagnostics"]
    return [f"{error['file']}:{error['range']['start']['line'] + 1}: {error['message']}" for error in found]


def test_mypy_agrees_with_every_promise(mypy_errors: dict[str, set[int]]) -> None:
    assert PROMISES.name not in mypy_errors


def test_mypy_finds_the_planted_mistakes_and_no_others(mypy_errors: dict[str, set[int]]) -> None:
    lines = MISTAKES.read_text().splitlines()

    marked = {number for number, line in enumerate(lines, 1) if MARK in line}

    assert len(marked) > 20
    assert mypy_errors[MISTAKES.name] == marked


@pytest.mark.parametrize("machine", MACHINES, ids=lambda path: path.stem)
def test_mypy_accepts_machines_of_explicit_states(mypy_errors: dict[str, set[int]], machine: Path) -> None:
    assert machine.name not in mypy_errors


def test_pyright_agrees_and_finds_the_planted_mistakes_and_no_others(pyright_errors: list[str]) -> None:
    assert pyright_errors == []
