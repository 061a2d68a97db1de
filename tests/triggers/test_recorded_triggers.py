"""Every recorded question about patterns, filters, inputs, schedules and templates, asked of the rules of events."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from typing import Any, Final

import pytest

from tests.shared_data import SHARED, needs_shared
from tests.triggers import adapter
from tests.triggers.stateful import stateful

AREAS: Final = ("patterns", "sns_filters", "mapping_filters", "inputs", "schedules", "templates")
EXCEPTIONS: Final[dict[str, str]] = {
    "inputs/test_put_events_with_input_transformer_missing_keys": (
        "AWS's message names the id of the target, which the check does not hand over"
    ),
}
"""Cases whose words differ from AWS's, and why; their decisions are right all the same."""


STATEFUL: Final = (
    "sqs", "sns", "sqs_mapping", "kinesis_mapping", "dynamodb_mapping", "mapping_api", "destinations", "streams",
    "events", "targets", "archives", "s3_events", "apigateway",
)  # fmt: skip
UNMET: Final[dict[str, str]] = {
    "kinesis_mapping/test_create_kinesis_event_source_mapping": (
        "the entry compares the records of one event with the list of events"
    ),
    "streams/dynamodb/test_dynamodb_stream_stream_view_type": "moto does not carry the PartiQL update out",
    "streams/kinesis/test_subscribe_to_shard": "the entry compares a list with its only element",
    "s3_events/eventbridge/test_restore_object": (
        "the rule asks for the put as well, whose event the entry does not have"
    ),
    "events/test_put_events_response_entries_order": "the entry compares two lists with one that joins them",
}
"""Recorded scripts that are not met, and why."""
WORDS_UNMET: Final[dict[str, str]] = {
    "sqs/move_task/test_move_task_cancel": "how many messages have been moved depends on the moment",
}
"""Recorded scripts whose decisions are met and some of whose values are not, and why."""


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


@needs_shared
@pytest.mark.parametrize("area", STATEFUL)
def test_what_services_did_when_something_happened_happens_here(area: str) -> None:
    shapes: dict[str, list[Any]] = {}
    values: dict[str, list[Any]] = {}
    for case in check().load(area):
        played = stateful(case)
        if wrong := _differences(case, played, shapes_only=True):
            shapes[case["id"]] = wrong
        elif wrong := _differences(case, played, shapes_only=False):
            values[case["id"]] = wrong

    assert {id_: wrong for id_, wrong in shapes.items() if id_ not in UNMET} == {}
    assert {id_: wrong for id_, wrong in values.items() if id_ not in WORDS_UNMET} == {}
    own = {id_ for id_ in (*UNMET, *WORDS_UNMET) if id_.split("/")[0] == area}
    assert own - shapes.keys() - values.keys() == set(), "what is met is no exception"


def _differences(case: dict[str, Any], played: dict[str, Any], *, shapes_only: bool) -> list[Any]:
    found = check().differences(case, played, shapes_only=shapes_only)
    return [(name, wrong) for name, wrong in found.items() if wrong]
