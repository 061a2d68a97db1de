"""Every published fact about AWS, put to the package; what cannot be met is listed with its reason."""

from __future__ import annotations

import importlib.util
import json
from functools import cache
from typing import Any, Final

import pytest

from tests.facts.adapter import adapter
from tests.shared_data import SHARED, needs_shared

EXCEPTIONS: Final[dict[str, str]] = {}
"""Facts that are not met, and why: at most fifteen."""
MOST_EXCEPTIONS: Final = 15


@cache
def runner() -> Any:
    """Give the runner that lies beside the facts."""
    spec = importlib.util.spec_from_file_location("facts_runner", SHARED / "facts" / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def rows(kind: str) -> list[dict[str, Any]]:
    """Ask all facts of a kind; what is in conflict with another source is told, not counted."""
    lines = (SHARED / "facts" / f"{kind}.jsonl").read_text(encoding="utf-8").split("\n")
    facts = [json.loads(line) for line in lines if line.strip()]
    return [row for row in runner().run(adapter, kind, facts)["rows"] if not row["conflict"]]


@needs_shared
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["jsonata", "machines", "validation"])
def test_what_was_measured_on_aws_is_what_comes_out(kind: str) -> None:
    differing = {
        row["id"]: row["misses"] for row in rows(kind) if not row["agrees"] and row["id"] not in EXCEPTIONS
    }

    assert differing == {}


@needs_shared
@pytest.mark.slow
def test_no_fact_is_listed_as_an_exception_that_is_met() -> None:
    met = {row["id"] for kind in ("jsonata", "machines", "validation") for row in rows(kind) if row["agrees"]}

    assert met.isdisjoint(EXCEPTIONS)
    assert len(EXCEPTIONS) <= MOST_EXCEPTIONS
