"""What is written in JSONata of Python's library gives what Python gives, for values that are likely to break it."""

import ast
import base64
import json
import math
import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

import pytest

from stepsmith.authoring.compiler.expressions.dispatch import Expressions
from stepsmith.authoring.compiler.expressions.environment import Environment, Local
from stepsmith.authoring.source.functions import Source
from stepsmith.authoring.values.types import from_annotation
from stepsmith.expressions import jsonata
from stepsmith.expressions.typed.evaluate import evaluate
from stepsmith.expressions.typed.static_types import DATETIME
from stepsmith.expressions.typed.to_jsonata import to_jsonata
from stepsmith.expressions.typed.tree import Expression
from stepsmith.expressions.types import UNDEFINED
from tests.stepsmith.authoring.compiler.snippets import FIXTURES

FAILED: Final = object()
SEEN: Final = {
    "SMALL": {"a", "b"},
    "ODD": frozenset({1, 3, 5}),
    "base64": base64,
    "json": json,
    "math": math,
    "UTC": UTC,
    "datetime": datetime,
    "timedelta": timedelta,
}
ROUNDS: Final = 15
"""How many values each expression is evaluated with."""
KINDS: Final[Mapping[str, Any]] = {
    "s": str,
    "t": str,
    "i": int,
    "j": int,
    "f": float,
    "g": float,
    "b": bool,
    "xs": list[int],
    "ws": list[str],
    "rows": list[list[int]],
    "d": dict[str, int],
    "m": datetime,
    "n": datetime,
    "pairs": list[tuple[str, int]],
    "a": Any,
}
TEXTS: Final = (
    *("", " ", "a", "A", "ab", "abab", "aaa", "Hello, world", "they're bill's", "HTTPServer", "x1y2"),
    *("é", "e\u0301a", "ÅNGSTRÖM", "straße", "ΑΣ", "ΟΔΟΣ Σ", "İx", "名前", "ﬁn"[1:], "ñandú Ñ"),
    *("😀", "😀a", "a😀b", "😀😀b", "👩\u200d👩", "𝒜b", "a😀"),
    *(
        "\t x \n",
        "\u2003x\u00a0",
        "\x1cx\x1f",
        "\u200bx",
        "a\nb",
        "a\r\nb\r",
        "a\n\nb\n",
        "\u2028a\u2029",
        "\x0b\x0c",
    ),
    *("a.b", "a.b.c", ".", "..", "a..b", ".a.", "a,b,,c", ",", "b", "a b  c", " a  b "),
    *(
        "0",
        "7",
        "-7",
        "+7",
        " 42 ",
        "1_000",
        "_1",
        "1_",
        "1__0",
        "007",
        "-0",
        "٣",
        "²",
        "①",
        "1e5",
        "1.5",
        ".5",
    ),
    *(
        "5.",
        "-.5e-3",
        "1_0.2_5e1_0",
        "nan",
        "1e",
        "e5",
        "0x10",
        "1 2",
        "--1",
        "1.2.3",
        "9007199254740991",
        "+",
    ),
    *("YQ==", "YWI=", "YWJj", "8J+YgA==", "/w==", "YQ", "Y Q==", "77+9", "YWJj\n"),
    *(
        "{}",
        "[]",
        "null",
        "true",
        '"x"',
        "3",
        "1.0",
        '{"a": 1}',
        "{'a': 1}",
        '["it\'s"]',
        '[1, {"a": [2]}]',
        "{",
        "nul",
    ),
    *(
        '"\\u00e9\\n"',
        "[1,]",
        "'",
        '"a\'b"',
        "$1",
        "\\",
        "/",
        "|",
        "a|",
        "[a]",
        "^-]",
        "{%",
        "%}",
        "\x00\x01",
    ),
)
FLOATS: Final = (
    *(0.0, 0.5, -0.5, 1.5, 2.5, 0.125, 2.675, 1.005, -2.675, 0.045, 1e-7, -1e-7, 0.999999, 9.995, 0.0049999),
    *(1e15, 123456789.125, 4503599627370497.5, 9007199254740991.0, 99.995, 1e6, 999999.5, 0.1, 1 / 3, -7.75),
)
INTS: Final = (0, 1, 2, 3, 5, 7, 12, 60, 999, 1000, -1, -2, -9, -1000, 1234567, -123456789, 999999999999)
MOMENTS: Final = (
    datetime(2026, 1, 1, tzinfo=UTC),
    datetime(2026, 12, 31, 23, 59, 59, 250000, tzinfo=UTC),
    datetime(2024, 2, 29, 12, 5, 9, tzinfo=timezone(timedelta(hours=-3, minutes=-30))),
    datetime(1969, 7, 20, 20, 17, 40, tzinfo=timezone(timedelta(hours=2))),
    datetime(2000, 3, 1, 0, 0, 0, 1000, tzinfo=UTC),
)
WRITTEN: Final = (
    "2026-05-06T07:08:09.500Z",
    "2026-05-06T07:08:09.000Z",
    "2026-05-06T07:08:09.123456789+02:00",
)
"""As `$now()` and others write them."""


