"""The records of photographs, in DynamoDB: who may write one when, and how they are found.

The table has the id as its key and one index, `by_owner`, of owner and time. Whoever registered last holds a record:
each later write asks that `execution` is still its own, so that an execution that was overtaken changes nothing.
`ended_runs` has the ARNs of executions that were ended by others, whose late calls change nothing either.
"""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from pydantic import JsonValue

from stepsmith import Personal, Retry, client, task
from tasks.errors import Conflict, InvalidInput, Throttled
from tasks.image_recognition import rights
from tasks.image_recognition.events import ended
from tasks.image_recognition.failures import TRANSIENT
from tasks.image_recognition.items import from_item, to_item
from tasks.image_recognition.keys import FOLDERS
from tasks.image_recognition.models import (
    BucketName,
    ImageRecord,
    Labelling,
    Mark,
    Metadata,
    ObjectId,
    ObjectKey,
    Outcome,
    Photo,
    Status,
    Thumbnailing,
    TopicArn,
    Version,
)
from tasks.image_recognition.objects import look_at, plain_etag
from tasks.named_errors import named_errors
from tasks.retries import PERSISTENT

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

TABLE: Final = "images"
BY_OWNER: Final = "by_owner"
_MAX_REASON: Final = 1000
_TIMEOUT: Final = timedelta(seconds=30)
_OPEN: Final = "#status IN (:running, :failed)"
_OPEN_VALUES: Final[dict[str, Any]] = {":running": {"S": Status.RUNNING}, ":failed": {"S": Status.FAILED}}


