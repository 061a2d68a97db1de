from __future__ import annotations

from pathlib import Path

import pytest

from tests.stepsmith.cli.conftest import Call

MACHINE = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "<B>"}, "<B>": {"Type": "Succeed"}}}'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "two.asl.json").write_text(MACHINE)
    return tmp_path


def test_a_definition_is_drawn_into_a_file(stepsmith: Call, folder: Path) -> None:
    outcome = stepsmith("graph", "two.asl.json", "-o", "two.svg")

    assert (outcome.code, outcome.err) == (0, "wrote two.svg\n")
    assert (folder / "two.svg").read_text("utf-8").startswith("<svg ")


@pytest.mark.parametrize(
    ("format", "start"), [("svg", "<svg "), ("mermaid", "stateDiagram-v2\n"), ("text", "start: A\n")]
)
def test_a_picture_without_a_file_goes_to_standard_output(stepsmith: Call, format: str, start: str) -> None:
    outcome = stepsmith("graph", "two.asl.json", "--format", format)

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith(start)


def test_a_file_that_cannot_be_written_is_a_wrong_call(stepsmith: Call) -> None:
    outcome = stepsmith("graph", "two.asl.json", "-o", "no/such/folder.svg")

    assert outcome.code == 2
    assert outcome.err == "stepsmith: no/such/folder.svg cannot be written: No such file or directory\n"


def test_a_definition_that_is_not_there_is_a_wrong_call(stepsmith: Call) -> None:
    assert stepsmith("graph", "three.asl.json").code == 2
