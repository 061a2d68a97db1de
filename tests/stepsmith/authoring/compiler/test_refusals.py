"""Bodies of workflow functions that do not compile, each with code, message and help of every refusal."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, Never

import pytest

from stepsmith import DefinitionError, WorkflowError, workflow
from stepsmith.testing import assert_equivalent
from tests.stepsmith.authoring.compiler.programs.world import workflow_of
from tests.stepsmith.authoring.compiler.snippets import FIXTURES, snippet, sources, told
from tests.text_pairs import read_blocks

PAIRS = sources([FIXTURES / "refusals.txt"], read_blocks)


@pytest.mark.parametrize(("source", "result", "kinds"), PAIRS)
def test_a_body_is_refused_in_these_words(source: str, result: str, kinds: dict[str, str]) -> None:
    with pytest.raises(DefinitionError) as caught:
        snippet(source, kinds)

    assert told(caught.value) == result
    assert str(caught.value).count("^") >= len(caught.value.diagnostics)


def test_there_are_hundreds_of_refusals() -> None:
    assert len(PAIRS) > 400


@pytest.mark.parametrize(
    ("written", "found", "help"),
    [
        ("Size.SMAL", "Size has no member 'SMAL'", "did you mean 'SMALL'?"),
        ("Size.XXL", "Size has no member 'XXL'", "its members are SMALL, LARGE"),
        ("sizes.Siez.SMALL", "the module sizes has no 'Siez'", "did you mean 'Size'?"),
    ],
)
def test_a_misspelt_member_is_told_with_what_was_meant(
    written: str, found: str, help: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sizes.py").write_text(
        'from enum import StrEnum\n\n\nclass Size(StrEnum):\n    SMALL = "s"\n    LARGE = "l"\n'
    )
    (tmp_path / "choosing.py").write_text(
        "import sizes\nfrom sizes import Size\nfrom stepsmith import workflow\n\n\n@workflow\n"
        f"def choosing(text: str) -> Size:\n    size = {written}\n    return size\n"
    )
    monkeypatch.syspath_prepend(tmp_path)

    try:
        with pytest.raises(DefinitionError) as caught:
            importlib.import_module("choosing")
    finally:
        for name in ("choosing", "sizes"):
            sys.modules.pop(name, None)

    assert f"W131 {found}" in str(caught.value)
    assert f"help: {help}" in str(caught.value)


@pytest.mark.parametrize(
    "kind", ["Literal", "Annotated", "list[Annotated]", "int | list[Annotated]", "Iterator[int]"]
)
@pytest.mark.parametrize(
    "text", ["def program(n: KIND) -> int:\n    return 3", "def program(n: int) -> KIND: ..."]
)
def test_what_no_value_can_be_read_as_is_no_annotation(kind: str, text: str) -> None:
    names = {"workflow": workflow, "Literal": Literal, "Annotated": Annotated, "Iterator": Iterator}

    with pytest.raises(DefinitionError, match=r"W104 .* cannot be read from JSON"):
        workflow_of(f"@workflow\n{text.replace('KIND', kind)}\n", names)


def test_a_workflow_that_always_fails_may_say_so() -> None:
    names = {"workflow": workflow, "Never": Never, "WorkflowError": WorkflowError}
    made = workflow_of("@workflow\ndef program(n: int) -> Never:\n    raise WorkflowError('no')\n", names)

    assert_equivalent(made, n=3)


def test_what_is_defined_below_its_use_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "upside_down.py").write_text(
        "from stepsmith import workflow\n\n\n@workflow\ndef greeting(name: str) -> str:\n"
        "    return hello(name) + MARK\n\n\ndef hello(name: str) -> str:\n    return name\n\n\nMARK = '!'\n"
    )
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(DefinitionError) as caught:
        importlib.import_module("upside_down")

    assert [found.help for found in caught.value.diagnostics] == [
        "put hello above the workflow, which is compiled where it is defined",
        "put MARK above the workflow, which is compiled where it is defined",
    ]
