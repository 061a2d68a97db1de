"""The examples of the guide are run in the order in which they stand."""

import re

import pytest

from tests.tasks.image_recognition.studio import ROOT


def test_the_examples_of_the_guide_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    guide = (ROOT / "docs" / "guide" / "image-recognition.md").read_text("utf-8")
    examples = re.findall(r"^```python\n(.*?)^```", guide, re.DOTALL | re.MULTILINE)
    names: dict[str, object] = {}

    for example in examples:
        exec(compile(example, "image-recognition.md", "exec"), names)

    assert len(examples) == 5
