"""The pytest plugin: fixtures for isolated AWS, a virtual clock and runs, and coverage of definitions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from stepsmith.integrations import ClientRegistry
    from stepsmith.service import Execution, Machine, VirtualClock
    from stepsmith.testing.definition_coverage import DefinitionCoverage
    from stepsmith.testing.recorded_mail import RecordedMail
    from stepsmith.testing.runs import Runner


@pytest.fixture
def aws() -> Iterator[ClientRegistry]:
    """Give AWS services that live in this process and belong to this test alone: `aws.client("s3")`."""
    from stepsmith.authoring.clients import using_clients
    from stepsmith.integrations import ClientRegistry

    registry = ClientRegistry.local()
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
def mails(aws: ClientRegistry) -> list[RecordedMail]:
    """Give the list of mails that are sent through `ses` in this test; ask for it before anything is sent."""
    from stepsmith.testing.recorded_mail import RecordingSes

    sent: list[RecordedMail] = []
    aws.wrap("ses", lambda client: RecordingSes(client, sent))
    return sent


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
        config.pluginmanager.register(CoverageOfDefinitions(config), "stepsmith-asl-coverage")


def pytest_pycollect_makeitem(name: str, obj: object) -> list[pytest.Item] | None:
    """Keep pytest from taking an imported `stepsmith.testing.test_state` for a test."""
    if name == "test_state" and getattr(obj, "__module__", "").startswith("stepsmith."):
        return []
    return None


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Show two paths through states side by side, with the first difference."""
    if op != "==" or not isinstance(left, list) or not isinstance(right, list):
        return None
    from stepsmith.service.execution import StatePath

    if not isinstance(left, StatePath) and not isinstance(right, StatePath):
        return None
    from stepsmith.testing.path_difference import path_difference

    return path_difference([str(name) for name in left], [str(name) for name in right])  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  # lists of anything


class CoverageOfDefinitions:
    """Takes in every execution of the session and reports at its end."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._covered: dict[str, DefinitionCoverage] = {}

    def pytest_sessionstart(self) -> None:
        """Listen to executions."""
        from stepsmith.service.machine import listeners

        listeners.append(self._take)

    def _take(self, machine: Machine, execution: Execution[Any]) -> None:
        from stepsmith.testing.definition_coverage import DefinitionCoverage

        if machine.name == "machine":
            return
        covered = self._covered.setdefault(machine.name, DefinitionCoverage(machine.name, machine.definition))
        if covered.machine == machine.definition:
            covered.add(execution.history)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Stop listening, write the page, and fail the session where too little was covered."""
        from stepsmith.service.machine import listeners

        listeners.remove(self._take)
        least = self._config.option.asl_coverage_fail_under
        if least is not None and any(each.percent < least for each in self._covered.values()):
            session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the report."""
        from stepsmith.testing.coverage_report import coverage_text, write_coverage_page

        covered = list(self._covered.values())
        terminalreporter.section("coverage of definitions")
        for line in coverage_text(covered) if covered else ("no execution of a named machine was seen",):
            terminalreporter.write_line(line)
        folder = self._config.option.asl_coverage_html
        if folder:
            terminalreporter.write_line(f"page: {write_coverage_page(covered, Path(folder))}")