def create_table(dynamodb: "DynamoDBClient") -> None:
    """Make the table of the records, where it is not there yet."""
    try:
        dynamodb.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[
                {"AttributeName": "id", "AttributeType": "S"},
                {"AttributeName": "owner", "AttributeType": "S"},
                {"AttributeName": "uploaded_at", "AttributeType": "S"},
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": BY_OWNER,
                    "KeySchema": [
                        {"AttributeName": "owner", "KeyType": "HASH"},
                        {"AttributeName": "uploaded_at", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
        )
    except dynamodb.exceptions.ResourceInUseException:
        return


@task(retry=[TRANSIENT], timeout=_TIMEOUT, policies=[*rights.LOOK_AT_PHOTOGRAPHS, *rights.CLAIM_RECORD])
def register(
    bucket: BucketName,
    key: ObjectKey,
    object_id: ObjectId | None = None,
    etag: Mark | None = None,
    version: Version | None = None,
    execution: Mark | None = None,
    topic: TopicArn | None = None,
    *,
    holder: str,
    now: datetime,
    run: str = "",
    s3: "S3Client" = client("s3"),
    dynamodb: "DynamoDBClient" = client("dynamodb"),
) -> Photo:
    """Write a record in status RUNNING that belongs to `holder`, and say which photograph it is for.

    `run` is the ARN of the execution: one that was aborted meanwhile gets Conflict.
    The first task, which checks the input: `execution` and `topic` are of no other use here.
    Raises Conflict where the execution came too late: the object is not the `etag` or `version` it was started for any
    more, the record is that of a newer one, or it has ended well or been refused for this very object: what is
    delivered again changes nothing about that. An object that is gone is registered, so that its record can say so.
    Raises InvalidInput for a thumbnail, which must not be made a thumbnail of.
    """
    if FOLDERS.is_thumbnail(key):
        raise InvalidInput(f"{key} is a thumbnail")
    version = version or None
    head = look_at(s3, bucket, key)
    if head is not None:
        if etag is not None and plain_etag(etag) != head.etag:
            raise Conflict(f"{key} is not the object of ETag {etag} any more")
        if version is not None and head.version is not None and version != head.version:
            raise Conflict(f"{key} is not version {version} any more")
    photo = Photo(
        id=object_id or key,
        bucket=bucket,
        key=key,
        owner=FOLDERS.owner(key),
        execution=holder,
        etag=head.etag if head else etag,
        version=head.version if head else version,
        uploaded_at=head.modified if head else now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    _claim(dynamodb, photo, run, gone=head is None)
    return photo


def _claim(dynamodb: "DynamoDBClient", photo: Photo, run: str, *, gone: bool) -> None:
    running = ImageRecord(**photo.model_dump(exclude={"version"}), status=Status.RUNNING)
    # without a result: RUNNING, or FAILED, which trying again can only better; the record of one that was ended before
    # it had registered says nothing of when the object came
    condition = f"attribute_not_exists(uploaded_at) OR (execution = :execution AND {_OPEN})"
    values: dict[str, Any] = {":execution": {"S": photo.execution}, **_OPEN_VALUES}
    if not gone:
        condition += (
            f" OR uploaded_at < :uploaded_at OR (uploaded_at = :uploaded_at AND (etag <> :etag OR {_OPEN}))"
        )
        values |= {":uploaded_at": {"S": photo.uploaded_at}, ":etag": {"S": photo.etag}}
    if run:
        condition = f"({condition}) AND NOT contains(ended_runs, :run)"
        values[":run"] = {"S": run}
    # changed and not put, so that `ended_runs` stays
    fields = to_item(running.model_dump(mode="json", exclude={"id"}))
    sets = ", ".join(f"#{name} = :{name}" for name in fields)
    removed = ", ".join(
        f"#{name}" for name in ImageRecord.model_fields if name not in fields and name != "id"
    )
    names = {f"#{name}": name for name in ImageRecord.model_fields if name != "id"}
    values |= {f":{name}": value for name, value in fields.items()}
    if not _update(dynamodb, photo.id, f"SET {sets} REMOVE {removed}", condition, values, names):
        raise Conflict(f"record {photo.id} has ended, or is that of another object or execution")


@task(retry=[TRANSIENT], timeout=_TIMEOUT, policies=rights.WRITE_RECORD)
def store(
    photo: Photo,
    metadata: Metadata,
    labelling: Labelling,
    thumbnailing: Thumbnailing,
    *,
    dynamodb: "DynamoDBClient" = client("dynamodb"),
) -> ImageRecord:
    """Write the whole record at once, SUCCEEDED, or PARTIAL where labels or thumbnail failed, and return it.

    A repeated call gives the same. Raises Conflict where another execution has taken the record over, or ended it for
    the same event.
    """
    record = complete(photo, metadata, labelling, thumbnailing)
    item = to_item(record.model_dump(mode="json"))
    try:
        with named_errors(f"record {photo.id}"):
            dynamodb.put_item(
                TableName=TABLE,
                Item=item,
                ConditionExpression="execution = :execution AND #status = :running",
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues={
                    ":execution": {"S": photo.execution},
                    ":running": {"S": Status.RUNNING},
                },
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
    except Conflict as error:
        found: dict[str, Any] = getattr(error.__cause__, "response", {}).get("Item", {})
        if found != item:
            raise
    return record


def complete(
    photo: Photo, metadata: Metadata, labelling: Labelling, thumbnailing: Thumbnailing
) -> ImageRecord:
    """Return the record of what was found out about a photograph."""
    halves = {"labels": labelling, "thumbnail": thumbnailing}
    reasons = [f"{name} {half.status}: {half.reason}" for name, half in halves.items() if half.reason]
    failed = Outcome.FAILED in (labelling.status, thumbnailing.status)
    return ImageRecord(
        **photo.model_dump(exclude={"version", "etag"}),
        **metadata.model_dump(exclude={"version", "warnings"}),
        status=Status.PARTIAL if failed else Status.SUCCEEDED,
        thumbnail=thumbnailing.thumbnail,
        labels=labelling.labels,
        properties=labelling.properties,
        warnings=[*metadata.warnings, *reasons],
    )


@task(retry=[PERSISTENT], timeout=_TIMEOUT, policies=rights.END_RECORD)
def record_refusal(
    photo: Photo, reason: str, detail: str, *, dynamodb: "DynamoDBClient" = client("dynamodb")
) -> None:
    """End a record as REFUSED for a reason in one word, unless another execution has taken it over."""
    end(dynamodb, photo.id, photo.execution, Status.REFUSED, f"{reason}: {detail}")


@task(retry=[PERSISTENT], timeout=_TIMEOUT, policies=rights.END_RECORD)
def record_failure(
    id: Personal[str], execution: str, cause: str, *, dynamodb: "DynamoDBClient" = client("dynamodb")
) -> None:
    """End the record that an execution holds as FAILED, if it still holds one."""
    end(dynamodb, id, execution, Status.FAILED, cause)


@task(retry=[Retry.never(InvalidInput), PERSISTENT], timeout=_TIMEOUT, policies=rights.END_RECORD)
def end_record(
    detail: Personal[dict[str, JsonValue]], *, dynamodb: "DynamoDBClient" = client("dynamodb")
) -> bool:
    """End the record that an execution left RUNNING as FAILED, and say whether there was one.

    Writes one that is FAILED where the execution has written none, and keeps what it does late from being written.
    `detail` is that of EventBridge's event about the end of the execution. Raises InvalidInput for any other.
    """
    found = ended(detail)
    if found is None:
        return False
    if end(dynamodb, found.id, found.execution, Status.FAILED, found.cause, found.run):
        return True
    mark: dict[str, Any] = {":run": {"SS": [found.run]}}
    if _update(dynamodb, found.id, "ADD ended_runs :run", "attribute_exists(id)", mark):
        return False
    if found.photo is None:
        return False
    told = {
        **found.photo,
        "execution": found.execution,
        "status": Status.FAILED,
        "reason": found.cause[:_MAX_REASON],
    }
    values: dict[str, Any] = {f":{name}": {"S": text} for name, text in told.items()}
    sets = ", ".join(f"#{name} = :{name}" for name in told)
    update, names = f"SET {sets} ADD ended_runs :run", {f"#{name}": name for name in told}
    if not _update(dynamodb, found.id, update, "attribute_not_exists(id)", {**values, **mark}, names):
        raise Throttled(f"record {found.id} was written meanwhile")
    return True


def end(
    dynamodb: "DynamoDBClient", id: str, execution: str, status: Status, reason: str, run: str = ""
) -> bool:
    """End a record that is still RUNNING for `execution`, and say whether there was one."""
    values: dict[str, Any] = {
        ":status": {"S": status},
        ":reason": {"S": reason[:_MAX_REASON]},
        ":execution": {"S": execution},
        ":running": {"S": Status.RUNNING},
    }
    sets = "SET #status = :status, reason = :reason"
    if run:
        sets, values = f"{sets} ADD ended_runs :run", {**values, ":run": {"SS": [run]}}
    condition = "execution = :execution AND #status = :running"
    return _update(dynamodb, id, sets, condition, values, {"#status": "status"})


def _update(
    dynamodb: "DynamoDBClient",
    id: str,
    update: str,
    condition: str,
    values: dict[str, Any],
    names: dict[str, str] | None = None,
) -> bool:
    """Change a record, and say whether the condition held."""
    named: Any = {} if names is None else {"ExpressionAttributeNames": names}
    try:
        with named_errors(f"record {id}"):
            dynamodb.update_item(
                TableName=TABLE,
                Key={"id": {"S": id}},
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
                **named,
            )
    except Conflict:
        return False
    return True


def find(dynamodb: "DynamoDBClient", id: str) -> ImageRecord | None:
    """Return the record of an id, also while it is RUNNING, or None."""
    with named_errors(f"record {id}"):
        answer = dynamodb.get_item(TableName=TABLE, Key={"id": {"S": id}}, ConsistentRead=True)
    item = answer.get("Item")
    return ImageRecord.model_validate(from_item(item)) if item else None


def newest(
    dynamodb: "DynamoDBClient", owner: str, *, limit: int = 50, before: str | None = None
) -> list[ImageRecord]:
    """Return records of an owner, newest first; `before` an `uploaded_at`, for the next page."""
    condition = "#owner = :owner"
    values: dict[str, Any] = {":owner": {"S": owner}}
    if before is not None:
        condition += " AND uploaded_at < :before"
        values[":before"] = {"S": before}
    with named_errors(f"records of {owner}"):
        answer = dynamodb.query(
            TableName=TABLE,
            IndexName=BY_OWNER,
            KeyConditionExpression=condition,
            ExpressionAttributeNames={"#owner": "owner"},
            ExpressionAttributeValues=values,
            ScanIndexForward=False,
            Limit=limit,
        )
    return [ImageRecord.model_validate(from_item(cast("Any", item))) for item in answer["Items"]]
