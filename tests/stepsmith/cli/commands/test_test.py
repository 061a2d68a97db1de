"""`stepsmith test`."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from tests.stepsmith.cli.conftest import Call

PASSES = "def test_passes() -> None:\n    assert True\n"
FAILS = "def test_fails() -> None:\n    assert False\n"


@pytest.mark.parametrize(("content", "code"), [(PASSES, 0), (PASSES + FAILS, 1), ("", 1)])
def test_the_exit_code_says_whether_a_test_failed(
    stepsmith: Call, project: Path, content: str, code: int
) -> None:
    (project / "test_it.py").write_text(content)

    assert stepsmith("test", "test_it.py").code == code


def test_options_of_pytest_come_after_two_dashes(stepsmith: Call, project: Path) -> None:
    (project / "test_it.py").write_text(PASSES + FAILS)

    assert stepsmith("test", "test_it.py", "--", "-k", "passes").code == 0
    assert stepsmith("test", "--", "--no-such-option").code == 2


@pytest.mark.usefixtures("project")
def test_without_pytest_it_says_how_to_get_it(stepsmith: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    outcome = stepsmith("test")

    assert outcome.code == 2
    assert "pip install pytest" in outcome.err
