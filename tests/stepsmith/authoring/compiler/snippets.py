"""Sources of the fixtures as workflows: an expression that is returned, or statements, over declared names."""

from __future__ import annotations

import ast
import linecache
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from stepsmith import DefinitionError, Workflow, workflow
from tests.stepsmith.authoring.compiler.compact import value
from tests.stepsmith.authoring.compiler.vocabulary import NAMES, random_value

FIXTURES = Path(__file__).with_name("fixtures")


def declared(path: Path) -> dict[str, str]:
    """Give the names that a fixture file declares in lines such as `# with i: int, xs: list[int]`."""
    lines = re.findall(r"^# with (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    parameters = ast.parse(f"def f({', '.join(lines)}): pass").body[0]
    assert isinstance(parameters, ast.FunctionDef)
    return {each.arg: ast.unparse(each.annotation) for each in parameters.args.args if each.annotation}


def snippet(
    body: str, kinds: Mapping[str, str], *, fuse: bool = True, names: Mapping[str, object] = NAMES
) -> Workflow[..., Any]:
    """Make a workflow of the body of a function; its parameters are the declared names that the body reads."""
    read = {node.id for node in ast.walk(ast.parse(body)) if isinstance(node, ast.Name)}
    parameters = ", ".join(f"{name}: {kind}" for name, kind in kinds.items() if name in read)
    text = f"def f({parameters}):\n" + "".join(f"    {line}\n" for line in body.split("\n"))
    file = f"<snippet {abs(hash(text))}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    module: dict[str, Any] = {**names, "__name__": "snippet"}
    with warnings.catch_warnings(action="ignore", category=SyntaxWarning):
        exec(compile(text, file, "exec"), module)
    return workflow(fuse=fuse)(module["f"])


def inputs(made: Workflow[..., Any], count: int) -> list[dict[str, Any]]:
    """Give random inputs of a workflow, the same each time."""
    random = Random(made.name)
    return [
        {name: random_value(kind, random) for name, kind in made.input_models.items()} for _ in range(count)
    ]


def sources(
    files: Sequence[Path], read: Callable[[Path], list[tuple[str, str]]]
) -> list[tuple[str, str, dict[str, str]]]:
    """Give source, result and declared names of every pair in fixture files."""
    return [(source, result, declared(path)) for path in files for source, result in read(path)]


def returned(made: Workflow[..., Any]) -> str:
    """Give what a workflow returns that has no state but for that."""
    last = made.definition.states["Return"]
    return value(last.output)


def told(error: DefinitionError) -> str:
    """Give code, message and help of each refusal, a line each."""
    lines = [
        f"{found.code} {found.message}" + (f" || {found.help}" if found.help else "")
        for found in error.diagnostics
    ]
    return "\n".join(lines)
