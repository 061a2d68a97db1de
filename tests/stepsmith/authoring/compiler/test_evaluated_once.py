"""What is drawn anew at each evaluation stands once in what is compiled, however often its value is needed."""

import ast
import re
from collections.abc import Iterator
from typing import Final

import pytest

from stepsmith import DefinitionError, now, uuid
from stepsmith.testing import assert_equivalent
from tests.stepsmith.authoring.compiler.programs.world import workflow_of
from tests.stepsmith.authoring.compiler.snippets import FIXTURES, snippet, sources
from tests.stepsmith.authoring.compiler.test_library import KINDS
from tests.stepsmith.authoring.compiler.vocabulary import NAMES
from tests.text_pairs import read_pairs

DRAWN: Final = {
    "str": "uuid()",
    "int": "len(uuid())",
    "datetime": "now()",
    "list[int]": "[len(uuid()), 2]",
    "list[str]": "[uuid(), 'a']",
    "dict[str, int]": "{uuid(): 1}",
    "int | None": "{'a': 1}.get(uuid())",
}
"""Type -> an expression of it that is another one each time."""


class _Put(ast.NodeTransformer):
    """Puts an expression in the place of a name."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = name, text

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.parse(self.text, mode="eval").body if node.id == self.name else node


def _programs() -> Iterator[tuple[str, dict[str, str]]]:
    library = {name: getattr(kind, "__name__", "") for name, kind in KINDS.items()}
    library |= {name: str(kind) for name, kind in KINDS.items() if "[" in str(kind)}
    lines = (FIXTURES / "library.txt").read_text(encoding="utf-8").splitlines()
    pairs = sources(sorted((FIXTURES / "expressions").glob("*.txt")), read_pairs)
    known = [(source, kinds) for source, _, kinds in pairs]
    known += [(line, library) for line in lines if line and not line.startswith("#")]
    for source, kinds in known:
        tree = ast.parse(source, mode="eval")
        names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
        bound = {node.id for node in names if isinstance(node.ctx, ast.Store)}
        for name in dict.fromkeys(node.id for node in names):
            if kinds.get(name) in DRAWN and name not in bound:
                yield ast.unparse(_Put(name, DRAWN[kinds[name]]).visit(ast.parse(source, mode="eval"))), kinds


@pytest.mark.slow
def test_an_expression_evaluates_what_is_drawn_anew_as_often_as_it_is_written() -> None:
    wrong: list[str] = []
    accepted = 0
    names = {**NAMES, "uuid": uuid, "now": now}
    for text, kinds in _programs():
        try:
            made = snippet(f"return {text}", kinds, fuse=False, names=names)
        except DefinitionError:
            continue
        accepted += 1
        found = re.findall(r"\$uuid\(|\$now\(|EnteredTime", made.definition.to_json())
        if len(found) != text.count("uuid()") + text.count("now()"):
            wrong.append(text)

    assert wrong == []
    assert accepted > 700


@pytest.mark.parametrize(
    "text",
    [
        "list({uuid(): 1}.values())",
        "[len(pair) for pair in enumerate([1, 2, 3], len(uuid()))]",
        "sum({uuid()[0]: 2, uuid()[0] + 'b': 3}.values())",
        "[uuid().startswith(('a', '', 'b'))]",
    ],
)
def test_what_is_drawn_anew_is_one_value(text: str) -> None:
    assert_equivalent(snippet(f"return {text}", {}, names={**NAMES, "uuid": uuid}))


def test_values_of_a_dict_cannot_fail_and_may_stand_in_a_try_statement() -> None:
    made = workflow_of(
        "@workflow\ndef program(d: dict[str, int]) -> None:\n"
        "    try:\n        see_number(sum(d.values()))\n    except Exception:\n        pass\n"
    )

    assert "KeyError" not in made.definition.to_json()
    assert_equivalent(made, d={"a": 1, "b": 2})
