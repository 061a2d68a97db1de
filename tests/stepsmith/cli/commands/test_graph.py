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


@pytest.mark.parametrize(
    ("name", "start"),
    [("a.svg", "<svg "), ("a.MMD", "stateDiagram-v2"), ("a.txt", "start: A"), ("a", "<svg ")],
)
def test_the_name_of_the_file_says_the_format(stepsmith: Call, folder: Path, name: str, start: str) -> None:
    assert stepsmith("graph", "two.asl.json", "-o", name).code == 0
    assert (folder / name).read_text("utf-8").startswith(start)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "two.png"], "two.png: no PNG is drawn here; write -o two.svg"),
        (["-o", "two.pdf", "--format", "svg"], "no PDF is drawn here"),
        (["-o", "two.svg", "--format", "text"], "the name is that of svg, and --format says text"),
        (["--format", "texd"], "--format 'texd'; did you mean 'text'?"),
    ],
)
def test_a_file_that_would_not_be_what_it_is_called_is_refused(
    stepsmith: Call, folder: Path, arguments: list[str], message: str
) -> None:
    outcome = stepsmith("graph", "two.asl.json", *arguments)

    assert outcome.code == 2
    assert message in outcome.err
    assert sorted(each.name for each in folder.iterdir()) == ["two.asl.json"]
