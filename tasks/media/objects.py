"""Originals and what was made of them, in S3."""

from typing import TYPE_CHECKING, Any, Final

from tasks.errors import Conflict, NotFound
from tasks.media.models import Derived, Original, TransformRequest
from tasks.media.rights import ORIGINALS, PICTURES
from tasks.named_errors import named_errors
from tasks.pictures.container import MAX_BYTES, check_bytes

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_SOURCE: Final = "source-etag"
_TRANSFORM: Final = "transform"


def find_original(s3: "S3Client", key: str) -> Original:
    """Say of the original which one it is now. Raises NotFound, and TooLarge before anything is transferred."""
    with named_errors("the original"):
        found = s3.head_object(Bucket=ORIGINALS, Key=key)
    check_bytes(found["ContentLength"])
    return Original(etag=found["ETag"].strip('"'), bytes=found["ContentLength"])


def read_original(s3: "S3Client", key: str, original: Original) -> bytes:
    """Return the original. Raises Conflict where it is another one by now."""
    with named_errors("the original"):
        found = s3.get_object(Bucket=ORIGINALS, Key=key, IfMatch=f'"{original.etag}"')
        check_bytes(found["ContentLength"])
        return found["Body"].read(MAX_BYTES + 1)


def find_derived(s3: "S3Client", key: str) -> Derived | None:
    """Return what was made and is kept under a key, of whichever original; None where nothing is."""
    try:
        with named_errors("the picture"):
            found = s3.head_object(Bucket=PICTURES, Key=key)
    except NotFound:
        return None
    return Derived(
        key=key,
        etag=found["ETag"].strip('"'),
        content_type=found["ContentType"],
        bytes=found["ContentLength"],
        source=found["Metadata"].get(_SOURCE, ""),
    )


def store_derived(
    s3: "S3Client", request: TransformRequest, original: Original, data: bytes, content_type: str
) -> Derived:
    """Keep what was made, unless somebody else has kept the same meanwhile; return what is there now.

    Raises Conflict where another one was kept that was made of another original.
    """
    before = find_derived(s3, request.derived)
    asked: dict[str, Any] = {"IfNoneMatch": "*"} if before is None else {"IfMatch": f'"{before.etag}"'}
    try:
        with named_errors("the picture"):
            kept = s3.put_object(
                Bucket=PICTURES,
                Key=request.derived,
                Body=data,
                ContentType=content_type,
                Metadata={_SOURCE: original.etag, _TRANSFORM: request.transform.canonical},
                **asked,
            )
    except Conflict:
        there = find_derived(s3, request.derived)
        if there is None or there.source != original.etag:
            raise
        return there
    return Derived(
        key=request.derived,
        etag=kept["ETag"].strip('"'),
        content_type=content_type,
        bytes=len(data),
        source=original.etag,
    )
