"""Every recorded execution, TestState call and refusal, played on the engine and compared at the strictest level."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from tests.conformance.adapter import Adapter, runner
from tests.shared_data import SHARED, needs_shared

EXCEPTIONS: Final = {
    "scenarios/test_base_scenarios::TestBaseScenarios::test_lambda_invoke_with_retry_extended_input": (
        "recorded in October 2023, before AWS added RedriveCount to the context object; later recordings have it"
    ),
    "scenarios/test_base_scenarios::TestBaseScenarios::test_lambda_service_invoke_with_retry_extended_input": (
        "recorded in October 2023, before AWS added RedriveCount to the context object; later recordings have it"
    ),
    "test_state/test_test_state_mock_scenarios::TestStateMockScenarios::test_sfn_start_execution_success": (
        "the clean-up of the recording replaced the ARN in the mock but not in the output, which repeats it"
    ),
    "test_state/test_field_validation_mode::TestFieldValidationMode::"
    "test_strict_mode_aws_sdk_lambda_get_function_task[integer_more_than_maximum_allowed]": (
        "Lambda's API has since raised the largest MemorySize from 10,240 to 32,768"
    ),
}
"""Cases that cannot pass at the strictest level, and why."""
KINDS: Final = ("execution", "test_state", "create_error", "validate", "api_script")


@cache
def cases() -> list[tuple[dict[str, Any], dict[str, bool], str]]:
    """Play all cases that can be run; gives each with its verdict by level and the first difference."""
    adapter, played = Adapter(), []
    for file in sorted((SHARED / "conformance" / "execution").rglob("*.json")):
        case = json.loads(Path(file).read_text())
        if case["kind"] in KINDS and case.get("runnable") is not False and not case.get("needs_prior_calls"):
            verdict, message = runner().judge(case, adapter.run(case))
            played.append((case, verdict, message))
    return played


@needs_shared
@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_what_aws_recorded_is_what_comes_out(kind: str) -> None:
    differing = {
        case["id"]: message
        for case, verdict, message in cases()
        if case["kind"] == kind and not all(verdict.values()) and case["id"] not in EXCEPTIONS
    }

    assert differing == {}


@needs_shared
@pytest.mark.slow
def test_outcome_and_order_of_events_agree_without_exception() -> None:
    differing = {
        case["id"]: message
        for case, verdict, message in cases()
        if case["kind"] == "execution"
        and not all(verdict[level] for level in ("L0", "L1", "L2") if level in verdict)
    }

    assert differing == {}


@needs_shared
@pytest.mark.slow
def test_no_exception_is_listed_that_passes() -> None:
    passing = {case["id"] for case, verdict, _ in cases() if all(verdict.values())}

    assert passing.isdisjoint(EXCEPTIONS)
    assert len(EXCEPTIONS) <= 5
