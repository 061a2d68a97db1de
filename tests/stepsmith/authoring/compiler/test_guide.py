"""The guide to workflow functions holds what it says: its examples run, top to bottom."""

from pathlib import Path

import pytest

from tests import guides


@pytest.mark.slow
def test_the_examples_of_the_guide_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guides.run("workflow-functions", tmp_path, monkeypatch)

    assert len(guides.blocks("workflow-functions")) >= 7
