"""A thousand short random programs and two thousand mutated ones; `make programs` looks at more, and longer ones."""

import pytest

from stepsmith.testing import assert_equivalent
from tests.stepsmith.authoring.compiler.programs import unions
from tests.stepsmith.authoring.compiler.programs.comparing import compare
from tests.stepsmith.authoring.compiler.programs.mutations import crashes
from tests.stepsmith.authoring.compiler.programs.shrinking import shrunk
from tests.stepsmith.authoring.compiler.programs.world import workflow_of

PARTS = 10


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_random_programs_do_what_python_does(part: int) -> None:
    found = compare(100, seed=part * 1_000, statements=6)

    assert found.problems == []
    assert found.refused < found.accepted / 2


@pytest.mark.slow
def test_random_programs_over_unions_do_what_python_does() -> None:
    assert unions.compare(80, seed=0).problems == []


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_mutated_programs_are_accepted_or_refused_with_code_and_line(part: int) -> None:
    assert crashes(200, seed=part * 1_000) == []


def test_a_program_is_shrunk_to_what_is_needed() -> None:
    text = "def program(a):\n    b = 1\n    if a:\n        for c in b:\n            d = f(3 + g(c))\n    return b\n"

    assert shrunk(text, lambda each: "g(" in each) == "def program(a):\n    d = g(c)"


def test_a_program_of_the_world_runs_both_ways() -> None:
    program = workflow_of("@workflow\ndef program(n: int) -> int:\n    return double(n) + risky(n)\n")

    assert_equivalent(program, n=4)
    assert_equivalent(program, n=5)
