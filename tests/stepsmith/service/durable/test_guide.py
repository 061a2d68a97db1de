"""The guide to durable executions holds what it says: its examples are a module, which asserts what it shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from stepsmith.cli.commands import COMMANDS
from tests import guides

NAMED = re.findall(r"^    stepsmith (\w+)", guides.text_of("durable"), re.MULTILINE)


@pytest.mark.slow
def test_the_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guide = guides.run("durable", tmp_path, monkeypatch)

    assert guide.journal.execution("count").output == 3


@pytest.mark.parametrize("command", NAMED)
def test_the_commands_are_there(command: str) -> None:
    assert command in COMMANDS
