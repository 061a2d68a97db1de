"""Explicit states and the fields they are written as, in both query languages."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from stepsmith import DefinitionError, Retry, TaskTimeout, references, states
from stepsmith.asl import render
from stepsmith.asl.model import QueryLanguage
from stepsmith.authoring.lowered.build import build
from stepsmith.authoring.machines.link import link
from tests.stepsmith.authoring.compiler.snippets import declared
from tests.stepsmith.authoring.compiler.vocabulary import NAMES
from tests.text_pairs import read_blocks

STATES = Path(__file__).with_name("fixtures") / "states.txt"
HERE: dict[str, Any] = {
    **{name: value for name, value in NAMES.items() if name not in ("parallel", "wait")},
    **{name: getattr(states, name) for name in states.__all__},
    **{name: getattr(references, name) for name in references.__all__},
    "datetime": datetime,
    "timedelta": timedelta,
    "UTC": UTC,
    "Retry": Retry,
    "TaskTimeout": TaskTimeout,
}


def variables() -> dict[str, Any]:
    """Give a reference to a variable for each declared name."""
    found: dict[str, Any] = {}
    for name, text in declared(STATES).items():
        kind = eval(text, HERE)
        optional = text.endswith(" | None")
        inner = eval(text.removesuffix(" | None"), HERE) if optional else kind
        found[name] = (references.optional_variable if optional else references.variable)(name, inner)
    return found


def written(source: str, language: QueryLanguage) -> str:
    """Give the first state as JSON, or the mistake in it."""
    try:
        scope = link(eval(source, {**HERE, **variables()}))
        machine = render(build(scope, query_language=language).machine)
    except DefinitionError as error:
        return f"{error.diagnostics[0].code} {error.diagnostics[0].message}"
    return json.dumps(machine["States"]["A"], ensure_ascii=False)  # type: ignore[call-overload, index]


@pytest.mark.parametrize(("source", "result"), read_blocks(STATES))
def test_a_state_is_written_in_both_languages(source: str, result: str) -> None:
    assert [written(source, "JSONata"), written(source, "JSONPath")] == result.split("\n")
