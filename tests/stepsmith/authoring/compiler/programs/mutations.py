"""Programs that somebody might have written by mistake: working ones with parts of others in wrong places."""

from __future__ import annotations

import ast
import copy
import inspect
import random
import textwrap
import traceback
import warnings
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from stepsmith import DefinitionError, Workflow
from stepsmith.authoring.rules import codes
from tests.stepsmith.authoring.compiler.equivalence import constructs, crossed, nested, values
from tests.stepsmith.authoring.compiler.programs.shrinking import Replacing
from tests.stepsmith.authoring.compiler.programs.world import workflow_of

HERE: Final = Path(__file__).parents[1] / "fixtures" / "mutations"
REPOSITORY: Final = (
    "customer_onboarding",
    "delayed_vending",
    "image_recognition",
    "power_tuning",
    "shopping_cart",
)
SIGNATURES: Final = (
    "*args",
    "**kwargs",
    "n, /",
    "*, k",
    "*, k=1",
    "a: int, /",
    "d=[]",
    "d: int = print",
    "_a: int",
    "*a: int",
)


@cache
def _parts(kind: str) -> list[str]:
    text = (HERE / f"{kind}.txt").read_text(encoding="utf-8").partition("\n")[2]
    return text.strip().split("\n\n" if kind == "statements" else "\n")


@cache
def sources() -> tuple[tuple[str, Mapping[str, Any]], ...]:
    """Give the sources of the repository's workflows and of the equivalence corpus, each with what it sees."""
    modules = [
        constructs,
        crossed,
        nested,
        values,
        *(import_module(f"workflows.{name}") for name in REPOSITORY),
    ]
    return tuple(
        (textwrap.dedent(inspect.getsource(value.function)), vars(module))
        for module in modules
        for value in vars(module).values()
        if isinstance(value, Workflow) and value.function.__module__ == module.__name__
    )


def crashes(count: int, seed: int) -> list[str]:
    """Compile so many mutated programs; give those that are neither accepted nor refused with code and line."""
    found: list[str] = []
    number = seed
    for text, names in _mutated(count, seed):
        problem = _problem(text, names)
        if problem is not None:
            found.append(f"mutated program {number}: {problem}\n{text}")
        number += 1
    return found


def _mutated(count: int, seed: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    number = seed
    while count:
        drawn = random.Random(number)
        number += 1
        source, names = drawn.choice(sources())
        tree = ast.parse(source).body[0]
        assert isinstance(tree, ast.FunctionDef)
        for _ in range(drawn.randrange(1, 4)):
            tree = _mutate(drawn, tree)
        tree.name, tree.decorator_list = "program", [ast.Name("workflow", ast.Load())]
        try:
            text = ast.unparse(ast.fix_missing_locations(tree))
            with warnings.catch_warnings(action="ignore"):
                compile(text, "<mutated>", "exec")
        except (SyntaxError, ValueError):  # no Python any more
            continue
        count -= 1
        yield text, names


def _problem(text: str, names: Mapping[str, Any]) -> str | None:
    try:
        with warnings.catch_warnings(action="ignore"):
            made = workflow_of(text, names)
        for parameter in made.boundary.parameters:
            parameter.converter.prepare()  # as an execution does
    except DefinitionError as error:
        known = set(codes())
        bad = [each for each in error.diagnostics if each.code not in known or not each.span.line]
        return f"refused without code or line: {error}" if bad or not error.diagnostics else None
    except Exception as error:
        files = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
        ours = any("/stepsmith/authoring/" in file and "/tests/" not in file for file in files)
        return f"the compiler crashes: {error!r}\n{traceback.format_exc(limit=-4)}" if ours else None
    return None


def _mutate(drawn: random.Random, tree: ast.FunctionDef) -> ast.FunctionDef:
    form = drawn.randrange(8)
    if form < 3:
        return _with_expression(drawn, tree)
    if form < 6:
        return _with_statement(drawn, tree)
    if form == 6:
        return _with_annotation(drawn, tree)
    return _with_signature(drawn, tree)


def _with_expression(drawn: random.Random, tree: ast.FunctionDef) -> ast.FunctionDef:
    """Put an expression of the list, or another of the function, in the place of one."""
    places = [node for part in tree.body for node in ast.walk(part) if isinstance(node, ast.expr)]
    if not places:
        return tree
    old = drawn.choice(places)
    new = copy.deepcopy(drawn.choice(places)) if drawn.random() < 0.4 else _expression(drawn)
    if isinstance(new, ast.Name | ast.Attribute | ast.Subscript | ast.Starred | ast.List | ast.Tuple):
        new.ctx = getattr(old, "ctx", ast.Load())
    Replacing(old, new).visit(tree)
    return tree


def _expression(drawn: random.Random) -> ast.expr:
    text = drawn.choice(_parts("expressions"))
    return ast.parse(f"async def f():\n  {text}").body[0].body[0].value  # type: ignore[attr-defined] - as written above


def _with_statement(drawn: random.Random, tree: ast.FunctionDef) -> ast.FunctionDef:
    """Put a statement of the list into the function, or take one out, or write one twice."""
    blocks = [
        block
        for node in ast.walk(tree)
        for name in ("body", "orelse", "finalbody")
        if isinstance(block := getattr(node, name, None), list) and block and not isinstance(node, ast.Lambda)
    ]
    block = drawn.choice(blocks)
    place = drawn.randrange(len(block))
    match drawn.randrange(5):
        case 0 if len(block) > 1:
            del block[place]
        case 1:
            block.insert(drawn.randrange(len(block)), copy.deepcopy(block[place]))
        case 2:
            block[place:] = drawn.sample(block[place:], len(block) - place)
        case _:
            text = drawn.choice(_parts("statements"))
            lines = textwrap.indent(text, "  ")
            block[place:place] = ast.parse(f"async def f():\n while 1:\n{lines}").body[0].body[0].body  # type: ignore[attr-defined] - as written above
    return tree


def _with_annotation(drawn: random.Random, tree: ast.FunctionDef) -> ast.FunctionDef:
    new = ast.parse(drawn.choice(_parts("annotations")), mode="eval").body
    places: list[Any] = [node for node in ast.walk(tree) if isinstance(node, ast.arg | ast.AnnAssign)]
    if not places or drawn.random() < 0.2:
        tree.returns = new
        return tree
    place = drawn.choice(places)
    place.annotation = None if isinstance(place, ast.arg) and drawn.random() < 0.2 else new
    return tree


def _with_signature(drawn: random.Random, tree: ast.FunctionDef) -> ast.FunctionDef:
    arguments = ast.parse(f"def f({drawn.choice(SIGNATURES)}): pass").body[0].args  # type: ignore[attr-defined] - as written above
    if drawn.random() < 0.5:
        tree.args = arguments
    else:
        tree.args.vararg = arguments.vararg or tree.args.vararg
        tree.args.kwarg = arguments.kwarg or tree.args.kwarg
        tree.args.posonlyargs = arguments.posonlyargs
        tree.args.kwonlyargs += arguments.kwonlyargs
        tree.args.kw_defaults += arguments.kw_defaults
    return tree
