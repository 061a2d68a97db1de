"""Changes the tasks in small ways, runs the tests of their workflow, and says what the tests do not notice.

`python tools/mutate.py shopping_cart --sample 60` tries sixty of the mutants of `tasks/cart`; without `--sample` all.
Which tests reach which lines is found out once; a mutant is tried with those that reach its line, the quickest first,
and what runs when its module is imported with those that reach the module. Each is tried in a forked process in which
everything but tasks, workflows and tests is loaded already, and which stops at the first test that fails. Mutants that
cannot be noticed stand in `tools/survivors.md`, each with its reason.

mutmut leaves functions with decorators alone, and every task has one; cosmic-ray begins a process for each mutant, and
leaves no calls out.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.abc
import importlib.util
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from mutants import Mutant, mutants

ROOT: Final = Path(__file__).resolve().parents[1]
SURVIVORS: Final = ROOT / "tools" / "survivors.md"
WARM: Final = (
    "pytest",
    "hypothesis",
    "pydantic",
    "boto3",
    "moto",
    "PIL.Image",
    "stepsmith.service",
    "stepsmith.testing.runs",
)
"""What is imported before the first fork."""
SLOWER: Final = 10
"""How many times as long as the tests of the unchanged tasks a mutant may take."""


@dataclass(frozen=True)
class Subject:
    """The tasks of a workflow, and the tests that should notice what happens to them."""

    sources: tuple[str, ...]
    tests: tuple[str, ...]
    """Arguments of pytest, the quick ones first."""


SUBJECTS: Final = {
    "shopping_cart": Subject(
        ("tasks/cart",),
        ("tests/tasks/cart", "tests/workflows/test_shopping_cart.py", "tests/workflows/test_explored.py"),
    ),
    "customer_onboarding": Subject(
        ("tasks/onboarding",),
        (
            "tests/tasks/onboarding",
            "tests/workflows/test_customer_onboarding.py",
            "tests/workflows/test_explored.py",
        ),
    ),
    "vending": Subject(
        ("tasks/vending.py", "tasks/vending_pass"),
        (
            "tests/tasks/test_vending.py",
            "tests/tasks/vending_pass",
            "tests/workflows/test_delayed_vending.py",
            "tests/workflows/test_vending_pass.py",
            "tests/workflows/test_explored.py",
        ),
    ),
    "image_recognition": Subject(
        ("tasks/image_recognition",),
        (
            "tests/tasks/image_recognition",
            "tests/workflows/test_image_recognition.py",
            "tests/workflows/test_image_recognition_ended.py",
            "tests/workflows/test_explored.py",
        ),
    ),
    "power_tuning": Subject(
        ("tasks/power_tuning",),
        (
            "tests/tasks/power_tuning",
            "tests/tasks/test_power_tuning_vectors.py",
            "tests/workflows/test_power_tuning.py",
            "tests/workflows/test_power_tuning_limits.py",
            "tests/workflows/test_power_tuning_reference.py",
            "tests/workflows/test_explored.py",
        ),
    ),
}


class Mutated(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from a changed tree."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant
        self.module = module_name(mutant.path)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find the changed module; every other is found as usual."""
        if fullname != self.module:
            return None
        origin = str(ROOT / self.mutant.path)
        return importlib.util.spec_from_file_location(
            fullname, origin, loader=self, submodule_search_locations=self._packages()
        )

    def _packages(self) -> list[str] | None:
        path = ROOT / self.mutant.path
        return [str(path.parent)] if path.name == "__init__.py" else None

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave making the module to Python."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed module."""
        exec(compile(self.mutant.tree, str(ROOT / self.mutant.path), "exec"), vars(module))  # noqa: S102 - our own code


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def module_name(path: str) -> str:
    """Give the dotted name of a module in this repository."""
    return path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


@dataclass(frozen=True)
class Reach:
    """Which tests reach which lines of the tasks, and how long each and all of them take."""

    lines: dict[str, dict[int, list[str]]]
    """By file and line; no name is that of no test: the line runs when its module is imported."""
    times: dict[str, float]
    seconds: float

    def of(self, mutant: Mutant) -> list[str]:
        """Give the tests that can notice a mutant."""
        lines = self.lines.get(mutant.path, {})
        first, last = mutant.statement
        found = {test for line in range(first, last + 1) for test in lines.get(line, [])}
        if "" in found:
            found = {test for tests in lines.values() for test in tests}
        return sorted(found - {""}, key=lambda test: (self.times[test], test))


class Watch:
    """A plug-in of pytest that writes down which test reaches which lines, and how long it takes."""

    def __init__(self, folders: Sequence[str]) -> None:
        import coverage

        self.coverage = coverage.Coverage(data_file=None, config_file=False, source=list(folders))
        self.seconds: dict[str, float] = defaultdict(float)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Note who is to be thanked for the next lines."""
        self.coverage.switch_context(nodeid)

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Add up what a test takes, with what it needs."""
        self.seconds[report.nodeid] += report.duration

    def found(self) -> dict[str, dict[int, list[str]]]:
        """Give the tests that reach each line of each file."""
        data = self.coverage.get_data()
        return {
            Path(file).relative_to(ROOT).as_posix(): data.contexts_by_lineno(file)
            for file in data.measured_files()
        }


