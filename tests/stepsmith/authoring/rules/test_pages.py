"""Every page of a code: its example is refused in exactly the words of its snapshot, and its cure compiles."""

import importlib.util
import linecache
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from stepsmith.authoring.source.diagnostics import DefinitionError
from stepsmith.authoring.rules import codes, explain
from stepsmith.errors import NotFound

HERE = Path(__file__).parent
PREAMBLE = (HERE / "preamble.py").read_text() + "\n\n"
WITH_EXAMPLE = [code for code in codes() if "## Example" in explain(code)]


def examples(code: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", explain(code), re.DOTALL)


def load(folder: Path, name: str, example: str) -> ModuleType:
    path = folder / f"{name}.py"
    path.write_text(PREAMBLE + example)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules[name]
    return module


@pytest.mark.parametrize("code", WITH_EXAMPLE)
def test_the_example_is_refused_in_the_words_of_the_snapshot(code: str, tmp_path: Path) -> None:
    bad, _ = examples(code)

    with pytest.raises(DefinitionError) as caught:
        load(tmp_path, "example", bad)

    lines = PREAMBLE.count("\n")
    text = re.sub(r"(?m)(?<=^example\.py:)\d+", lambda found: str(int(found[0]) - lines), str(caught.value))
    text = re.sub(r"(?m)^ *(\d+)(?= \| )", lambda found: f"{int(found[1]) - lines:>5}", text)
    assert [found.code for found in caught.value.diagnostics] == [code]
    assert text + "\n" == (HERE / "snapshots" / f"{code}.txt").read_text()


@pytest.mark.parametrize("code", WITH_EXAMPLE)
def test_what_the_page_says_to_use_instead_compiles(code: str, tmp_path: Path) -> None:
    _, good = examples(code)

    module = load(tmp_path, "instead", good)

    assert module.example.definition.states


def test_every_code_that_the_compiler_uses_has_a_page() -> None:
    folder = HERE.parents[3] / "stepsmith" / "authoring"
    used = {
        code
        for path in folder.rglob("*.py")
        if path.parent.name != "rules"
        for code in re.findall(r'"(W\d{3})"', path.read_text())
    }

    assert used == set(codes())


def test_an_unknown_code_is_answered_with_the_known_ones() -> None:
    with pytest.raises(NotFound, match=r"no code 'W999'; the codes are W100, "):
        explain("W999")


def test_a_function_without_source_is_refused() -> None:
    from stepsmith import workflow

    names: dict[str, object] = {}
    exec("def example(text: str) -> str:\n    return text\n", names)

    with pytest.raises(DefinitionError, match="W106 the source of example cannot be read"):
        workflow(names["example"])  # pyright: ignore[reportArgumentType, reportCallIssue] - made by exec


@pytest.mark.parametrize("found", ["import sys; sys.exit()\n", "def another(text): return text\n", "else:\n"])
def test_lines_that_are_not_the_functions_own_are_not_taken_for_its_source(found: str) -> None:
    from stepsmith import workflow

    names: dict[str, object] = {}
    exec(compile("def example(text: str) -> str:\n    return text\n", "<lines of another>", "exec"), names)
    linecache.cache["<lines of another>"] = (len(found), None, [found], "<lines of another>")

    with pytest.raises(DefinitionError, match="W106 the source of example cannot be read"):
        workflow(names["example"])  # pyright: ignore[reportArgumentType, reportCallIssue] - made by exec
