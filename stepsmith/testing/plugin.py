"""The pytest plugin: fixtures for isolated AWS, a virtual clock and runs, and coverage of definitions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import pytest

if TYPE_CHECKING:
    from stepsmith.cloud.local import LocalCloud
    from stepsmith.integrations import ClientRegistry
    from stepsmith.service import VirtualClock
    from stepsmith.testing.runs import Runner
    from stepsmith.testing.sent import RecordedMail, RecordedMessage, Sent


@pytest.fixture
def _sent() -> Sent:
    from stepsmith.testing.sent import Sent

    return Sent()


@pytest.fixture
def aws(_sent: Sent) -> Iterator[ClientRegistry]:
    """Give AWS services that live in this process and belong to this test alone: `aws.client("s3")`."""
    from stepsmith.authoring.calls.clients import using_clients
    from stepsmith.integrations import ClientRegistry

    registry = ClientRegistry.local()
    _sent.listen(registry)
    with using_clients(registry):
        yield registry


@pytest.fixture
def clock() -> VirtualClock:
    """Give the virtual clock that the test's runs follow."""
    from stepsmith.service import VirtualClock

    return VirtualClock()


@pytest.fixture
def run(aws: ClientRegistry, clock: VirtualClock) -> Runner:
    """Give what runs workflows: `run(workflow, ..., fail={task: error}, delay={...}, returns={...}, answers={...})`."""
    from stepsmith.testing.runs import Runner

    return Runner(aws, clock)


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    """Give a cloud of this test alone, in virtual time: `cloud.deploy([workflow])`, `cloud.advance(timedelta(days=1))`.

    Clients of tasks that the test calls by itself are the cloud's, too.
    """
    from stepsmith.authoring.calls.clients import using_clients
    from stepsmith.cloud.local import LocalCloud

    with LocalCloud() as cloud, using_clients(cloud.registry(cloud.caller)):
        yield cloud


@pytest.fixture
def mails(aws: ClientRegistry, _sent: Sent) -> list[RecordedMail]:
    """Give the list of mails that SES takes in this test."""
    return _sent.mails


@pytest.fixture
def messages(aws: ClientRegistry, _sent: Sent) -> list[RecordedMessage]:
    """Give the list of messages that SNS and SQS take in this test."""
    return _sent.messages


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the coverage of definitions."""
    group = parser.getgroup("stepsmith", "state machines")
    group.addoption(
        "--asl-coverage",
        action="store_true",
        help="report which states, transitions, catchers and retriers ran",
    )
    group.addoption("--asl-coverage-html", metavar="DIR", help="write the report as a page with graphs")
    group.addoption(
        "--asl-coverage-fail-under",
        type=float,
        metavar="PERCENT",
        help="fail when a definition is covered less",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Begin to watch executions where coverage is asked for."""
    options = (
        config.option.asl_coverage,
        config.option.asl_coverage_html,
        config.option.asl_coverage_fail_under,
    )
    if any(option not in (None, False) for option in options):
        from stepsmith.testing.coverage_session import CoverageOfDefinitions

        config.pluginmanager.register(CoverageOfDefinitions(config), "stepsmith-asl-coverage")


def pytest_pycollect_makeitem(name: str, obj: object) -> list[pytest.Item] | None:
    """Keep pytest from taking an imported `stepsmith.testing.test_state` for a test."""
    if name == "test_state" and getattr(obj, "__module__", "").startswith("stepsmith."):
        return []
    return None


def pytest_assertrepr_compare(
    config: pytest.Config, op: str, left: object, right: object
) -> list[str] | None:
    """Show where two paths through states part."""
    if op != "==" or not isinstance(left, list) or not isinstance(right, list):
        return None
    from stepsmith.service.executions.of_run import StatePath

    if not isinstance(left, StatePath) and not isinstance(right, StatePath):
        return None
    from stepsmith.testing.path_difference import path_difference

    paths = [
        [str(name) for name in path] for path in (cast("list[object]", left), cast("list[object]", right))
    ]
    entered, expected = paths if isinstance(left, StatePath) else reversed(paths)
    return path_difference(entered, expected, brief=config.get_verbosity("assertions") < 2)
