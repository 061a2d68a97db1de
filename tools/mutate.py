"""Changes tasks and workflows in small ways, runs the tests of each, and says what the tests do not notice.

`python tools/mutate.py cart --sample 60` tries sixty of the mutants of `tasks/cart`; without `--sample` all, in some
minutes. `store` and `durable`, which journals rest on, are tried where they are named. What became of each is kept in
`.mutation`: with `--resume`, what was noticed is not tried again. A mutant that makes a test take ten times as long
counts as noticed. Mutants that cannot be noticed stand in `tools/survivors.md`, each with its reason. Which kinds there
are, and which are left out and why, is written in `mutants.py`; how they are tried, in `trials.py`.

mutmut leaves functions with decorators alone, and every task has one; cosmic-ray begins a process for each mutant, and
leaves no calls out.
"""

from __future__ import annotations

import argparse
import importlib
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from mutants import Mutant, mutants
from trials import ROOT, Reach, reach, verdicts

SURVIVORS: Final = ROOT / "tools" / "survivors.md"
KEPT: Final = ROOT / ".mutation"
WARM: Final = (
    "hypothesis",
    "pydantic",
    "boto3",
    "moto",
    "moto.dynamodb.models",
    "moto.s3.models",
    "PIL.Image",
    "stepsmith.service",
    "stepsmith.cloud.local",
    "stepsmith.testing.runs",
)
"""What is imported before the first fork: all but tasks, workflows and tests."""
PROGRESS: Final = 10.0
"""Seconds between two lines of progress."""


@dataclass(frozen=True)
class Subject:
    """Some tasks, and the tests that should notice what happens to them."""

    sources: tuple[str, ...]
    tests: tuple[str, ...]
    chosen: str
    """Which of these tests belong to them, as pytest's -k takes it."""


def _subject(
    sources: str, tests: str, explored: str, *, folder: str = "tasks", chosen: str | None = None
) -> Subject:
    return Subject(
        tuple(f"{folder}/{each}" for each in sources.split()),
        tuple(
            f"tests/{each}"
            for each in [*tests.split(), "workflows/test_definitions.py", "workflows/test_explored.py"]
        ),
        # that a definition is the committed one says nothing of what it does
        f"({chosen or 'not explored'} or {explored}) and not is_what_its_workflow_compiles_to",
    )


EVERY_WORKFLOW: Final = (
    "test_every_fault.py test_every_redelivery.py test_as_plain_python.py test_inputs.py test_personal_fields.py"
    " test_end_to_end.py"
)
"""Tests of each workflow, which has its name in their parameters."""


def _workflow(name: str, tests: str) -> Subject:
    own = [f"{name}.py", f"{name}_ended.py"]
    found = [each for each in own if (ROOT / "workflows" / each).exists()]
    files = " ".join(f"workflows/{each}" for each in dict.fromkeys(f"{tests} {EVERY_WORKFLOW}".split()))
    named = [name, "compensation_that_fails", *(each.removesuffix(".py") for each in tests.split())]
    return _subject(" ".join(found), files, name, folder="workflows", chosen=f"({' or '.join(named)})")


TASKS: Final = {
    "cart": _subject(
        "cart",
        "tasks/cart workflows/test_shopping_cart.py workflows/test_shopping_cart_ended.py workflows/test_money.py",
        "shopping_cart",
    ),
    "onboarding": _subject(
        "onboarding",
        "tasks/onboarding workflows/test_customer_onboarding.py workflows/test_endings.py",
        "customer_onboarding",
    ),
    "vending": _subject(
        "vending.py",
        "tasks/test_vending.py workflows/test_delayed_vending.py workflows/test_endings.py",
        "delayed_vending",
    ),
    "vending_pass": _subject(
        "vending_pass",
        "tasks/vending_pass workflows/test_vending_pass.py workflows/test_endings.py",
        "vending_pass",
    ),
    "image_recognition": _subject(
        "image_recognition",
        "tasks/image_recognition workflows/test_image_recognition.py workflows/test_image_recognition_ended.py",
        "image_recognition",
    ),
    "pictures": _subject(
        "pictures",
        "tasks/pictures tasks/image_recognition workflows/test_image_recognition.py",
        "image_recognition",
    ),
    "power_tuning": _subject(
        "power_tuning",
        "tasks/power_tuning tasks/test_power_tuning_vectors.py workflows/test_power_tuning.py"
        " workflows/test_power_tuning_limits.py workflows/test_power_tuning_reference.py",
        "power_tuning",
    ),
    "shared": _subject(
        "endings.py errors.py retries.py aws_faults.py",
        "tasks/test_endings.py tasks/test_aws_faults.py tasks/cart tasks/onboarding tasks/vending_pass"
        " workflows/test_endings.py",
        "shopping_cart",
    ),
    "workflows/shopping_cart": _workflow(
        "shopping_cart",
        "test_shopping_cart.py test_shopping_cart_ended.py test_money.py test_endings.py test_every_redelivery.py",
    ),
    "workflows/customer_onboarding": _workflow(
        "customer_onboarding", "test_customer_onboarding.py test_endings.py"
    ),
    "workflows/delayed_vending": _workflow("delayed_vending", "test_delayed_vending.py test_endings.py"),
    "workflows/vending_pass": _workflow("vending_pass", "test_vending_pass.py test_endings.py"),
    "workflows/image_recognition": _workflow(
        "image_recognition",
        "test_image_recognition.py test_image_recognition_ended.py test_image_recognition_as_plain_python.py",
    ),
    "workflows/power_tuning": _workflow(
        "power_tuning",
        "test_power_tuning.py test_power_tuning_limits.py test_power_tuning_beside_reference.py"
        " test_power_tuning_on_the_command_line.py",
    ),
}


