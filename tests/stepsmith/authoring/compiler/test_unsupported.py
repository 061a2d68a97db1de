"""A value that a workflow function cannot have is told by what it is."""

import math
from enum import Enum

import pytest

from stepsmith.authoring.compiler.expressions.unsupported import described, value_help


class Size(Enum):
    """A size."""

    SMALL = "S"


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (int, "the class int"),
        (math, "the module math"),
        (Size.SMALL, "a member of Size"),
        (2**60, "an int beyond 2**53"),
        (math.inf, "the float inf"),
        (object(), "of type object"),
    ],
)
def test_a_value_is_told_by_what_it_is(value: object, what: str) -> None:
    assert described(value) == what
    assert value_help(value).startswith("use ")
