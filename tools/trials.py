"""Tries mutants: which tests reach a line, and whether one of them notices that it was changed.

A mutant inside of a function is tried in a process that has collected the tests already: a fork of it gets the changed
code put in the function's place. What runs when a module is imported is tried in a fork that has loaded nothing of
tasks, workflows and tests, and imports the changed module. Both stop at the first test that fails, and the quick ones
go first.
"""

from __future__ import annotations

import ast
import gc
import json
import os
import resource
import signal
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, Final, Literal, TypeAlias

import pytest
from changed import load_changed
from mutants import Mutant

ROOT: Final = Path(__file__).resolve().parents[1]
OPTIONS: Final = ("-x", "-q", "-s", "--assert=plain", "-p", "no:cacheprovider", "--hypothesis-seed=0")
SLOWER: Final = 10
"""How many times as long as without a mutant a test may take; and so many seconds more:"""
PATIENCE: Final = 3.0
IMPORTING: Final = 60.0
"""Seconds that collecting the tests may take."""
MOST_MEMORY: Final = 6 << 30

Verdict: TypeAlias = Literal["survives", "noticed", "timed out"]
_PASSED: Final = 0
_FAILED: Final = 1
_NOT_PUT_IN: Final = 75
"""Exit codes of a trial; any other is that of a process that a mutant has ended, and so it was noticed."""


@dataclass(frozen=True)
class Reach:
    """Which tests reach which lines of the tasks, and how long each of them takes."""

    lines: dict[str, dict[int, list[str]]]
    """By file and line; no name is that of no test: the line runs when its module is imported."""
    times: dict[str, float]

    def runs_at_import(self, mutant: Mutant) -> bool:
        """Say whether importing tasks or tests runs what a mutant changes."""
        return "" in self._reaching(mutant)

    def reaches(self, mutant: Mutant) -> bool:
        """Say whether a test runs what a mutant changes."""
        return bool(self._reaching(mutant) - {""})

    def tests(self, mutant: Mutant) -> list[str]:
        """Give the tests that can notice a mutant, the quickest first; of a module, those that reach it go before all.

        So it is for what no test runs, too: the compiler reads some functions, and what runs in a process of its own
        is not seen.
        """
        if mutant.is_inside and self.reaches(mutant) and not is_compiled(mutant):
            return self._quickest(self._reaching(mutant) - {""})
        near = {test for tests in self.lines.get(mutant.path, {}).values() for test in tests} - {""}
        return [*self._quickest(near), *self._quickest(set(self.times) - near)]

    def _reaching(self, mutant: Mutant) -> set[str]:
        lines = self.lines.get(mutant.path, {})
        first, last = mutant.statement
        return {test for line in range(first, last + 1) for test in lines.get(line, [])}

    def _quickest(self, tests: set[str]) -> list[str]:
        return sorted(tests, key=lambda test: (self.times[test], test))


def is_compiled(mutant: Mutant) -> bool:
    """Say whether a mutant changes what the compiler reads when the module is imported, and seldom runs as Python."""
    return mutant.path.startswith("workflows/")


class _Watch:
    """A plug-in of pytest that writes down which test reaches which lines, how long it takes, and what fails."""

    def __init__(self, folders: Sequence[str]) -> None:
        import coverage

        self.coverage = coverage.Coverage(data_file=None, config_file=False, source=list(folders))
        self.seconds: dict[str, float] = defaultdict(float)
        self.failed: list[str] = []

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.coverage.switch_context(nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] += report.duration
        if report.failed:
            self.failed.append(report.nodeid)

    def told(self) -> dict[str, Any]:
        data = self.coverage.get_data()
        lines = {
            Path(file).relative_to(ROOT).as_posix(): data.contexts_by_lineno(file)
            for file in data.measured_files()
        }
        return {"lines": lines, "seconds": self.seconds, "failed": self.failed}


