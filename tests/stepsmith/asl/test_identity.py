"""Definitions and states that are parsed to the model and rendered again as they were."""

import json
from pathlib import Path
from typing import Any

import pytest

from stepsmith.asl import parse, render, to_json
from tests.text_pairs import read_lines

FIXTURES = Path(__file__).with_name("fixtures")


def around(state: str) -> dict[str, Any]:
    """Give a definition that begins with a state, and has the state B where that leads there."""
    following = {"B": {"Type": "Succeed"}} if '"Next": "B"' in state or '"Default": "B"' in state else {}
    return {"StartAt": "A", "States": {"A": json.loads(state), **following}}


@pytest.mark.parametrize("text", read_lines(FIXTURES / "identity.txt"))
def test_a_definition_comes_back_as_it_is(text: str) -> None:
    assert json.dumps(render(parse(text)), ensure_ascii=False) == text


@pytest.mark.parametrize("text", read_lines(FIXTURES / "identity_states.txt"))
def test_a_state_comes_back_as_it_is(text: str) -> None:
    definition = around(text)

    again = render(parse(json.dumps(definition)))

    assert json.dumps(again["States"]["A"], ensure_ascii=False) == text  # type: ignore[call-overload, index]
    assert to_json(parse(json.dumps(again))) == to_json(parse(json.dumps(definition)))
