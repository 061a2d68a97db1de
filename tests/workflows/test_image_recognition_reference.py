"""IR-11: the state machine of lambda-refarch-imagerecognition runs on our engine with our tasks as its functions.

`image_recognition_reference.asl.json` is its definition, published by aws-samples under the Apache License 2.0. The
functions below keep the contracts of its Lambda functions, the misspelt field `exitModel` included.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stepsmith import WorkflowError
from stepsmith.service import Machine, load
from tasks.errors import Corrupt, TooLarge, Unavailable, Unsupported
from tasks.image_recognition.inspection import extract_metadata
from tasks.image_recognition.labels import detect_labels
from tasks.image_recognition.models import Inspection, Metadata
from tasks.image_recognition.shape import shape
from tasks.image_recognition.thumbnail import make_thumbnail
from tests.tasks.image_recognition.studio import BUCKET, Studio, facts, open_studio, photo
from workflows.image_recognition import image_recognition

KEY = "alice/uploads/photo.jpg"
INPUT = {"s3Bucket": BUCKET, "s3Key": KEY, "objectID": KEY}
PREFIX = "arn:aws:lambda:us-east-1:123456789012:function:ph-"
OURS = Machine(image_recognition.definition, name="image_recognition")
SHARED_FIELDS = [
    entry
    for entry in facts()
    if entry["expect"]["outcome"] == "processed"
    and entry["exiftool"].get("Orientation", 1) == 1
    and min(entry["expect"]["oriented_size"]) >= 250
]
"""Supported, upright and large: what the reference does well."""


class ImageIdentifyError(WorkflowError):
    """What the reference raises for a file that it does not know."""


@pytest.fixture
def studio() -> Iterator[Studio]:
    with open_studio() as studio:
        yield studio


def reference() -> Machine:
    return load(Path(__file__).parent / "image_recognition_reference.asl.json")


def functions(store: dict[str, Any], **replaced: Callable[[Any], Any]) -> dict[str, Callable[[Any], Any]]:
    """The five functions of the reference by the ARN in its definition."""
    own: dict[str, Callable[[Any], Any]] = {
        "ExtractImageMetadataFunction": extract,
        "TransformMetadataFunction": transform,
        "RekognitionFunction": recognise,
        "GenerateThumbnailFunction": shrink,
        "StoreImageMetadataFunction": lambda event: store.update(stored(event)),
    }
    return {PREFIX + name: replaced.get(name, function) for name, function in own.items()}


def extract(event: Any) -> Any:
    try:
        inspection = extract_metadata(photo(event["s3Key"]))
    except (Unsupported, Corrupt, TooLarge) as error:
        raise ImageIdentifyError(str(error)) from error
    return inspection.model_dump(mode="json")


def transform(inspection: Any) -> Any:
    facts = shape(Inspection.model_validate(inspection)).model_dump(mode="json")
    return {
        "creationTime": facts["creation_time"],
        "geo": facts["geo"],
        "exifMake": facts["exif_make"],
        "exifModel": facts["exif_model"],
        "dimensions": facts["dimensions"],
        "fileSize": facts["bytes"],
        "format": facts["format"],
        "facts": facts,
    }


def recognise(event: Any) -> Any:
    labelling = detect_labels(photo(event["s3Key"]), metadata(event))
    return [label.name for label in labelling.labels]


def shrink(event: Any) -> Any:
    made = make_thumbnail(photo(event["s3Key"]), metadata(event)).thumbnail
    assert made is not None
    return {"width": made.width, "height": made.height, "s3key": made.key, "s3Bucket": made.bucket}


def metadata(event: Any) -> Metadata:
    return Metadata.model_validate(event["extractedMetadata"]["facts"])


def stored(event: Any) -> dict[str, Any]:
    extracted = event["extractedMetadata"]
    names, thumbnail = event["parallelResults"]
    geo = extracted["geo"]
    return {
        "id": event["objectID"],
        "format": extracted["format"],
        "exifMake": extracted["exifMake"],
        "exitModel": extracted["exifModel"],
        "fullsize": {"key": event["s3Key"], **extracted["dimensions"]},
        "thumbnail": {key: thumbnail[key] for key in ("s3key", "width", "height")},
        "objectDetected": names,
        "geoLocation": geo and {"Latitude": geo["latitude"], "Longtitude": geo["longitude"]},
        "ProcessingStatus": "SUCCEEDED",
    }


@pytest.mark.parametrize("entry", SHARED_FIELDS, ids=lambda entry: entry["file"])
def test_ir_11_both_machines_agree_on_the_fields_they_share(studio: Studio, entry: dict[str, Any]) -> None:
    studio.upload(entry["path"].read_bytes())
    theirs: dict[str, Any] = {}

    execution = reference().run(INPUT, tasks=functions(theirs), clients=studio.clients)
    ours = OURS.run(
        {"bucket": BUCKET, "key": KEY}, tasks=image_recognition.tasks, clients=studio.clients
    ).output

    assert execution.status == "SUCCEEDED"
    assert theirs["id"] == ours["id"]
    assert theirs["format"] == ours["format"]
    assert (theirs["exifMake"], theirs["exitModel"]) == (ours["exif_make"], ours["exif_model"])
    assert theirs["fullsize"] == {"key": ours["key"], **ours["dimensions"]}
    assert theirs["thumbnail"] == {
        "s3key": ours["thumbnail"]["key"],
        "width": ours["thumbnail"]["width"],
        "height": ours["thumbnail"]["height"],
    }
    assert theirs["objectDetected"] == [label["name"] for label in ours["labels"]]
    assert theirs["geoLocation"] == (
        ours["geo"] and {"Latitude": ours["geo"]["latitude"], "Longtitude": ours["geo"]["longitude"]}
    )
    expected = entry["expect"]["reference_thumbnail"]
    assert [theirs["thumbnail"]["width"], theirs["thumbnail"]["height"]] == pytest.approx(expected, abs=1)


def test_ir_11_the_reference_goes_through_its_states(studio: Studio) -> None:
    studio.upload(SHARED_FIELDS[0]["path"].read_bytes())

    execution = reference().run(INPUT, tasks=functions({}), clients=studio.clients)

    assert set(execution.path) == {
        "ExtractImageMetadata",
        "ImageTypeCheck",
        "TransformMetadata",
        "ParallelProcessing",
        "Rekognition",
        "Thumbnail",
        "StoreImageMetadata",
    }
    assert execution.output["parallelResults"][1]["s3key"] == "alice/resized/photo.jpg"


@pytest.mark.parametrize("body", [b"hello", b"GIF89a"])
def test_ir_11_the_reference_does_not_support_what_is_no_photograph(studio: Studio, body: bytes) -> None:
    studio.upload(body)

    execution = reference().run(INPUT, tasks=functions({}), clients=studio.clients)

    assert (execution.status, execution.error) == ("FAILED", "FileTypeNotSupported")
    assert execution.cause == "Image type not supported!"


def test_ir_11_the_reference_refuses_a_format_that_it_only_identifies(studio: Studio) -> None:
    gif = {"ExtractImageMetadataFunction": lambda event: {"format": "GIF"}}

    execution = reference().run(INPUT, tasks=functions({}, **gif), clients=studio.clients)

    assert execution.path == ["ExtractImageMetadata", "ImageTypeCheck", "NotSupportedImageType"]


def test_ir_11_the_reference_tries_again_after_1_and_1_5_seconds(studio: Studio) -> None:
    studio.upload(SHARED_FIELDS[0]["path"].read_bytes())
    left = [Unavailable("not now"), Unavailable("not now")]

    def at_first(event: Any) -> Any:
        if left:
            raise left.pop()
        return recognise(event)

    execution = reference().run(
        INPUT, tasks=functions({}, RekognitionFunction=at_first), clients=studio.clients
    )

    assert execution.status == "SUCCEEDED"
    assert execution.elapsed.total_seconds() == 2.5


@pytest.mark.parametrize("name", list(functions({})))
def test_ir_11_the_reference_tries_every_function_again(studio: Studio, name: str) -> None:
    studio.upload(SHARED_FIELDS[0]["path"].read_bytes())
    left = [Unavailable("not now")]
    tasks = functions({})
    function = tasks[name]

    def at_first(event: Any) -> Any:
        if left:
            raise left.pop()
        return function(event)

    execution = reference().run(INPUT, tasks={**tasks, name: at_first}, clients=studio.clients)

    assert execution.status == "SUCCEEDED"
    assert execution.elapsed.total_seconds() == 1


def test_ir_11_a_label_failure_discards_the_thumbnail_in_the_reference(studio: Studio) -> None:
    studio.upload(SHARED_FIELDS[0]["path"].read_bytes())
    kept: dict[str, Any] = {}

    def never(event: Any) -> Any:
        raise Unavailable("not now")

    execution = reference().run(
        INPUT, tasks=functions(kept, RekognitionFunction=never), clients=studio.clients
    )

    assert (execution.status, execution.error) == ("FAILED", "Unavailable")
    assert kept == {}
