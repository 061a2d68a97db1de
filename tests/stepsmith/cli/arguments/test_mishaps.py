"""`--fail`, `--returns` and `--delay`."""

from __future__ import annotations

import pytest

from tests.stepsmith.cli.conftest import Call

pytestmark = pytest.mark.usefixtures("project")


def test_a_task_fails_by_the_name_of_its_function_and_by_its_state(stepsmith: Call) -> None:
    for name in ("price", "Price"):
        outcome = stepsmith("run", "ordering", "order.sku=a", "--fail", f"{name}=Busy")

        assert outcome.code == 1
        assert "stepsmith: FAILED: Busy: it was told to fail\n  in state 'Price'" in outcome.err


def test_a_task_fails_only_at_the_attempt_that_is_named(stepsmith: Call) -> None:
    outcome = stepsmith("run", "ordering", "order.sku=a", "--fail", "price=Lambda.Unknown@2")

    assert (outcome.code, outcome.out) == (0, "250\n")


def test_a_task_gives_what_it_is_told(stepsmith: Call) -> None:
    outcome = stepsmith("run", "ordering", "order.sku=none", "--returns", "price=7")

    assert (outcome.code, outcome.out) == (0, "7\n")


def test_a_task_takes_the_time_that_it_is_given(stepsmith: Call) -> None:
    outcome = stepsmith("run", "ordering", "order.sku=a", "--delay", "price=2.5")

    assert outcome.err.endswith("SUCCEEDED after 62.5 s\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fail", "price"], "--fail 'price' is not of the form TASK=ERROR or TASK=ERROR@ATTEMPT"),
        (["--fail", "=Busy"], "--fail '=Busy' is not of the form"),
        (["--fail", "price="], "names no error"),
        (["--fail", "price=Busy@0"], "'0' is no attempt; they are counted from 1"),
        (["--fail", "prise=Busy"], "--fail 'prise=Busy': no state calls 'prise'; did you mean 'price'?"),
        (["--returns", "price"], "--returns 'price' is not of the form TASK=JSON"),
        (["--returns", "prise=1"], "no state calls 'prise'"),
        (["--returns", "price={"], "begins like JSON and is not"),
        (["--returns", "price=1", "--returns", "Price=2"], "answers for 'Price' a second time"),
        (["--durable", "--returns", "price=1"], "--returns is for runs that no journal holds"),
        (["--delay", "price"], "--delay 'price' is not of the form TASK=SECONDS, with seconds from 0"),
        (["--delay", "price=-1"], "is not of the form TASK=SECONDS"),
        (["--delay", "price=nan"], "is not of the form TASK=SECONDS"),
        (["--delay", "prise=1"], "no state calls 'prise'; did you mean 'price'?"),
        (["--delay", "price=1", "--delay", "Price=2"], "delays 'Price' a second time; give one of them"),
        (["--durable", "--fail", "price=Busy"], "--fail is for runs that no journal holds"),
        (["--durable", "--delay", "price=1"], "--delay is for runs that no journal holds"),
    ],
)
def test_what_cannot_be_meant_is_refused(stepsmith: Call, arguments: list[str], message: str) -> None:
    outcome = stepsmith("run", "ordering", "order.sku=a", *arguments)

    assert outcome.code == 2
    assert message in outcome.err
