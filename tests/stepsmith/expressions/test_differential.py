"""A fixed part of the comparison of random expressions; the module `differential` beside this file does all of it."""

import pytest

from tests.stepsmith.expressions.differential.cases import FAILED, by_jsonata, by_python, by_tree, cases, same

COUNT = 2000
SEED = 20


@pytest.mark.slow
def test_two_thousand_random_expressions_give_the_same_in_python_in_trees_and_in_jsonata() -> None:
    differences: list[str] = []
    failures = 0

    for case in cases(COUNT, SEED):
        expected = by_python(case)
        failures += expected is FAILED
        if not (same(expected, by_tree(case)) and same(expected, by_jsonata(case))):
            differences.append(f"{case.source}\n{case.text}\n{case.values}")

    assert differences == []
    assert 50 < failures < COUNT / 2
