"""Hostile definitions and inputs, fed to the door and the engine; the outcome in the words of their index."""

from __future__ import annotations

import importlib.util
import json
from functools import cache
from typing import Any, Final

from stepsmith.asl import parse
from stepsmith.diagnostics import InvalidDefinition
from stepsmith.engine import Run, Settings, compile
from stepsmith.engine.ports import StartTask, TaskFailed
from stepsmith.engine.values.payload import LIMIT, payload_text
from stepsmith.expressions.json_text import InvalidJson, read
from stepsmith.expressions.types import Json
from tests.shared_data import SHARED

FOLDER: Final = SHARED / "badinput"
ECHO: Final = json.dumps({"StartAt": "E", "States": {"E": {"Type": "Pass", "End": True}}})
HERE: Final = frozenset({"virtual-clock", "failing-task"})
"""What entries may need that is there."""


def entries(*surfaces: str) -> list[dict[str, Any]]:
    """Give the entries that go in at these places and can be played here."""
    index = json.loads((FOLDER / "index.json").read_text()) if FOLDER.is_dir() else {"entries": []}
    return [
        entry
        for entry in index["entries"]
        if entry["surface"] in surfaces and HERE.issuperset(entry.get("needs") or ())
    ]


@cache
def _recipes() -> Any:
    spec = importlib.util.spec_from_file_location("badinput_recipes", FOLDER / "gen.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def content(given: dict[str, Any] | None) -> bytes:
    """Make the bytes that an entry describes."""
    if given is None:
        return b"{}"
    if "file" in given:
        return (FOLDER / given["file"]).read_bytes()
    if "recipe" in given:
        return bytes(_recipes().make(given["recipe"], **given.get("args", {})))
    inline = given["inline"]
    return (inline if isinstance(inline, str) else json.dumps(inline)).encode()


def play(entry: dict[str, Any]) -> dict[str, Any]:
    """Feed one entry; gives the outcome and what was seen of it."""
    is_input = entry["surface"] == "input"
    definition = ECHO.encode() if is_input else content(entry["payload"])
    given = content(entry["payload"] if is_input else entry.get("input"))
    try:
        machine = parse(definition)
    except InvalidDefinition as refused:
        return {"outcome": "refuse-create", "text": str(refused)}
    if len(given) > LIMIT:
        return {"outcome": "refuse-start", "text": "the input is too long"}
    try:
        value = read(given, repeated_keys=True)
    except InvalidJson as refused:
        return {"outcome": "refuse-start", "text": str(refused)}
    run = Run(compile(machine), Settings(), value, now=0.0)
    _drive(run)
    outcome = {"SUCCEEDED": "succeed", "FAILED": "fail", "TIMED_OUT": "timeout"}[run.status]
    for _, (_, _, _, _, payload) in run.history.records(len(run.history) - 3):
        if isinstance(payload, str):
            payload_text(payload)
    return {
        "outcome": outcome,
        "error": run.error,
        "text": f"{run.error} {run.cause}",
        "output": run.output,
        "input": value,
        "events": len(run.history),
    }


def _drive(run: Run) -> None:
    now = 0.0
    while run.status == "RUNNING":
        commands = run.advance(now)
        for command in commands:
            if isinstance(command, StartTask):
                run.apply(TaskFailed(id=command.id, error="Failing", cause="on purpose"), now)
        if not commands and not run.busy and run.next_timer is not None:
            now = run.next_timer


def complaint(entry: dict[str, Any], seen: dict[str, Any]) -> str | None:
    """Say what is wrong with an outcome; None if it is as expected."""
    expect = entry["expect"]
    wanted, outcome = expect["outcome"], seen["outcome"]
    allowed = {"bounded": ("refuse-create", "refuse-start", "fail", "succeed")}.get(wanted, (wanted,))
    if outcome not in allowed:
        return f"{outcome} instead of {wanted}: {seen['text'][:300] if 'text' in seen else ''}"
    if outcome == "fail" and expect.get("errors") and seen["error"] not in expect["errors"]:
        return f"error {seen['error']} instead of {expect['errors']}"
    if outcome == "succeed" and "output" in expect and not same(expect["output"], seen["output"]):
        return f"another output: {str(seen['output'])[:200]}"
    if outcome == "succeed" and expect.get("echo") and not same(seen["input"], seen["output"]):
        return "another output than the input"
    if "events" in expect and outcome == "fail" and seen["events"] != expect["events"]:
        return f"{seen['events']} events instead of {expect['events']}"
    for word in expect.get("must_not", ()):
        if word.startswith("leak:") and f"<{word[5:]}" in seen.get("text", "") + str(seen.get("output")):
            return f"shows {word[5:]}"
    if "Traceback" in seen.get("text", "") or ".py" in seen.get("text", ""):
        return "shows Python's insides"
    return None


def same(left: Json, right: Json) -> bool:
    """Compare JSON, numbers by value."""
    return json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True) or left == right
