"""What is changed while `stepsmith dev` serves a project is deployed; what is broken is told."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from stepsmith.cli.arguments.project import Project
from stepsmith.cli.reloading import Reloading, load
from stepsmith.cloud.local import LocalCloud
from stepsmith.service.clock import VirtualClock

TASKS = """
from stepsmith import task
from rates import RATE


@task
def times(n: int) -> int:
    return n * RATE
"""
WORKFLOW = """
from datetime import timedelta

from stepsmith import wait, workflow
from stepsmith.resources import Queue
from stepsmith.triggers import HttpRequest, QueueMessage
from tasks.sums import times


@workflow(triggers=[HttpRequest(path="/sums"), QueueMessage(queue=Queue("sums"), input={"n": "$.body.n"})])
def sum_up(n: int) -> int:
    wait(timedelta(hours=1))
    return times(n)
"""


class Place:
    """A project that is served."""

    def __init__(self, root: Path, cloud: LocalCloud) -> None:
        self.root = root
        self.cloud = cloud
        self.said: list[str] = []
        self.write("rates.py", "RATE = 2\n")
        self.write("tasks/sums.py", TASKS)
        self.write("workflows/sums.py", WORKFLOW)
        self.arns = load(cloud, Project(root))()
        self.reloading = Reloading(cloud, root, self.said.append)

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def start(self) -> str:
        body = self.cloud.http("POST", "/sums", {"n": 21}).json()
        return str(body["executionArn"])

    def output(self, execution: str) -> Any:
        from datetime import timedelta

        self.cloud.advance(timedelta(hours=2))
        return self.cloud.client("stepfunctions").describe_execution(executionArn=execution).get("output")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Place]:
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    ours = ("workflows", "tasks", "rates")
    before = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in ours}
    with LocalCloud(is_served=True, clock=VirtualClock()) as cloud:
        yield Place(tmp_path, cloud)
    for name in [each for each in sys.modules if each.partition(".")[0] in ours]:
        del sys.modules[name]
    sys.modules.update(before)


def test_what_changes_is_deployed_and_executions_that_run_keep_their_definition(place: Place) -> None:
    before = place.start()
    place.write("workflows/sums.py", WORKFLOW.replace("return times(n)", "return times(times(n))"))

    assert place.reloading.look()
    assert not place.reloading.look()
    after = place.start()

    assert place.said == [f"stepsmith: changed: {os.path.join('workflows', 'sums.py')}; deployed sum_up"]
    assert (place.output(before), place.output(after)) == ("42", "84")


def test_tasks_and_what_they_import_are_code_that_changes_too(place: Place) -> None:
    place.write("rates.py", "RATE = 30\n")
    assert place.reloading.look()

    assert place.output(place.start()) == "630"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("workflows/sums.py", "def sum_up(:\n", "sums.py:1: SyntaxError"),
        ("tasks/sums.py", "raise ValueError('no')\n", "sums.py:1: ValueError: no"),
        ("workflows/sums.py", WORKFLOW.replace("return times(n)", "return n.real"), "W"),
        (
            "workflows/other.py",
            WORKFLOW.replace("sum_up", "add_up"),
            "two workflows are started by POST /sums",
        ),
    ],
)
def test_what_is_broken_is_told_and_what_was_there_goes_on(
    place: Place, name: str, text: str, told: str
) -> None:
    place.write(name, text)
    assert place.reloading.look()

    assert told in place.said[0]
    assert (
        place.said[1]
        == f"stepsmith: {os.path.join(*name.split('/'))} cannot be deployed; what was there before goes on"
    )
    assert place.output(place.start()) == "42"

    place.write("workflows/sums.py", WORKFLOW.replace("times(n)", "times(n + 1)"))
    place.write("tasks/sums.py", TASKS)
    place.write("workflows/other.py", "")
    assert place.reloading.look()
    assert place.output(place.start()) == "44"


def test_what_is_gone_is_started_by_nothing_any_more(place: Place) -> None:
    place.write(
        "workflows/sums.py", WORKFLOW.replace('HttpRequest(path="/sums"), ', "").replace("sum_up", "add_up")
    )
    assert place.reloading.look()
    queue = place.cloud.client("sqs").get_queue_url(QueueName="sums")["QueueUrl"]
    place.cloud.client("sqs").send_message(QueueUrl=queue, MessageBody='{"n": 1}')
    place.cloud.settle()

    assert place.cloud.http("POST", "/sums", {"n": 21}).status == 404
    assert [each.machine_name for each in place.cloud.executions] == ["add_up"]


def test_a_page_that_comes_is_served(place: Place) -> None:
    place.write("tasks/adding/page/index.html", "<p>Sums</p>")
    place.write("tasks/adding/__init__.py", "")

    assert place.reloading.look()

    assert place.cloud.http("GET", "/adding/").status == 200
