"""Writes what the compiler gives now into its fixtures; run as a module.

As `python -m tests.stepsmith.authoring.compiler.rewrite_fixtures`, after a change that is meant to change them.
The tests say whether it is true; whether it is what was wanted, only a look at the difference does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from stepsmith import DefinitionError
from tests.stepsmith.authoring.compiler.compact import compact
from tests.stepsmith.authoring.compiler.snippets import FIXTURES, declared, returned, snippet, told
from tests.text_pairs import read_blocks, read_pairs


def expression(source: str, kinds: Mapping[str, str]) -> str:
    """Give what an expression becomes."""
    return returned(snippet(f"return {source}", kinds, fuse=False))


def statements(source: str, kinds: Mapping[str, str]) -> str:
    """Give the states that statements become."""
    return _after_bars("\n".join(compact(snippet(source, kinds).definition)))


def refusal(source: str, kinds: Mapping[str, str]) -> str:
    """Give why a body does not compile."""
    try:
        snippet(source, kinds)
    except DefinitionError as error:
        return _after_bars(told(error))
    raise ValueError(f"{source!r} compiles")


def _after_bars(text: str) -> str:
    return "\n".join(f"| {line}" for line in text.split("\n"))


def rewrite(
    path: Path,
    read: Callable[[Path], list[tuple[str, str]]],
    result: Callable[[str, Mapping[str, str]], str],
) -> None:
    """Write a fixture file anew: its comments at the top, and each source with what it becomes."""
    head = [line for line in path.read_text(encoding="utf-8").split("\n") if line.startswith("# ")]
    kinds = declared(path)
    blocks = [f"{source}\n{result(source, kinds)}\n" for source, _ in read(path)]
    path.write_text("\n".join([*head, "", *blocks]), encoding="utf-8")


if __name__ == "__main__":
    for file in (FIXTURES / "expressions").glob("*.txt"):
        rewrite(file, read_pairs, expression)
    for file in (FIXTURES / "statements").glob("*.txt"):
        rewrite(file, read_blocks, statements)
    rewrite(FIXTURES / "refusals.txt", read_blocks, refusal)
