"""IR-05: labels come from Rekognition, or properties from the stand-in that says so."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from PIL import Image

from tasks.errors import Conflict, Throttled
from tasks.image_recognition.labels import detect_labels, read_answer, smaller_copy
from tasks.image_recognition.models import Labelling, Metadata, Outcome
from tests.tasks.image_recognition.studio import BUCKET, Studio, inspected, photo
from tests.tasks.pictures.made_pictures import jpeg, png, tiff, with_exif

ANSWER: dict[str, Any] = {
    "Labels": [
        {
            "Name": "Hay",
            "Confidence": 98.5,
            "Instances": [
                {"BoundingBox": {"Width": 0.5, "Height": 0.25, "Left": 0.1, "Top": 0.2}, "Confidence": 97}
            ],
            "Parents": [{"Name": "Countryside"}, {"Name": "Nature"}],
        },
        {"Name": "Guess", "Confidence": 59.9, "Instances": [], "Parents": []},
    ],
    "ImageProperties": {
        "Quality": {"Brightness": 70.0, "Sharpness": 60.0, "Contrast": 50.0},
        "DominantColors": [{"HexCode": "#808000", "SimplifiedColor": "green", "PixelPercent": 40.0}],
    },
}


class Rekognition:
    """Answers as told and remembers what it was asked."""

    def __init__(self, answer: dict[str, Any] | Exception = ANSWER) -> None:
        self.answer = answer
        self.asked: list[dict[str, Any]] = []

    def detect_labels(self, **arguments: Any) -> dict[str, Any]:
        self.asked.append(arguments)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def metadata_of(body: bytes, **changes: Any) -> Metadata:
    return inspected(body)[1].model_copy(update=changes)


def test_labels_carry_confidence_places_parents_and_engine() -> None:
    labelling = read_answer(ANSWER)

    assert labelling.model_dump(mode="json") == {
        "status": "done",
        "reason": "",
        "labels": [
            {
                "name": "Hay",
                "confidence": 98.5,
                "instances": [
                    {"box": {"left": 0.1, "top": 0.2, "width": 0.5, "height": 0.25}, "confidence": 97.0}
                ],
                "parents": ["Countryside", "Nature"],
                "engine": "rekognition",
            }
        ],
        "properties": {
            "dominant_colors": [{"hex": "#808000", "name": "green", "percent": 40.0}],
            "brightness": 70.0,
            "sharpness": 60.0,
            "contrast": 50.0,
            "engine": "rekognition",
        },
    }


def test_rekognition_is_asked_for_ten_labels_of_sixty_and_the_properties() -> None:
    rekognition = Rekognition()

    detect_labels(photo(), metadata_of(jpeg(), version="v1"), rekognition=rekognition, s3=None)

    (asked,) = rekognition.asked
    assert asked["Image"] == {
        "S3Object": {"Bucket": BUCKET, "Name": "alice/uploads/photo.jpg", "Version": "v1"}
    }
    assert (asked["MaxLabels"], asked["MinConfidence"]) == (10, 60.0)
    assert asked["Features"] == ["GENERAL_LABELS", "IMAGE_PROPERTIES"]


def test_the_stand_in_measures_and_invents_nothing(studio: Studio) -> None:
    studio.upload(jpeg())

    labelling = detect_labels(photo(), metadata_of(jpeg()))

    assert labelling.labels == []
    assert labelling.properties is not None
    assert labelling.properties.engine == "properties"
    assert labelling.properties.dominant_colors


def test_more_labels_and_instances_than_fit_a_record_are_cut() -> None:
    instances = [{"BoundingBox": {"Width": 1, "Height": 1, "Left": 0, "Top": 0}, "Confidence": 90}] * 500
    label = {"Name": "Person", "Confidence": 99, "Instances": instances, "Parents": [{"Name": "x"}] * 500}

    labelling = read_answer({"Labels": [label] * 50})

    assert len(labelling.labels) == 10
    assert len(labelling.model_dump_json()) < 64 * 1024


@pytest.mark.parametrize("size", [(40, 30), (79, 500), (1, 1)])
def test_a_picture_under_80_pixels_is_skipped_with_a_reason(size: tuple[int, int]) -> None:
    rekognition = Rekognition()

    labelling = detect_labels(photo(), metadata_of(jpeg(*size)), rekognition=rekognition, s3=None)

    assert labelling.status == Outcome.SKIPPED
    assert labelling.reason == f"{size[0]} x {size[1]} pixels are too few: recognition needs 80 a side"
    assert rekognition.asked == []


def test_a_file_over_five_megabytes_is_sent_as_a_smaller_copy(studio: Studio) -> None:
    body = with_exif(jpeg(400, 300), tiff({0x0112: 6}))
    etag = studio.upload(body)
    rekognition = Rekognition()

    detect_labels(
        photo(), metadata_of(body, bytes=6_000_000, etag=etag), rekognition=rekognition, s3=studio.s3
    )

    sent = rekognition.asked[0]["Image"]["Bytes"]
    assert sent.startswith(b"\xff\xd8")
    assert b"Exif" not in sent


def test_a_smaller_copy_is_upright_and_fits() -> None:
    import io

    copy = smaller_copy(png(3000, 1000), 6)

    assert copy is not None
    with Image.open(io.BytesIO(copy)) as picture:
        assert (picture.format, picture.size) == ("JPEG", (683, 2048))


def test_a_picture_that_is_long_and_thin_is_skipped_with_a_reason(studio: Studio) -> None:
    body = png(11_000, 100)
    etag = studio.upload(body)

    labelling = detect_labels(photo(), metadata_of(body, etag=etag))

    assert labelling == Labelling(
        status=Outcome.SKIPPED, reason="11000 x 100 pixels are too long and thin for recognition"
    )


def test_ir_06_a_large_photograph_that_was_replaced_is_not_labelled(studio: Studio) -> None:
    studio.upload(jpeg(200, 100))

    with pytest.raises(Conflict):
        detect_labels(photo(), metadata_of(jpeg(), bytes=6_000_000, etag="another"))


def test_ir_05_throttling_is_named() -> None:
    refusal = ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, "DetectLabels")

    with pytest.raises(Throttled, match="Rekognition: slow down"):
        detect_labels(photo(), metadata_of(jpeg()), rekognition=Rekognition(refusal), s3=None)
