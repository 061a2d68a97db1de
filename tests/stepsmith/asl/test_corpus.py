"""Real definitions with AWS's verdict: what is accepted, what is refused, for which rule, in whose words, and where."""

import json
from functools import cache
from typing import Any

import pytest

from stepsmith.asl import check, parse, render
from stepsmith.diagnostics import Finding
from stepsmith.integrations.services.models import service_model
from tests.shared_data import SHARED, needs_shared

pytestmark = [needs_shared, pytest.mark.slow]

# Two keys of one name: the corpus does not know what AWS does ("basis": "unknown"); we refuse them.
REPEATED_KEY = "json-duplicate-state-key-fc7adacc"
# The names of the SDK's actions are not in this room; whoever checks gives them.
UNKNOWN_SDK_ACTION = "resource-sdk-unknown-action-06003b2c"
# The text of the recording has a placeholder for the partition.
PLACEHOLDER = "<partition>"

# Entries from before AWS was asked itself, and the facts that hold its answer.
RESULT_IN_CATCHER = (
    "validationstrings-265e876c"  # a tool's own case; validation/sfnx/states-place-result-in-catcher
)
RING = "unreachable-cycle-75b65630"  # validation/sfnx/accepted-unreachable-pair
LONG_NAMES = {  # validation/preflight/state-name-81 has the code INVALID_STATE_NAME
    "invalid-state-name-too-long-9010623d",
    "nested-name-too-long-271eb937",
}
HALF_A_SENTENCE = "choice-variable-no-dollar-db42fc66"  # validation/tiny/Choice-004 has the whole one


@cache
def entries(verdict: str) -> list[dict[str, Any]]:
    index = json.loads((SHARED / "corpus" / "index.json").read_text())
    return [entry for entry in index["entries"] if entry["verdict"] == verdict]


def text_of(entry: dict[str, Any]) -> str:
    return (SHARED / "corpus" / entry["file"]).read_bytes().decode()


@cache
def errors(id: str, verdict: str) -> tuple[Finding, ...]:
    (entry,) = (entry for entry in entries(verdict) if entry["id"] == id)
    found = check(text_of(entry), type=entry.get("machine_type", "STANDARD"))
    return tuple(finding for finding in found if finding.severity == "ERROR")


def refused() -> list[tuple[dict[str, Any], tuple[Finding, ...]]]:
    pairs = [(entry, errors(entry["id"], "invalid")) for entry in entries("invalid")]
    return [(entry, found) for entry, found in pairs if found]


def test_valid_definitions_are_accepted() -> None:
    refused_ones = {entry["id"]: errors(entry["id"], "valid") for entry in entries("valid")}

    assert {id for id, found in refused_ones.items() if found} == {
        REPEATED_KEY,
        RESULT_IN_CATCHER,
    }


def test_valid_definitions_survive_rendering() -> None:
    for entry in entries("valid"):
        if entry["id"] not in (REPEATED_KEY, RESULT_IN_CATCHER):
            machine = parse(text_of(entry))
            assert parse(render(machine)) == machine


def test_invalid_definitions_are_refused() -> None:
    accepted = {entry["id"] for entry in entries("invalid") if not errors(entry["id"], "invalid")}

    assert accepted == {UNKNOWN_SDK_ACTION, RING}


def test_with_the_actions_of_the_sdk_all_invalid_ones_are_refused_and_no_valid_one_more() -> None:
    (entry,) = (entry for entry in entries("invalid") if entry["id"] == UNKNOWN_SDK_ACTION)
    found = check(text_of(entry), services=service_model)
    valid = [check(text_of(each), services=service_model) for each in entries("valid")]

    assert [(finding.code, finding.rule, finding.pointer) for finding in found] == [
        (entry["code"], entry["rule"], entry["at"])
    ]
    assert not any("that is known here" in finding.message for findings in valid for finding in findings)


def test_a_refusal_is_for_the_rule_that_is_broken() -> None:
    other = [
        entry["id"]
        for entry, found in refused()
        if not set(entry.get("rules") or [entry["rule"]]) & {finding.rule for finding in found}
    ]

    assert other == []


def test_a_refusal_has_the_code_of_aws() -> None:
    other = [
        entry["id"]
        for entry, found in refused()
        if entry.get("code") and entry["code"] not in {finding.code for finding in found}
    ]

    assert set(other) == LONG_NAMES


def test_a_refusal_has_the_words_of_aws_where_they_are_known() -> None:
    other = [
        entry["id"]
        for entry, found in refused()
        if entry.get("aws_message")
        and entry["aws_message"].strip() not in {finding.message.strip() for finding in found}
        and PLACEHOLDER not in entry["aws_message"]
    ]

    assert other == [HALF_A_SENTENCE]


def test_a_refusal_points_to_the_state() -> None:
    other = [
        entry["id"]
        for entry, found in refused()
        if entry.get("at") and not any(_near(entry["at"], finding.pointer) for finding in found)
    ]

    assert len(other) <= 0.02 * len(entries("invalid"))


def _near(expected: str, actual: str) -> bool:
    return actual.startswith(expected) or expected.startswith(actual)


def test_every_finding_has_a_line_and_a_column() -> None:
    assert all(finding.line and finding.column for _, found in refused() for finding in found)
