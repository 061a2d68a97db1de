"""The calls of selling, one by one."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from stepsmith import ClientRegistry
from tasks.vending import (
    ATTENTION,
    MachineJammed,
    Purchase,
    authorise_payment,
    call_attention,
    capture_payment,
    find_sale,
    give_money_back,
    release_product,
    void_payment,
)
from tests.tasks.cart.memory_dynamodb import MemoryQueues
from tests.tasks.ended_executions import ended

COLA = Purchase(machine_id="m1", product="cola", price_cents=150)


@pytest.fixture(params=["memory", pytest.param("moto", marks=pytest.mark.slow)])
def sqs(request: pytest.FixtureRequest) -> Any:
    queues: Any = MemoryQueues() if request.param == "memory" else ClientRegistry.local().client("sqs")
    queues.create_queue(QueueName=ATTENTION)
    return queues


def test_an_authorisation_is_the_same_when_it_is_asked_for_again() -> None:
    assert authorise_payment(COLA, "e1") == authorise_payment(COLA, "e1") == "auth-m1-e1"


def test_no_two_purchases_share_an_authorisation_at_one_machine_and_price() -> None:
    assert authorise_payment(COLA, "e1") != authorise_payment(COLA, "e2")


def test_a_can_drops_and_a_stuck_one_does_not() -> None:
    release_product("m1", "cola")

    with pytest.raises(MachineJammed, match="m1 did not release stuck"):
        release_product("m1", "stuck")


def test_money_is_taken_let_go_of_or_given_back_without_a_result() -> None:
    capture_payment("auth-m1-150")
    void_payment("auth-m1-150", "jammed")
    give_money_back(COLA, "e1", "no answer")

    assert capture_payment.handle({"authorisation": "auth-m1-150"}) is None
    assert void_payment.handle({"authorisation": "auth-m1-150", "reason": "jammed"}) is None
    assert (
        give_money_back.handle({"purchase": COLA.model_dump(), "execution": "e1", "reason": "no answer"})
        is None
    )


def test_a_can_is_never_dropped_again_by_a_retry() -> None:
    assert release_product.retry == ()


def test_a_call_for_attention_is_cut_to_a_readable_length(sqs: Any) -> None:
    call_attention("swipe s1", "x" * 5000, sqs=sqs)

    url = sqs.get_queue_url(QueueName=ATTENTION)["QueueUrl"]
    [message] = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1)["Messages"]
    assert json.loads(message["Body"]) == {"subject": "swipe s1", "reason": "x" * 1000}


@pytest.mark.parametrize("cents", [-1, 100_001, 1.0, "150", True, None])
def test_money_is_whole_cents(cents: Any) -> None:
    with pytest.raises(ValidationError):
        Purchase(machine_id="m1", product="cola", price_cents=cents)


def test_a_sale_is_left_open_by_what_no_state_could_catch() -> None:
    given = {"purchase": COLA.model_dump()}

    for status in ("ABORTED", "TIMED_OUT"):
        sale = find_sale(ended(status, given))
        assert sale is not None
        assert (sale.purchase, sale.execution) == (COLA, "e1")
    assert find_sale(ended("FAILED", given, error="States.Runtime", cause="")) is not None


def test_nothing_is_left_of_a_sale_that_ended_itself_or_never_began() -> None:
    assert find_sale(ended("SUCCEEDED", {"purchase": COLA.model_dump()})) is None
    assert find_sale(ended("FAILED", {"purchase": COLA.model_dump()}, error="MachineJammed")) is None
    assert find_sale(ended("ABORTED", {"purchase": {"product": "cola"}})) is None


@pytest.mark.parametrize("name", ["m", "m" * 64, "crisps, salted", "Müsli"])
def test_a_name_reaches_to_its_limits(name: str) -> None:
    assert Purchase(machine_id=name, product=name, price_cents=1).product == name


@pytest.mark.parametrize("name", ["", "m" * 65, "a/b", "a\n"])
def test_a_name_goes_no_further(name: str) -> None:
    with pytest.raises(ValidationError):
        Purchase(machine_id=name, product="cola", price_cents=1)


def test_the_cause_of_a_sale_that_is_left_open_is_cut_to_a_readable_length() -> None:
    given = {"purchase": COLA.model_dump()}

    sale = find_sale(ended("FAILED", given, error="States.Runtime", cause="x" * 5000))

    assert sale is not None
    assert sale.cause == "x" * 1000
