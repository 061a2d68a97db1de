"""Read photographs from S3."""

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

from tasks.errors import NotFound
from tasks.image_recognition.models import Photo
from tasks.named_errors import named_errors
from tasks.pictures.container import MAX_BYTES, check_bytes

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What S3 says about an object without giving it."""

    etag: str
    version: str | None
    modified: str
    """ISO 8601 in UTC, to the second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """An object."""

    data: bytes
    etag: str
    version: str | None


def look_at(s3: "S3Client", bucket: str, key: str) -> Head | None:
    """Return what lies under the key now, or None."""
    try:
        with named_errors(f"s3://{bucket}/{key}"):
            answer = s3.head_object(Bucket=bucket, Key=key)
    except NotFound:
        return None
    modified = answer["LastModified"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Head(etag=plain_etag(answer["ETag"]), version=answer.get("VersionId"), modified=modified)


def read(s3: "S3Client", photo: Photo, *, etag: str | None = None) -> Body:
    """Return the version of a photograph or, where there are none, the object as it is now; with `etag` only that one.

    Raises TooLarge before anything is transferred, NotFound where it is gone, and Conflict where it was replaced.
    """
    with named_errors(f"s3://{photo.bucket}/{photo.key}"):
        asked: dict[str, Any] = {} if etag is None else {"IfMatch": f'"{etag}"'}
        if photo.version is not None:
            asked["VersionId"] = photo.version
        answer = s3.get_object(Bucket=photo.bucket, Key=photo.key, **asked)
        check_bytes(answer["ContentLength"])
        data = answer["Body"].read(MAX_BYTES + 1)
    return Body(data=data, etag=plain_etag(answer["ETag"]), version=answer.get("VersionId"))


def plain_etag(etag: str) -> str:
    """Return an ETag without its quotes."""
    return etag.strip('"')
