from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.stepsmith.cli.conftest import Call


def test_every_workflow_is_written(stepsmith: Call, project: Path) -> None:
    outcome = stepsmith("compile")

    assert outcome.code == 0
    assert sorted(path.name for path in (project / "definitions").iterdir()) == [
        "noting.asl.json",
        "ordering.asl.json",
    ]
    assert outcome.err == "wrote definitions/noting.asl.json\nwrote definitions/ordering.asl.json\n"


def test_only_the_workflows_named_are_written(stepsmith: Call, project: Path) -> None:
    stepsmith("compile", "ordering")

    assert [path.name for path in (project / "definitions").iterdir()] == ["ordering.asl.json"]


@pytest.mark.usefixtures("project")
def test_what_is_up_to_date_passes_the_check(stepsmith: Call) -> None:
    stepsmith("compile")

    outcome = stepsmith("compile", "--check")

    assert (outcome.code, outcome.out) == (0, "")


def test_a_stale_definition_fails_the_check_with_the_difference(stepsmith: Call, project: Path) -> None:
    stepsmith("compile")
    path = project / "definitions" / "ordering.asl.json"
    stale = path.read_text().replace('"Seconds": 60', '"Seconds": 61')
    path.write_text(stale)

    outcome = stepsmith("compile", "--check")

    assert outcome.code == 1
    assert '-      "Seconds": 61' in outcome.out
    assert '+      "Seconds": 60' in outcome.out
    assert "stale definitions: 1 of 2; write them with: stepsmith compile" in outcome.err
    assert path.read_text() == stale


def test_a_missing_definition_fails_the_check(stepsmith: Call, project: Path) -> None:
    outcome = stepsmith("compile", "--check", "noting")

    assert (outcome.code, outcome.out) == (1, "definitions/noting.asl.json is missing\n")
    assert not (project / "definitions").exists()


@pytest.mark.usefixtures("project")
def test_an_unknown_workflow_is_named(stepsmith: Call) -> None:
    outcome = stepsmith("compile", "noteing")

    assert (outcome.code, outcome.err) == (2, "stepsmith: no workflow 'noteing'; did you mean 'noting'?\n")


def test_a_refusal_of_the_compiler_is_shown_with_its_place(stepsmith: Call, project: Path) -> None:
    text = (project / "workflows" / "noting.py").read_text()
    (project / "workflows" / "noting.py").write_text(
        text.replace("return note(text)", "return text.swapcase()")
    )

    outcome = stepsmith("compile")

    assert outcome.code == 2
    assert "noting.py:10" in outcome.err
    assert "^" in outcome.err
    assert "Traceback" not in outcome.err


def test_a_module_that_cannot_be_imported_is_named(stepsmith: Call, project: Path) -> None:
    (project / "workflows" / "broken.py").write_text("import no_such_thing\n")

    outcome = stepsmith("compile")

    assert outcome.code == 2
    assert "workflows.broken cannot be imported: " in outcome.err
    assert "broken.py:1: ModuleNotFoundError: No module named 'no_such_thing'" in outcome.err


def test_a_broken_module_does_not_keep_another_workflow_from_running(stepsmith: Call, project: Path) -> None:
    (project / "workflows" / "broken.py").write_text("def (:\n")

    assert stepsmith("run", "ordering", "order.sku=a").code == 0


