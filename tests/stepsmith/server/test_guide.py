"""The guide to the local cloud is what happens."""

from pathlib import Path

import pytest

from stepsmith.cli.commands import COMMANDS
from stepsmith.cli.commands.dev import parser
from stepsmith.server.application import HEALTH
from stepsmith.server.serving import HOST, PORT
from tests import guides

GUIDE = guides.text_of("local-cloud")


def test_its_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guides.run("local-cloud", tmp_path, monkeypatch)


def test_its_commands_and_addresses_are_there() -> None:
    lines = [line.strip() for line in GUIDE.splitlines() if line.startswith("    stepsmith ")]

    for line in lines:
        _, command, *arguments = line.split()
        assert command in COMMANDS
        assert parser().parse(arguments) is not None
    assert len(lines) == 4
    assert f"{HOST}:{PORT}" in GUIDE
    assert f"GET {HEALTH}" in GUIDE
