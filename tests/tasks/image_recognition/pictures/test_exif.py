import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.image_recognition.models import ExifFields, Ratio
from tasks.image_recognition.pictures.exif import read_exif
from tests.tasks.image_recognition.made_pictures import tiff

EVERYTHING = {
    "main": {0x010F: "Maker", 0x0110: "Model  ", 0x0112: 6},
    "photo": {0x9003: "2021:02:03 04:05:06", 0x9011: "-03:00"},
    "gps": {
        1: "S",
        2: [(22, 1), (57, 1), (69, 10)],
        3: "W",
        4: [(43, 1), (12, 1), (37, 1)],
        5: 1,
        6: [(7, 2)],
    },
}


@pytest.mark.parametrize("order", ["<", ">"])
def test_every_field_is_read_in_both_byte_orders(order: str) -> None:
    fields, warnings = read_exif(b"Exif\0\0" + tiff(**EVERYTHING, order=order))

    assert warnings == []
    assert fields == ExifFields(
        make="Maker",
        model="Model",
        orientation=6,
        taken="2021:02:03 04:05:06",
        taken_offset="-03:00",
        latitude=[Ratio(numerator=n, denominator=d) for n, d in [(22, 1), (57, 1), (69, 10)]],
        latitude_ref="S",
        longitude=[Ratio(numerator=n, denominator=d) for n, d in [(43, 1), (12, 1), (37, 1)]],
        longitude_ref="W",
        altitude=Ratio(numerator=7, denominator=2),
        altitude_ref=1,
    )


def test_no_data_gives_no_fields() -> None:
    assert read_exif(None) == (ExifFields(), [])
    assert read_exif(b"") == (ExifFields(), [])


def test_the_time_of_digitising_stands_in_for_that_of_taking_with_its_own_offset() -> None:
    fields, _ = read_exif(tiff(photo={0x9004: "2021:02:03 04:05:06", 0x9012: "+01:00", 0x9011: "-03:00"}))

    assert (fields.taken, fields.taken_offset) == ("2021:02:03 04:05:06", "+01:00")


def test_control_characters_and_padding_are_taken_out_of_texts() -> None:
    fields, _ = read_exif(tiff({0x010F: " Ma\x1b[31mker\n \0rest", 0x0110: "caf\xe9"}))

    assert fields.make == "Ma[31mker"
    assert fields.model == "café"


def test_a_long_text_is_cut() -> None:
    fields, _ = read_exif(tiff({0x010F: "x" * 50_000}))

    assert fields.make == "x" * 200


def test_markup_is_kept_as_the_text_it_is() -> None:
    fields, _ = read_exif(tiff({0x0110: "<script>alert(1)</script>"}))

    assert fields.model == "<script>alert(1)</script>"


def test_a_directory_that_points_at_itself_is_read_once() -> None:
    body = b"II*\0" + struct.pack("<IHHHIIHHIII", 8, 2, 0x8769, 4, 1, 8, 0x8825, 4, 1, 8, 8)

    assert read_exif(body) == (ExifFields(), [])


@pytest.mark.parametrize(
    ("body", "warning"),
    [
        (b"nonsense", "EXIF data left out: it does not begin as TIFF does"),
        (b"II*\0" + struct.pack("<I", 0x7FFFFFFF), "EXIF: a directory lies outside the data"),
        (b"II*\0" + struct.pack("<IH", 8, 5000), "EXIF: a directory breaks off"),
    ],
)
def test_a_broken_structure_is_named(body: bytes, warning: str) -> None:
    assert read_exif(body) == (ExifFields(), [warning])


def test_a_count_that_overflows_leaves_the_field_out() -> None:
    entry = struct.pack("<HHII", 0x010F, 2, 0xFFFFFFF0, 8)
    other = struct.pack("<HHIHH", 0x0112, 3, 1, 6, 0)

    fields, _ = read_exif(b"II*\0" + struct.pack("<IH", 8, 2) + entry + other)

    assert fields == ExifFields(orientation=6)


@pytest.mark.parametrize("kind", [2, 7, 129])
def test_a_text_is_read_in_each_type_that_cameras_write_it_in_up_to_the_last_byte(kind: int) -> None:
    text = "Kamera µ".encode()
    entry = struct.pack("<HHII", 0x010F, kind, len(text), 26)
    block = b"II*\0" + struct.pack("<IH", 8, 1) + entry + struct.pack("<I", 0) + text

    assert read_exif(block)[0].make == "Kamera µ"
    assert read_exif(block[:-1])[0].make is None


def test_a_field_of_another_type_is_left_out() -> None:
    fields, _ = read_exif(tiff({0x010F: 7, 0x0112: "6"}, gps={2: "51", 4: 8}))

    assert fields == ExifFields()


@given(st.binary(max_size=200))
def test_any_bytes_give_fields_or_warnings(tail: bytes) -> None:
    for head in (b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08", b""):
        fields, _ = read_exif(head + tail)
        assert isinstance(fields, ExifFields)
