"""The guide of power tuning: its examples run, its options are the command's, and its picture is there."""

import re

import pytest

from stepsmith.cli.commands.run import parser
from tests import guides
from tests.tasks.image_recognition.studio import ROOT


@pytest.mark.slow
def test_the_examples_of_the_guide_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (example,) = guides.blocks("power-tuning")
    names: dict[str, object] = {}

    exec(compile(example, "power-tuning.md", "exec"), names)

    assert {"x86", "arm"} <= names.keys()


def test_the_command_takes_the_options_that_the_guide_names(capsys: pytest.CaptureFixture[str]) -> None:
    parser().parse(["--help"])

    shown = capsys.readouterr().out
    named = set(re.findall(r"--[a-z][a-z-]*", guides.text_of("power-tuning")))
    assert {"--chart", "--compare"} <= named
    assert {option for option in named if option not in shown} == set()
