"""Ask Rekognition what is on a photograph."""

from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final, cast

from stepsmith import client, task
from tasks import pictures
from tasks.image_recognition import rights
from tasks.image_recognition.failures import TRANSIENT
from tasks.image_recognition.models import (
    Box,
    DominantColor,
    Instance,
    Label,
    Labelling,
    Metadata,
    Outcome,
    Photo,
    Properties,
)
from tasks.image_recognition.objects import read
from tasks.named_errors import named_errors
from tasks.pictures.colors import to_srgb
from tasks.pictures.formats import read_container
from tasks.pictures.pixels import upright_copy

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client

MAX_LABELS: Final = 10
MIN_CONFIDENCE: Final = 60.0
MIN_SIDE: Final = 80
"""Pixels; Rekognition refuses smaller pictures."""
MAX_SIDE: Final = 10_000
"""Pixels; larger pictures are sent as a smaller copy."""
MAX_BYTES: Final = 5 * 1024 * 1024
"""Bytes; larger files are sent as a smaller copy."""
COPY_SIDE: Final = 2048
"""Pixels of the square that such a copy fits."""
_MAX_INSTANCES: Final = 20
_MAX_PARENTS: Final = 10
_MAX_COLORS: Final = 10


@task(
    retry=[TRANSIENT],
    timeout=timedelta(seconds=30),
    memory=1024,
    packages=["pillow"],
    loads=pictures.LOADS,
    policies=rights.DETECT_LABELS,
)
def detect_labels(
    photo: Photo,
    metadata: Metadata,
    *,
    rekognition: "RekognitionClient" = client("rekognition"),
    s3: "S3Client" = client("s3"),
) -> Labelling:
    """Name up to ten things on a photograph, each with a confidence of 60 or more, and measure how it looks.

    A picture under 80 pixels is skipped with a reason. Without Rekognition a small classifier names what it is sure of,
    or nothing where it is not installed; the engine is part of the result. Raises Throttled or Unavailable where it is
    worth coming back.
    """
    size = metadata.dimensions
    if min(size.width, size.height) < MIN_SIDE:
        reason = f"{size.width} x {size.height} pixels are too few: recognition needs {MIN_SIDE} a side"
        return Labelling(status=Outcome.SKIPPED, reason=reason)
    image: dict[str, Any] = {"S3Object": {"Bucket": photo.bucket, "Name": photo.key}}
    if metadata.version is not None:
        image["S3Object"]["Version"] = metadata.version
    if metadata.bytes > MAX_BYTES or max(size.width, size.height) > MAX_SIDE:
        copy = smaller_copy(read(s3, photo, etag=metadata.etag).data, metadata.orientation)
        if copy is None:
            reason = f"{size.width} x {size.height} pixels are too long and thin for recognition"
            return Labelling(status=Outcome.SKIPPED, reason=reason)
        image = {"Bytes": copy}
    with named_errors("Rekognition"):
        answer = rekognition.detect_labels(
            Image=cast("Any", image),
            MaxLabels=MAX_LABELS,
            MinConfidence=MIN_CONFIDENCE,
            Features=["GENERAL_LABELS", "IMAGE_PROPERTIES"],
            Settings={"ImageProperties": {"MaxDominantColors": _MAX_COLORS}},
        )
    return read_answer(cast("dict[str, Any]", answer))


def smaller_copy(data: bytes, orientation: int) -> bytes | None:
    """Return an upright JPEG that Rekognition takes, or None for a picture too thin to be made one of.

    Raises Corrupt where it does not decode.
    """
    container = read_container(data)
    picture = to_srgb(upright_copy(container, orientation, COPY_SIDE), container.profile).convert("RGB")
    if min(picture.size) < MIN_SIDE:
        return None
    picture.info.clear()
    file = BytesIO()
    picture.save(file, "JPEG", quality=90)
    return file.getvalue()


def read_answer(answer: dict[str, Any]) -> Labelling:
    """Return what an answer of DetectLabels says; `engine` in it tells who answered, where it was not Rekognition.

    Where somebody else measured the properties than named the labels, these have an `engine` of their own.
    """
    engine = str(answer.get("engine", "rekognition"))
    found = [_label(each, engine) for each in answer.get("Labels", ())]
    labels = [label for label in found if label.confidence >= MIN_CONFIDENCE][:MAX_LABELS]
    properties = answer.get("ImageProperties")
    return Labelling(
        status=Outcome.DONE,
        labels=labels,
        properties=_properties(properties, str(properties.get("engine", engine))) if properties else None,
    )


def _label(label: dict[str, Any], engine: str) -> Label:
    instances = list(label.get("Instances", ()))[:_MAX_INSTANCES]
    parents = list(label.get("Parents", ()))[:_MAX_PARENTS]
    return Label(
        name=label["Name"],
        confidence=label["Confidence"],
        instances=[_instance(each) for each in instances],
        parents=[each["Name"] for each in parents],
        engine=engine,
    )


def _instance(instance: dict[str, Any]) -> Instance:
    box: dict[str, float] | None = instance.get("BoundingBox")
    place = Box(left=box["Left"], top=box["Top"], width=box["Width"], height=box["Height"]) if box else None
    return Instance(box=place, confidence=instance.get("Confidence"))


def _properties(properties: dict[str, Any], engine: str) -> Properties:
    quality: dict[str, float] = properties.get("Quality", {})
    colors: list[dict[str, Any]] = properties.get("DominantColors", [])
    return Properties(
        dominant_colors=[
            DominantColor(hex=each["HexCode"], name=each.get("SimplifiedColor"), percent=each["PixelPercent"])
            for each in colors[:_MAX_COLORS]
        ],
        brightness=quality.get("Brightness"),
        sharpness=quality.get("Sharpness"),
        contrast=quality.get("Contrast"),
        engine=engine,
    )
