"""State machines in templates of SAM, CloudFormation and the CDK."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stepsmith import load
from stepsmith.asl import check_unfilled
from stepsmith.diagnostics import InvalidDefinition
from stepsmith.service.templates.embedded import Embedded
from stepsmith.service.templates.reading import definition_in, definitions_in

FUNCTIONS = """\
Globals:
  Function:
    Runtime: python3.12
    Environment: {Variables: {LIMIT: 3, STRICT: true}}
Resources:
  Check:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.check
      Environment: {Variables: {TABLE: !Ref Orders}}
  Elsewhere:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: s3://bucket/code.zip, Handler: app.check}
  Script:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: src/, Handler: app.check, Runtime: nodejs22.x}
"""
HANDLER = """\
import os

from helper import doubled


def check(event, context):
    assert context.get_remaining_time_in_millis() > 0
    return {
        "limit": os.environ["LIMIT"],
        "strict": os.environ["STRICT"],
        "table": os.environ["TABLE"],
        "twice": doubled(event["n"]),
    }
"""
MACHINE = """\
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionSubstitutions:
        CheckArn: !GetAtt Check.Arn
        Seconds: 30
        Unused: x
      Definition:
        StartAt: Check
        States:
          Check:
            Type: Task
            Resource: ${CheckArn}
            TimeoutSeconds: ${Seconds}
            End: true
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("LIMIT", "STRICT", "TABLE"):
        monkeypatch.setenv(name, "")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text(HANDLER)
    (tmp_path / "src" / "helper.py").write_text("def doubled(n):\n    return 2 * n\n")
    return tmp_path


def _in(folder: Path, template: str, *, name: str = "template.yaml") -> Embedded:
    (folder / name).write_text(template)
    return definition_in(folder / name)


def _machine(properties: dict[str, Any]) -> str:
    return json.dumps(
        {"Resources": {"M": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}}
    )


def test_a_sam_template_runs_with_its_python_functions(folder: Path) -> None:
    found = _in(folder, FUNCTIONS + MACHINE)

    machine = load(found.text, substitutions=found.own_values())
    execution = machine.run({"n": 4}, tasks=found.functions)
    assert execution.output == {"limit": "3", "strict": "true", "table": "${Orders}", "twice": 8}
    assert sorted(found.functions) == ["Check", "Check.Alias", "Check.Arn", "Check.Version"]


def test_what_is_wrong_is_named_by_its_place_in_the_template(folder: Path) -> None:
    found = _in(folder, FUNCTIONS + MACHINE.replace("End: true", "Nxt: x"))

    findings, _ = check_unfilled(found.text, substitutions=found.own_values())
    lines = (folder / "template.yaml").read_text().split("\n")
    assert {lines[(each.line or 1) - 1].strip() for each in findings if each.pointer == "/States/Check"} == {
        "Check:"
    }


@pytest.mark.parametrize(
    "head", ["DefinitionString: |", "DefinitionString: !Sub |", "DefinitionString:\n        Fn::Sub: |"]
)
def test_a_definition_in_a_block_of_text_stands_in_its_lines(tmp_path: Path, head: str) -> None:
    indent = "  " if "Fn::" in head else ""
    template = (
        "Resources:\n"
        "  M:\n"
        "    Type: AWS::StepFunctions::StateMachine\n"
        "    Properties:\n"
        f"      {head}\n"
        f"{indent}        {{\n"
        f'{indent}          "StartAt": "A",\n'
        f'{indent}          "States": {{"A": {{"Type": "Pass", "Nxt": "B", "End": true}}}}\n'
        f"{indent}        }}\n"
    )

    [finding] = check_unfilled(_in(tmp_path, template).text)[0]

    line = template.split("\n")[(finding.line or 0) - 1]
    assert line[(finding.column or 0) - 1 :].startswith('"A"')


def test_what_the_cdk_writes_is_joined(tmp_path: Path) -> None:
    (tmp_path / "asset.1").mkdir()
    (tmp_path / "asset.1" / "index.py").write_text("def handler(event, context):\n    return 7\n")
    definition = [
        '{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:',
        {"Ref": "AWS::Partition"},
        ':states:::lambda:invoke","Parameters":{"FunctionName":"',
        {"Fn::GetAtt": ["Check1A2B", "Arn"]},
        '"},"OutputPath":"$.Payload","End":true}}}',
    ]
    template = json.loads(_machine({"DefinitionString": {"Fn::Join": ["", definition]}}))
    template["Resources"]["Check1A2B"] = {
        "Type": "AWS::Lambda::Function",
        "Properties": {"Handler": "index.handler", "Runtime": "python3.13"},
        "Metadata": {"aws:asset:path": "asset.1"},
    }

    found = _in(tmp_path, json.dumps(template), name="Stack.template.json")

    values = {**found.own_values(), "AWS::Partition": "aws"}
    assert load(found.text, substitutions=values).run({}, tasks=found.functions).output == 7


def test_a_definition_in_a_file_beside_the_template_is_read(folder: Path) -> None:
    (folder / "statemachine.asl.yaml").write_text(
        "StartAt: A\nStates:\n  A: {Type: Pass, Nxt: B, End: true}\n"
    )

    found = _in(
        folder,
        "Resources: {M: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: statemachine.asl.yaml}}}",
    )

    [finding] = check_unfilled(found.text)[0]
    assert (found.path, finding.line) == (folder / "statemachine.asl.yaml", 3)


@pytest.mark.parametrize(
    "properties",
    [
        "{}",
        "{DefinitionS3Location: {Bucket: b, Key: k}}",
        "{DefinitionString: [1]}",
        "{DefinitionUri: {Bucket: b, Key: k}}",
    ],
)
def test_a_definition_that_is_elsewhere_is_told(tmp_path: Path, properties: str) -> None:
    with pytest.raises(InvalidDefinition, match="The definition of 'M' is not here") as refusal:
        _in(
            tmp_path,
            f"Resources:\n  M: {{Type: AWS::StepFunctions::StateMachine, Properties: {properties}}}\n",
        )

    assert refusal.value.findings[0].line == 2


def test_a_value_that_holds_quotes_ends_no_string(tmp_path: Path) -> None:
    properties = {
        "Definition": {"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": "${Text}", "End": True}}},
        "DefinitionSubstitutions": {"Text": {"Fn::Sub": 'say "${Word}"'}},
    }

    found = _in(tmp_path, _machine(properties), name="a.json")

    assert json.loads(found.text)["States"]["A"]["Result"] == 'say "${Word}"'


def test_resources_that_are_no_machines_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(
        "Resources: {A: {Type: AWS::S3::Bucket}, B: text, C: [1], D: {Type: [1]}}\n"
    )

    assert definitions_in(tmp_path / "t.yaml") == []
