"""What a workflow declares is there when the command line runs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stepsmith.cli.conftest import Call

KEEPING = """\
import os

from stepsmith import client, task, workflow
from stepsmith.resources import Table, allow


@task(environment={"TABLE_IN_TESTS": "orders"}, policies=[allow("dynamodb:PutItem", on=Table("orders"))])
def keep(id: str, *, dynamodb=client("dynamodb")) -> str:
    dynamodb.put_item(TableName=os.environ["TABLE_IN_TESTS"], Item={"pk": {"S": id}})
    return id
"""
KEEPER = '''\
from stepsmith import workflow
from tasks.keeping import keep


@workflow
def keeper(id: str) -> str:
    """Keep something."""
    return keep(id)
'''


@pytest.mark.parametrize("target", ["keeper", "definitions/keeper.asl.json"])
def test_what_a_workflow_declares_is_there(project: Path, stepsmith: Call, target: str) -> None:
    (project / "tasks/keeping.py").write_text(KEEPING)
    (project / "workflows/keeper.py").write_text(KEEPER)
    assert stepsmith("compile").code == 0

    called = stepsmith("run", target, "id=seven")

    assert (called.code, called.out) == (0, '"seven"\n')


def test_what_a_workflow_declares_is_there_for_an_execution_in_a_journal(
    project: Path, stepsmith: Call
) -> None:
    (project / "tasks/keeping.py").write_text(KEEPING)
    (project / "workflows/keeper.py").write_text(KEEPER)

    called = stepsmith("run", "keeper", "id=seven", "--durable")
    worked = (
        stepsmith("start", "keeper", "id=eight", "--journal", "j").code,
        stepsmith("work", "--journal", "j").code,
    )

    assert (called.code, called.out, worked) == (0, '"seven"\n', (0, 0))
