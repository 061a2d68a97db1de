"""The guide to durable executions holds what it says: its examples are a module, which asserts what it shows."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path

import pytest

from stepsmith.cli.app import COMMANDS

GUIDE = (Path(__file__).parents[4] / "docs/guide/durable.md").read_text(encoding="utf-8")
EXAMPLES = "\n\n".join(re.findall(r"^```python\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE))
NAMED = re.findall(r"^    stepsmith (\w+)", GUIDE, re.MULTILINE)


@pytest.mark.slow
def test_the_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "durable_guide.py").write_text(EXAMPLES)
    monkeypatch.syspath_prepend(tmp_path)

    guide = importlib.import_module("durable_guide")

    monkeypatch.delitem(sys.modules, "durable_guide")
    assert guide.journal.execution("count").output == 3


@pytest.mark.parametrize("command", NAMED)
def test_the_commands_are_there(command: str) -> None:
    assert command in COMMANDS