def reach(sources: Sequence[str], tests: Sequence[str]) -> Reach:
    """Run the tests of the unchanged tasks in a process of their own, and see which lines each of them reaches."""
    folders = {str((ROOT / each).parent if each.endswith(".py") else ROOT / each) for each in sources}

    def watched() -> int:
        watch = _Watch(sorted(folders))
        watch.coverage.start()
        code = int(pytest.main([*OPTIONS, *tests], plugins=[watch]))
        watch.coverage.stop()
        Path(file.name).write_text(json.dumps(watch.told()), encoding="utf-8")
        return code

    with tempfile.NamedTemporaryFile("r", suffix=".json") as file:
        code = _exit_code(os.waitpid(_forked(watched), 0)[1])
        told: dict[str, Any] = json.loads(file.read() or '{"failed": []}')
    if code != _PASSED:
        sys.exit(f"the tests fail without a mutant (exit code {code}): {', '.join(told['failed'])}")
    lines = {path: {int(line): found for line, found in each.items()} for path, each in told["lines"].items()}
    return Reach(lines, told["seconds"])


def verdicts(found: Sequence[Mutant], reached: Reach, jobs: int) -> Iterator[tuple[int, Verdict]]:
    """Try mutants side by side, and say of each, by its number, what became of it."""
    imported = [
        index
        for index, mutant in enumerate(found)
        if is_compiled(mutant) or not (mutant.is_inside and reached.reaches(mutant))
    ]
    inside = sorted({*range(len(found))} - {*imported})
    for index, code in _served(found, inside, reached, jobs):
        if code == _NOT_PUT_IN or (code == _PASSED and reached.runs_at_import(found[index])):
            imported.append(index)
        else:
            yield index, _verdict(code)

    with tempfile.TemporaryDirectory() as folder:

        def importing(index: int) -> int:
            mutant = found[index]
            load_changed(ROOT, mutant.path, ast.unparse(mutant.tree()), Path(folder, str(index)))
            return _run(reached.tests(mutant), reached.times)

        for index, code in _side_by_side(imported, importing, jobs):
            yield index, _verdict(code)


def _verdict(code: int) -> Verdict:
    if code == -signal.SIGALRM:
        return "timed out"
    return "survives" if code == _PASSED else "noticed"


def _forked(work: Callable[[], int]) -> int:
    """Begin a silent process that ends with the number that the work gives."""
    process = os.fork()
    if process == 0:
        code = 70  # whatever ends the work itself
        try:
            os.setsid()
            null = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(null, stream)
            code = work()
        finally:
            os._exit(code)
    return process


def _exit_code(status: int) -> int:
    return os.waitstatus_to_exitcode(status)


def _side_by_side(indices: Sequence[int], work: Callable[[int], int], jobs: int) -> Iterator[tuple[int, int]]:
    """Do what is to be done for each in a process of its own, and give their exit codes as they end."""
    waiting, running = list(reversed(indices)), dict[int, int]()
    while waiting or running:
        while waiting and len(running) < jobs:
            index = waiting.pop()
            running[_forked(lambda index=index: work(index))] = index
        process, status = os.wait()
        if process in running:
            with suppress(ProcessLookupError):
                os.killpg(process, signal.SIGKILL)  # what it has begun itself
            yield running.pop(process), _exit_code(status)


def in_processes(
    indices: Sequence[int], work: Callable[[int], int], jobs: int, seconds: int
) -> Iterator[tuple[int, int]]:
    """Do what is to be done for each in a silent process of its own, which may take so long; gives their exit codes."""

    def timed(index: int) -> int:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(seconds)
        return work(index)

    yield from _side_by_side(indices, timed, jobs)


class _Hurry:
    """A plug-in of pytest that ends the process at the first failure, and when a test takes too long."""

    def __init__(self, times: dict[str, float]) -> None:
        self.times = times
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, IMPORTING)
        with suppress(ValueError):
            resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, resource.RLIM_INFINITY))

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        signal.setitimer(signal.ITIMER_REAL, PATIENCE + SLOWER * self.times[nodeid])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            os._exit(_FAILED)


