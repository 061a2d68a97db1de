"""The functions of the recorded cases, by the name of what they do."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeSerializer

from stepsmith.cloud.functions.function import Context
from stepsmith.cloud.local import LocalCloud


class Failed(Exception):
    """The error that a case lets its function raise."""

    def __init__(self, error_type: str, message: str) -> None:
        super().__init__(message)
        self.error_type = error_type


Behaviour = Mapping[str, Any]
Does = Callable[[LocalCloud, Behaviour, Any, Context], Any]


def duration_of(behaviour: Behaviour) -> Callable[[Any, Context], float]:
    """Give how long a function takes."""

    def seconds(event: Any, context: Context) -> float:
        name = behaviour.get("seconds_from")
        return float(context.environment.get(name, "0") if name else behaviour.get("sleep_seconds") or 0)

    return seconds


def does(behaviour: Behaviour) -> Does:
    """Give what a function does."""
    return _BEHAVIOURS[behaviour["name"]]


def notes(behaviour: Behaviour, event: Any, context: Context) -> Any:
    """Give what a case wants to know of a call: the event, for most."""
    match behaviour["name"]:
        case "echo_with_version":
            variable = context.environment.get("CUSTOM_VAR")
            return {"function_version": context.function_version, "CUSTOM_VAR": variable, "event": event}
        case "log_kinesis_payloads":
            return [json.loads(_data(record)) for record in event["Records"]]
        case _:
            return event


def _data(record: Mapping[str, Any]) -> str:
    return base64.b64decode(record["kinesis"]["data"]).decode()


def _fail(behaviour: Behaviour) -> None:
    raise Failed(behaviour.get("error_type", "Exception"), behaviour.get("error_message", ""))


def _fails(cloud: LocalCloud, behaviour: Behaviour, event: Any, context: Context) -> Any:
    _fail(behaviour)


def _echo(cloud: LocalCloud, behaviour: Behaviour, event: Any, context: Context) -> Any:
    return event


def _echo_proxy(cloud: LocalCloud, behaviour: Behaviour, event: Any, context: Context) -> Any:
    return {"statusCode": 200, "headers": {}, "body": json.dumps(event)}


def _empty(cloud: LocalCloud, behaviour: Behaviour, event: Any, context: Context) -> Any:
    return {}


def _return(cloud: LocalCloud, behaviour: Behaviour, event: Any, context: Context) -> Any:
    return behaviour["value"]


def _fail_if_raise_error(cloud: LocalCloud, behaviour: Behaviour, event: Any, context: Context) -> Any:
    records = event.get("Records", [])
    said = [_data(record) for record in records if "kinesis" in record]
    said += [json.dumps(record["dynamodb"]) for record in records if "dynamodb" in record]
    said += [record["Sns"]["Message"] for record in records if "Sns" in record]
    if "raise_error" in event or any("raise_error" in text for text in said):
        _fail(behaviour)
    return {"event": event, "context": {}}


def _fail_if_mode_is_failure(cloud: LocalCloud, behaviour: Behaviour, event: Any, context: Context) -> Any:
    if event.get("mode") == "failure":
        _fail(behaviour)
    return behaviour["value"]


def _fail_by_receive_count(cloud: LocalCloud, behaviour: Behaviour, event: Any, context: Context) -> Any:
    record = event["Records"][0]
    body = json.loads(record["body"])
    fails = body["fail_attempts"] >= int(record["attributes"]["ApproximateReceiveCount"])
    said = {"error": "failed attempt" if fails else None, "event": event}
    cloud.client("sqs").send_message(QueueUrl=body["destination"], MessageBody=json.dumps(said))
    if fails:
        raise Failed("Exception", "failed attempt")
    return {}


def _batch_failures_by_receive_count(
    cloud: LocalCloud, behaviour: Behaviour, event: Any, context: Context
) -> Any:
    failed = [
        {"itemIdentifier": record["messageId"]}
        for record in event["Records"]
        if json.loads(record["body"])["fail_attempts"] >= int(record["attributes"]["ApproximateReceiveCount"])
    ]
    told = context.environment.get("OVERWRITE_RESULT")
    result = {"batchItemFailures": failed} if told is None else json.loads(told)
    cloud.client("sqs").send_message(
        QueueUrl=context.environment["DESTINATION_QUEUE_URL"],
        MessageBody=json.dumps({"event": event, "result": result}),
    )
    return result


def _batch_failures_where_should_fail(
    cloud: LocalCloud, behaviour: Behaviour, event: Any, context: Context
) -> Any:
    failed: list[dict[str, str]] = []
    for record in event["Records"]:
        if "kinesis" in record and json.loads(_data(record)).get("should_fail"):
            failed.append({"itemIdentifier": record["kinesis"]["sequenceNumber"]})
        image = record.get("dynamodb", {}).get("NewImage", {})
        if image.get("should_fail", {}).get("BOOL"):
            failed.append({"itemIdentifier": record["dynamodb"]["SequenceNumber"]})
    return {"batchItemFailures": failed}


def _forward(of: Callable[[Any], Any]) -> Does:
    def forward(cloud: LocalCloud, behaviour: Behaviour, event: Any, context: Context) -> Any:
        url = context.environment["SQS_QUEUE_URL"]
        cloud.client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(of(event)))
        return {}

    return forward


def _store_records_in_table(cloud: LocalCloud, behaviour: Behaviour, event: Any, context: Context) -> Any:
    record = event["Records"][0]
    data = TypeSerializer().serialize(json.loads(json.dumps(record), parse_float=Decimal))
    item = {"uuid": {"S": str(uuid.uuid4())}, "data": data}
    cloud.client("dynamodb").put_item(TableName=record["s3"]["object"]["key"], Item=item)
    return {}


_BEHAVIOURS: dict[str, Does] = {
    "echo": _echo,
    "echo_proxy": _echo_proxy,
    "echo_with_version": _echo,
    "empty_answer": _empty,
    "sleep": _empty,
    "return": _return,
    "fail": _fails,
    "fail_at_start": _fails,
    "fail_if_raise_error": _fail_if_raise_error,
    "fail_if_mode_is_failure": _fail_if_mode_is_failure,
    "fail_by_receive_count": _fail_by_receive_count,
    "batch_failures_by_receive_count": _batch_failures_by_receive_count,
    "batch_failures_where_should_fail": _batch_failures_where_should_fail,
    "forward_records_to_queue": _forward(lambda event: event["Records"]),
    "forward_event_to_queue": _forward(lambda event: event),
    "log_kinesis_payloads": _empty,
    "store_records_in_table": _store_records_in_table,
}
