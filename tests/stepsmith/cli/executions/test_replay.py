"""`stepsmith replay`, and the replays in the plan of a deployment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.stepsmith.cli.conftest import Call

ORDER = 'order={"sku": "tea", "quantity": 2}'


@pytest.fixture
def exported(project: Path) -> Path:
    """The history of an execution of the project's workflow."""
    from stepsmith.cli.arguments.project import Project

    workflow = Project.here().find("ordering").workflow
    execution: Any = workflow.run(order={"sku": "tea", "quantity": 2})
    path = project / "monday.json"
    path.write_text(json.dumps({"events": list(execution.history)}))
    return path


def test_what_goes_as_recorded_has_exit_code_0(exported: Path, stepsmith: Call) -> None:
    outcome = stepsmith("replay", "ordering", str(exported))

    assert (outcome.code, outcome.out) == (
        0,
        "ordering: 1 execution replayed, 1 go as recorded, 0 otherwise\n",
    )


def test_what_goes_otherwise_has_exit_code_1_and_is_told(
    exported: Path, stepsmith: Call, project: Path
) -> None:
    events = json.loads(exported.read_text())["events"]
    events[-1]["executionSucceededEventDetails"]["output"] = "499"
    exported.write_text(json.dumps(events))

    outcome = stepsmith("replay", "ordering", str(project))

    assert outcome.code == 1
    assert outcome.out == (
        "ordering: 1 execution replayed, 0 go as recorded, 1 otherwise\n"
        f"  {exported}\n"
        "    ends otherwise: it gives another output\n"
        "      $ was 499, is 500\n"
    )


def test_a_program_reads_what_becomes_of_each(exported: Path, stepsmith: Call, project: Path) -> None:
    (project / "lost.json").write_text("[")

    outcome = stepsmith("replay", "ordering", str(exported), "lost.json", "--json")

    found = json.loads(outcome.out)
    assert (outcome.code, found["same"], found["other"], found["unknown"]) == (1, 1, 0, 1)
    assert [each["outcome"] for each in found["replays"]] == ["same", "unknown"]
    assert "is not JSON" in found["replays"][1]["reason"]


def test_executions_of_a_journal_are_replayed(stepsmith: Call, project: Path) -> None:
    for sku in ("tea", "none"):
        stepsmith("run", "ordering", f'order={{"sku": "{sku}"}}', "--durable")

    every = stepsmith("replay", "ordering", "--durable", "--executions", "10")
    failed = stepsmith("replay", "ordering", "--durable", "--executions", "10", "--status", "FAILED")

    assert every.out.startswith("ordering: 2 executions replayed, 2 go as recorded"), every
    assert failed.out.startswith("ordering: 1 execution replayed, 1 go as recorded"), failed


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "there is nothing to replay: name files with exported histories, or say --executions NUMBER"),
        (("empty",), "'empty' is a folder without a .json file"),
        (("--since", "1h"), "--since says which executions are meant: say --executions NUMBER, too"),
        (("--durable",), "a journal holds executions: say --executions NUMBER, too"),
        (("--executions", "-1"), "--executions"),
        (("--executions", "5", "--since", "tomorrow"), "--since 'tomorrow' is no time; write it such as 90m"),
        (("--executions", "5", "--where", "x"), "--where 'x' compares nothing"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    stepsmith: Call, project: Path, arguments: tuple[str, ...], words: str
) -> None:
    (project / "empty").mkdir()

    outcome = stepsmith("replay", "ordering", *arguments)

    assert (outcome.code, outcome.out) == (2, "")
    assert words in outcome.err


def test_a_file_that_is_not_there_cannot_be_told(stepsmith: Call, project: Path) -> None:
    outcome = stepsmith("replay", "ordering", "lost.json")

    assert outcome.code == 1
    assert "lost.json: cannot be told, cannot read lost.json: No such file or directory" in outcome.out
