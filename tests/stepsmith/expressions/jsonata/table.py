"""Every function with arguments and contexts of every type, for the comparison with the reference."""

from collections.abc import Iterator
from itertools import chain, product
from typing import Any

from corners import FUNCTIONS
from differences import is_told_apart

VALUES = [
    "nope", "null", "'a'", "2", "true", "[1,2]", "['a']", "[[1]]", "{'a':1}", "function($x){$x}", "/a/", "[]",
    "''", "-1.5", "false", "$uppercase", "['b','a']", "{}", "'0'", "function($x,$y){$y}", "(1/0)",
    "[{'a':1},{'b':2}]",
]  # fmt: skip
MAIN = [*VALUES[:11], "-1", "''"]
NUMBERS = [
    "1e308", "-1e308", "(1/0)", "(-1/0)", "4294967296", "4294967297", "-2147483649", "9007199254740993", "1e21",
    "1e-300", "0.5", "-0.5", "3",
]  # fmt: skip
OPERATORS = ["+", "-", "*", "/", "%", "&", "=", "!=", "<", "<=", "in", ".."]
TEXTS = ["'aab'", "[1,2,3]", "12.5"]
PATTERNS = ["'a'", "/a/", "2", "'#0'", "'aab'"]


class Table:
    """All calls, one after another; the seed changes nothing."""

    def __init__(self, seed: int) -> None:
        del seed
        self.inputs: list[Any] = [[None, {}]]

    def cases(self) -> Iterator[dict[str, Any]]:
        """Every case once."""
        texts = chain(
            chain.from_iterable(map(calls, FUNCTIONS)),
            chain.from_iterable(map(calls_with_numbers, FUNCTIONS)),
            calculations(),
        )
        return ({"expr": text, "on": 0} for text in texts if not is_told_apart(text))


def calls(name: str) -> Iterator[str]:
    """The calls of one function with up to three arguments."""
    yield f"${name}()"
    for one in VALUES:
        yield from (f"${name}({one})", f"({one}).${name}()", f"{one} ~> ${name}")
    for one, two in product(VALUES, VALUES):
        yield from (f"${name}({one}, {two})", f"({one}).${name}({two})")
    for arguments in product(MAIN, MAIN, MAIN):
        yield f"${name}({', '.join(arguments)})"


def calls_with_numbers(name: str) -> Iterator[str]:
    """The calls of one function with numbers that are large, small, or none."""
    if name in ("pad", "power"):
        # a text that long, and powers that doubles do not hold
        return
    yield from (f"${name}({one})" for one in NUMBERS)
    for one, two in product([*TEXTS, *NUMBERS], NUMBERS):
        yield from (f"${name}({one}, {two})", f"${name}({two}, {one})")
    for arguments in product(TEXTS, PATTERNS, NUMBERS):
        yield f"${name}({', '.join(arguments)})"
    for pattern, replacement, limit in product(PATTERNS, ["'b'", "'$1'"], NUMBERS):
        yield f"${name}('aab', {pattern}, {replacement}, {limit})"


def calculations() -> Iterator[str]:
    """Operators, predicates and ranges with such numbers."""
    for operator, one, two in product(OPERATORS, NUMBERS, NUMBERS):
        yield f"{one} {operator} {two}"
        yield f"[{one}] {operator} [{two}]"
    for one in NUMBERS:
        yield from (
            f"[1,2,3][{one}]",
            f"[1,2,3][[{one}]]",
            f"[{one}..3]",
            f"[{one}] ? 1 : 2",
            f"{one} ? 1 : 2",
        )
