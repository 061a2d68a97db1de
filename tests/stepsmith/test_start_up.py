"""What a run may import: a module that a trivial run does not need costs everybody who starts a process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

TRIVIAL = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
IMPORT = "import stepsmith"
RUN = f"import stepsmith; stepsmith.load({TRIVIAL!r}).run({{}})"
COMMAND = "from stepsmith.cli.app import call; assert call(['run', FILE]) == 0"

NEEDLESS = {
    "stepsmith.authoring.tasks", "stepsmith.authoring.compiler", "stepsmith.deploy",
    "stepsmith.expressions.jsonata", "stepsmith.expressions.typed", "stepsmith.integrations.services.optimised",
    "stepsmith.notebook", "stepsmith.privacy", "stepsmith.service.remote", "stepsmith.testing",
    "stepsmith.views.graphs", "stepsmith.views.report", "boto3", "botocore", "moto", "pydantic", "rich",
    "decimal", "hashlib", "html", "random", "traceback", "uuid",
}  # fmt: skip
"""Packages and modules that no trivial run imports."""


def imported(code: str) -> set[str]:
    """Give the modules that a fresh process has imported after some code."""
    listing = "; import sys; print(*sys.modules, file=sys.stderr)"
    ended = subprocess.run([sys.executable, "-c", code + listing], capture_output=True, text=True, check=True)
    return set(ended.stderr.splitlines()[-1].split())


def needless(modules: set[str], names: set[str]) -> list[str]:
    """Give what is among the names, or inside a package that is."""
    return sorted(
        each for each in modules if any(each == name or each.startswith(f"{name}.") for name in names)
    )


@pytest.mark.slow
def test_the_package_imports_no_more_than_its_names() -> None:
    modules = imported(IMPORT)

    assert (
        needless(
            modules, NEEDLESS | {"dataclasses", "inspect", "json", "stepsmith.engine", "stepsmith.service"}
        )
        == []
    )


@pytest.mark.slow
def test_a_run_of_one_pass_imports_what_a_run_needs() -> None:
    modules = imported(RUN)

    assert "stepsmith.engine" in modules
    assert needless(modules, NEEDLESS | {"pathlib", "stepsmith.cli", "stepsmith.views"}) == []


@pytest.mark.slow
def test_the_command_imports_no_pictures_and_no_clients(tmp_path: Path) -> None:
    definition = tmp_path / "trivial.asl.json"
    definition.write_text(json.dumps(TRIVIAL))

    modules = imported(COMMAND.replace("FILE", repr(str(definition))))

    assert "stepsmith.cli" in modules
    assert needless(modules, NEEDLESS) == []


@pytest.mark.slow
def test_a_task_function_on_lambda_imports_neither_the_language_nor_models_of_services() -> None:
    modules = imported("from stepsmith import task")

    assert (
        needless(modules, {"stepsmith.asl", "stepsmith.integrations", "stepsmith.authoring.compiler"}) == []
    )


@pytest.mark.slow
def test_services_read_no_model_before_one_is_named() -> None:
    modules = imported("from stepsmith import services")

    assert needless(modules, {"boto3", "botocore", "moto"}) == []
