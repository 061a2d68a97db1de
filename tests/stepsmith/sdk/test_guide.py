"""The guide to the SDK holds what it says, and the lock of its environment names no index."""

from pathlib import Path

import pytest

from tests import guides
from tests.stepsmith.sdk.environment import SDK, WIDGETS

ROOT = Path(__file__).parents[3]


@pytest.mark.slow
def test_the_examples_of_the_guide_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    for kind, name in WIDGETS:
        monkeypatch.setattr(kind, name, getattr(kind, name))  # put back afterwards: the guide replaces them
    guides.run("stepfunctions-sdk", tmp_path, monkeypatch)

    assert len(guides.blocks("stepfunctions-sdk")) >= 7


def test_the_lock_has_the_version_that_is_tested_and_names_no_index() -> None:
    lock = (ROOT / "requirements-sdk.lock").read_text()

    assert f"stepfunctions=={SDK.__version__} " in lock
    assert not any(word in lock for word in ("://", "--index", "--find-links"))
