"""State machines in Terraform."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stepsmith import load
from stepsmith.asl import check_unfilled
from stepsmith.diagnostics import InvalidDefinition
from stepsmith.service.templates.reading import definition_in, definitions_in

FUNCTION = """\
data "archive_file" "zip" {
  source_dir = "${path.module}/src"
}
resource "aws_lambda_function" "check" {
  filename = data.archive_file.zip.output_path
  handler  = "app.handle"
  runtime  = "python3.12"
  environment {
    variables = { WORD = "yes" }
  }
}
"""
ENCODED = """\
resource "aws_sfn_state_machine" "main" {
  type       = "EXPRESS"
  definition = jsonencode({
    StartAt = "Check"
    States = {
      Check = {
        Type           = "Task"
        Resource       = aws_lambda_function.check.arn
        TimeoutSeconds = var.seconds
        End            = true
      }
    }
  })
}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WORD", "")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text(
        "import os\n\n\ndef handle(event, context):\n    return os.environ['WORD']\n"
    )
    return tmp_path


def test_an_encoded_definition_runs_with_its_python_functions(folder: Path) -> None:
    (folder / "main.tf").write_text(FUNCTION + ENCODED)

    found = definition_in(folder / "main.tf")

    assert (found.name, found.type) == ("main", "EXPRESS")
    machine = load(found.text, substitutions={"var.seconds": 5}, type=found.type)
    assert machine.run({}, tasks=found.functions).output == "yes"


def test_what_is_wrong_is_named_by_its_place(folder: Path) -> None:
    text = FUNCTION + ENCODED.replace("End            = true", "Nxt = 1")
    (folder / "main.tf").write_text(text)

    findings, _ = check_unfilled(definition_in(folder / "main.tf").text)
    assert text.split("\n")[(findings[0].line or 0) - 1].strip() == "Check = {"


@pytest.mark.parametrize(
    "definition",
    [
        '<<EOF\n{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": "R", "End": true}}}\nEOF',
        'file("${path.module}/a.asl.json")',
        'templatefile("a.asl.json", {Word = "R"})',
        json.dumps('{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": "R", "End": true}}}'),
    ],
)
def test_a_definition_may_be_a_text_or_a_file(folder: Path, definition: str) -> None:
    word = "${Word}" if "templatefile" in definition else "R"
    (folder / "a.asl.json").write_text(
        f'{{"StartAt": "A", "States": {{"A": {{"Type": "Pass", "Result": "{word}", "End": true}}}}}}'
    )
    (folder / "main.tf").write_text(
        f'resource "aws_sfn_state_machine" "m" {{\n  definition = {definition}\n}}\n'
    )

    assert load(folder / "main.tf").run().output == "R"


@pytest.mark.parametrize(
    "definition",
    [
        "definition = local.definition",
        "definition = file(var.path)",
        "definition = jsonencode(a, b)",
        "name = 1",
    ],
)
def test_a_definition_that_is_computed_elsewhere_is_told(folder: Path, definition: str) -> None:
    (folder / "main.tf").write_text(f'\nresource "aws_sfn_state_machine" "m" {{\n  {definition}\n}}\n')

    with pytest.raises(InvalidDefinition, match=r"computed elsewhere|has no definition") as refusal:
        definitions_in(folder / "main.tf")
    assert refusal.value.findings[0].line in (2, 3)


def test_calls_inside_a_definition_are_placeholders(folder: Path) -> None:
    (folder / "main.tf").write_text(ENCODED.replace("aws_lambda_function.check.arn", 'format("%s", var.arn)'))

    assert b'"${format.8}"' in definition_in(folder / "main.tf").text


def test_functions_that_are_not_here_are_left_out(folder: Path) -> None:
    text = FUNCTION.replace("python3.12", "nodejs22.x") + FUNCTION.replace(
        "data.archive_file.zip", "var.zip"
    ).replace("check", "b")
    (folder / "main.tf").write_text(text + ENCODED)

    assert definition_in(folder / "main.tf").functions == {}
