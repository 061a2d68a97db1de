"""Files with definitions, as they are or in templates."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stepsmith import load
from stepsmith.diagnostics import InvalidDefinition
from stepsmith.errors import InvalidInput, NotFound
from stepsmith.service.templates.reading import definition_in, definitions_in

PASS: dict[str, Any] = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": "ü", "End": True}}}
YAML = "StartAt: A\nStates:\n  A: {Type: Pass, Result: ü, End: true}\n"
TWO = """\
Resources:
  One:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition: {StartAt: A, States: {A: {Type: Pass, Result: 1, End: true}}}
  Two:
    Type: AWS::Serverless::StateMachine
    Properties:
      Type: EXPRESS
      Definition: {StartAt: A, States: {A: {Type: Pass, Result: 2, End: true}}}
"""


def _file(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, "utf-8")
    return path


@pytest.mark.parametrize("name", ["a.asl.yaml", "a.asl.yml", "a.yaml", "a.YML"])
def test_a_definition_may_be_written_in_yaml(tmp_path: Path, name: str) -> None:
    machine = load(_file(tmp_path, name, YAML))

    assert machine.run().output == "ü"
    assert machine.name == "a" or name == "a.YML"


@pytest.mark.parametrize("name", ["a.asl.json", "a.yaml"])
def test_json_is_a_definition_whatever_the_file_is_called(tmp_path: Path, name: str) -> None:
    escaped = {**PASS, "Comment": "𐀀"}  # in JSON two halves, which YAML has not

    assert load(_file(tmp_path, name, json.dumps(escaped))).run().output == "ü"


def test_a_template_with_one_machine_stands_for_it(tmp_path: Path) -> None:
    path = _file(tmp_path, "template.yaml", TWO.partition("  Two:")[0])

    assert load(path).name == "One"
    assert load(path).run().output == 1


def test_of_several_one_is_named(tmp_path: Path) -> None:
    path = _file(tmp_path, "template.yaml", TWO)

    assert load(f"{path}#Two").run().output == 2
    assert load(f"{path}#Two").type == "EXPRESS"
    with pytest.raises(InvalidInput, match=r"has 2 state machines; say which: .*#One, .*#Two"):
        load(path)
    with pytest.raises(NotFound, match="no state machine 'Tow'; did you mean 'Two'"):
        definition_in(path, "Tow")


def test_a_file_whose_name_holds_a_hash_is_that_file(tmp_path: Path) -> None:
    assert load(str(_file(tmp_path, "a#b.asl.json", json.dumps(PASS)))).run().output == "ü"


def test_the_model_of_a_definition_that_only_looks_like_a_template_is_not_one(tmp_path: Path) -> None:
    definition = {**PASS, "States": {"A": {"Type": "Pass", "Result": {"Resources": {}}, "End": True}}}

    assert load(_file(tmp_path, "a.json", json.dumps(definition))).run().output == {"Resources": {}}


@pytest.mark.parametrize("name", ["a.yaml", "a.tf", "a.json", "a.template"])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotFound, match=name):
        definitions_in(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "content"), [("a.template", "Resources: {}\n"), ("a.tf", ""), ("a.json", '{"Resources": {}}')]
)
def test_a_template_without_machines_has_none(tmp_path: Path, name: str, content: str) -> None:
    path = _file(tmp_path, name, content)

    assert definitions_in(path) == []
    with pytest.raises(NotFound, match="has no state machine"):
        definition_in(path)


@pytest.mark.parametrize("name", ["a.yaml", "a.tf"])
def test_a_file_that_cannot_be_read_is_refused_with_a_place(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidDefinition) as refusal:
        definitions_in(_file(tmp_path, name, "a: [1\n"))

    assert refusal.value.findings[0].line is not None
