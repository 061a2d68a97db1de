"""Random calls of every function with values of every kind: each gives a value or an error of the language."""

import random
import re

import pytest

from stepsmith.expressions import jsonata
from stepsmith.expressions.jsonata.functions import BUILTINS
from stepsmith.expressions.types import Json

OPERANDS = [
    "1", "-1", "0", "1.5", "1e308", "1e-320", "(1/0)", "(0/0)", "$big", "$huge", "$deep", "$half", "''", "'a'", "'😀'",
    "[]", "[1]", "['a']", "[[1]]", "[1,'a',null]", "{}", "{'a':1}", "null", "true", "$nothing", "function($x){$x}",
    "function($a,$b){$a}", "function(){1}", "$sum", "/a/", "/a(b)?/i", "'[Y0001]'", "'[M'", "'#,##0.00'", "'0e0'",
    "'SHA-256'", "'2020-01-01'", "'%zz'", "3.7", "-0.5", "9007199254740993", "$string", "1e21", "$mixed", "'w'", "'{'",
]  # fmt: skip
OPERATORS = ["+", "-", "*", "/", "%", "&", "=", "!=", "<", ">", "<=", ">=", "and", "or", "in", "..", "~>"]
PYTHON = re.compile(
    r"object has no|math domain|NoneType|unsupported operand|subscriptable|Undefined|Traceback|iterable|codec|int too|"
    r"must be (str|int|real)|positional argument|index out|could not convert|invalid literal|recursion|unhashable"
)
"""Words of Python, which no cause may show."""


def nested(depth: int) -> Json:
    value: Json = []
    for _ in range(depth):
        value = [value]
    return value


VARIABLES: dict[str, Json] = {
    "big": 2**63,
    "huge": 10**400,
    "deep": nested(400),
    "half": "\ud800x",
    "mixed": [1, "a", None, True, {"a": [1]}, [2]],
}


def expression(chance: random.Random, depth: int) -> str:
    kind = chance.random()
    if depth == 0 or kind < 0.2:
        return chance.choice(OPERANDS)
    parts = [expression(chance, depth - 1) for _ in range(chance.choice([1, 1, 2, 2, 3, 4]))]
    if kind < 0.75:
        return f"${chance.choice(list(BUILTINS))}({', '.join(parts)})"
    if kind < 0.9:
        return f"({parts[0]} {chance.choice(OPERATORS)} {parts[-1]})"
    return f"({parts[0]})[{parts[-1]}]" if kind < 0.95 else f"({parts[0]} ? {parts[-1]} : -({parts[0]}))"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_nothing_but_errors_of_the_language_comes_out(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(1_000):
        text = expression(chance, chance.choice([1, 2, 3]))
        try:
            jsonata.compile(text).run({}, VARIABLES)
        except jsonata.JsonataError as error:
            sentence = error.sentence(lambda: "identifier")

            assert not PYTHON.search(sentence), text
            assert sentence.encode(), text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$huge % 2", "NaN"),
        ("$split('😀', '')", ["?", "?"]),
        ("'a\\ud800b'", "a?b"),
        ("$parse('\"\\\\ud800\"')", "?"),
    ],
)
def test_what_no_json_may_hold_leaves_as_a_text_or_a_question_mark(text: str, value: Json) -> None:
    assert jsonata.compile(text).run({}, VARIABLES) == value