def reach(subject: Subject, tests: Sequence[str]) -> Reach:
    """Run the tests of the unchanged tasks in a process of their own, and see which lines each of them reaches."""
    begun = time.monotonic()
    with tempfile.NamedTemporaryFile("r", suffix=".json") as file:
        process = os.fork()
        if process == 0:
            code = 70
            _be_silent()
            try:
                code = _watched(subject, tests, file.name)
            finally:
                os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        if code != 0:
            sys.exit(f"the tests fail without a mutant (exit code {code})")
        told = json.load(file)
    lines = {path: {int(line): found for line, found in each.items()} for path, each in told["lines"].items()}
    return Reach(lines, told["seconds"], time.monotonic() - begun)


def _watched(subject: Subject, tests: Sequence[str], file: str) -> int:
    import pytest

    folders = {str((ROOT / each).parent if each.endswith(".py") else ROOT / each) for each in subject.sources}
    watch = Watch(sorted(folders))
    watch.coverage.start()
    code = int(pytest.main(["-x", "-q", "--assert=plain", "-p", "no:cacheprovider", *tests], plugins=[watch]))
    watch.coverage.stop()
    told = {"lines": watch.found(), "seconds": watch.seconds}
    Path(file).write_text(json.dumps(told), encoding="utf-8")
    return code


@dataclass(frozen=True)
class Trial:
    """A mutant that is being tried."""

    mutant: Mutant
    process: int
    until: float


def begin(mutant: Mutant, tests: Sequence[str], seconds: float) -> Trial:
    """Fork a process that runs the tests with a mutant and ends with pytest's exit code."""
    process = os.fork()
    if process == 0:
        os.setsid()
        _be_silent()
        sys.meta_path.insert(0, Mutated(mutant))
        import pytest

        code = 70  # whatever ends the run itself is noticed, too
        try:
            code = int(pytest.main(["-x", "-q", "--assert=plain", "-p", "no:cacheprovider", *tests]))
        finally:
            os._exit(code)
    return Trial(mutant, process, time.monotonic() + seconds)


def _be_silent() -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)


def ended(trial: Trial) -> int | None:
    """Give the exit code of a trial, 124 where its time is over, None while it runs."""
    process, status = os.waitpid(trial.process, os.WNOHANG)
    if process:
        return os.waitstatus_to_exitcode(status)
    if time.monotonic() < trial.until:
        return None
    os.killpg(trial.process, signal.SIGKILL)
    os.waitpid(trial.process, 0)
    return 124


def survivors(found: Sequence[Mutant], reached: Reach, jobs: int) -> Iterator[tuple[Mutant, bool]]:
    """Try mutants side by side, and say of each whether it was not noticed."""
    waiting, running = list(reversed(found)), list[Trial]()
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant = waiting.pop()
            tests = reached.of(mutant)
            if tests:
                running.append(begin(mutant, tests, 10.0 + SLOWER * reached.seconds))
            else:
                yield mutant, True
        for trial in list(running):
            code = ended(trial)
            if code is not None:
                running.remove(trial)
                yield trial.mutant, code == 0
        time.sleep(0.02)


def mutants_of(subject: Subject) -> list[Mutant]:
    """Give all mutants of a workflow's tasks."""
    paths = [
        path
        for source in subject.sources
        for path in ([ROOT / source] if source.endswith(".py") else sorted((ROOT / source).rglob("*.py")))
    ]
    return [
        mutant
        for path in paths
        for mutant in mutants(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
    ]


def explained() -> dict[str, str]:
    """Read the mutants that are known to survive, with the reason of each."""
    lines = SURVIVORS.read_text(encoding="utf-8").splitlines() if SURVIVORS.exists() else []
    entries = [line.removeprefix("* ").partition(" -- ") for line in lines if line.startswith("* ")]
    return {name: reason for name, _, reason in entries}


def tried(name: str, sample: int | None, seed: int, jobs: int) -> tuple[int, list[Mutant], int]:
    """Try a workflow's mutants; gives how many, those that nobody noticed and nobody explains, and the explained."""
    subject = SUBJECTS[name]
    tests = [str(ROOT / each) for each in subject.tests]
    reached = reach(subject, [*tests, "-k", f"not explored or {name}"])
    found = mutants_of(subject)
    chosen = found if sample is None else random.Random(seed).sample(found, min(sample, len(found)))  # noqa: S311
    say(f"{name}: {len(chosen)} of {len(found)} mutants; the tests take {reached.seconds:.0f} s")
    known, unexplained, with_reason = explained(), list[Mutant](), 0
    for mutant, survived in survivors(chosen, reached, jobs):
        if survived and mutant.name in known:
            with_reason += 1
        elif survived:
            unexplained.append(mutant)
            say(f"  survives: line {mutant.line} of {mutant.name}")
    return len(chosen), unexplained, with_reason


def main() -> int:
    """Try the mutants of some workflows; 1 where more than the allowed share survives without a reason."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("workflow", nargs="*", default=list(SUBJECTS), help=f"of {', '.join(SUBJECTS)}")
    parser.add_argument("--sample", type=int, help="how many of each workflow, drawn; all without it")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--allowed", type=float, default=5.0, help="percent that may survive; 5 by default")
    chosen = parser.parse_args()
    for unknown in [each for each in chosen.workflow if each not in SUBJECTS]:
        parser.error(f"no workflow {unknown!r}; they are {', '.join(SUBJECTS)}")
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    for module in WARM:
        importlib.import_module(module)
    bad = False
    for name in chosen.workflow:
        number, unexplained, with_reason = tried(name, chosen.sample, chosen.seed, chosen.jobs)
        share = 100 * len(unexplained) / max(1, number)
        bad = bad or share > chosen.allowed
        say(
            f"{name}: {number} mutants, {len(unexplained)} survive ({share:.1f} %), {with_reason} with a reason",
        )
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
