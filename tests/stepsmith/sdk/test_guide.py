"""The guide to the SDK holds what it says, and the lock of its environment names no index."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

from tests.stepsmith.sdk.environment import SDK, WIDGETS

ROOT = Path(__file__).parents[3]
GUIDE = ROOT / "docs/guide/stepfunctions-sdk.md"


@pytest.mark.slow
def test_the_examples_of_the_guide_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    for kind, name in WIDGETS:
        monkeypatch.setattr(kind, name, getattr(kind, name))  # put back afterwards: the guide replaces them
    blocks = re.findall(r"^```python\n(.*?)^```", GUIDE.read_text(), re.DOTALL | re.MULTILINE)
    file = tmp_path / "stepfunctions_sdk_guide.py"
    file.write_text("\n\n".join(blocks))
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, file.stem, module)

    spec.loader.exec_module(module)

    assert len(blocks) >= 7


def test_the_lock_has_the_version_that_is_tested_and_names_no_index() -> None:
    lock = (ROOT / "requirements-sdk.lock").read_text()

    assert f"stepfunctions=={SDK.__version__} " in lock
    assert not any(word in lock for word in ("://", "--index", "--find-links"))
