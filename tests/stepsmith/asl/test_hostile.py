"""Hostile definitions: each is refused by name or accepted, never crashed on; those that must be refused are."""

import importlib.util
import json
from typing import Any

import pytest

from stepsmith.asl import parse
from stepsmith.diagnostics import InvalidDefinition
from tests.shared_data import SHARED, needs_shared

FOLDER = SHARED / "badinput"
# This control repeats the names of states in branches, which AWS refuses (DUPLICATE_STATE_NAME in the corpus).
REPEATED_NAMES = {"defn-007"}


def entries() -> list[dict[str, Any]]:
    if not FOLDER.is_dir():
        return []
    index = json.loads((FOLDER / "index.json").read_text())
    return [entry for entry in index["entries"] if entry["surface"] == "definition"]


def payload(entry: dict[str, Any]) -> bytes:
    given = entry["payload"]
    if "file" in given:
        return (FOLDER / given["file"]).read_bytes()
    spec = importlib.util.spec_from_file_location("badinput_recipes", FOLDER / "gen.py")
    assert spec is not None
    assert spec.loader is not None
    recipes = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(recipes)
    made = getattr(recipes, given["recipe"])(**given.get("args", {}))
    return made if isinstance(made, bytes) else made.encode("utf-8", "surrogatepass")


@needs_shared
@pytest.mark.slow
@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry["id"])
def test_a_hostile_definition_is_refused_by_name_or_accepted(entry: dict[str, Any]) -> None:
    refused = ""

    try:
        parse(payload(entry))
    except InvalidDefinition as error:
        refused = error.findings[0].code

    outcome = entry["expect"]["outcome"]
    if outcome == "refuse-create":
        assert refused
    elif outcome in ("succeed", "fail", "timeout") and entry["id"] not in REPEATED_NAMES:
        assert not refused
