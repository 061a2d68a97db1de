"""Mutants of a module: one mistake each, of every kind, and none where it would say nothing."""

import ast
import sys
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from mutants import Mutant, mutants  # noqa: E402  # pyright: ignore[reportMissingImports]  # tools are no package


def made(source: str) -> list[Mutant]:
    return list(mutants("m.py", dedent(source)))


def changes(source: str) -> list[str]:
    return [each.after for each in made(source)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = a == b", ["x = a != b"]),
        ("x = a < b", ["x = a <= b"]),
        ("x = a >= b", ["x = a > b"]),
        ("x = a in b", ["x = a not in b"]),
        ("x = a is not b", ["x = a is b"]),
        ("x = a < b < c", ["x = a <= b < c", "x = a < b <= c"]),
        ("x = a and b", ["x = a or b"]),
        ("x = not a", ["x = a"]),
        ("x = -a", ["x = a"]),
        ("x = a + b", ["x = a - b"]),
        ("x = a // b", ["x = a * b"]),
        ("x += a", ["x -= a"]),
        ("x = 7", ["x = 8"]),
        ("x = True", ["x = False"]),
        ("x = 'a'", ["x = 'a~'"]),
        ("x = y == 'a'", ["x = y != 'a'", "x = y == 'a~'"]),
        ("x = [a for a in b if a]", ["x = [a for a in b]"]),
        ("call(a)", ["pass"]),
        ("x['a'] = b", ["pass"]),
        ("del x", ["pass"]),
        ("raise Error('too much')", ["pass"]),
        ("x = a if b else c", ["x = a if not b else c"]),
    ],
)
def test_each_kind_of_mistake(before: str, after: list[str]) -> None:
    assert changes(before) == after


def test_statements_with_bodies() -> None:
    source = """
    def f(a):
        with b():
            if a > 1:
                return a
        while a:
            g()
    """

    assert changes(source) == [
        "if True:",
        "if not a > 1:",
        "if a >= 1:",
        "if a > 2:",
        "return None",
        "while not a:",
        "pass",
    ]


def test_an_error_that_is_caught_is_let_through_unless_it_is_anyway() -> None:
    _, mutant, other = made("try:\n    f()\nexcept A:\n    return\nexcept B:\n    raise\n")

    shown = "try: f() except A: raise except B: raise"
    assert mutant.name.endswith(f"return except B: raise` -> `{shown}`")
    assert other.after == "pass"


def test_a_condition_that_has_an_opposite_is_turned_round_once() -> None:
    assert changes("if a == b:\n    pass") == ["if a != b:"]
    assert changes("if not a:\n    pass") == ["if a:"]


def test_what_says_nothing_is_left_alone() -> None:
    source = '''
    """A module."""
    from a import b
    if TYPE_CHECKING:
        from c import D
    @task(timeout=30)
    def f(a: Literal["x"] = b) -> "D":
        """A function."""
        with self._lock:
            for x, y in zip(a, b, strict=True):
                continue
        return None
    if __name__ == "__main__":
        f(1)
    '''

    assert made(source) == []


def test_a_mutant_says_where_it_is_and_differs_in_one_place() -> None:
    [_, constant, operator] = made("class A:\n    def f(self):\n        return [1, g(x)][y + z]\n")

    assert (operator.line, operator.place) == (3, "A.f")
    assert operator.name == "m.py A.f: `return [1, g(x)][y + z]` -> `return [1, g(x)][y - z]`"
    assert ast.unparse(constant.tree()) == "class A:\n\n    def f(self):\n        return [2, g(x)][y + z]"


def test_long_statements_are_shown_around_the_change() -> None:
    names = ", ".join(f"name_{number}" for number in range(30))
    [mutant] = made(f"x = [{names}, a == b, {names}]")

    assert mutant.before == "… name_27, name_28, name_29, a == b, name_0, name_1, name_2, n…"
    assert mutant.after == "… name_27, name_28, name_29, a != b, name_0, name_1, name_2, n…"
