"""How the tools of agents end."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

pytest.importorskip("mcp")

from stepsmith.cli.agents import tools
from stepsmith.cli.agents.tools import Tools


def test_a_tool_that_takes_too_long_is_ended(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "SECONDS", 0.01)

    assert asyncio.run(Tools(project).call("list")).startswith(
        "it was ended after 0.01 seconds: stepsmith list"
    )


def test_an_answer_that_is_too_long_is_cut(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "MOST_CHARACTERS", 10)

    assert asyncio.run(Tools(project).call("list")).endswith("… and more")
