"""Every function with arguments and contexts of every type, for the comparison with the reference."""

from collections.abc import Iterator
from itertools import product
from typing import Any

from corners import FUNCTIONS
from differences import is_told_apart

VALUES = [
    "nope", "null", "'a'", "2", "true", "[1,2]", "['a']", "[[1]]", "{'a':1}", "function($x){$x}", "/a/", "[]",
    "''", "-1.5", "false", "$uppercase", "['b','a']", "{}", "'0'", "function($x,$y){$y}", "(1/0)",
    "[{'a':1},{'b':2}]",
]  # fmt: skip
MAIN = [*VALUES[:11], "-1", "''"]


class Table:
    """All calls, one after another; the seed changes nothing."""

    def __init__(self, seed: int) -> None:
        del seed
        self.inputs: list[Any] = [[None, {}]]

    def cases(self) -> Iterator[dict[str, Any]]:
        """Every case once."""
        return (
            {"expr": text, "on": 0} for name in FUNCTIONS for text in calls(name) if not is_told_apart(text)
        )


def calls(name: str) -> Iterator[str]:
    """The calls of one function with up to three arguments."""
    yield f"${name}()"
    for one in VALUES:
        yield from (f"${name}({one})", f"({one}).${name}()", f"{one} ~> ${name}")
    for one, two in product(VALUES, VALUES):
        yield from (f"${name}({one}, {two})", f"({one}).${name}({two})")
    for arguments in product(MAIN, MAIN, MAIN):
        yield f"${name}({', '.join(arguments)})"
