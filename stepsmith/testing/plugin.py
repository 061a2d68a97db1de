"""The pytest plugin: fixtures for isolated AWS, a virtual clock and runs, and coverage of definitions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

if TYPE_CHECKING:
    from stepsmith.engine import Run
    from stepsmith.integrations import ClientRegistry
    from stepsmith.service import Execution, Machine, VirtualClock
    from stepsmith.testing.definition_coverage import DefinitionCoverage
    from stepsmith.testing.runs import Runner
    from stepsmith.testing.sent import RecordedMail, RecordedMessage, Sent


@pytest.fixture
def _sent() -> Sent:
    from stepsmith.testing.sent import Sent

    return Sent()


@pytest.fixture
def aws(_sent: Sent) -> Iterator[ClientRegistry]:
    """Give AWS services that live in this process and belong to this test alone: `aws.client("s3")`."""
    from stepsmith.authoring.clients import using_clients
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
        if getattr(config.option, "numprocesses", None) or hasattr(config, "workerinput"):
            raise pytest.UsageError("--asl-coverage counts in one process; run without -n")
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
    from stepsmith.service.execution import StatePath

    if not isinstance(left, StatePath) and not isinstance(right, StatePath):
        return None
    from stepsmith.testing.path_difference import path_difference

    paths = [
        [str(name) for name in path] for path in (cast("list[object]", left), cast("list[object]", right))
    ]
    entered, expected = paths if isinstance(left, StatePath) else reversed(paths)
    return path_difference(entered, expected, brief=config.get_verbosity("assertions") < 2)


class CoverageOfDefinitions:
    """Takes in every execution of the session and reports at its end."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._covered: list[DefinitionCoverage] = []

    def pytest_sessionstart(self) -> None:
        """Listen to executions, and to those that they start."""
        from stepsmith.service.machine import listeners
        from stepsmith.service.nested import child_listeners

        listeners.append(self._take)
        child_listeners.append(self._take_child)

    def _take(self, machine: Machine, execution: Execution[Any]) -> None:
        if machine.name != "machine":
            self._of(machine).add(execution.history)

    def _take_child(self, machine: Machine, run: Run) -> None:
        from stepsmith.service.execution import Events

        if machine.name != "machine":
            self._of(machine).add(Events(run.history))

    def _of(self, machine: Machine) -> DefinitionCoverage:
        """Give the coverage of a definition; another definition under a name that is taken is numbered."""
        from stepsmith.testing.definition_coverage import DefinitionCoverage

        alike = [each for each in self._covered if each.name.partition(" ")[0] == machine.name]
        for each in alike:
            if each.machine is machine.definition or each.machine == machine.definition:
                return each
        name = f"{machine.name} ({len(alike) + 1})" if alike else machine.name
        self._covered.append(DefinitionCoverage(name, machine.definition))
        return self._covered[-1]

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Stop listening, and fail the session where too little was covered."""
        from stepsmith.service.machine import listeners
        from stepsmith.service.nested import child_listeners

        listeners.remove(self._take)
        child_listeners.remove(self._take_child)
        if self._too_little():
            session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED

    def _too_little(self) -> str:
        """Say what was covered too little for `--asl-coverage-fail-under`; nothing where all is well."""
        least = self._config.option.asl_coverage_fail_under
        if least is None:
            return ""
        if not self._covered:
            return "no definition was covered"
        below = [each.name for each in self._covered if each.percent < least]
        return f"less than {least:g} % is covered of {', '.join(sorted(below))}" if below else ""

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the report, and write the page."""
        from stepsmith.testing.coverage_report import coverage_text, write_coverage_page

        terminalreporter.section("coverage of definitions")
        for line in coverage_text(self._covered) or ("no execution of a named machine was seen",):
            terminalreporter.write_line(line)
        folder = self._config.option.asl_coverage_html
        if folder:
            terminalreporter.write_line(f"page: {write_coverage_page(self._covered, Path(folder))}")
        if problem := self._too_little():
            terminalreporter.write_line(f"failed: {problem}", red=True)