def test_outside_a_project_there_are_no_workflows(
    stepsmith: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    outcome = stepsmith("compile")

    assert outcome.code == 2
    assert "no folder 'workflows' here or above" in outcome.err


def test_a_folder_that_cannot_be_written_is_named(stepsmith: Call, project: Path) -> None:
    (project / "definitions").write_text("a file")

    outcome = stepsmith("compile")

    assert outcome.code == 2
    assert "definitions" in outcome.err


@pytest.mark.usefixtures("project")
def test_workflows_are_listed_with_their_inputs(stepsmith: Call) -> None:
    outcome = stepsmith("list")

    assert outcome.out.splitlines() == [
        "noting(text: str)",
        "    Keep a note.",
        "ordering(order: Order)",
        "    Price an order after a minute.",
    ]


def test_types_are_listed_as_people_write_them(stepsmith: Call, project: Path) -> None:
    (project / "workflows" / "ordering.py").write_text(
        "from enum import Enum\n"
        "from typing import Annotated, Literal\n"
        "from pydantic import StringConstraints\n"
        "from stepsmith import workflow\n"
        "class Size(Enum):\n"
        "    SMALL = 'small'\n"
        "Name = Annotated[str, StringConstraints(min_length=1)]\n"
        "@workflow\n"
        "def ordering(names: list[Name], by: Name | None = None, size: Size = Size.SMALL,\n"
        "             how: Literal['a', 'b'] = 'a') -> str:\n"
        "    return how\n"
    )

    listed = stepsmith("list").out

    assert " ".join(listed.split()).endswith(
        "ordering(names: list[str], by: str | None = None, size: Size = Size.SMALL, how: Literal['a', 'b'] = 'a')"
    )


def test_a_folder_without_an_init_file_is_the_projects_own(stepsmith: Call, project: Path) -> None:
    for folder in ("workflows", "tasks"):
        (project / folder / "__init__.py").unlink()

    assert stepsmith("list").out.startswith("noting(text: str)\n")


@pytest.mark.usefixtures("project")
def test_the_list_comes_as_json_too(stepsmith: Call) -> None:
    listed = json.loads(stepsmith("list", "--json").out)

    assert listed["noting"] == {
        "description": "Keep a note.",
        "inputs": {"text": {"type": "str", "required": True, "schema": {"type": "string"}}},
        "output": {"type": "string"},
    }


BAD = """from datetime import datetime

from stepsmith import workflow


@workflow
def NAME(n: int) -> str:
    print(n)
    return str(datetime.now())
"""


def test_refusals_of_all_modules_come_as_json(stepsmith: Call, project: Path) -> None:
    for name in ("bad", "worse"):
        (project / "workflows" / f"{name}.py").write_text(BAD.replace("NAME", name))

    outcome = stepsmith("compile", "--check", "--format", "json")

    found = json.loads(outcome.out)
    assert outcome.code == 1
    assert [(each["path"], each["line"], each["column"], each["code"]) for each in found] == [
        ("workflows/bad.py", 8, 5, "W160"),
        ("workflows/bad.py", 9, 16, "W180"),
        ("workflows/worse.py", 8, 5, "W160"),
        ("workflows/worse.py", 9, 16, "W180"),
    ]
    assert found[1]["help"] == "write `now()`"
    assert not (project / "definitions").exists()


def test_refusals_come_as_sarif_for_editors(stepsmith: Call, project: Path) -> None:
    (project / "workflows" / "bad.py").write_text(BAD.replace("NAME", "bad"))

    outcome = stepsmith("compile", "--format", "sarif")

    run = json.loads(outcome.out)["runs"][0]
    result = run["results"][1]
    assert outcome.code == 1
    assert result["ruleId"] == "W180"
    assert result["message"]["text"].endswith("help: write `now()`")
    assert result["locations"][0]["physicalLocation"]["region"] == {
        "startLine": 9,
        "startColumn": 16,
        "endLine": 9,
        "endColumn": 30,
    }
    assert {"id": "W180", "shortDescription": {"text": "the clock, or chance."}} in run["tool"]["driver"][
        "rules"
    ]


@pytest.mark.usefixtures("project")
def test_without_refusals_the_list_is_empty_and_definitions_are_written(
    stepsmith: Call, project: Path
) -> None:
    outcome = stepsmith("compile", "--format", "json")

    assert (outcome.code, json.loads(outcome.out)) == (0, [])
    assert (project / "definitions" / "noting.asl.json").exists()
