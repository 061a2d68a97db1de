"""The guide to explicit states holds what it says: its examples run, top to bottom."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[4] / "docs/guide/explicit-states.md"


@pytest.mark.slow
def test_the_examples_of_the_guide_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", GUIDE.read_text(), re.DOTALL | re.MULTILINE)
    file = tmp_path / "explicit_states_guide.py"
    file.write_text("\n\n".join(blocks))
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, file.stem, module)

    spec.loader.exec_module(module)

    assert len(blocks) > 7
