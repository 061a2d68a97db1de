"""Recognise what is on an uploaded photograph, make a thumbnail, and keep a record of both.

Started by an object that arrives under `uploads/`, JPEG or PNG by its content (`tasks.image_recognition.events` makes
the input). Takes the place of the object. Gives its record, and stores it in the table `images`: SUCCEEDED, or
PARTIAL where labels or thumbnail are missing. Where a newer upload has the record, or this one has its result already,
gives SUPERSEDED and stores nothing.
Fails with NotFound, TooLarge, Unsupported or Corrupt for what is no such photograph (REFUSED in the record), with
AnalysisFailed where neither labels nor thumbnail could be made, and with whatever broke (FAILED in the record). Where
an execution cannot end its record, since it was aborted, `image_recognition_ended` does. Has no time limit of its own:
nothing waits, and every task has one.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from stepsmith import context, now, parallel, workflow
from stepsmith.triggers import S3Upload
from tasks.errors import Conflict, Corrupt, InvalidInput, NotFound, TooLarge, Unsupported
from tasks.image_recognition.failures import AnalysisFailed
from tasks.image_recognition.inspection import extract_metadata
from tasks.image_recognition.labels import detect_labels
from tasks.image_recognition.models import (
    BucketName,
    ImageRecord,
    Labelling,
    Mark,
    ObjectId,
    ObjectKey,
    Outcome,
    Status,
    Thumbnailing,
    TopicArn,
    Version,
)
from tasks.image_recognition.notices import notify
from tasks.image_recognition.records import create_table, record_failure, record_refusal, register, store
from tasks.image_recognition.rights import PHOTOGRAPHS
from tasks.image_recognition.shape import shape_metadata
from tasks.image_recognition.thumbnail import make_thumbnail
from workflows.image_recognition_ended import image_recognition_ended

FAILED = Outcome.FAILED
refuse_as_not_found = record_refusal.with_options(name="Refuse as not found")
refuse_as_too_large = record_refusal.with_options(name="Refuse as too large")
refuse_as_unsupported = record_refusal.with_options(name="Refuse as unsupported")
refuse_as_corrupt = record_refusal.with_options(name="Refuse as corrupt")


UPLOADED = {
    "bucket": "$.detail.bucket.name",
    "key": "$.detail.object.key",
    "etag": "$.detail.object.etag",
    "version": "$.detail.object.version-id",
    "execution": "$.id",
}


@workflow(
    triggers=[S3Upload(bucket=PHOTOGRAPHS, keys=("uploads/*", "*/uploads/*"), input=UPLOADED)],
    checked=True,
    ended=image_recognition_ended,
    refusals=(InvalidInput, NotFound, TooLarge, Unsupported, Corrupt),
)
def image_recognition(
    bucket: BucketName,
    key: ObjectKey,
    object_id: ObjectId | None = None,
    etag: Mark | None = None,
    version: Version | None = None,
    execution: Mark | None = None,
    topic: TopicArn | None = None,
) -> ImageRecord:
    """Recognise what is on an uploaded photograph."""
    holder = execution or context.execution.id
    try:
        photo = register(
            bucket,
            key,
            object_id,
            etag,
            version,
            execution,
            topic,
            holder=holder,
            now=now(),
            run=context.execution.id,
        )
    except Conflict as error:
        return ImageRecord(
            id=object_id or key,
            bucket=bucket,
            key=key,
            status=Status.SUPERSEDED,
            reason=str(error),
            execution=holder,
        )
    except Exception as error:
        record_failure(object_id or key, holder, str(error))
        raise

    try:
        inspection = extract_metadata(photo)
    except NotFound as error:
        refuse_as_not_found(photo, "not_found", str(error))
        raise
    except TooLarge as error:
        refuse_as_too_large(photo, "too_large", str(error))
        raise
    except Unsupported as error:
        refuse_as_unsupported(photo, "unsupported", str(error))
        raise
    except Corrupt as error:
        refuse_as_corrupt(photo, "corrupt", str(error))
        raise
    except Exception as error:
        record_failure(photo.id, holder, str(error))
        raise

    try:
        metadata = shape_metadata(inspection)

        def labels() -> Labelling:
            try:
                return detect_labels(photo, metadata)
            except Exception as error:
                return Labelling(status=FAILED, reason=str(error))

        def thumbnail() -> Thumbnailing:
            try:
                return make_thumbnail(photo, metadata)
            except Exception as error:
                return Thumbnailing(status=FAILED, reason=str(error))

        labelling, thumbnailing = parallel(labels(), thumbnail())
        if labelling.status == FAILED and thumbnailing.status == FAILED:
            raise AnalysisFailed(f"labels: {labelling.reason}; thumbnail: {thumbnailing.reason}")
        record = store(photo, metadata, labelling, thumbnailing)
    except Conflict as error:
        return ImageRecord(
            id=photo.id,
            bucket=bucket,
            key=key,
            status=Status.SUPERSEDED,
            reason=str(error),
            execution=holder,
        )
    except Exception as error:
        record_failure(photo.id, holder, str(error))
        raise

    if topic is not None:
        try:
            notify(topic, record)
        except Exception:
            return record
    return record


class Clients(Protocol):
    """Gives boto3 clients by the name of their service."""

    def client(self, service: str) -> Any:
        """Return the client of a service."""
        ...


def prepare_local(clients: Clients, path: Path) -> Mapping[str, str]:
    """Put a photograph from this machine where an upload would lie, and return the input that recognises it."""
    bucket, key = "photographs", f"local/uploads/{path.name}"
    s3 = clients.client("s3")
    create_table(clients.client("dynamodb"))
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key=key, Body=path.read_bytes())
    return {"bucket": bucket, "key": key}
