"""The guide to explicit states holds what it says: its examples run, top to bottom."""

from pathlib import Path

import pytest

from tests import guides


@pytest.mark.slow
def test_the_examples_of_the_guide_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guides.run("explicit-states", tmp_path, monkeypatch)

    assert len(guides.blocks("explicit-states")) > 7
