"""IR-04, IR-06, IR-08: what reading a photograph from S3 gives, and how it fails."""

import hashlib
from typing import Any

import pytest

from tasks.errors import Corrupt, NotFound, TooLarge, Unsupported
from tasks.image_recognition.inspection import extract_metadata
from tests.tasks.image_recognition.studio import Studio, photo
from tests.tasks.pictures.made_pictures import (
    jpeg,
    png,
    png_header,
    tiff,
    with_chunk,
    with_exif,
    with_segment,
)


def test_an_object_is_read_with_its_etag_and_its_hash(studio: Studio) -> None:
    body = with_exif(jpeg(60, 40), tiff({0x0112: 6, 0x010F: "Maker"}))
    etag = studio.upload(body)

    inspection = extract_metadata(photo())

    assert inspection.etag == etag
    assert inspection.sha256 == hashlib.sha256(body).hexdigest()
    assert (inspection.format, inspection.bytes) == ("JPEG", len(body))
    assert (inspection.stored.width, inspection.stored.height) == (60, 40)
    assert (inspection.exif.make, inspection.exif.orientation) == ("Maker", 6)


def test_an_object_that_is_gone_is_not_found(studio: Studio) -> None:
    with pytest.raises(NotFound, match=r"s3://photos/alice/uploads/photo\.jpg"):
        extract_metadata(photo())


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", Unsupported),
        (b"hello", Unsupported),
        (jpeg()[:500], Corrupt),
        (png_header(20_000, 20_000), TooLarge),
    ],
)
def test_ir_04_what_is_no_photograph_is_refused(studio: Studio, body: bytes, error: type[Exception]) -> None:
    studio.upload(body)

    with pytest.raises(error):
        extract_metadata(photo())


def test_ir_03_a_large_object_is_refused_before_it_is_transferred() -> None:
    class Body:
        def read(self, size: int) -> bytes:
            raise AssertionError("nothing should be read")

    class S3:
        def get_object(self, **_: Any) -> dict[str, Any]:
            return {"ContentLength": 26_214_401, "ETag": '"e"', "Body": Body()}

    with pytest.raises(TooLarge):
        extract_metadata(photo(), s3=S3())


def test_ir_08_a_profile_of_half_a_megabyte_stays_out_of_the_state(studio: Studio) -> None:
    profile = bytes(500_000)
    body = jpeg()
    parts = [profile[at : at + 65_000] for at in range(0, len(profile), 65_000)]
    for number, part in enumerate(parts, 1):
        body = with_segment(body, 0xE2, b"ICC_PROFILE\0" + bytes([number, len(parts)]) + part)
    studio.upload(body)

    inspection = extract_metadata(photo())

    assert len(inspection.model_dump_json()) < 2000


def test_frames_and_mode_are_told(studio: Studio) -> None:
    studio.upload(with_chunk(png(mode="P"), b"acTL", (7).to_bytes(4, "big") + bytes(4)))

    inspection = extract_metadata(photo())

    assert (inspection.frames, inspection.color.mode) == (7, "P")
