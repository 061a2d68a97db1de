"""Personal fields on the command line: masked in what goes wrong and in histories, unless asked for; output is data."""

import json
from pathlib import Path
from typing import Any

import pytest

from stepsmith.cli.arguments.aws_options import execution
from stepsmith.cli.executions.history import _show  # pyright: ignore[reportPrivateUsage]  # an execution on AWS is like a local one
from stepsmith.service import unmasked
from tests.stepsmith.cli.conftest import Call

TELLING = '''\
"""Tell people things."""

from pydantic import BaseModel

from stepsmith import Personal, task, workflow


class Person(BaseModel):
    email: Personal[str]


@task
def tell(person: Person, text: str) -> str:
    if text == "bad":
        raise ValueError(f"{person.email} does not answer")
    return person.email


@workflow
def telling(person: Person, text: str) -> str:
    """Tell a person something."""
    return tell(person, text)
'''
ADA = "ada@example.ie"
INPUT = ["--input", json.dumps({"person": {"email": ADA}, "text": "bad"})]


@pytest.fixture(autouse=True)
def telling(project: Path) -> None:
    (project / "workflows" / "telling.py").write_text(TELLING)


def test_what_goes_wrong_is_told_without_personal_fields(stepsmith: Call) -> None:
    outcome = stepsmith("run", "telling", *INPUT)

    assert outcome.code == 1
    assert "ValueError: ••• does not answer" in outcome.err
    assert ADA not in outcome.out + outcome.err


def test_personal_fields_are_shown_on_request(stepsmith: Call) -> None:
    outcome = stepsmith("run", "telling", *INPUT, "--unmasked")

    assert f"ValueError: {ADA} does not answer" in outcome.err


def test_the_output_stays_data(stepsmith: Call) -> None:
    outcome = stepsmith("run", "telling", "--input", json.dumps({"person": {"email": ADA}, "text": "good"}))

    assert json.loads(outcome.out) == ADA
    assert ADA not in outcome.err


@pytest.mark.parametrize("as_json", [False, True])
def test_a_history_is_shown_without_personal_fields(
    as_json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    run = _run()
    _show(run, as_json=as_json)
    masked = capsys.readouterr().out
    with unmasked():
        _show(run, as_json=as_json)
    shown = capsys.readouterr().out

    assert ADA not in masked
    assert ADA in shown
    assert "•••" in masked


def test_what_is_personal_is_known_from_the_workflow_that_was_deployed() -> None:
    arns = {
        name: f"arn:aws:states:eu-west-1:1:execution:{name}:e1"
        for name in ("telling", "tea-shop-telling", "somebody-elses")
    }
    asked: dict[str, Any] = {}

    class Backend:
        def execution(self, arn: str, *, workflow: Any, **_: Any) -> None:
            asked[arn] = workflow and workflow.name

    for arn in arns.values():
        execution(Backend(), arn)  # type: ignore[arg-type]  # one call of a backend

    assert [asked[arn] for arn in arns.values()] == ["telling", "telling", None]


def _run() -> Any:
    from stepsmith.cli.arguments.project import Project

    workflow: Any = Project.here().find("telling").workflow
    return workflow.run(person={"email": ADA}, text="bad")
