"""The systems of the repository in a local cloud, where they start by themselves."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from stepsmith.cloud.local import LocalCloud
from tasks.cart.lines import add_line
from tests.tasks.cart.shop import CART, Money, Shop
from workflows.delayed_vending import delayed_vending
from workflows.image_recognition import image_recognition
from workflows.shopping_cart import shopping_cart

PHOTOGRAPH = Path(__file__).parents[2] / "examples" / "photographs" / "hay_bales.jpg"


def test_a_photograph_that_is_uploaded_is_recognised_and_its_record_is_in_the_table() -> None:
    with LocalCloud(workflows=[image_recognition]) as cloud:
        cloud.client("s3").put_object(
            Bucket="photographs",
            Key="uploads/hay.jpg",
            Body=PHOTOGRAPH.read_bytes(),
            ContentType="image/jpeg",
        )
        cloud.settle()

        (execution,) = cloud.executions
        records = cloud.client("dynamodb").scan(TableName="images")["Items"]

    assert execution.status == "SUCCEEDED", execution.cause
    assert any("hay" in json.dumps(record).lower() for record in records)


def test_a_sale_that_is_aborted_gives_the_money_back_by_itself() -> None:
    purchase = {"machine_id": "m1", "product": "cola", "price_cents": 150}
    with LocalCloud(workflows=[delayed_vending]) as cloud:
        states = cloud.client("stepfunctions")
        arn = cloud.caller.arn("states", "stateMachine:delayed_vending")
        sale = states.start_execution(stateMachineArn=arn, input=json.dumps({"purchase": purchase}))
        cloud.advance(timedelta(seconds=30))
        states.stop_execution(executionArn=sale["executionArn"])
        cloud.settle()

        ended = [each for each in cloud.executions if each.machine_name == "delayed_vending_ended"]

    assert [(each.status, each.output) for each in ended] == [("SUCCEEDED", True)]


def test_a_checkout_that_is_stopped_while_the_bank_is_asked_lets_go_of_the_money_and_hears_no_late_answer() -> (
    None
):
    checkout = {
        "cart": {"id": "c1"},
        "customer_id": "u1",
        "payment_method": "secure",
        "idempotency_key": "k1",
    }
    with LocalCloud(workflows=[shopping_cart]) as cloud:
        shop, states = Shop(cloud.client("dynamodb"), cloud.client("sqs")), cloud.client("stepfunctions")
        shop.put_product("tea", price=350, stock=10)
        add_line(CART, "tea", 2, "r1", datetime.fromtimestamp(cloud.clock.now(), UTC), dynamodb=shop.dynamodb)
        arn = cloud.caller.arn("states", "stateMachine:shopping_cart")
        sale = states.start_execution(stateMachineArn=arn, input=json.dumps({"checkout": checkout}))
        cloud.settle()
        held = shop.money()
        asked = shop.sqs.receive_message(
            QueueUrl=shop.sqs.get_queue_url(QueueName="notices")["QueueUrl"], MessageAttributeNames=["All"]
        )

        states.stop_execution(executionArn=sale["executionArn"])
        token = asked["Messages"][0]["MessageAttributes"]["task_token"]["StringValue"]
        with pytest.raises(states.exceptions.TaskTimedOut):
            states.send_task_success(taskToken=token, output='{"approved": true}')
        cloud.settle()

        left, stock = shop.money(), shop.stock("tea")

    assert (held, left, stock) == (Money(held=700), Money(let_go=700), 10)
