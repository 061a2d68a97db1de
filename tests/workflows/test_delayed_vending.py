"""Delayed vending, both ways: on the engine, and against plain Python. VP-01, W-04, W-05, W-07."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith import InvalidInput, TaskTimeout
from stepsmith.testing import Runner, assert_equivalent
from tasks.vending import (
    MachineJammed,
    Purchase,
    Receipt,
    authorise_payment,
    capture_payment,
    release_product,
    void_payment,
)
from workflows.delayed_vending import delayed_vending

COLA = Purchase(machine_id="m1", product="cola", price_cents=150)
STUCK = Purchase(machine_id="m1", product="stuck", price_cents=150)


def test_a_can_is_paid_for_when_it_has_dropped(run: Runner) -> None:
    execution = run(delayed_vending, COLA)

    assert execution.result() == Receipt(authorisation="auth-m1-150", delivered=True)
    assert execution.path == [
        "Start",
        "Authorise payment",
        "Wait 90 seconds",
        "Release product",
        "Capture payment",
        "Return 2",
    ]


def test_money_goes_back_when_the_machine_jams(run: Runner) -> None:
    execution = run(delayed_vending, purchase=STUCK)

    assert execution.result() == Receipt(authorisation="auth-m1-150", delivered=False)
    assert execution.path == [
        "Start",
        "Authorise payment",
        "Wait 90 seconds",
        "Release product",
        "Void payment",
        "Return",
    ]
    assert execution.elapsed == timedelta(seconds=90)


def test_vp_01_exactly_90_seconds_pass_between_the_two_calls(run: Runner) -> None:
    execution = run(delayed_vending, COLA)

    assert execution.waited == timedelta(seconds=90)


def test_the_authorisation_that_times_out_is_asked_for_again(run: Runner) -> None:
    execution = run(delayed_vending, COLA, fail={authorise_payment: {1: TaskTimeout("too late")}})

    assert execution.result().delivered
    assert execution.retries("authorise_payment") == 1


@pytest.mark.parametrize("task", [authorise_payment, release_product, capture_payment])
@pytest.mark.parametrize("error", [TaskTimeout("too late"), RuntimeError("the function died")])
def test_w_05_what_breaks_fails_the_sale_by_its_name(run: Runner, task: object, error: Exception) -> None:
    execution = run(delayed_vending, COLA, fail={task.function_name: error})  # type: ignore[attr-defined]  # a task

    assert execution.error == ("States.Timeout" if isinstance(error, TaskTimeout) else "RuntimeError")
    assert execution.task_calls("void_payment") == []


def test_w_05_a_void_that_breaks_fails_the_sale(run: Runner) -> None:
    execution = run(delayed_vending, STUCK, fail={void_payment: RuntimeError("the function died")})

    assert execution.error == "RuntimeError"


def test_a_jam_at_any_machine_voids_with_its_reason(run: Runner) -> None:
    execution = run(delayed_vending, COLA, fail={release_product: MachineJammed("door open")})

    assert [call.payload for call in execution.task_calls("void_payment")] == [
        {"authorisation": "auth-m1-150", "reason": "door open"}
    ]


@given(purchase=st.from_type(Purchase))
def test_same_result_as_plain_python(purchase: Purchase) -> None:
    assert_equivalent(delayed_vending, purchase=purchase)


def test_same_result_as_plain_python_when_the_machine_jams() -> None:
    assert_equivalent(delayed_vending, purchase=STUCK)


def test_a_purchase_that_does_not_fit_does_not_run(run: Runner) -> None:
    with pytest.raises(InvalidInput, match="price_cents"):
        run(delayed_vending, {"machine_id": "m1", "product": "cola", "price_cents": -1})

    assert run.executions == []
