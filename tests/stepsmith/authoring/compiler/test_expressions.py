"""Expressions and what they are compiled to; each pair is also evaluated both ways with random values."""

import pytest

from stepsmith.testing import assert_equivalent
from tests.stepsmith.authoring.compiler.snippets import FIXTURES, inputs, returned, snippet, sources
from tests.text_pairs import read_pairs

PAIRS = sources(sorted((FIXTURES / "expressions").glob("*.txt")), read_pairs)


@pytest.mark.parametrize(("source", "result", "kinds"), PAIRS)
def test_an_expression_becomes_jsonata(source: str, result: str, kinds: dict[str, str]) -> None:
    assert returned(snippet(f"return {source}", kinds, fuse=False)) == result


@pytest.mark.slow
@pytest.mark.parametrize(("source", "result", "kinds"), PAIRS)
def test_the_jsonata_of_an_expression_gives_what_python_gives(
    source: str, result: str, kinds: dict[str, str]
) -> None:
    made = snippet(f"return {source}", kinds)

    for input in inputs(made, 5):
        assert_equivalent(made, **input)


def test_there_are_hundreds_of_pairs() -> None:
    assert len(PAIRS) > 450
