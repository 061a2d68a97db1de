"""The systems of the repository in a local cloud, where they start by themselves."""

import json
from datetime import timedelta
from pathlib import Path

from stepsmith.cloud.local import LocalCloud
from workflows.delayed_vending import delayed_vending
from workflows.image_recognition import image_recognition

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
