"""Rekognition without Rekognition: what a small classifier is sure of, properties of the pixels, nothing invented."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from stepsmith.expressions.types import Json
from stepsmith.integrations.clients import classifier

if TYPE_CHECKING:
    from PIL.Image import Image

ENGINE = "properties"
_MAX_PIXELS = 50_000_000
_MAX_BYTES = 15 * 1024 * 1024
_SAMPLE = (128, 128)
_COLOURS: dict[str, tuple[int, int, int]] = {
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "grey": (128, 128, 128),
    "silver": (192, 192, 192),
    "red": (220, 20, 60),
    "brown": (139, 90, 43),
    "orange": (255, 140, 0),
    "yellow": (255, 215, 0),
    "beige": (222, 203, 164),
    "green": (34, 139, 34),
    "olive": (128, 128, 0),
    "teal": (0, 128, 128),
    "lightblue": (135, 206, 235),
    "blue": (30, 90, 200),
    "navy": (0, 0, 96),
    "purple": (128, 0, 128),
    "pink": (255, 182, 193),
}


class LocalRekognition:
    """Answers `detect_labels` with the labels of a classifier, and with image properties.

    The classifier comes with the extra `labels`, knows 1,000 kinds of objects and no people, and is named as the
    answer's `engine`; what it is less sure of than `MinConfidence` is left out. Without the extra there are no labels,
    and the engine is `"properties"`.

    A file of recorded answers maps the SHA-256 or the key of a picture to a whole answer of Rekognition; what is
    found there is returned with `"engine": "recorded"`.
    """

    def __init__(self, s3: Callable[[], Any], *, recorded: str | Path | None = None) -> None:
        self._s3 = s3
        self._recorded = _read_recorded(recorded) if recorded is not None else {}

    def detect_labels(
        self,
        *,
        Image: Mapping[str, Any],  # noqa: N803 - the parameter names of boto3
        MaxLabels: int = 1000,  # noqa: N803
        MinConfidence: float = 55.0,  # noqa: N803
        Features: list[str] | None = None,  # noqa: N803
        Settings: Mapping[str, Any] | None = None,  # noqa: N803
    ) -> dict[str, Json]:
        """Return labels that are sure enough, the properties of the picture, and which engine recognised it.

        `Settings` is taken and not used: no label is left out by name, and there are five colours.
        """
        if not 0 <= MinConfidence <= 100 or MaxLabels < 0:
            raise _client_error("InvalidParameterException", "Request has invalid parameters")
        data, key = self._bytes(Image)
        recorded = self._answer_on_record(data, key)
        if recorded is not None:
            labels = cast("list[dict[str, Json]]", recorded.get("Labels") or [])
            sure = [label for label in labels if cast("float", label.get("Confidence", 100)) >= MinConfidence]
            return {**recorded, "Labels": cast("list[Json]", sure[:MaxLabels]), "engine": "recorded"}
        picture = _open(data)
        answer: dict[str, Json] = {
            "Labels": [],
            "LabelModelVersion": "none",
            "ImageProperties": {**image_properties(picture), "engine": ENGINE},
            "engine": ENGINE,
        }
        asked = Features is None or "GENERAL_LABELS" in Features
        installed = classifier.installed_classifier() if asked else None
        if installed is None:
            return answer
        recognition = installed.recognise(picture)
        labels = _labels(recognition, MinConfidence)[:MaxLabels] if recognition else []
        return {
            **answer,
            "Labels": labels,
            "LabelModelVersion": classifier.ENGINE,
            "engine": classifier.ENGINE,
        }

    def _bytes(self, image: Mapping[str, Any]) -> tuple[bytes, str | None]:
        if "Bytes" in image:
            return bytes(image["Bytes"]), None
        place = image.get("S3Object")
        if not isinstance(place, Mapping):
            raise _client_error("InvalidParameterException", "Request has invalid parameters")
        return self._from_s3(cast("Mapping[str, Any]", place))

    def _from_s3(self, place: Mapping[str, Any]) -> tuple[bytes, str]:
        from botocore.exceptions import ClientError

        wanted = {"Bucket": place["Bucket"], "Key": place["Name"]}
        if place.get("Version"):
            wanted["VersionId"] = place["Version"]
        try:
            answer = self._s3().get_object(**wanted)
        except ClientError as error:
            text = f"Unable to get object metadata from S3. Check object key, region and/or access permissions: {error}"
            raise _client_error("InvalidS3ObjectException", text) from None
        return answer["Body"].read(_MAX_BYTES + 1), str(place["Name"])

    def _answer_on_record(self, data: bytes, key: str | None) -> dict[str, Json] | None:
        from hashlib import sha256

        found = self._recorded.get(sha256(data).hexdigest())
        return found if found is not None or key is None else self._recorded.get(key)


def _labels(recognition: classifier.Recognition, least: float) -> list[Json]:
    return [
        {
            "Name": found.name,
            "Confidence": found.confidence,
            "Instances": [],
            "Parents": [{"Name": parent} for parent in found.parents],
            "Aliases": [],
            "Categories": [],
        }
        for found in recognition.found
        if found.confidence >= least
    ]


def image_properties(picture: Image) -> dict[str, Json]:
    """Return dominant colours with their share, brightness, sharpness and contrast, each from 0 to 100."""
    from PIL import ImageFilter, ImageStat

    small = picture.convert("RGB")
    small.thumbnail(_SAMPLE)
    grey = small.convert("L")
    statistic = ImageStat.Stat(grey)
    # the filter leaves the outermost pixels as they were
    inside = (1, 1, max(2, grey.width - 1), max(2, grey.height - 1))
    edges = ImageStat.Stat(grey.filter(ImageFilter.FIND_EDGES).crop(inside))
    quality: dict[str, Json] = {
        "Brightness": _percent(statistic.mean[0] / 255),
        "Sharpness": _percent(min(1.0, edges.stddev[0] / 64)),
        "Contrast": _percent(min(1.0, statistic.stddev[0] / 127.5)),
    }
    return {"Quality": quality, "DominantColors": _dominant_colours(small)}


def _dominant_colours(picture: Image, count: int = 5) -> list[Json]:
    reduced = picture.quantize(colors=count)
    palette = reduced.getpalette() or []
    total = picture.width * picture.height
    found: list[Json] = []
    for pixels, index in sorted(cast("list[tuple[int, int]]", reduced.getcolors() or []), reverse=True):
        red, green, blue = palette[3 * index : 3 * index + 3]
        found.append(
            {
                "Red": red,
                "Green": green,
                "Blue": blue,
                "HexCode": f"#{red:02x}{green:02x}{blue:02x}",
                "SimplifiedColor": _colour_name(red, green, blue),
                "PixelPercent": _percent(pixels / total),
            }
        )
    return found


def _colour_name(red: int, green: int, blue: int) -> str:
    def distance(name: str) -> int:
        other = _COLOURS[name]
        return (red - other[0]) ** 2 + (green - other[1]) ** 2 + (blue - other[2]) ** 2

    return min(_COLOURS, key=distance)


def _percent(share: float) -> float:
    return round(100 * share, 2)


def _open(data: bytes) -> Image:
    from io import BytesIO

    from PIL import Image

    if len(data) > _MAX_BYTES:
        raise _client_error("ImageTooLargeException", "Image size is too large")
    try:
        picture = Image.open(BytesIO(data), formats=("JPEG", "PNG"))
        if picture.width * picture.height > _MAX_PIXELS:
            raise _client_error("ImageTooLargeException", "Image dimensions are too large")
        picture.draft("RGB", (512, 512))
        picture.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise _client_error("InvalidImageFormatException", "Request has invalid image format") from None
    return picture


def _client_error(code: str, message: str) -> Exception:
    from botocore.exceptions import ClientError

    answer: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    return ClientError(answer, "DetectLabels")


def _read_recorded(path: str | Path) -> dict[str, dict[str, Json]]:
    from stepsmith.errors import InvalidInput

    try:
        content = json.loads(Path(path).read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidInput(f"recorded labels {str(path)!r} cannot be read: {error}") from None
    if not isinstance(content, dict):
        raise InvalidInput(f"recorded labels {str(path)!r} hold no object of answers")
    return cast("dict[str, dict[str, Json]]", content)
