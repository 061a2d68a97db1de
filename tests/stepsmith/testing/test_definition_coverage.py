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


def test_a_caught_failure_of_a_branch_covers_the_catcher_and_not_the_transition(run: Runner) -> None:
    coverage = DefinitionCoverage("both", both.definition)

    coverage.add(run(both, 5, fail={charge: Declined()}).history)

    assert not [line for line in missed(coverage) if line.startswith("catcher")]
    assert [line for line in missed(coverage) if line.startswith("transition")]


def test_a_whole_set_of_runs_covers_everything(run: Runner) -> None:
    coverage = DefinitionCoverage("both", both.definition)

    for fail in ({}, {charge: Declined()}, {charge: {1: Busy(), 2: Busy()}}):
        coverage.add(run(both, 5, fail=fail).history)

    assert missed(coverage) == []
    assert coverage.percent == 100
