"""Random expressions evaluated in every way: by Python, by the evaluator of trees, and by JSONata."""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Any

from stepsmith.authoring.compiler.expressions.dispatch import Expressions
from stepsmith.authoring.compiler.expressions.environment import Environment, Local
from stepsmith.authoring.source.diagnostics import Refusal
from stepsmith.authoring.source.functions import Source
from stepsmith.authoring.values.types import from_annotation
from stepsmith.expressions import jsonata
from stepsmith.expressions.typed.evaluate import evaluate
from stepsmith.expressions.typed.to_jsonata import to_jsonata
from stepsmith.expressions.typed.tree import Expression
from stepsmith.expressions.types import UNDEFINED
from tests.stepsmith.expressions.differential.generator import NAMES, Generator, Line, Size, values

FAILED = object()
"""The result of an expression that fails, or that a state machine finds undefined."""


@dataclass(frozen=True)
class Case:
    """One expression with values for its names."""

    source: str
    tree: Expression
    text: str
    values: dict[str, Any]


def cases(count: int, seed: int) -> Iterator[Case]:
    """Give this many accepted expressions."""
    source_of_chance = random.Random(seed)
    made = 0
    while made < count:
        source = Generator(source_of_chance).any(source_of_chance.randrange(1, 4))
        data = values(source_of_chance)
        try:
            tree = compiled(source)
        except Refusal:
            continue
        made += 1
        yield Case(source, tree, to_jsonata(tree), data)


def compiled(source: str) -> Expression:
    """Compile an expression over the names of the generator. Raises Refusal."""
    text = f"def f():\n    return {source}\n"
    environment = Environment(
        {name: Local(name, from_annotation(kind)) for name, kind in NAMES.items()}, set(NAMES)
    )
    names = {"Line": Line, "Size": Size, **vars(__import__("builtins"))}
    expressions = Expressions(Source("case.py", 1, text, "f"), names, environment, set(NAMES))
    node = ast.parse(source, mode="eval").body
    function = expressions.source.function.body[0]
    assert isinstance(function, ast.Return)
    assert function.value is not None
    del node
    return expressions.compile(function.value)


def by_python(case: Case) -> Any:
    """Give what Python gives, as JSON."""
    names = {name: _object(NAMES[name], value) for name, value in case.values.items()}
    try:
        return normal(_json(eval(case.source, {"Line": Line, "Size": Size, **names})))
    except (KeyError, IndexError, ZeroDivisionError, ValueError):
        return FAILED


def _object(kind: Any, value: Any) -> Any:
    if isinstance(value, dict) and set(value) >= {"sku", "quantity"}:
        return Line(**value)
    if isinstance(value, list):
        return [_object(kind, item) for item in value]
    return Size(value) if kind is Size else value


def _json(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    if isinstance(value, dict):
        return {key: _json(item) for key, item in value.items()}
    return value


def normal(value: Any) -> Any:
    """Give JSON with numbers as the twelve digits that count, so that sums of floats compare."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return float(f"{value:.12g}")
    if isinstance(value, list):
        return [normal(item) for item in value]
    if isinstance(value, dict):
        return {key: normal(item) for key, item in value.items()}
    return value


def same(left: Any, right: Any) -> bool:
    """Say whether two results are the same JSON: 1 is not true."""
    if left is FAILED or right is FAILED:
        return left is right
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return type(left) is type(right) and left == right


def by_tree(case: Case) -> Any:
    """Give what the evaluator of trees gives."""
    try:
        return normal(evaluate(case.tree, case.values))
    except (KeyError, IndexError, ZeroDivisionError, ValueError):
        return FAILED


def by_jsonata(case: Case) -> Any:
    """Give what our JSONata gives."""
    try:
        result = jsonata.compile(case.text).evaluate(None, case.values)
    except jsonata.JsonataError:
        return FAILED
    return FAILED if result is UNDEFINED else normal(jsonata.to_json(result))
