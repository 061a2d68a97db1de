"""The hostile expressions of the kit: refused, bounded, or answered, each as it says."""

import importlib.util
import json
from typing import Any

import pytest

from stepsmith.expressions import jsonata
from stepsmith.expressions.types import UNDEFINED
from tests.shared_data import SHARED, needs_shared

KIT = SHARED / "badinput"
ENTRIES = (
    [
        entry
        for entry in json.loads((KIT / "index.json").read_text())["entries"]
        if entry["class"] == "jsonata"
    ]
    if KIT.is_dir()
    else []
)
WITHOUT_CLOCK = jsonata.Environment(clock=None)
"""With it only what is counted ends an evaluation."""


def recipes() -> Any:
    spec = importlib.util.spec_from_file_location("badinput_gen", KIT / "gen.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def text_of(source: dict[str, Any] | None) -> str:
    """The text of a payload or an input: of a file, or as its recipe makes it."""
    if source is None:
        return "{}"
    if "file" in source:
        return (KIT / source["file"]).read_text()
    made = getattr(recipes(), source["recipe"])
    result = made(**source["args"])
    return result.decode() if isinstance(result, bytes) else str(result)


def expressions(definition: Any) -> list[str]:
    """Every expression in a definition, without its delimiters."""
    if isinstance(definition, str):
        return [definition[2:-2].strip()] if definition.startswith("{%") and definition.endswith("%}") else []
    parts = (
        definition.values()
        if isinstance(definition, dict)
        else definition
        if isinstance(definition, list)
        else ()
    )
    return [text for part in parts for text in expressions(part)]


@needs_shared
@pytest.mark.slow
@pytest.mark.parametrize("entry", ENTRIES, ids=[entry["id"] for entry in ENTRIES])
def test_hostile_expressions_meet_their_outcome(entry: dict[str, Any]) -> None:
    definition = json.loads(text_of(entry["payload"]))
    data = json.loads(text_of(entry.get("input")))
    states = {"input": data, "context": {}, "errorOutput": {"Error": "States.QueryEvaluationError"}}

    outcomes = [outcome(text, states) for text in expressions(definition)]

    if not outcomes or entry["title"].startswith("the error is catchable"):
        return
    match entry["expect"]["outcome"]:
        case "fail":
            assert outcomes[0] in ("fail", "function", "nothing") or len(str(outcomes[0])) > 262_144
        case "succeed":
            assert {"r": outcomes[0]} == entry["expect"]["output"]
        case "refuse-create":
            assert outcomes[0] == "refuse"
        case other:
            assert other == "bounded"


def outcome(text: str, states: dict[str, Any]) -> Any:
    """The value, or what else comes out."""
    try:
        expression = jsonata.compile(text)
    except jsonata.JsonataError:
        return "refuse"
    try:
        value = expression.run(states, {}, WITHOUT_CLOCK)  # pyright: ignore[reportArgumentType]  # plain JSON
    except jsonata.JsonataError:
        return "fail"
    return "function" if jsonata.is_function(value) else "nothing" if value is UNDEFINED else value
