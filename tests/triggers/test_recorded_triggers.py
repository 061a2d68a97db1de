"""Every recorded question about patterns, filters, inputs, schedules and templates, asked of the rules of events."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from typing import Any, Final

import pytest

from tests.shared_data import SHARED, needs_shared
from tests.triggers import adapter

AREAS: Final = ("patterns", "sns_filters", "mapping_filters", "inputs", "schedules", "templates")
EXCEPTIONS: Final[dict[str, str]] = {
    "inputs/test_put_events_with_input_transformer_missing_keys": (
        "AWS's message names the id of the target, which the check does not hand over"
    ),
}
"""Cases whose words differ from AWS's, and why; their decisions are right all the same."""


@cache
def check() -> Any:
    """Give the module that scores, from beside the cases."""
    spec = importlib.util.spec_from_file_location("triggers_check", SHARED / "triggers" / "check.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@needs_shared
@pytest.mark.parametrize("area", AREAS)
def test_what_aws_decided_and_said_is_decided_and_said_here(area: str) -> None:
    cases = check().load(area)
    scores = {case["id"]: check().score_pure(case, getattr(adapter, area)) for case in cases}

    assert len(cases) >= 20
    assert {id_: seen for id_, (decision, _, seen) in scores.items() if not decision} == {}
    assert {
        id_: seen for id_, (_, words, seen) in scores.items() if not words and id_ not in EXCEPTIONS
    } == {}


@needs_shared
@pytest.mark.parametrize("area", AREAS)
def test_what_is_listed_as_an_exception_is_one(area: str) -> None:
    cases = [case for case in check().load(area) if case["id"] in EXCEPTIONS]

    right = [case["id"] for case in cases if check().score_pure(case, getattr(adapter, area))[1]]

    assert right == []


@needs_shared
def test_places_in_patterns_are_those_that_awss_parser_names() -> None:
    told: dict[str, tuple[str, str]] = {}
    for case in check().load("patterns"):
        whole = case["expected"].get("invalid", {}).get("message_full", "")
        # Two of the recordings have placeholders in the text that the message repeats.
        if whole and "<partition>" not in whole:
            with pytest.raises(Exception) as refused:  # noqa: PT011 - the text is compared below
                adapter.patterns(case["given"]["pattern"], case["given"]["event"])
            told[case["id"]] = (str(refused.value), whole)

    assert len(told) > 15
    assert {id_: texts for id_, texts in told.items() if texts[0] != texts[1]} == {}
