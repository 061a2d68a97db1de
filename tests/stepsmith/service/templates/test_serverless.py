"""State machines in `serverless.yml`."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepsmith import load
from stepsmith.diagnostics import InvalidDefinition
from stepsmith.service.templates.reading import definition_in

TEMPLATE = """\
service: shop
provider: {name: aws, runtime: python3.12}
functions:
  check: {handler: src/app.handle}
  other: {handler: src/app.handle, runtime: nodejs22.x}
stepFunctions:
  stateMachines:
    selling:
      name: selling-${self:provider.stage}
      type: EXPRESS
      definition:
        StartAt: Check
        States:
          Check: {Type: Task, Resource: {Fn::GetAtt: [check, Arn]}, End: true}
"""


def test_a_machine_runs_with_its_python_functions(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text("def handle(event, context):\n    return event\n")
    (tmp_path / "serverless.yml").write_text(TEMPLATE)

    found = definition_in(tmp_path / "serverless.yml")

    assert (found.name, found.type) == ("selling", "EXPRESS")
    assert sorted(found.functions) == ["CheckLambdaFunction", "CheckLambdaFunction.Arn", "check", "check.Arn"]
    assert load(found.text).run({"n": 1}, tasks=found.functions).output == {"n": 1}


def test_a_definition_that_comes_from_elsewhere_is_told(tmp_path: Path) -> None:
    (tmp_path / "serverless.yml").write_text("stepFunctions:\n  stateMachines:\n    a: ${file(a.yml)}\n")

    with pytest.raises(InvalidDefinition, match="The definition of 'a' is not here"):
        definition_in(tmp_path / "serverless.yml")
