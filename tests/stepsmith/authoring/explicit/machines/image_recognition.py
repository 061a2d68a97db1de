"""Recognise what is on an uploaded picture and store a searchable record of it."""

# pyright: strict

from datetime import timedelta
from typing import TYPE_CHECKING

from pydantic import BaseModel

from stepsmith import Retry, WorkflowError, client, task
from stepsmith.references import build, contains, expression, message, not_, state_input, text, variable
from stepsmith.states import Choice, ErrorOutput, Fail, Parallel, Pass, StateMachine, Succeed

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client

MIN_CONFIDENCE = 60
SUPPORTED_FORMATS = ["JPEG", "PNG"]


class ImageRef(BaseModel):
    bucket: str
    key: str


class Metadata(BaseModel):
    format: str
    width: int
    height: int


class Label(BaseModel):
    name: str
    confidence: float


class ImageRecord(BaseModel):
    image: ImageRef
    metadata: Metadata
    labels: list[str]
    thumbnail: str


class ImageIdentifyError(WorkflowError):
    """The bytes are not a picture."""


class FileTypeNotSupported(WorkflowError):
    """A picture, but of a format we do not process."""


TRANSIENT = Retry(interval=timedelta(seconds=1), max_attempts=2, backoff_rate=1.5)
READABLE_ONLY = Retry.never(ImageIdentifyError)


@task(retry=[READABLE_ONLY, TRANSIENT])
def extract_metadata(image: ImageRef, *, s3: "S3Client" = client("s3")) -> Metadata:
    body = s3.get_object(Bucket=image.bucket, Key=image.key)["Body"].read()
    if not body.startswith((b"\xff\xd8", b"\x89PNG")):
        raise ImageIdentifyError(f"{image.key} is not a picture")
    return Metadata(format="JPEG" if body[:2] == b"\xff\xd8" else "PNG", width=len(body), height=1)


@task(retry=[TRANSIENT])
def detect_labels(
    image: ImageRef, *, rekognition: "RekognitionClient" = client("rekognition")
) -> list[Label]:
    found = rekognition.detect_labels(Image={"S3Object": {"Bucket": image.bucket, "Name": image.key}})
    return [
        Label(name=item.get("Name", ""), confidence=item.get("Confidence", 0.0)) for item in found["Labels"]
    ]


@task(retry=[TRANSIENT])
def make_thumbnail(image: ImageRef, metadata: Metadata, *, s3: "S3Client" = client("s3")) -> str:
    key = f"thumbnails/{image.key}"
    s3.put_object(Bucket=image.bucket, Key=key, Body=b"")
    return key


@task(retry=[TRANSIENT])
def store_record(record: ImageRecord, *, dynamodb: "DynamoDBClient" = client("dynamodb")) -> str:
    dynamodb.put_item(TableName="images", Item={"key": {"S": record.image.key}})
    return record.image.key


def image_recognition() -> StateMachine:
    image = variable("image", ImageRef)
    metadata = variable("metadata", Metadata)
    labels = variable("labels", list[Label])
    thumbnail = variable("thumbnail", str)
    record = variable("record", ImageRecord)
    error = variable("error", ErrorOutput)

    unsupported = Fail("Not a picture", FileTypeNotSupported, message(error))
    confident = expression("$append([], $labels[confidence >= 60].name)", list[str])
    definition = (
        Pass("Start").let(
            image,
            build(ImageRef, bucket=state_input("bucket", str), key=state_input("key", str)),
        )
        >> extract_metadata.state("Extract metadata", image)
        .assign(metadata)
        .catch(ImageIdentifyError, then=unsupported, error=error)
        >> Choice("Supported format?").when(
            not_(contains(SUPPORTED_FORMATS, metadata.format)),
            Fail(
                "Unsupported format",
                FileTypeNotSupported,
                text("{} is not supported", metadata.format),
            ),
        )
        >> Parallel(
            "Label and thumbnail",
            detect_labels.state("Detect labels", image),
            make_thumbnail.state("Make thumbnail", image, metadata),
        ).assign((labels, thumbnail))
        >> Pass("Build record").let(
            record,
            build(
                ImageRecord,
                image=image,
                metadata=metadata,
                labels=confident,
                thumbnail=thumbnail,
            ),
        )
        >> store_record.state("Store record", record)
        >> Succeed("Done").output(record)
    )
    return StateMachine("image-recognition", definition)