def _room(name: str, tests: str) -> Subject:
    """Give a room of the package, with its own tests and with more."""
    path = f"stepsmith/{name}"
    return Subject((path,), (f"tests/{path}", *(f"tests/stepsmith/{each}" for each in tests.split())), "test")


ROOMS: Final = {
    "store": _room(
        "store",
        "service/durable/test_crashes.py service/durable/test_model.py service/durable/test_journal.py",
    ),
    "durable": _room("service/durable", "service/journals cli/test_journal.py"),
}
SUBJECTS: Final = {**TASKS, **ROOMS}


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def mutants_of(subject: Subject) -> list[Mutant]:
    """Give all mutants of some tasks."""
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


def explained(text: str) -> dict[str, str]:
    """Read the mutants that are known to survive, with the reason of each."""
    lines = [line.removeprefix("* ").partition(" -- ") for line in text.splitlines() if line.startswith("* ")]
    return {name: reason for name, _, reason in lines}


def named(found: Sequence[Mutant]) -> Iterator[str]:
    """Name each mutant, also those that look alike, so that a list of them can be gone on with."""
    seen: Counter[str] = Counter()
    for mutant in found:
        seen[mutant.name] += 1
        yield f"{mutant.name} #{seen[mutant.name]}"


@dataclass
class Count:
    """What became of the mutants of some tasks."""

    tried: int = 0
    timed_out: int = 0
    explained: int = 0
    unexplained: int = 0

    def share(self) -> float:
        """Give the percentage that survives without a reason."""
        return 100 * self.unexplained / max(1, self.tried)


def tried(name: str, chosen: argparse.Namespace) -> Count:
    """Try mutants of some tasks, and say which survive without a reason."""
    subject = SUBJECTS[name]
    begun, before = time.monotonic(), _written()
    every = mutants_of(subject)
    sample = min(len(every), chosen.sample or len(every))
    drawn = sorted(random.Random(chosen.seed).sample(range(len(every)), sample))  # noqa: S311 - no secret
    names = list(named(every))
    kept = KEPT / f"{name.replace('/', '-')}.txt"
    noticed = set(kept.read_text(encoding="utf-8").splitlines()) if chosen.resume and kept.exists() else set()
    left = [index for index in drawn if names[index] not in noticed]
    reached = reach(subject.sources, [*subject.tests, "-k", subject.chosen])
    say(
        f"{name}: {len(left)} of {len(every)} mutants, {len(reached.times)} tests "
        f"({sum(reached.times.values()):.0f} s); seed {chosen.seed}"
    )
    count = Count(tried=sample)
    KEPT.mkdir(exist_ok=True)
    with kept.open("a" if chosen.resume else "w", encoding="utf-8") as file:
        _try(
            [every[index] for index in left],
            [names[index] for index in left],
            reached,
            chosen.jobs,
            count,
            file,
        )
    if _written() != before:
        say(f"{name}: files changed while mutants were tried, so that some may seem to be noticed; try again")
    say(
        f"{name}: {sample} mutants, {count.unexplained} survive ({count.share():.1f} %), {count.explained} with a "
        f"reason, {count.timed_out} noticed by the time they take; {time.monotonic() - begun:.0f} s"
    )
    return count


def _written() -> dict[Path, int]:
    """Say when each file was written that a trial may load."""
    folders = ("stepsmith", "tasks", "workflows", "tests")
    return {path: path.stat().st_mtime_ns for folder in folders for path in (ROOT / folder).rglob("*.py")}


def _try(
    found: Sequence[Mutant], names: Sequence[str], reached: Reach, jobs: int, count: Count, file: TextIO
) -> None:
    known = explained(SURVIVORS.read_text(encoding="utf-8"))
    shown = time.monotonic()
    for number, (index, verdict) in enumerate(verdicts(found, reached, jobs), 1):
        mutant = found[index]
        if verdict != "survives":
            count.timed_out += verdict == "timed out"
            file.write(f"{names[index]}\n")
            file.flush()
        elif mutant.name in known or names[index] in known:
            count.explained += 1
        else:
            count.unexplained += 1
            unreached = " (no test runs it)" if mutant.is_inside and not reached.reaches(mutant) else ""
            say(f"  survives{unreached}: line {mutant.line} of {mutant.name}")
        if time.monotonic() - shown > PROGRESS:
            shown = time.monotonic()
            say(f"  {number} of {len(found)}")


def main() -> int:
    """Try mutants of some tasks; 1 where more than the allowed share survives without a reason."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("tasks", nargs="*", default=list(TASKS), help=f"of {', '.join(SUBJECTS)}")
    parser.add_argument("--sample", type=int, help="how many of each, drawn; all without it")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--resume", action="store_true", help="take what was noticed before as noticed")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--allowed", type=float, default=5.0, help="percent that may survive; 5 by default")
    chosen = parser.parse_args()
    for unknown in [each for each in chosen.tasks if each not in SUBJECTS]:
        parser.error(f"no tasks {unknown!r}; they are {', '.join(SUBJECTS)}")
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    in_rooms = not ROOMS.keys().isdisjoint(chosen.tasks)
    for module in WARM:
        if not (in_rooms and module.startswith("stepsmith")):  # what is changed is not loaded before it is
            importlib.import_module(module)
    counts = [tried(name, chosen) for name in chosen.tasks]
    return int(any(count.share() > chosen.allowed for count in counts))


if __name__ == "__main__":
    sys.exit(main())
