"""Each workflow says what starts it, what it gives and stores, how it fails, and how long it may take."""

import ast
import importlib
import re
from pathlib import Path

import pytest

from stepsmith.authoring.workflows.workflow import Workflow

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "workflows").glob("[a-z]*.py"))
SAID = {
    "what starts it": r"\bStarted (by|when)\b",
    "what it gives": r"\b[Gg]ives\b",
    "what it stores": r"\b[Ss]tores\b",
    "how it fails": r"\b[Ff]ails\b",
    "how long it may take": r"\btime\s+limit\b",
}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_workflow_says_what_a_stranger_asks(path: Path) -> None:
    text = ast.get_docstring(ast.parse(path.read_text())) or ""

    assert [question for question, words in SAID.items() if not re.search(words, text)] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_w_07_the_first_task_of_a_workflow_checks_its_input(path: Path) -> None:
    module = importlib.import_module(f"workflows.{path.stem}")
    found = [value for value in vars(module).values() if isinstance(value, Workflow)]

    assert found
    assert {workflow.name: workflow.check for workflow in found} == {
        workflow.name: "by task" for workflow in found
    }
