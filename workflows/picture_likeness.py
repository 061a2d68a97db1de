"""Measure what a photograph is like, so that pictures like it are found.

Started by a thumbnail that image recognition writes, under `resized/`. Takes its place. Gives whether numbers were
kept, and stores them in the table `likenesses`, for photographs that have a record; where the thumbnail is gone or
too small, or no classifier is installed, it stores nothing. Fails with InvalidInput for what lies elsewhere, with
Unsupported, TooLarge or Corrupt for what is no thumbnail, and with whatever broke: pictures are missing among those
that are alike then, and nothing says RUNNING. Has no time limit of its own: nothing waits, and both tasks have one.
"""

from stepsmith import workflow
from stepsmith.triggers import S3Upload
from tasks.errors import Corrupt, InvalidInput, TooLarge, Unsupported
from tasks.image_recognition.likeness import keep_likeness, measure_likeness
from tasks.image_recognition.models import BucketName, Mark, ObjectKey
from tasks.image_recognition.rights import PHOTOGRAPHS

MADE = {"bucket": "$.detail.bucket.name", "key": "$.detail.object.key", "etag": "$.detail.object.etag"}


@workflow(
    triggers=[S3Upload(bucket=PHOTOGRAPHS, keys=("resized/*", "*/resized/*"), input=MADE)],
    checked=True,
    refusals=(InvalidInput, Unsupported, TooLarge, Corrupt),
)
def picture_likeness(bucket: BucketName, key: ObjectKey, etag: Mark | None = None) -> bool:
    """Measure what a photograph is like."""
    likeness = measure_likeness(bucket, key, etag)
    if likeness is None:
        return False
    return keep_likeness(likeness)
