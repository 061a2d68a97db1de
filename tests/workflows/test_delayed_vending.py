"""Delayed vending, both ways: on the engine, and against plain Python. VP-01, W-04, W-05, W-07."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith import InvalidInput, TaskTimeout
from stepsmith.service import local, run_workflow
from stepsmith.testing import Runner, assert_equivalent
from tasks.vending import (
    ATTENTION,
    MachineJammed,
    Purchase,
    Receipt,
    authorise_payment,
    capture_payment,
    give_money_back,
    release_product,
    void_payment,
)
from workflows.delayed_vending import delayed_vending

COLA = Purchase(machine_id="m1", product="cola", price_cents=150)
STUCK = Purchase(machine_id="m1", product="stuck", price_cents=150)


def test_a_can_is_paid_for_when_it_has_dropped(run: Runner) -> None:
    execution = run(delayed_vending, COLA)

    assert execution.result() == Receipt(authorisation=f"auth-m1-{execution.name}", delivered=True)
    assert execution.path == [
        "Authorise payment",
        "Wait 90 seconds",
        "Release product",
        "Capture payment",
    ]


def test_money_goes_back_when_the_machine_jams(run: Runner) -> None:
    execution = run(delayed_vending, purchase=STUCK)

    assert execution.result() == Receipt(authorisation=f"auth-m1-{execution.name}", delivered=False)
    assert execution.path == [
        "Authorise payment",
        "Wait 90 seconds",
        "Release product",
        "Void payment",
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
def test_w_05_money_goes_back_before_the_sale_fails_by_the_name_of_what_broke(
    run: Runner, task: object, error: Exception
) -> None:
    execution = run(delayed_vending, COLA, fail={task.function_name: error})  # type: ignore[attr-defined]  # a task

    assert execution.error == ("States.Timeout" if isinstance(error, TaskTimeout) else "RuntimeError")
    assert [call.error for call in execution.task_calls("give_money_back")] == [None]
    assert execution.path[-1] == "Raise again"


def test_w_05_a_void_that_breaks_is_tried_longer_and_then_the_money_goes_back_another_way(
    run: Runner,
) -> None:
    execution = run(delayed_vending, STUCK, fail={void_payment: RuntimeError("the function died")})

    assert execution.error == "RuntimeError"
    assert len(execution.task_calls("void_payment")) == 9
    assert [call.error for call in execution.task_calls("give_money_back")] == [None]


def test_w_05_money_that_does_not_go_back_is_called_so_and_reaches_the_attention_queue(run: Runner) -> None:
    sqs: Any = run.aws.client("sqs")
    queue = sqs.create_queue(QueueName=ATTENTION)["QueueUrl"]

    execution = run(
        delayed_vending,
        COLA,
        fail={release_product: TaskTimeout("no answer"), give_money_back: RuntimeError("the bank is closed")},
    )

    assert execution.error == "CompensationFailed"
    [message] = sqs.receive_message(QueueUrl=queue)["Messages"]
    assert json.loads(message["Body"]) == {
        "subject": "150 cents paid at m1",
        "reason": "the bank is closed",
    }


def test_a_can_that_may_have_dropped_is_not_dropped_again(run: Runner) -> None:
    execution = run(delayed_vending, COLA, fail={release_product: TaskTimeout("no answer")})

    assert len(execution.task_calls("release_product")) == 1


def test_a_jam_at_any_machine_voids_with_its_reason(run: Runner) -> None:
    execution = run(delayed_vending, COLA, fail={release_product: MachineJammed("door open")})

    assert [call.payload for call in execution.task_calls("void_payment")] == [
        {"authorisation": f"auth-m1-{execution.name}", "reason": "door open"}
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


def test_two_sales_at_one_machine_and_price_never_share_an_authorisation() -> None:
    names = [
        run_workflow(delayed_vending, {"purchase": COLA.model_dump()}, local(name=name))
        .result()
        .authorisation
        for name in ("e1", "e2", "e1")
    ]

    assert names[0] == names[2] != names[1]
