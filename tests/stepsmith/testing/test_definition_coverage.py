from typing import Any

import pytest

from stepsmith import load, parallel, wait, workflow
from stepsmith.testing import DefinitionCoverage, Runner
from tests.stepsmith.testing.shop import Busy, Declined, ask, both, charge, sell


def missed(coverage: DefinitionCoverage) -> list[str]:
    return [str(element) for element in coverage.missed]


def test_what_no_execution_went_through_is_missed(run: Runner) -> None:
    coverage = DefinitionCoverage("sell", sell.definition)

    coverage.add(run(sell, 5, "a", answers={ask: {"yes": False}}).history)

    assert "state 'Mail'" in missed(coverage)
    assert "retrier of 'Charge' for Busy" in missed(coverage)
    assert "state 'Refund'" not in missed(coverage)
    assert 0 < coverage.percent < 100


def test_a_retry_covers_its_retrier(run: Runner) -> None:
    coverage = DefinitionCoverage("sell", sell.definition)

    coverage.add(run(sell, 5, "a", fail={charge: {1: Busy()}}, answers={ask: {"yes": False}}).history)

    assert "retrier of 'Charge' for Busy" not in missed(coverage)


@workflow
def both_in_time(cents: int) -> str:
    """Charge twice, side by side, and wait."""
    try:
        first, second = parallel(charge(cents), charge(cents + 1))
    except Declined:
        return "declined"
    wait(1)
    return first + second


def test_a_caught_failure_of_a_branch_covers_the_catcher_and_not_the_transition(run: Runner) -> None:
    coverage = DefinitionCoverage("both_in_time", both_in_time.definition)

    coverage.add(run(both_in_time, 5, fail={charge: Declined()}).history)

    assert not [line for line in missed(coverage) if line.startswith("catcher")]
    assert [line for line in missed(coverage) if line.startswith("transition")]


def test_a_whole_set_of_runs_covers_everything(run: Runner) -> None:
    coverage = DefinitionCoverage("both", both.definition)

    for fail in ({}, {charge: Declined()}, {charge: {1: Busy(), 2: Busy()}}):
        coverage.add(run(both, 5, fail=fail).history)

    assert missed(coverage) == []
    assert coverage.percent == 100


def work(**more: Any) -> dict[str, Any]:
    resource = "arn:aws:lambda:us-east-1:123456789012:function:work"
    return {"Type": "Task", "Resource": resource, "End": True, **more}


def around(state: dict[str, Any], mode: str = "INLINE") -> dict[str, Any]:
    """A definition in which a state is done for each item, and every failure of that is caught."""
    processor = {
        "ProcessorConfig": {"Mode": mode, **({} if mode == "INLINE" else {"ExecutionType": "STANDARD"})},
        "StartAt": "Work",
        "States": {"Work": state, "Rest": {"Type": "Pass", "End": True}},
    }
    if "Catch" not in state:
        del processor["States"]["Rest"]
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Other"}]
    each = {"Type": "Map", "ItemProcessor": processor, "Catch": catch, "End": True}
    return {"StartAt": "Each", "States": {"Each": each, "Other": {"Type": "Pass", "End": True}}}


CAUGHT = work(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Rest"}])
PARTLY = work(Catch=[{"ErrorEquals": ["Busy"], "Next": "Rest"}])


@pytest.mark.parametrize(("state", "is_asked_for"), [(work(), True), (PARTLY, True), (CAUGHT, False)])
def test_a_catcher_that_no_failure_of_a_task_reaches_is_not_asked_for(
    state: dict[str, Any], is_asked_for: bool
) -> None:
    coverage = DefinitionCoverage("each", load(around(state)).definition)

    assert ("catcher of 'Each' for States.ALL" in missed(coverage)) == is_asked_for


def test_the_inside_of_a_distributed_map_is_not_asked_for() -> None:
    coverage = DefinitionCoverage("each", load(around(CAUGHT, "DISTRIBUTED")).definition)

    assert missed(coverage) == ["state 'Each'", "catcher of 'Each' for States.ALL", "state 'Other'"]
