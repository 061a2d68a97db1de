"""Validators that others wrote accept every definition that either layer compiles.

asl-validator comes from npm: `npm ci --prefix tests/validators` installs it. cfn-lint checks the definitions in a
template.
"""

import importlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stepsmith import Workflow
from stepsmith.asl import render
from stepsmith.authoring.machines.machine import StateMachine
from stepsmith.expressions.types import Json

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
WORKFLOWS = (
    "workflows",
    "tests/stepsmith/authoring/compiler/equivalence",
    "tests/stepsmith/authoring/explicit/machines",
)
STATE_MACHINE_RULE = "E3601"

pytestmark = pytest.mark.slow


def _modules() -> Iterator[Any]:
    for folder in WORKFLOWS:
        for file in sorted((ROOT / folder).glob("*.py")):
            if not file.name.startswith(("_", "test_", "conftest")):
                yield importlib.import_module(".".join((*Path(folder).parts, file.stem)))


@pytest.fixture(scope="module")
def definitions() -> dict[str, Json]:
    """Every definition of a workflow function or a machine of explicit states, by module and name."""
    found: dict[str, Json] = {}
    for module in _modules():
        for name, value in vars(module).items():
            if isinstance(value, Workflow):
                found[f"{module.__name__}.{name}"] = render(value.definition)
            elif callable(value) and getattr(value, "__annotations__", {}).get("return") is StateMachine:
                machine: Any = value()
                found[f"{module.__name__}.{name}"] = render(machine.definition)
    return found


def _asl_validator(definitions: dict[str, Json]) -> dict[str, list[str]]:
    node = shutil.which("node")
    if node is None or not (HERE / "node_modules").is_dir():
        pytest.skip("asl-validator is not installed: npm ci --prefix tests/validators")
    done = subprocess.run(
        [node, str(HERE / "validate.cjs")],
        input=json.dumps(definitions),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return json.loads(done.stdout)


def _cfn_lint(definitions: dict[str, Json]) -> dict[str, list[str]]:
    from cfnlint.api import lint
    from cfnlint.config import ManualArgs

    resources = {
        f"Machine{number}": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {
                "RoleArn": "arn:aws:iam::123456789012:role/machine",
                "DefinitionString": json.dumps(definition),
            },
        }
        for number, definition in enumerate(definitions.values())
    }
    template = json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources})
    refused: dict[str, list[str]] = {}
    match: Any
    for match in lint(template, config=ManualArgs(regions=["us-east-1"])):
        if match.rule.id == STATE_MACHINE_RULE:
            name = list(definitions)[int(str(match.path[1]).removeprefix("Machine"))]
            refused.setdefault(name, []).append(match.message)
    return refused


def test_there_are_definitions_to_validate(definitions: dict[str, Json]) -> None:
    assert len(definitions) > 30
    assert "workflows.delayed_vending.delayed_vending" in definitions


@pytest.mark.parametrize("validator", [_asl_validator, _cfn_lint])
def test_every_compiled_definition_is_accepted_and_a_broken_one_is_not(
    validator: Any, definitions: dict[str, Json]
) -> None:
    broken: Json = {"StartAt": "A", "States": {"A": {"Type": "Task"}}}

    assert set(validator({**definitions, "broken": broken})) == {"broken"}
