"""A compiled machine does what one written by hand does, and enters no more states on any path."""

import pytest

from tests.stepsmith.authoring.compiler.handwritten.compare import MACHINES, by_hand, cases, compiled
from tests.stepsmith.authoring.compiler.handwritten.functions import INPUTS


@pytest.mark.parametrize(("name", "input"), list(cases()))
def test_a_compiled_machine_enters_no_more_states_than_one_written_by_hand(
    name: str, input: dict[str, object]
) -> None:
    ours, theirs = compiled(name, input), by_hand(name, input)

    assert (ours.status, ours.error) == (theirs.status, theirs.error)
    assert ours.output == theirs.output if ours.status == "SUCCEEDED" else True
    assert len(ours.path) <= len(theirs.path), (ours.path, theirs.path)


def test_every_function_has_its_machine() -> None:
    assert sorted(INPUTS) == sorted(MACHINES)
    assert len(MACHINES) == 20
