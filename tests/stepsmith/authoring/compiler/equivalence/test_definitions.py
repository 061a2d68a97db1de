"""The definitions of all these workflow functions, as validators see them."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from stepsmith import Workflow
from stepsmith.asl import check
from stepsmith.asl.render import to_json
from tests.stepsmith.authoring.compiler.equivalence import (
    constructs,
    crossed,
    helpers,
    nested,
    options,
    sagas,
)

WORKFLOWS = [
    value
    for module in (constructs, nested, crossed, helpers, sagas, options)
    for value in vars(module).values()
    if isinstance(value, Workflow)
]
VALIDATOR = """
const validate = require('asl-validator');
const fs = require('fs');
const bad = process.argv.slice(1).flatMap((file) => {
  const answer = validate(JSON.parse(fs.readFileSync(file)));
  return answer.isValid ? [] : [`${file}: ${answer.errorsText()}`];
});
console.log(bad.join('\\n'));
"""


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda workflow: workflow.name)
def test_our_own_door_has_no_remark(workflow: Workflow[..., Any]) -> None:
    assert check(to_json(workflow.definition)) == ()


@pytest.mark.slow
def test_asl_validator_accepts_every_definition(tmp_path: Path) -> None:
    node = shutil.which("node")
    if (
        node is None
        or subprocess.run([node, "-e", "require('asl-validator')"], capture_output=True).returncode
    ):
        pytest.skip("node or its package asl-validator is not installed")
    files: list[str] = []
    for workflow in WORKFLOWS:
        file = tmp_path / f"{workflow.name}.json"
        file.write_text(to_json(workflow.definition))
        files.append(str(file))

    answer = subprocess.run([node, "-e", VALIDATOR, *files], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == ""


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda workflow: workflow.name)
def test_every_state_has_a_place(workflow: Workflow[..., Any]) -> None:
    assert set(workflow.definition.states) <= set(workflow.spans)
