"""IR-03, IR-04: hostile files are refused by name or come out as clean pictures."""

import importlib.util
import json
from types import ModuleType
from typing import Any

import pytest

from tasks.errors import Corrupt, TooLarge, Unsupported
from tasks.image_recognition.thumbnail import render
from tasks.pictures.formats import read_container
from tests.shared_data import SHARED, needs_shared
from tests.tasks.image_recognition.studio import inspected

KIT = SHARED / "badinput"


def _entries() -> list[dict[str, Any]]:
    if not KIT.is_dir():
        return []
    entries = json.loads((KIT / "index.json").read_text("utf-8"))["entries"]
    return [entry for entry in entries if entry["surface"] == "image"]


@pytest.fixture(scope="module")
def recipes() -> ModuleType:
    spec = importlib.util.spec_from_file_location("recipes", KIT / "gen.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@needs_shared
@pytest.mark.slow
@pytest.mark.parametrize("entry", _entries(), ids=lambda entry: entry["id"])
def test_hostile_pictures_end_as_they_must(entry: dict[str, Any], recipes: ModuleType) -> None:
    body = recipes.make(entry["payload"]["recipe"], **entry["payload"].get("args", {}))

    outcome, thumbnail = _outcome(body)

    assert outcome in (entry["expect"]["outcome"], {"image-either": outcome}.get(entry["expect"]["outcome"]))
    assert b"owned" not in thumbnail


def _outcome(body: bytes) -> tuple[str, bytes]:
    try:
        _, metadata = inspected(body)
        return "image-ok", render(read_container(body), metadata.orientation)[0]
    except (TooLarge, Unsupported, Corrupt):
        return "image-refuse", b""
