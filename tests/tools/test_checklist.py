"""The mistakes that tests of each item of the checklists have to notice: they fit the code as it is, and are tried."""

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from checklist import Mistake, items  # noqa: E402  # pyright: ignore[reportMissingImports]  # tools are no package

WEAK = [
    *("IR-03", "ON-05", "PT-05", "PT-08", "PT-09", "PT-10", "SC-01", "SC-02", "SC-03", "SC-05", "VP-04"),
    *("W-01", "W-04", "W-05", "W-07", "W-08"),
]
"""The items whose tests were found to notice too little."""
MISTAKES = [mistake for item in items() for mistake in item.mistakes]
CHILD = """
    import subprocess, sys
    def test_a_process_of_its_own_says_two():
        assert subprocess.run([sys.executable, "-m", "goods"], capture_output=True).stdout == b"2"
"""
TRIED = """
    import sys
    from pathlib import Path
    sys.path[:0] = ["{tools}", "."]
    import checklist, trials
    checklist.ROOT = trials.ROOT = Path.cwd()
    made = [("2", "3"), ("2", "1 + 1")]
    mistakes = [checklist.Mistake("X-01", "goods.py", *each, ("test_goods.py",)) for each in made]
    for mistake, first in sorted(checklist.noticed(mistakes, 2), key=lambda each: each[0].new):
        print(mistake, first, sep=" | ")
"""


def test_each_item_that_was_weak_has_mistakes_and_says_what_it_asks_for() -> None:
    found = {item.name: item for item in items()}

    assert sorted(found) == WEAK
    assert all(len(item.mistakes) >= 6 and item.says for item in found.values())


@pytest.mark.parametrize("item", items(), ids=lambda item: item.name)
def test_each_mistake_fits_the_code_as_it_is_and_its_tests_are_there(item: object) -> None:
    for mistake in [each for each in MISTAKES if each.item == getattr(item, "name", "")]:
        compile(mistake.text(), mistake.file, "exec", dont_inherit=True)
        assert [test for test in mistake.tests if not (ROOT / test).exists()] == []


def test_a_text_that_is_not_there_once_is_no_mistake() -> None:
    with pytest.raises(ValueError, match=r"checklist\.py has 0 times 'not at all there'"):
        Mistake("X-01", "tools/checklist.py", "not at all there", "", ()).text()


@pytest.mark.slow
def test_a_mistake_is_noticed_by_the_first_test_that_fails_also_in_a_process_of_its_own(
    tmp_path: Path,
) -> None:
    for name, text in (("goods.py", "print(2, end='')"), ("test_goods.py", CHILD), ("try.py", TRIED)):
        (tmp_path / name).write_text(dedent(text).replace("{tools}", str(ROOT / "tools")))

    tried = subprocess.run([sys.executable, "try.py"], cwd=tmp_path, capture_output=True, text=True)

    assert tried.stdout.splitlines() == [
        "X-01 goods.py: `2` -> `1 + 1` | None",
        "X-01 goods.py: `2` -> `3` | test_goods.py::test_a_process_of_its_own_says_two",
    ], tried.stderr
