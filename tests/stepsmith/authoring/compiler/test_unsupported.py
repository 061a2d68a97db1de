"""What a workflow function cannot have is told in its own words, with what to write instead."""

import ast
import math
from enum import Enum

import pytest

from stepsmith.authoring.compiler.expressions.unsupported import described, unsupported, value_help


class Size(Enum):
    """A size."""

    SMALL = "S"


@pytest.mark.parametrize(
    ("text", "what", "help"),
    [
        (
            "lambda: 3",
            "a lambda as a value",
            "write its expression where it is called, or move the work into a task",
        ),
        ("{1}", "a set", "use a list, or move the work into a task"),
        ("(x := 3)", "an assignment inside an expression", "assign in a statement before"),
        (
            "123456789012345678901234567890",
            "an int beyond 2**53",
            "use a str, and compute with it in a task",
        ),
        ("b'a'", "a constant of type bytes", "use a str"),
        (
            "3j",
            "a constant of type complex",
            "use str, int, float, bool, an Enum, or lists and dicts of those",
        ),
        (
            "1e400",
            "the float inf",
            "use str, int, float, bool, an Enum, or lists and dicts of those",
        ),
    ],
)
def test_an_expression_is_told_with_what_to_write_instead(text: str, what: str, help: str) -> None:
    assert unsupported(ast.parse(text, mode="eval").body) == (what, help)


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
