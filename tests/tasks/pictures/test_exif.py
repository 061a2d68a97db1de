import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.pictures.exif import read_exif
from tasks.pictures.facts import ExifFields, Ratio
from tests.tasks.pictures.made_pictures import tiff

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


def block(*entries: bytes, data: bytes = b"") -> bytes:
    """Write a main directory of these entries at its usual place."""
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + b"".join(entries) + data


@pytest.mark.parametrize(
    ("kind", "form", "value"),
    [(1, "<B", 6), (3, "<H", 6), (4, "<I", 6), (6, "<b", -6), (8, "<h", -6), (9, "<i", -6)],
)
def test_a_whole_number_is_read_in_each_type(kind: int, form: str, value: int) -> None:
    entry = struct.pack("<HHI", 0x0112, kind, 1) + struct.pack(form, value).ljust(4, b"\0")

    assert read_exif(block(entry))[0].orientation == value


@pytest.mark.parametrize("letters", [3, 4, 5])
def test_a_text_lies_in_its_entry_as_long_as_it_fits(letters: int) -> None:
    text = b"abcde"[:letters]
    inside = struct.pack("<HHI", 0x010F, 2, letters) + text.ljust(4, b"\0")
    outside = struct.pack("<HHII", 0x010F, 2, letters, 22)

    made = block(inside) if letters <= 4 else block(outside, data=text)

    assert read_exif(made)[0].make == text.decode()


def test_of_more_than_three_fractions_three_are_read() -> None:
    fields, _ = read_exif(tiff(gps={2: [(1, 1), (2, 1), (3, 1), (4, 1)], 6: [(7, 2), (8, 2)]}))

    assert [ratio.numerator for ratio in fields.latitude or []] == [1, 2, 3]
    assert fields.altitude == Ratio(numerator=7, denominator=2)


def test_signed_fractions_keep_their_sign() -> None:
    gps = struct.pack("<HHHII", 1, 6, 10, 1, 44) + struct.pack("<ii", -7, 2)
    link = struct.pack("<HHII", 0x8825, 4, 1, 22)

    made = block(link, data=bytes(4) + gps).replace(struct.pack("<I", 22), struct.pack("<I", 26), 1)
    made = made.replace(struct.pack("<I", 44), struct.pack("<I", 40), 1)

    assert read_exif(made)[0].altitude == Ratio(numerator=-7, denominator=2)


@pytest.mark.parametrize(("place", "name"), [(999, "Make"), (1000, None)])
def test_a_directory_is_read_up_to_its_thousandth_entry(place: int, name: str | None) -> None:
    other = struct.pack("<HHII", 0x9999, 3, 1, 0)
    entry = struct.pack("<HHI", 0x010F, 2, 4) + b"Make"

    fields, warnings = read_exif(block(*[other] * place, entry))

    assert (fields.make, warnings) == (name, [])


def test_of_two_entries_with_one_tag_the_first_counts() -> None:
    entries = [struct.pack("<HHI", 0x010F, 2, 3) + text for text in (b"one\0", b"two\0")]

    assert read_exif(block(*entries))[0].make == "one"


def test_a_block_ends_where_its_empty_directory_ends() -> None:
    assert read_exif(block()) == (ExifFields(), [])
    assert read_exif(block()[:-1])[1] == ["EXIF: a directory lies outside the data"]
    assert read_exif(b"II*\0\x08\0\0")[1] == ["EXIF data left out: it does not begin as TIFF does"]
