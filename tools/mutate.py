"""Changes the tasks in small ways, runs the tests of their workflow, and says what the tests do not notice.

`python tools/mutate.py shopping_cart --sample 60` tries sixty of the mutants of `tasks/cart`; without `--sample` all.
Each is tried in a forked process in which everything but tasks, workflows and tests is loaded already, and which stops
at the first test that fails. Mutants that cannot be noticed stand in `tools/survivors.md`, each with its reason.

mutmut leaves functions with decorators alone, and every task has one; cosmic-ray begins a process for each mutant, and
leaves no calls out.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.abc
import importlib.util
import os
import random
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Final

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
            "tests/workflows/test_power_tuning.py",
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
class Trial:
    """A mutant that is being tried, or None in the place of one for the tasks as they are."""

    mutant: Mutant | None
    process: int
    until: float


def begin(mutant: Mutant | None, tests: Sequence[str], seconds: float) -> Trial:
    """Fork a process that runs the tests with a mutant and ends with pytest's exit code."""
    process = os.fork()
    if process == 0:
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        if mutant is not None:
            sys.meta_path.insert(0, Mutated(mutant))
        import pytest

        code = 70  # whatever ends the run itself is noticed, too
        try:
            for speed in ("not slow", "slow"):
                code = int(pytest.main(["-x", "-q", "--assert=plain", "-m", speed, *tests]))
                if code != 0:
                    break
        finally:
            os._exit(code)
    return Trial(mutant, process, time.monotonic() + seconds)


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


def survivors(
    found: Sequence[Mutant], tests: Sequence[str], seconds: float, jobs: int
) -> Iterator[tuple[Mutant, bool]]:
    """Try mutants side by side, and say of each whether it was not noticed."""
    waiting, running = list(reversed(found)), list[Trial]()
    while waiting or running:
        while waiting and len(running) < jobs:
            running.append(begin(waiting.pop(), tests, seconds))
        for trial in list(running):
            code = ended(trial)
            if code is not None and trial.mutant is not None:
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
    tests = [*tests, "-k", f"not explored or {name}"]
    begun = time.monotonic()
    trial = begin(None, tests, 3600.0)
    while (code := ended(trial)) is None:
        time.sleep(0.05)
    if code != 0:
        sys.exit(f"{name}: the tests fail without a mutant (exit code {code})")
    seconds = time.monotonic() - begun
    found = mutants_of(subject)
    chosen = found if sample is None else random.Random(seed).sample(found, min(sample, len(found)))  # noqa: S311
    say(f"{name}: {len(chosen)} of {len(found)} mutants; the tests take {seconds:.0f} s")
    known, unexplained, with_reason = explained(), list[Mutant](), 0
    for mutant, survived in survivors(chosen, tests, 10.0 + SLOWER * seconds, jobs):
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
