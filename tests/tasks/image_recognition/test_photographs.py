"""IR-01, IR-02: every photograph against what exiftool read in it."""

import io
from typing import Any

import pytest
from PIL import Image

from stepsmith import WorkflowError
from tasks.image_recognition.thumbnail import render
from tasks.pictures.formats import read_container
from tests.tasks.image_recognition.studio import facts, inspected

ALL = facts()
PROCESSED = [entry for entry in ALL if entry["expect"]["outcome"] == "processed"]
REFUSED = [entry for entry in ALL if entry["expect"]["outcome"] != "processed"]
REFUSALS = {"too_large": "TooLarge", "unsupported": "Unsupported", "corrupt": "Corrupt"}

processed = pytest.mark.parametrize("entry", PROCESSED, ids=lambda entry: entry["file"])


@pytest.mark.parametrize("entry", REFUSED, ids=lambda entry: entry["file"])
def test_ir_01_what_is_no_photograph_is_refused_by_name(entry: dict[str, Any]) -> None:
    body = entry["path"].read_bytes()

    with pytest.raises(WorkflowError) as refusal:
        inspected(body)

    assert type(refusal.value).__name__ == REFUSALS[entry["expect"]["outcome"]]


@processed
def test_ir_01_format_size_and_colour_are_as_given(entry: dict[str, Any]) -> None:
    expected = entry["expect"]

    _, metadata = inspected(entry["path"].read_bytes())

    assert metadata.format == expected["format"]
    assert [metadata.dimensions.width, metadata.dimensions.height] == expected["oriented_size"]
    assert metadata.color.mode == expected["mode"]
    assert metadata.color.icc == entry["exiftool"].get("ProfileDescription")


@processed
def test_ir_01_camera_and_date_are_as_exiftool_reads_them(entry: dict[str, Any]) -> None:
    facts = entry["exiftool"]

    _, metadata = inspected(entry["path"].read_bytes())

    assert metadata.exif_make == facts.get("Make")
    assert metadata.exif_model == facts.get("Model")
    assert metadata.creation_time == _iso(facts.get("DateTimeOriginal"), facts.get("OffsetTimeOriginal", ""))


@processed
def test_ir_01_the_position_is_as_exiftool_reads_it(entry: dict[str, Any]) -> None:
    facts = entry["exiftool"]

    _, metadata = inspected(entry["path"].read_bytes())

    if not facts.get("GPSLatitude"):
        assert metadata.geo is None
        return
    assert metadata.geo is not None
    assert metadata.geo.decimal.lat == pytest.approx(facts["GPSLatitude"], abs=1e-6)
    assert metadata.geo.decimal.lon == pytest.approx(facts["GPSLongitude"], abs=1e-6)
    assert metadata.geo.altitude_m == pytest.approx(facts.get("GPSAltitude"), abs=1e-6)
    for angle, name in ((metadata.geo.latitude, "Latitude"), (metadata.geo.longitude, "Longitude")):
        assert f"{angle.D} {angle.M} {angle.S:.4f} {angle.Direction}" == facts[f"GPS{name}DMS"]


@processed
def test_ir_01_the_thumbnail_has_the_size_given(entry: dict[str, Any]) -> None:
    body = entry["path"].read_bytes()
    _, metadata = inspected(body)

    _, size = render(read_container(body), metadata.orientation)

    assert [size.width, size.height] == pytest.approx(entry["expect"]["thumbnail"], abs=1)


@processed
def test_ir_02_the_thumbnail_decodes_and_holds_nothing_but_pixels(entry: dict[str, Any]) -> None:
    body = entry["path"].read_bytes()
    _, metadata = inspected(body)

    data, size = render(read_container(body), metadata.orientation)

    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        assert picture.format == entry["expect"]["format"]
        assert picture.size == (size.width, size.height)
        assert picture.mode in ("L", "LA", "RGB", "RGBA")
        assert not set(picture.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    for trace in (
        b"Exif",
        b"http://ns.adobe.com/xap",
        b"Photoshop",
        b"ICC_PROFILE",
        b"iCCP",
        b"tEXt",
        b"GPS",
    ):
        assert trace not in data


def _iso(date: str | None, offset: str) -> str | None:
    if date is None or date.startswith("0000"):
        return None
    return date[:10].replace(":", "-") + "T" + date[11:] + offset