def value_of(kind: Any, chance: random.Random) -> Any:
    """Give JSON of a kind."""
    if kind is str:
        return "".join(chance.choice(TEXTS) for _ in range(1 if chance.random() < 0.7 else 2))
    if kind is int:
        return chance.choice(INTS)
    if kind is float:
        return chance.choice((*FLOATS, chance.uniform(-1e4, 1e4), chance.randrange(-(10**6), 10**6) / 1000))
    if kind is bool:
        return chance.random() < 0.5
    if kind is datetime:
        moment = chance.choice(MOMENTS) + timedelta(hours=chance.randrange(10**5))
        return chance.choice((*WRITTEN, moment.isoformat().replace("+00:00", "Z")))
    if kind is Any:
        return chance.choice((None, "a", 1, 2.5, True, [], [1, "a"], {"a": {"b": 1}}, {"a": [1, 2]}))
    parts: tuple[Any, ...] = kind.__args__
    if kind.__origin__ is list:
        return [value_of(parts[0], chance) for _ in range(chance.randrange(4))]
    if kind.__origin__ is tuple:
        return [value_of(part, chance) for part in parts]
    return {chance.choice(TEXTS): value_of(parts[1], chance) for _ in range(chance.randrange(4))}


def compiled(source: str) -> Expression:
    """Compile an expression over the names above."""
    locals_ = {name: Local(name, from_annotation(kind)) for name, kind in KINDS.items()}
    text = f"def f():\n    return {source}\n"
    names = {**vars(__import__("builtins")), **SEEN}
    expressions = Expressions(
        Source("case.py", 1, text, "f"), names, Environment(locals_, set(KINDS)), set(KINDS)
    )
    statement = expressions.source.function.body[0]
    assert isinstance(statement, ast.Return)
    assert statement.value is not None
    return expressions.compile(statement.value)


def by_python(source: str, values: Mapping[str, Any]) -> Any:
    moments = {name: datetime.fromisoformat(values[name]) for name, kind in KINDS.items() if kind is datetime}
    try:
        return as_json(eval(source, {**SEEN, **values, **moments}))
    except (ArithmeticError, LookupError, TypeError, ValueError):
        return FAILED


def by_tree(made: Expression, values: Mapping[str, Any]) -> Any:
    try:
        return as_json(evaluate(made, values))
    except (ArithmeticError, LookupError, TypeError, ValueError):
        return FAILED


def by_jsonata(text: jsonata.Expression, values: Mapping[str, Any]) -> Any:
    try:
        result = text.evaluate(None, values)
    except jsonata.JsonataError:
        return FAILED
    return FAILED if result is UNDEFINED else as_json(jsonata.to_json(result))


def as_json(value: Any) -> Any:
    """Give a value with tuples as lists, and what may be written as a whole number as one."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    return value


def sources() -> list[str]:
    """Give the expressions, a line each; those behind `# known:` differ in what the guide says."""
    lines = (FIXTURES / "library.txt").read_text(encoding="utf-8").split("\n")
    return [line for line in lines if line and not line.startswith("#")]


def same(left: Any, right: Any) -> bool:
    """Say whether two results are the same JSON: 1 is not true."""
    if FAILED in (left, right):
        return left is right
    return json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True)


@pytest.mark.parametrize("source", sources())
def test_a_function_of_the_library_gives_what_python_gives(source: str) -> None:
    made = compiled(source)
    text = jsonata.compile(to_jsonata(made))
    chance = random.Random(source)
    for _ in range(ROUNDS):
        values = {name: value_of(kind, chance) for name, kind in KINDS.items()}
        expected = by_python(source, values)
        read = {name: values[name] for name in KINDS if f"${name}" in to_jsonata(made)}
        assert same(by_jsonata(text, values), expected), (read, to_jsonata(made), expected)
        if made.type != DATETIME:
            assert same(by_tree(made, values), expected), (read, expected)
