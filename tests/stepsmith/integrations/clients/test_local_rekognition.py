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


def png(colour: tuple[int, int, int], size: tuple[int, int] = (40, 30)) -> bytes:
    file = BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()


def test_no_object_is_invented_and_the_engine_is_named() -> None:
    answer = ClientRegistry.local().client("rekognition").detect_labels(Image={"Bytes": png((220, 20, 60))})

    assert answer["Labels"] == []
    assert answer["engine"] == "properties"


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
