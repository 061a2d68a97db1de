"""What becomes of mutants: noticed by a test that fails or takes too long, or by none."""

import importlib
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import trials  # noqa: E402  # pyright: ignore[reportMissingImports]  # tools are no package
from mutants import mutants  # noqa: E402  # pyright: ignore[reportMissingImports]
from mutate import SURVIVORS, explained, named  # noqa: E402  # pyright: ignore[reportMissingImports]

SHOP = """
    MOST = 3
    def total(prices, tax):
        left = len(prices)
        while left > 0:
            left -= 1
        return sum(prices) + tax
    def is_much(count):
        return count > MOST
    def never():
        return total
"""
TESTS = """
    from goods.shop import is_much, total
    def test_the_total_is_with_tax():
        assert total([1, 2], 1) == 4
    def test_four_are_much():
        assert is_much(4)
"""
TRIED = """
    import sys
    from pathlib import Path
    sys.path[:0] = ["{tools}", "."]
    import trials
    from mutants import mutants
    trials.ROOT, trials.PATIENCE = Path.cwd(), 2.0
    reached = trials.reach(["goods"], ["tests"])
    found = list(mutants("goods/shop.py", Path("goods/shop.py").read_text()))
    for index, verdict in sorted(trials.verdicts(found, reached, 2)):
        print(found[index].place, found[index].after, verdict, sep=" | ")
"""


@pytest.mark.slow
def test_mutants_are_noticed_by_what_fails_or_takes_too_long(tmp_path: Path) -> None:
    for name, text in (("goods/shop.py", SHOP), ("tests/test_shop.py", TESTS), ("try.py", TRIED)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(dedent(text).replace("{tools}", str(ROOT / "tools")))

    tried = subprocess.run([sys.executable, "try.py"], cwd=tmp_path, capture_output=True, text=True)

    assert set(tried.stdout.splitlines()) == {
        "module | MOST = 4 | noticed",
        "total | while left >= 0: | survives",
        "total | while left > 1: | survives",
        "total | while not left > 0: | survives",
        "total | left += 1 | timed out",
        "total | left -= 2 | survives",
        "total | return None | noticed",
        "total | return sum(prices) - tax | noticed",
        "is_much | return None | noticed",
        "is_much | return count >= MOST | survives",
        "never | return None | survives",
    }


def test_changed_code_takes_the_place_of_a_function_that_others_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trials, "ROOT", tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "held.py").write_text("def f(a):\n    return a + 1\ng = [f]\n")
    held = importlib.import_module("held")
    [_, operator, _] = mutants("held.py", (tmp_path / "held.py").read_text())

    assert held.g[0](3) == 4
    assert trials.put_in(operator, trials.functions_of({str(tmp_path / "held.py")}))
    assert held.g[0](3) == 2


def test_mutants_that_look_alike_have_names_of_their_own() -> None:
    found = list(mutants("m.py", "f()\nf()\n"))

    assert list(named(found)) == ["m.py module: `f()` -> `pass` #1", "m.py module: `f()` -> `pass` #2"]


def test_a_survivor_stands_in_the_list_with_its_reason() -> None:
    assert explained("# Survivors\n\n* m.py f: `a` -> `b` -- both are one\n") == {
        "m.py f: `a` -> `b`": "both are one"
    }


@pytest.mark.slow
def test_each_survivor_in_the_list_is_a_mutant_of_the_tasks_as_they_are() -> None:
    listed = explained(SURVIVORS.read_text(encoding="utf-8"))
    paths = sorted({name.partition(" ")[0] for name in listed})

    made = [mutant for path in paths for mutant in mutants(path, (ROOT / path).read_text())]

    assert set(listed) - {mutant.name for mutant in made} - set(named(made)) == set()
    assert "" not in listed.values()
