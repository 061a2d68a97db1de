"""Runs of taking in: each object that arrives has one record of how that ended, whoever was interrupted meanwhile.

The record is called by key and ETag, so whoever uploads knows its name. The first good end stands; one that has FAILED
may be tried again. Whoever opened a run last holds it, and nobody else ends it.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from pydantic import JsonValue

from stepsmith import Personal, Retry, client, task
from tasks.content import rights
from tasks.content.faults import named_errors
from tasks.content.models import (
    BucketName,
    Kept,
    Mark,
    Model,
    ObjectKey,
    Outcome,
    Reading,
    Run,
    RunRecord,
    RunStatus,
)
from tasks.content.tables import ATTENTION, RUNS
from tasks.endings import read_ended
from tasks.errors import Conflict, InvalidInput, NotFound
from tasks.retries import PERSISTENT, TRANSIENT

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

QUICK: Final = timedelta(seconds=15)
FOLDERS: Final = ("feeds", "articles")
MOST_WARNINGS: Final = 50
LONGEST_REASON: Final = 500


class Opened(Model):
    """A run that has been opened, or how it has ended before."""

    run: Run
    done: RunRecord | None = None


def run_id(key: str, etag: str) -> str:
    """Return what the taking in of one state of an object is called."""
    return hashlib.sha256(f"{key}\0{etag}".encode("utf-8", "surrogatepass")).hexdigest()[:32]


def source_of(key: str) -> str:
    """Return the source that an object came from. Raises InvalidInput for a key that is none of a feed or article."""
    parts = key.split("/")
    if len(parts) < 3 or parts[0] not in FOLDERS or not parts[-1] or not _is_source(parts[1]):
        raise InvalidInput("the key is not feeds/<source>/<name> or articles/<source>/<name>")
    return parts[1]


def _is_source(text: str) -> bool:
    return (
        0 < len(text) <= 60
        and text[0] != "-"
        and all(c in "abcdefghijklmnopqrstuvwxyz0123456789-" for c in text)
    )


@task(retry=[TRANSIENT], timeout=QUICK, policies=rights.OPEN_RUN)
def open_run(
    bucket: BucketName,
    key: ObjectKey,
    etag: Mark | None = None,
    execution: Mark | None = None,
    *,
    holder: str,
    now: datetime,
    s3: S3Client = client("s3"),
    dynamodb: DynamoDBClient = client("dynamodb"),
) -> Opened:
    """Open the run of an object, or say how it has ended before; the first task, which checks the input.

    An object that is gone is opened, so that its record can say so. Raises InvalidInput for a key that is none of a
    feed or article, and Conflict where the object is not the one of `etag` any more.
    """
    source = source_of(key)
    try:
        with named_errors("the source"):
            head = s3.head_object(Bucket=bucket, Key=key)
        found, modified = head["ETag"].strip('"'), head["LastModified"].astimezone(UTC)
    except NotFound:
        found, modified = etag or "gone", now.astimezone(UTC)
    if etag is not None and etag.strip('"') != found:
        raise Conflict("the source is not the one of this ETag any more")
    run = Run(
        id=run_id(key, found),
        bucket=bucket,
        key=key,
        source=source,
        etag=found,
        seen=f"{modified:%Y-%m-%dT%H:%M:%SZ}#{found}",
        holder=execution or holder,
        started_at=now,
    )
    try:
        with named_errors("the run"):
            dynamodb.put_item(
                TableName=RUNS.name,
                Item={"id": {"S": run.id}, **_fields(_running(run)), "holder": {"S": run.holder}},
                ConditionExpression="attribute_not_exists(id) OR #status IN (:running, :failed)",
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues={
                    ":running": {"S": RunStatus.RUNNING},
                    ":failed": {"S": RunStatus.FAILED},
                },
            )
    except Conflict:
        return Opened(run=run, done=find_run(run.id, dynamodb=dynamodb))
    return Opened(run=run)


@task(retry=[TRANSIENT], timeout=QUICK, policies=rights.CLOSE_RUN)
def close_run(
    run: Run, reading: Reading, kept: list[Kept], *, dynamodb: DynamoDBClient = client("dynamodb")
) -> RunRecord:
    """End a run with what became of each article: COMPLETE, or PARTIAL where some could not be taken in.

    Raises Conflict where another execution holds the run, or it has ended otherwise.
    """
    outcomes = Counter(str(each.outcome) for each in kept)
    failed = [f"article {each.number + 1}: {each.reason}"[:LONGEST_REASON] for each in kept if each.reason]
    left_out = [f"{reading.left_out} or more articles are left out"] if reading.left_out else []
    record = _running(run).model_copy(
        update={
            "status": RunStatus.PARTIAL if outcomes[Outcome.FAILED] else RunStatus.COMPLETE,
            "outcomes": dict(sorted(outcomes.items())),
            "items": list(dict.fromkeys(each.id for each in kept if each.id)),
            "warnings": [*reading.warnings, *left_out, *failed][:MOST_WARNINGS],
        }
    )
    if not _end(record, run.holder, dynamodb):
        stored = find_run(run.id, dynamodb=dynamodb)
        if stored != record:
            raise Conflict("another execution has this run, or has ended it")
    return record


@task(retry=[PERSISTENT], timeout=QUICK, policies=rights.STOP_RUN)
def refuse_run(run: Run, reason: str, *, dynamodb: DynamoDBClient = client("dynamodb")) -> None:
    """End a run as REFUSED, unless another execution has it."""
    update = {"status": RunStatus.REFUSED, "reason": reason[:LONGEST_REASON]}
    _end(_running(run).model_copy(update=update), run.holder, dynamodb)


@task(retry=[PERSISTENT], timeout=QUICK, policies=rights.STOP_RUN)
def fail_run(run: Run, reason: str, *, dynamodb: DynamoDBClient = client("dynamodb")) -> None:
    """End a run as FAILED, unless another execution has it."""
    update = {"status": RunStatus.FAILED, "reason": reason[:LONGEST_REASON]}
    _end(_running(run).model_copy(update=update), run.holder, dynamodb)


@task(retry=[Retry.never(InvalidInput), PERSISTENT], timeout=QUICK, policies=rights.END_RUN)
def end_run(
    detail: Personal[dict[str, JsonValue]],
    *,
    s3: S3Client = client("s3"),
    dynamodb: DynamoDBClient = client("dynamodb"),
) -> bool:
    """End the run that an execution left RUNNING as FAILED, and say whether there was one.

    `detail` is that of EventBridge's event about the end of the execution. Raises InvalidInput for any other.
    """
    ended = read_ended(detail)
    if ended is None:
        return False
    bucket, key = ended.input.get("bucket"), ended.input.get("key")
    if not isinstance(bucket, str) or not isinstance(key, str):
        return False
    etag: Any = ended.input.get("etag")
    if not isinstance(etag, str):
        try:
            with named_errors("the source"):
                etag = s3.head_object(Bucket=bucket, Key=key)["ETag"].strip('"')
        except NotFound:
            etag = "gone"
    record = find_run(run_id(key, etag.strip('"')), dynamodb=dynamodb)
    if record is None or record.status is not RunStatus.RUNNING:
        return False
    holder = ended.input.get("execution") or ended.arn
    update = {"status": RunStatus.FAILED, "reason": ended.cause[:LONGEST_REASON]}
    return _end(record.model_copy(update=update), str(holder), dynamodb)


@task(retry=[PERSISTENT], timeout=QUICK, policies=rights.CALL_ATTENTION)
def call_attention(execution: str, *, sqs: SQSClient = client("sqs")) -> None:
    """Put the ARN of an execution whose run could not be ended where somebody looks at it."""
    queue = sqs.get_queue_url(QueueName=ATTENTION.name)["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps({"execution": execution, "step": "end"}))


def find_run(id: str, *, dynamodb: DynamoDBClient) -> RunRecord | None:
    """Return the record of a run, also while it is RUNNING, or None."""
    with named_errors("the run"):
        answer = dynamodb.get_item(TableName=RUNS.name, Key={"id": {"S": id}}, ConsistentRead=True)
    item: dict[str, Any] = answer.get("Item", {})
    return RunRecord.model_validate_json(item["record"]["S"]) if item else None


def _running(run: Run) -> RunRecord:
    return RunRecord(
        id=run.id, source=run.source, key=run.key, status=RunStatus.RUNNING, started_at=run.started_at
    )


def _fields(record: RunRecord) -> dict[str, Any]:
    return {"status": {"S": record.status}, "record": {"S": record.model_dump_json()}}


def _end(record: RunRecord, holder: str, dynamodb: DynamoDBClient) -> bool:
    """End a run that is RUNNING and held by `holder`, and say whether there was one."""
    fields = _fields(record)
    try:
        with named_errors("the run"):
            dynamodb.update_item(
                TableName=RUNS.name,
                Key={"id": {"S": record.id}},
                UpdateExpression="SET #status = :status, #record = :record",
                ConditionExpression="holder = :holder AND #status = :running",
                ExpressionAttributeNames={"#status": "status", "#record": "record"},
                ExpressionAttributeValues={
                    ":status": fields["status"],
                    ":record": fields["record"],
                    ":holder": {"S": holder},
                    ":running": {"S": RunStatus.RUNNING},
                },
            )
    except Conflict:
        return False
    return True
