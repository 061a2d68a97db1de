"""Batch functions in templates."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stepsmith import workflow
from stepsmith.batches import batch
from stepsmith.deploy.application import Application
from stepsmith.deploy.errors import DeploymentError
from stepsmith.deploy.template.assembly import render_template, template_text
from stepsmith.deploy.template.preflight import check_template
from stepsmith.resources import Queue, Stream, Table, Topic
from stepsmith.triggers import QueueMessage, StreamRecord, TopicMessage
from tests.stepsmith.deploy.applications import PACKAGE
from tests.stepsmith.deploy.template.test_assembly import EVERYTHING, cfn_lint, weigh
from tests.stepsmith.deploy.template_requests import requests, validation_errors

ORDERS = Queue("orders")


@batch(QueueMessage(queue=ORDERS, input={"item": "$.body"}, attempts=4, filter={"body": {"kind": ["new"]}}))
def keep(item: str) -> None:
    """Keep an order."""


@batch(StreamRecord(stream=Stream("clicks"), input={"page": "$.data"}, start="TRIM_HORIZON", window=5))
def click(page: str) -> None:
    """Count a click."""


@batch(StreamRecord(stream=Table("stock", stream="NEW_IMAGE"), input={"item": "$.dynamodb.Keys.pk.S"}))
def stock(item: str) -> None:
    """Count what there is."""


@batch(TopicMessage(topic=Topic("news"), input={"news": "$.body"}))
def hear(news: str) -> None:
    """Hear the news."""


@batch(QueueMessage(queue="arn:aws:sqs:eu-west-1:999999999999:of-others", input={"item": "$.body"}))
def others(item: str) -> None:
    """Keep what others send."""


@workflow
def weighing_items(item: str) -> int:
    """Weigh an item."""
    return weigh(item)


def rendered(*functions: Any) -> dict[str, Any]:
    application = Application((weighing_items,), functions)
    return json.loads(
        template_text(
            render_template(application, lambda task: PACKAGE, replace(EVERYTHING, express=frozenset()))
        )
    )


def find(resources: dict[str, Any], end: str) -> Any:
    (found,) = (value["Properties"] for name, value in resources.items() if name.endswith(end))
    return found


def test_a_queue_is_read_by_a_mapping_that_hears_which_messages_failed() -> None:
    found = rendered(keep)["Resources"]

    mapping, queue = find(found, "KeepBatches"), found["OrdersQueue"]["Properties"]
    (rights,) = find(found, "KeepRole")["Policies"]
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["EventSourceArn"] == {"Fn::Sub": "${OrdersQueue.Arn}"}
    assert found[mapping["FunctionName"]["Ref"]]["Type"] == "AWS::Lambda::Version"
    assert mapping["FilterCriteria"] == {"Filters": [{"Pattern": '{"body": {"kind": ["new"]}}'}]}
    assert (queue["RedrivePolicy"]["maxReceiveCount"], queue["VisibilityTimeout"]) == (4, 6 * 54)
    assert any("sqs:ReceiveMessage" in each["Action"] for each in rights["PolicyDocument"]["Statement"])


def test_a_stream_is_halved_tried_again_and_given_up_to_dead_letters() -> None:
    found = rendered(click, stock)["Resources"]

    mapping = find(found, "ClickBatches")
    (rights,) = find(found, "StockRole")["Policies"]
    assert (mapping["StartingPosition"], mapping["MaximumRetryAttempts"]) == ("TRIM_HORIZON", 4)
    assert mapping["BisectBatchOnFunctionError"] is True
    assert mapping["DestinationConfig"]["OnFailure"]["Destination"]["Fn::GetAtt"][0].endswith(
        "ClickBatchesDeadLetters"
    )
    assert any("dynamodb:GetRecords" in each["Action"] for each in rights["PolicyDocument"]["Statement"])
    assert found["StockTable"]["Properties"]["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}


def test_a_queue_is_read_by_one_alone() -> None:
    @batch(QueueMessage(queue=ORDERS, input={"item": "$.body"}))
    def again(item: str) -> None: ...

    with pytest.raises(DeploymentError, match="two triggers or functions take the messages of OrdersQueue"):
        rendered(keep, again)


@pytest.mark.slow
def test_service_models_and_cfn_lint_accept_every_mapping(tmp_path: Path) -> None:
    template = rendered(keep, click, stock, hear, others)
    check_template(template)
    path = tmp_path / "template.json"
    path.write_text(json.dumps(template))

    for name, service, operation, arguments in requests(template):
        assert validation_errors(service, operation, arguments) == "", (name, operation)
    assert cfn_lint(["eu-west-1"], path) == (0, "")
