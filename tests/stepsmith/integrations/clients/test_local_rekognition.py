from __future__ import annotations

import json
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from PIL import Image

from stepsmith.errors import InvalidInput
from stepsmith.integrations import ClientRegistry
from stepsmith.integrations.clients import classifier

HAY = Path("examples/photographs/hay_bales.jpg")


def installed() -> None:
    if classifier.installed_classifier() is None:
        pytest.skip("the extra `labels` is not installed")


def png(colour: tuple[int, int, int], size: tuple[int, int] = (40, 30)) -> bytes:
    file = BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()


def test_without_the_classifier_no_object_is_invented_and_the_engine_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(classifier, "installed_classifier", lambda: None)

    answer = ClientRegistry.local().client("rekognition").detect_labels(Image={"Bytes": HAY.read_bytes()})

    assert answer["Labels"] == []
    assert answer["LabelModelVersion"] == "none"
    assert answer["engine"] == answer["ImageProperties"]["engine"] == "properties"


def test_the_classifier_names_what_is_on_a_photograph() -> None:
    installed()

    answer = ClientRegistry.local().client("rekognition").detect_labels(Image={"Bytes": HAY.read_bytes()})

    (hay,) = answer["Labels"]
    assert (hay["Name"], hay["Parents"], hay["Instances"]) == ("Hay", [], [])
    assert hay["Confidence"] > 90
    assert answer["engine"] == answer["LabelModelVersion"] == "efficientnet-lite0"
    assert answer["ImageProperties"]["engine"] == "properties"


def test_what_is_not_sure_is_no_label() -> None:
    installed()

    answer = (
        ClientRegistry.local().client("rekognition").detect_labels(Image={"Bytes": png((9, 9, 9), (99, 99))})
    )

    assert answer["Labels"] == []
    assert answer["engine"] == "efficientnet-lite0"


def test_a_picture_under_80_pixels_has_no_labels() -> None:
    rekognition = ClientRegistry.local().client("rekognition")

    assert rekognition.detect_labels(Image={"Bytes": png((9, 9, 9))}, MinConfidence=0)["Labels"] == []


def test_the_least_confidence_and_the_number_of_labels_are_obeyed() -> None:
    installed()
    rekognition = ClientRegistry.local().client("rekognition")
    image = {"Bytes": HAY.read_bytes()}

    most = rekognition.detect_labels(Image=image, MinConfidence=0, MaxLabels=3)["Labels"]
    least = most[1]["Confidence"]

    assert [each["Confidence"] for each in most] == sorted((e["Confidence"] for e in most), reverse=True)
    assert len(most) == 3
    assert rekognition.detect_labels(Image=image, MinConfidence=least, MaxLabels=2)["Labels"] == most[:2]
    assert rekognition.detect_labels(Image=image, MinConfidence=least + 0.01)["Labels"] == most[:1]
    assert rekognition.detect_labels(Image=image, MaxLabels=0)["Labels"] == []


def test_where_only_properties_are_asked_for_nothing_is_recognised() -> None:
    rekognition = ClientRegistry.local().client("rekognition")
    image = {"Bytes": HAY.read_bytes()}

    answer = rekognition.detect_labels(Image=image, Features=["IMAGE_PROPERTIES"])

    assert (answer["Labels"], answer["engine"]) == ([], "properties")


@pytest.mark.parametrize("options", [{"MinConfidence": -1}, {"MinConfidence": 100.1}, {"MaxLabels": -1}])
def test_numbers_out_of_range_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(ClientError, match="InvalidParameterException"):
        ClientRegistry.local().client("rekognition").detect_labels(Image={"Bytes": png((1, 2, 3))}, **options)


def test_a_bomb_is_refused_before_it_is_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classifier, "installed_classifier", lambda: pytest.fail("it was looked at"))
    file = BytesIO()
    Image.new("1", (8000, 7000)).save(file, "PNG")

    with pytest.raises(ClientError, match="ImageTooLargeException"):
        ClientRegistry.local().client("rekognition").detect_labels(Image={"Bytes": file.getvalue()})


def test_the_dominant_colour_of_a_red_picture_is_red() -> None:
    answer = ClientRegistry.local().client("rekognition").detect_labels(Image={"Bytes": png((220, 20, 60))})

    colours = answer["ImageProperties"]["DominantColors"]
    assert [(each["SimplifiedColor"], each["PixelPercent"]) for each in colours] == [("red", 100.0)]
    assert colours[0]["HexCode"] == "#dc143c"


@pytest.mark.parametrize(("colour", "brightness"), [((0, 0, 0), 0.0), ((255, 255, 255), 100.0)])
def test_brightness_is_a_share_of_white(colour: tuple[int, int, int], brightness: float) -> None:
    answer = ClientRegistry.local().client("rekognition").detect_labels(Image={"Bytes": png(colour)})

    quality = answer["ImageProperties"]["Quality"]
    assert quality == {"Brightness": brightness, "Sharpness": 0.0, "Contrast": 0.0}


def test_a_picture_is_read_from_the_registrys_own_s3() -> None:
    registry = ClientRegistry.local()
    registry.client("s3").create_bucket(Bucket="pictures")
    registry.client("s3").put_object(Bucket="pictures", Key="a.png", Body=png((0, 128, 128)))

    place = {"S3Object": {"Bucket": "pictures", "Name": "a.png"}}
    answer = registry.client("rekognition").detect_labels(Image=place)

    assert answer["ImageProperties"]["DominantColors"][0]["SimplifiedColor"] == "teal"


@pytest.mark.parametrize(
    ("image", "code"),
    [
        ({"Bytes": b"no picture"}, "InvalidImageFormatException"),
        ({"Bytes": png((1, 2, 3))[:60]}, "InvalidImageFormatException"),
        ({"Bytes": b"GIF89a"}, "InvalidImageFormatException"),
        ({}, "InvalidParameterException"),
        ({"S3Object": {"Bucket": "nowhere", "Name": "a.png"}}, "InvalidS3ObjectException"),
    ],
)
def test_a_bad_picture_fails_as_the_service_names_it(image: dict[str, object], code: str) -> None:
    with pytest.raises(ClientError) as caught:
        ClientRegistry.local().client("rekognition").detect_labels(Image=image)

    assert caught.value.response.get("Error", {}).get("Code") == code


def test_a_recorded_answer_is_returned_for_its_picture(tmp_path: Path) -> None:
    picture = png((9, 9, 9))
    labels = [{"Name": "Hay", "Confidence": 98.0}, {"Name": "Fog", "Confidence": 12.0}]
    recorded = tmp_path / "labels.json"
    recorded.write_text(json.dumps({sha256(picture).hexdigest(): {"Labels": labels}}))
    registry = ClientRegistry.local(recorded_labels=recorded)

    answer = registry.client("rekognition").detect_labels(Image={"Bytes": picture}, MinConfidence=60)

    assert answer == {"Labels": [{"Name": "Hay", "Confidence": 98.0}], "engine": "recorded"}


@pytest.mark.parametrize("text", ["", "[1]", "{"])
def test_a_broken_file_of_recorded_answers_is_named(tmp_path: Path, text: str) -> None:
    recorded = tmp_path / "labels.json"
    recorded.write_text(text)

    with pytest.raises(InvalidInput, match=r"labels\.json"):
        ClientRegistry.local(recorded_labels=recorded).client("rekognition")
