"""The coverage of definitions in a session of pytest, be it run by one process or, with pytest-xdist, by several."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import pytest

if TYPE_CHECKING:
    from stepsmith.asl.model import StateMachine
    from stepsmith.engine import Run
    from stepsmith.service import Execution, Machine
    from stepsmith.service.executions.started import Startable
    from stepsmith.testing.definition_coverage import DefinitionCoverage

_OUTPUT: Final = "stepsmith-asl-coverage"
"""Under which name a worker of pytest-xdist hands over what it has counted."""
_UNNAMED: Final = "machine"
"""What a machine is called that was given no name; such ones are not counted."""

Counts: TypeAlias = list[tuple[str, str, list[tuple[str, str, str]]]]
"""Name, definition, and state, kind and label of what was seen: data that one process can hand to another."""


@dataclass(slots=True)
class CoveredDefinitions:
    """The definitions whose executions were seen; those that share a name are numbered."""

    found: dict[str, list[DefinitionCoverage]] = field(default_factory=dict[str, "list[DefinitionCoverage]"])

    def __iter__(self) -> Iterator[DefinitionCoverage]:
        return (each for alike in self.found.values() for each in alike)

    def of(self, name: str, definition: StateMachine) -> DefinitionCoverage:
        """Give the coverage of a definition."""
        from stepsmith.testing.definition_coverage import DefinitionCoverage

        alike = self.found.setdefault(name, [])
        for each in alike:
            if each.machine is definition or each.machine == definition:
                return each
        alike.append(DefinitionCoverage(f"{name} ({len(alike) + 1})" if alike else name, definition))
        return alike[-1]

    def counts(self) -> Counts:
        """Give all of it as data."""
        return [
            (name, each.machine.to_json(), [(one.state, one.kind, one.label) for one in sorted(each.seen)])
            for name, alike in self.found.items()
            for each in alike
        ]

    def merge(self, counts: Sequence[Any]) -> None:
        """Take in what another process has counted."""
        from stepsmith.asl import parse
        from stepsmith.testing.definition_coverage import Element

        for name, definition, seen in counts:
            self.of(name, parse(definition)).seen.update(Element(*each) for each in seen)


class CoverageOfDefinitions:
    """Takes in every execution of the session and reports at its end."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._covered = CoveredDefinitions()
        self._lost = 0
        """How many workers ended without handing over what they had counted."""

    def pytest_sessionstart(self) -> None:
        """Listen to executions, and to those that they start."""
        from stepsmith.service.executions.started import child_listeners
        from stepsmith.service.machines.machine import listeners

        listeners.append(self._take)
        child_listeners.append(self._take_child)

    def _take(self, machine: Machine, execution: Execution[Any]) -> None:
        if machine.name != _UNNAMED:
            self._covered.of(machine.name, machine.definition).add(execution.history)

    def _take_child(self, machine: Startable, run: Run) -> None:
        from stepsmith.service.executions.history import Events

        if machine.name != _UNNAMED:
            self._covered.of(machine.name, machine.definition).add(Events(run.history))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Stop listening, hand over what a worker has counted, and fail the session where that is too little."""
        from stepsmith.service.executions.started import child_listeners
        from stepsmith.service.machines.machine import listeners

        listeners.remove(self._take)
        child_listeners.remove(self._take_child)
        handed_over: dict[str, object] | None = getattr(self._config, "workeroutput", None)
        if handed_over is not None:
            handed_over[_OUTPUT] = self._covered.counts()
        elif self._too_little():
            session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object) -> None:
        """Take in what a worker of pytest-xdist has counted."""
        output: Mapping[str, Any] = getattr(node, "workeroutput", {})
        if _OUTPUT in output:
            self._covered.merge(output[_OUTPUT])
        else:
            self._lost += 1

    def _too_little(self) -> str:
        """Say what was covered too little for `--asl-coverage-fail-under`; nothing where all is well."""
        least = self._config.option.asl_coverage_fail_under
        if least is None:
            return ""
        if not list(self._covered):
            return "no definition was covered"
        below = [each.name for each in self._covered if each.percent < least]
        return f"less than {least:g} % is covered of {', '.join(sorted(below))}" if below else ""

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the report, and write the page."""
        from stepsmith.testing.coverage_report import coverage_text, write_coverage_page

        covered = list(self._covered)
        terminalreporter.section("coverage of definitions")
        for line in coverage_text(covered) or ("no execution of a named machine was seen",):
            terminalreporter.write_line(line)
        if self._lost:
            terminalreporter.write_line(f"{self._lost} workers crashed; what they ran is not counted")
        folder = self._config.option.asl_coverage_html
        if folder:
            terminalreporter.write_line(f"page: {write_coverage_page(covered, Path(folder))}")
        if problem := self._too_little():
            terminalreporter.write_line(f"failed: {problem}", red=True)
