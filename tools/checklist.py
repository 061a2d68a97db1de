"""Breaks what each item of the specification's checklists asks for, and says whether the item's tests notice.

`python tools/checklist.py SC-02 W-05` tries the mutations of two items, without names those of all. They stand in
`tools/checklist/`, a file for each system: what the item says, its tests, and small mistakes that an opponent would
try, as the text that is changed and what stands in its place. A mistake must be noticed by a test of the item itself:
that a generated definition is not the committed one does not count.
"""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from changed import load_changed
from mutate import WARM, say
from trials import OPTIONS, ROOT, in_processes

ITEMS: Final = ROOT / "tools" / "checklist"
NO_COMPARISON: Final = "not is_what_its_workflow_compiles_to"
OVER_ALL: Final = "every_fault or explored or inputs or personal_fields or end_to_end"
"""Tests over all workflows; those of one have its name in their parameters."""
WORKFLOWS: Final = {
    "tasks/cart/": "shopping_cart",
    "tasks/onboarding/": "customer_onboarding",
    "tasks/vending.py": "vending",
    "tasks/vending_pass/": "vending_pass",
    "tasks/image_recognition/": "image_recognition",
    "tasks/pictures/": "image_recognition",
    "tasks/power_tuning/": "power_tuning",
}
"""Whose tests notice a mistake in a file that is no workflow's own."""
_NOTHING_FAILED: Final = (0, 2, 3, 4, 5, -signal.SIGALRM)
"""Exit codes where all tests pass, or could not be run, or not within the time."""
LONGEST: Final = 900
"""Seconds that the tests of an item may take."""


@dataclass(frozen=True)
class Mistake:
    """A small change of one file, and the tests that should fail with it."""

    item: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def text(self) -> str:
        """Give the file's text with the mistake. Raises ValueError where it does not hold the old text once."""
        text = (ROOT / self.file).read_text(encoding="utf-8")
        if text.count(self.old) != 1:
            raise ValueError(f"{self.item}: {self.file} has {text.count(self.old)} times {self.old!r}")
        return text.replace(self.old, self.new)

    @property
    def chosen(self) -> str:
        """Which of the tests can notice it, as pytest's -k takes it: of those over all workflows, those of its own."""
        own = self.file.removeprefix("workflows/").removesuffix(".py").removesuffix("_ended")
        name = own if self.file.startswith("workflows/") else None
        name = name or next((each for start, each in WORKFLOWS.items() if self.file.startswith(start)), None)
        return NO_COMPARISON if name is None else f"{NO_COMPARISON} and ({name} or not ({OVER_ALL}))"

    def __str__(self) -> str:
        shown = [" ".join(text.split()) for text in (self.old, self.new)]
        return f"{self.item} {self.file}: `{shown[0]}` -> `{shown[1]}`"


@dataclass(frozen=True)
class Item:
    """An item of a checklist: what it says, and the mistakes that its tests have to notice."""

    name: str
    says: str
    mistakes: tuple[Mistake, ...]


def items() -> list[Item]:
    """Read all items, in the order of their names."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(ITEMS.glob("*.toml")):
        found.update(tomllib.loads(path.read_text(encoding="utf-8")))
    return [
        Item(
            name,
            item["says"],
            tuple(
                Mistake(name, each["file"], each["old"], each["new"], tuple(each.get("tests", item["tests"])))
                for each in item["mistakes"]
            ),
        )
        for name, item in sorted(found.items())
    ]


def _forget(package: str) -> None:
    """Let a package be loaded anew that was loaded before the processes were begun."""
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        del sys.modules[name]


class _First:
    """A plug-in of pytest that writes down which test has failed first."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed and not self.file.exists():
            self.file.write_text(report.nodeid, encoding="utf-8")


def noticed(mistakes: Sequence[Mistake], jobs: int) -> Iterator[tuple[Mistake, str | None]]:
    """Try mistakes side by side, and give for each which test has noticed it first, None for none of them.

    What cannot be imported with a mistake has noticed nothing: an opponent would see that.
    """
    import pytest

    with tempfile.TemporaryDirectory() as folder:

        def attempt(index: int) -> int:
            mistake, place = mistakes[index], Path(folder, str(index))
            if mistake.file.startswith("stepsmith/"):
                _forget("stepsmith")
            load_changed(ROOT, mistake.file, mistake.text(), place)
            return int(
                pytest.main(
                    [*OPTIONS, "-k", mistake.chosen, *mistake.tests], plugins=[_First(place / "first")]
                )
            )

        for index, code in in_processes(range(len(mistakes)), attempt, jobs, LONGEST):
            first = Path(folder, str(index), "first")
            told = first.read_text(encoding="utf-8") if first.exists() else f"ended with exit code {code}"
            yield mistakes[index], None if code in _NOTHING_FAILED and not first.exists() else told


def main() -> int:
    """Try the mistakes of some items; 1 where one of them is not noticed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("items", nargs="*", help="names of items, all without them")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args()
    known = {item.name: item for item in items()}
    for unknown in [each for each in chosen.items if each not in known]:
        parser.error(f"no item {unknown!r}; they are {', '.join(known)}")
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    for module in WARM:
        importlib.import_module(module)
    begun = time.monotonic()
    tried = [known[name] for name in chosen.items or known]
    found: dict[Mistake, str | None] = {}
    for mistake, first in noticed([mistake for item in tried for mistake in item.mistakes], chosen.jobs):
        found[mistake] = first
        if first is None:
            say(f"not noticed: {mistake}")
    for item in tried:
        told = {mistake: found[mistake] for mistake in item.mistakes}
        missed = sum(first is None for first in told.values())
        say(f"{item.name}: {len(told) - missed} of {len(told)} noticed. {item.says}")
        for mistake, first in told.items():
            say(
                f"  {'NOT NOTICED' if first is None else first}\n    {str(mistake).removeprefix(item.name).strip()}"
            )
    missed = [mistake for mistake, first in found.items() if first is None]
    say(f"{len(found)} mistakes, {len(missed)} not noticed; {time.monotonic() - begun:.0f} s")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
