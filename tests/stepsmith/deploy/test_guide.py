"""The Python of the guide is what it says."""

import linecache
import re
from typing import Any

import pytest

from stepsmith.cli.app import call
from stepsmith.cli.commands import COMMANDS
from stepsmith.deploy.application import Application
from stepsmith.deploy.template.assembly import render_template
from stepsmith.deploy.template.preflight import check_template
from stepsmith.service.machines.workflow_runs import local, run_workflow
from tests import guides

GUIDE = guides.text_of("deploy")


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    text = guides.python_of("deploy")
    file = "docs/guide/deploy.md"
    # the compiler reads the source of a workflow where inspect finds it
    linecache.cache[file] = (len(text), None, [str(line) for line in text.splitlines(keepends=True)], file)
    found: dict[str, Any] = {"__name__": "guide"}
    exec(compile(text, file, "exec"), found)
    return found


def test_the_workflow_of_the_guide_can_be_deployed(names: dict[str, Any]) -> None:
    template = render_template(Application((names["ordering"],)), lambda task: "packages/x.zip")

    check_template(template)
    expected = {"OrdersTable", "NoticesQueue", "OrdersBucket", "IncomingQueue", "FailedExecutions"}
    expected |= {"OrderingUpload1", "OrderingSchedule1", "OrderingMessagesIncoming"}
    assert expected <= set(template["Resources"])  # type: ignore[arg-type]


@pytest.mark.slow
def test_the_workflow_of_the_guide_runs(names: dict[str, Any]) -> None:
    from stepsmith.integrations import ClientRegistry
    from stepsmith.resources import creation

    clients = ClientRegistry.local()
    clients.client("dynamodb").create_table(**creation(names["ORDERS"]))
    clients.client("sqs").create_queue(QueueName="notices")

    execution = run_workflow(names["ordering"], {"number": "42"}, local(clients=clients))

    assert execution.output == "42"


def test_every_option_of_the_guide_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    calls = re.findall(r"(?:^    |`)stepsmith ([a-z]+)\b([^`\n]*)", GUIDE, re.MULTILINE)

    for command, rest in calls:
        call([command, "--help"])
        options = re.findall(r"--[a-z-]+", capsys.readouterr().out)
        assert set(re.findall(r"--[a-z-]+", rest)) <= set(options), command


def test_every_command_of_the_guide_is_one() -> None:
    commands = re.findall(r"(?:^    |`)stepsmith ([a-z]+)\b", GUIDE, re.MULTILINE)

    assert set(commands) <= set(COMMANDS)
    assert set(commands) >= {
        "deploy",
        "destroy",
        "executions",
        "history",
        "redrive",
        "rollback",
        "start",
        "stop",
        "template",
    }
