"""The reference implementation's own cases, and recorded answers of it to generated ones."""

import json
from pathlib import Path
from typing import Any

import pytest

from stepsmith.expressions import jsonata
from stepsmith.expressions.types import UNDEFINED
from tests.shared_data import SHARED, needs_shared

RECORDED = ("recorded.jsonl", "corners.jsonl")
WORK = 1_000_000_000


def outcome(text: str, data: Any, bindings: Any = None, limits: Any = None) -> Any:
    """The value, UNDEFINED, or the code of the error; a function as the recording has it."""
    try:
        value = jsonata.compile(text, jsonata.Dialect.REFERENCE).evaluate(data, bindings, limits=limits)
    except jsonata.JsonataError as error:
        return error.code
    return {"$function": True} if jsonata.is_function(value) else value


def same(left: Any, right: Any) -> bool:
    """Deep equality of JSON, where true is not 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, int | float) and isinstance(right, int | float):
        return float(left) == float(right)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return type(left) is type(right) and left == right


@needs_shared
@pytest.mark.slow
def test_all_cases_of_the_reference_suite_hold() -> None:
    cases = json.loads((SHARED / "jsonata" / "cases.json").read_text())
    datasets = json.loads((SHARED / "jsonata" / "datasets.json").read_text())

    failed = [case["id"] for case in cases if not _holds(case, datasets)]

    assert len(cases) > 900
    assert failed == []


def _holds(case: dict[str, Any], datasets: dict[str, Any]) -> bool:
    data = datasets[case["dataset"]] if "dataset" in case else case.get("data", UNDEFINED)
    limits = None
    if "timelimit" in case:
        limits = jsonata.Limits(depth=case["depth"], seconds=case["timelimit"] / 1000, work=WORK)
    found = outcome(case["expr"], data, case.get("bindings"), limits)
    if "code" in case:
        return found == case["code"]
    if case.get("undefined"):
        return found is UNDEFINED
    return same(found, case["result"])


@pytest.mark.slow
@pytest.mark.parametrize("name", RECORDED)
def test_recorded_answers_of_the_reference_are_ours(name: str) -> None:
    lines = (Path(__file__).parent / name).read_text().split("\n")
    inputs, *cases = [json.loads(line) for line in lines if line]

    different = [case["expr"] for case in cases if not _agrees(case, *inputs[case["on"]])]

    assert len(cases) == 2000
    assert different == []


def _agrees(case: dict[str, Any], data: Any, bindings: Any) -> bool:
    found = outcome(case["expr"], data, bindings)
    if "code" in case and len(case["code"]) != 5:
        return True  # an exception of JavaScript, which says nothing of the language
    if "code" in case and ("," in case["expr"] or "{" in case["expr"]):
        return isinstance(found, str)  # members are evaluated side by side there: any of their errors
    if "code" in case:
        return found == case["code"]
    if (found, case.get("value")) in (("Infinity", "-Infinity"), ("-Infinity", "Infinity")):
        return True  # of a division by negative zero
    if case.get("undefined"):
        return found is UNDEFINED
    return same(found, case["value"])
