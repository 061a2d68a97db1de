"""What is read of the event about an execution that ended."""

import json
from typing import Any

import pytest

from tasks.endings import read_ended
from tasks.errors import InvalidInput
from tests.tasks.ended_executions import ended


@pytest.mark.parametrize("status", ["RUNNING", "SUCCEEDED", "PENDING_REDRIVE"])
def test_nothing_is_left_of_an_execution_that_goes_on_or_succeeded(status: str) -> None:
    assert read_ended(ended(status, {})) is None


@pytest.mark.parametrize(
    ("status", "more", "cause", "caught"),
    [
        ("ABORTED", {}, "the execution aborted", False),
        ("TIMED_OUT", {}, "the execution timed out", False),
        ("FAILED", {"error": "Declined", "cause": "no money"}, "no money", True),
        ("FAILED", {"error": "States.Runtime", "cause": "a path"}, "a path", False),
        ("FAILED", {"error": "States.DataLimitExceeded", "cause": "large"}, "large", False),
        ("FAILED", {"error": "E", "cause": json.dumps({"errorMessage": "said"})}, "said", True),
        ("FAILED", {"error": "E", "cause": "[1]"}, "[1]", True),
    ],
)
def test_an_end_says_its_cause_and_whether_it_may_have_been_caught(
    status: str, more: dict[str, Any], cause: str, caught: bool
) -> None:
    found = read_ended(ended(status, {"a": 1}, **more))

    assert found is not None
    assert (found.name, found.status, found.input) == ("e1", status, {"a": 1})
    assert (found.cause, found.has_caught) == (cause, caught)


@pytest.mark.parametrize(
    ("detail", "place"),
    [
        (None, "detail"),
        ([], "detail"),
        ({}, "detail.status"),
        ({"status": "FAILED"}, "detail.input"),
        ({"status": "FAILED", "input": "{"}, "detail.input"),
        ({"status": "FAILED", "input": "[]"}, "detail.input"),
        ({"status": "FAILED", "input": "[" * 100_000}, "detail.input"),
        ({"status": "FAILED", "input": "{}", "cause": 1}, "detail.cause"),
        ({"status": "FAILED", "input": "{}", "error": 1}, "detail.error"),
        ({"status": "FAILED", "input": "{}", "name": 1}, "detail.name"),
    ],
)
def test_what_is_no_event_is_refused_by_the_place(detail: object, place: str) -> None:
    with pytest.raises(InvalidInput, match=f"^{place} is"):
        read_ended(detail)
