"""Turn events into what starts an execution: S3's own notifications, and those that EventBridge sends.

Source: Amazon S3 User Guide, "Event message structure" (keys are URL-encoded there) and "EventBridge event message
structure" (keys are not encoded there).
"""

from typing import Any, Final, TypeAlias, cast
from urllib.parse import unquote_to_bytes

from pydantic import BaseModel, TypeAdapter, ValidationError

from stepsmith import Personal
from tasks.endings import object_at, read_ended, text_at
from tasks.errors import InvalidInput
from tasks.image_recognition.keys import FOLDERS, Folders, execution_name
from tasks.image_recognition.models import BucketName, Mark, ObjectId, ObjectKey
from tasks.image_recognition.objects import plain_etag

_Json: TypeAlias = "dict[str, Any]"
_BUCKET: Final = TypeAdapter[str](BucketName)
_KEY: Final = TypeAdapter[str](ObjectKey)
_ID: Final = TypeAdapter[str](ObjectId)
_MARK: Final = TypeAdapter[str](Mark)


class Start(BaseModel):
    """The input of one execution of `image_recognition`; `execution` is also its name."""

    bucket: BucketName
    key: ObjectKey
    object_id: Personal[str]
    etag: str | None = None
    version: str | None = None
    execution: str


def starts(event: object, *, folders: Folders = FOLDERS, bucket: str | None = None) -> list[Start]:
    """Return the executions that an event starts, in its order.

    Thumbnails, objects outside the uploads, folder markers, deletions and S3's test event start none. Raises
    InvalidInput naming the place for anything that is not an event of S3, or not of `bucket` where that is given.
    """
    message = object_at(event, "the event")
    if message.get("Event") == "s3:TestEvent":
        return []
    if "detail-type" in message:
        found = _from_eventbridge(message)
    else:
        records = message.get("Records")
        if not isinstance(records, list):
            raise InvalidInput("the event has no Records")
        found = [
            start
            for index, record in enumerate(cast("list[object]", records))
            if (start := _from_notification(object_at(record, f"Records[{index}]"), f"Records[{index}]"))
        ]
    if bucket is not None:
        for start in found:
            if start.bucket != bucket:
                raise InvalidInput(f"the event is about bucket {start.bucket!r}, not {bucket!r}")
    return [start for start in found if folders.is_upload(start.key) and not start.key.endswith("/")]


class Ended(BaseModel):
    """An execution that ended badly, and what it may have left."""

    run: str
    """Its ARN: another run for the same event holds the record under the same name."""
    id: Personal[str]
    execution: str
    """For what it holds its record."""
    cause: str
    photo: Personal[dict[str, str]] | None
    """Bucket, key and owner, for the record of one that never wrote any; None where its input does not fit."""


def ended(detail: object) -> Ended | None:
    """Return what an execution that ended badly may have left, or None where it has succeeded or goes on.

    `detail` is that of EventBridge's "Step Functions Execution Status Change". An execution that is aborted cannot end
    its own record; `records.end_record` does, with these. An execution whose input does not say for what it holds its
    record holds it for itself. Raises InvalidInput for any other detail, and for an input that names no object.
    """
    found = read_ended(detail)
    if found is None:
        return None
    id = text_at(found.input.get("object_id") or found.input.get("key"), "object_id")
    holder = text_at(found.input.get("execution") or found.arn or None, "execution")
    photo = None if found.error == "InvalidInput" else _photo(found.input, id, holder)
    return Ended(run=found.arn or holder, id=id, execution=holder, cause=found.cause, photo=photo)


def _photo(input: _Json, id: str, holder: str) -> dict[str, str] | None:
    try:
        bucket = _BUCKET.validate_python(input.get("bucket"), strict=True)
        key = _KEY.validate_python(input.get("key"), strict=True)
        _ID.validate_python(id)
        _MARK.validate_python(holder)
    except ValidationError:
        return None
    return {"bucket": bucket, "key": key, "owner": FOLDERS.owner(key)}


def _from_eventbridge(message: _Json) -> list[Start]:
    if message.get("source") != "aws.s3":
        raise InvalidInput(f"the event comes from {message.get('source')!r}, not from aws.s3")
    if message["detail-type"] != "Object Created":
        return []
    detail = object_at(message.get("detail"), "detail")
    thing = object_at(detail.get("object"), "detail.object")
    bucket = object_at(detail.get("bucket"), "detail.bucket").get("name")
    return [_start(bucket, thing.get("key"), thing, "detail.object", version=thing.get("version-id"))]


def _from_notification(record: _Json, place: str) -> Start | None:
    if record.get("eventSource") != "aws:s3":
        raise InvalidInput(f"{place} comes from {record.get('eventSource')!r}, not from aws:s3")
    if not text_at(record.get("eventName"), f"{place}.eventName").startswith("ObjectCreated:"):
        return None
    s3 = object_at(record.get("s3"), f"{place}.s3")
    thing = object_at(s3.get("object"), f"{place}.s3.object")
    bucket = object_at(s3.get("bucket"), f"{place}.s3.bucket").get("name")
    key = decoded(text_at(thing.get("key"), f"{place}.s3.object.key"))
    return _start(bucket, key, thing, f"{place}.s3.object", version=thing.get("versionId"))


def decoded(key: str) -> str:
    """Return a key as S3's notifications encode it, decoded once. Raises InvalidInput where it is not UTF-8."""
    try:
        return unquote_to_bytes(key.replace("+", " ")).decode("utf-8")
    except UnicodeError:
        raise InvalidInput(f"the key {key!r} is not UTF-8") from None


def _start(bucket: object, key: object, thing: _Json, place: str, *, version: object) -> Start:
    size = thing.get("size", 0)
    if isinstance(size, bool) or not isinstance(size, int) or size < 0:
        raise InvalidInput(f"{place}.size is {size!r}, and must be 0 or more")
    etag = thing.get("eTag", thing.get("etag"))
    etag = None if etag is None else plain_etag(text_at(etag, f"{place}.eTag"))
    version = None if version is None else text_at(version, f"{place}.versionId")
    try:
        bucket = _BUCKET.validate_python(bucket, strict=True)
        key = _KEY.validate_python(key, strict=True)
    except ValidationError as error:
        raise InvalidInput(f"{place}: {error.errors(include_url=False)[0]['msg']}") from None
    if len(key.encode("utf-8", "surrogatepass")) > 1024:
        raise InvalidInput(f"{place}.key is longer than 1024 bytes")
    state = version or etag or str(thing.get("sequencer", ""))
    name = execution_name(bucket, key, state)
    return Start(bucket=bucket, key=key, object_id=key, etag=etag, version=version, execution=name)
