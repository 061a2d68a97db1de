"""The commands for AWS, from deploying to destroying, at the server of a local cloud."""

from __future__ import annotations

import json
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from stepsmith.cloud.local import LocalCloud
from stepsmith.server.serving import served
from stepsmith.service.clock import WallClock
from tests.stepsmith.cli.commands.test_deploy import LOCK
from tests.stepsmith.cli.conftest import Call

pytestmark = pytest.mark.slow
ARN = "arn:aws:states:eu-west-1:123456789012"
ORDER = 'order={"sku": "tea"}'


@pytest.fixture
def url(project: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[str]:
    """A server, and a project to deploy to it; packages hold what is the project's own."""
    (project / "requirements.lock").write_text(LOCK)
    (project / "pyproject.toml").write_text('[project]\nname = "tea_shop"\n')
    ordering = project / "workflows" / "ordering.py"
    ordering.write_text(ordering.read_text().replace("seconds=60", "seconds=1"))
    monkeypatch.setattr("stepsmith.deploy.packaging.package.install", lambda package, folder: None)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with served(LocalCloud(clock=WallClock(), is_served=True, region="eu-west-1")) as found:
        yield found


def changed(project: Path, before: str, after: str) -> None:
    """Change a task, and let it be imported anew."""
    path = project / "tasks" / "selling.py"
    path.write_text(path.read_text().replace(before, after))
    for name in [each for each in sys.modules if each.partition(".")[0] in ("tasks", "workflows")]:
        del sys.modules[name]


def test_a_project_is_deployed_run_changed_rolled_back_and_destroyed(
    url: str, project: Path, stepsmith: Call
) -> None:
    at = ("--endpoint-url", url)
    second = f"{ARN}:execution:tea-shop-ordering:second"

    deployed = stepsmith("deploy", "ordering", "--yes", *at)
    again = stepsmith("deploy", "ordering", "--yes", *at)
    started = stepsmith("start", "ordering", ORDER, "--wait", *at)
    failed = stepsmith("start", "ordering", 'order={"sku": "none"}', "--name", "second", "--wait", *at)
    listed = stepsmith("executions", "ordering", *at)
    history = stepsmith("history", second, *at)
    redriven = stepsmith("redrive", second, *at)
    stopped = stepsmith("stop", second, *at)

    assert deployed.code == 0, deployed.err
    assert f"ordering  {ARN}:stateMachine:tea-shop-ordering" in deployed.out
    assert "up to date" in again.out, again.out
    assert (started.code, json.loads(started.out)) == (0, 250), started.err
    assert (failed.code, history.code) == (1, 1)
    assert "SoldOut" in failed.err
    assert "no none left" in history.out
    assert [each.split()[2] for each in listed.out.splitlines()] == ["FAILED", "SUCCEEDED"]
    assert "second goes on" in redriven.err
    assert "second is ABORTED" in stopped.err

    changed(project, "* 250", "* 300")
    redeployed = stepsmith("deploy", "ordering", "--yes", *at)
    dearer = stepsmith("start", "ordering", ORDER, "--wait", *at)
    back = stepsmith("rollback", "ordering", "--yes", *at)
    destroyed = stepsmith("destroy", "--yes", *at)

    assert redeployed.code == 0, redeployed.err
    assert json.loads(dearer.out) == 300
    assert back.code == 0, back.err
    assert "stack tea-shop is deleted" in destroyed.err
    assert stepsmith("executions", "ordering", *at).code != 0
