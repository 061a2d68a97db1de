"""What parser and resolution make of texts: fixture files of sources and trees."""

from pathlib import Path

import pytest

from tests.stepsmith.expressions.jsonata.tree_text import resolved
from tests.text_pairs import read_lines, read_pairs

FIXTURES = Path(__file__).with_name("fixtures")


@pytest.mark.parametrize(("source", "tree"), read_pairs(FIXTURES / "resolve.txt"))
def test_a_text_becomes_its_tree(source: str, tree: str) -> None:
    assert resolved(source) == tree


@pytest.mark.parametrize("source", read_lines(FIXTURES / "identity.txt"))
def test_what_is_written_as_its_tree_comes_back_as_it_is(source: str) -> None:
    assert resolved(source) == source