class _Only:
    """A plug-in of pytest that runs some tests, in this order."""

    def __init__(self, tests: Sequence[str]) -> None:
        self.tests = tests

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        found = {item.nodeid: item for item in items}
        items[:] = [found[test] for test in self.tests if test in found]


def _run(tests: Sequence[str], times: dict[str, float]) -> int:
    files = dict.fromkeys(test.partition("::")[0] for test in tests)
    return int(pytest.main([*OPTIONS, *files], plugins=[_Hurry(times), _Only(tests)]))


def _served(
    found: Sequence[Mutant], indices: Sequence[int], reached: Reach, jobs: int
) -> Iterator[tuple[int, int]]:
    """Try mutants in forks of one process that has collected the tests; gives their exit codes."""
    tests = {test for index in indices for test in reached.tests(found[index])}
    files = sorted({test.partition("::")[0] for test in tests})
    reader, writer = os.pipe()

    def serve() -> int:
        server = _Server(found, indices, reached, jobs, writer)
        return int(pytest.main([*OPTIONS, *files], plugins=[server])) if indices else 0

    process = _forked(serve)
    os.close(writer)
    with os.fdopen(reader) as told:
        for line in told:
            index, code = json.loads(line)
            yield index, code
    code = _exit_code(os.waitpid(process, 0)[1])
    if code != 0:
        sys.exit(f"the tests could not be collected, or fail in another order (exit code {code})")


class _Server:
    """A plug-in of pytest that, in the place of running the tests, tries mutants in forks of its process."""

    def __init__(
        self, found: Sequence[Mutant], indices: Sequence[int], reached: Reach, jobs: int, writer: int
    ) -> None:
        self.found, self.indices, self.reached, self.jobs, self.writer = found, indices, reached, jobs, writer

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}
        functions = functions_of({str(ROOT / self.found[index].path) for index in self.indices})
        gc.collect()
        gc.freeze()

        def trying(index: int) -> int:
            mutant = self.found[index]
            if not put_in(mutant, functions):
                return _NOT_PUT_IN
            return _run_collected([items[test] for test in self.reached.tests(mutant)], self.reached.times)

        def unchanged(_: int) -> int:
            quickest = sorted(items, key=lambda test: self.reached.times.get(test, 0.0))
            return _run_collected(
                [items[test] for test in quickest if test in self.reached.times], self.reached.times
            )

        if [code for _, code in _side_by_side([0], unchanged, 1)] != [_PASSED]:
            os._exit(_FAILED)
        for index, code in _side_by_side(self.indices, trying, self.jobs):
            os.write(self.writer, f"{json.dumps([index, code])}\n".encode())
        return True


def _run_collected(items: Sequence[pytest.Item], times: dict[str, float]) -> int:
    items[0].config.pluginmanager.register(_Hurry(times))
    for item, following in zip(items, [*items[1:], None], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
    return _PASSED


Functions: TypeAlias = "dict[tuple[str, str, int], list[FunctionType]]"
"""By file, qualified name and first line."""


def functions_of(files: set[str]) -> Functions:
    """Find the functions that were made from files, wherever they are kept."""
    found: Functions = defaultdict(list)
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and each.__code__.co_filename in files:
            found[_key(each.__code__)].append(each)
    return found


def put_in(mutant: Mutant, functions: Functions) -> bool:
    """Give the functions that a mutant changes their changed code; False where there is none or it does not fit."""
    code = compile(mutant.tree(), str(ROOT / mutant.path), "exec", dont_inherit=True)
    changed = False
    for inner in _codes(code):
        for function in functions.get(_key(inner), []):
            if function.__code__ != inner:
                try:
                    function.__code__ = inner
                except ValueError:  # it closes over more or less than before
                    return False
                changed = True
    return changed


def _codes(code: CodeType) -> Iterator[CodeType]:
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield each
            yield from _codes(each)


def _key(code: CodeType) -> tuple[str, str, int]:
    return code.co_filename, code.co_qualname, code.co_firstlineno
