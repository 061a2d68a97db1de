"""The examples of the guide are run in the order in which they stand."""

import pytest

from tests import guides
from tests.tasks.image_recognition.studio import ROOT


def test_the_examples_of_the_guide_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    examples = guides.blocks("image-recognition")
    names: dict[str, object] = {}

    for example in examples:
        exec(compile(example, "image-recognition.md", "exec"), names)

    assert len(examples) == 5
