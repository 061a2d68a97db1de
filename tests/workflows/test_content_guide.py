"""The example of the guide is run as it stands."""

import pytest

from tests import guides
from tests.tasks.image_recognition.studio import ROOT


def test_the_example_of_the_guide_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (example,) = guides.blocks("content")

    exec(compile(example, "content.md", "exec"), {})
