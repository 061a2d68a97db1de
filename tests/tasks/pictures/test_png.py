import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.errors import Corrupt, TooLarge, Unsupported
from tasks.pictures.facts import Size
from tasks.pictures.pixels import decode
from tasks.pictures.png import read_png
from tests.tasks.pictures.made_pictures import chunk, gradient, png, png_header, tiff, with_chunk

WHOLE = png(20, 16)
ONE = Size(width=1, height=1)


def test_size_and_pixels_are_kept_and_the_rest_is_taken_out() -> None:
    body = with_chunk(WHOLE, b"tEXt", b"Comment\0secret")

    container = read_png(body)

    assert (container.width, container.height) == (20, 16)
    assert container.pixels == WHOLE


def test_what_follows_the_last_chunk_is_taken_out() -> None:
    assert read_png(WHOLE + b"PK\3\4 a zip").pixels == WHOLE


@given(cut=st.integers(8, len(WHOLE) - 1))
def test_ir_04_a_png_cut_anywhere_is_damaged(cut: int) -> None:
    with pytest.raises(Corrupt):
        read_png(WHOLE[:cut])


@given(position=st.integers(29, len(WHOLE) - 1), bit=st.integers(0, 7))
def test_ir_04_a_flipped_bit_is_found_wherever_it_is(position: int, bit: int) -> None:
    body = bytearray(WHOLE)
    body[position] ^= 1 << bit

    with pytest.raises((Corrupt, Unsupported)):
        read_png(bytes(body))


def test_ir_04_a_wrong_checksum_is_named_with_its_place() -> None:
    body = bytearray(WHOLE)
    body[WHOLE.index(b"IDAT") + 10] ^= 1

    with pytest.raises(Corrupt, match="the checksum of the chunk IDAT at byte 33 does not fit"):
        read_png(bytes(body))


def test_too_little_image_data_does_not_decode() -> None:
    body = png_header(64, 48) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")

    with pytest.raises(Corrupt, match="does not decode"):
        decode(read_png(body), ONE)


def test_image_data_that_inflates_to_far_more_than_the_picture_is_not_inflated() -> None:
    data = zlib.compress(bytes(64 * 49 * 3 + 50_000_000))
    body = png_header(64, 48) + chunk(b"IDAT", data) + chunk(b"IEND", b"")

    assert decode(read_png(body), ONE).size == (64, 48)


def test_a_png_without_image_data_is_damaged() -> None:
    with pytest.raises(Corrupt, match="no image data"):
        read_png(png_header(4, 4) + chunk(b"IEND", b""))


def test_a_critical_chunk_of_somebody_elses_is_unsupported() -> None:
    with pytest.raises(Unsupported, match="CgBI"):
        read_png(with_chunk(WHOLE, b"CgBI", b"\0\0\0\0"))


def test_exif_is_found_before_and_after_the_image_data() -> None:
    data = tiff({0x010F: "Maker"})

    assert read_png(with_chunk(WHOLE, b"eXIf", data)).exif == data
    assert read_png(WHOLE[:-12] + chunk(b"eXIf", data) + WHOLE[-12:]).exif == data


@pytest.mark.parametrize("packed", [True, False])
def test_exif_that_imagemagick_writes_as_text_is_found(packed: bool) -> None:
    data = b"Exif\0\0" + tiff({0x010F: "Maker"})
    text = f"\nexif\n{len(data):8}\n{data.hex()}\n".encode()
    name = b"Raw profile type exif\0"

    body = (
        with_chunk(WHOLE, b"zTXt", name + b"\0" + zlib.compress(text))
        if packed
        else with_chunk(WHOLE, b"tEXt", name + text)
    )

    assert read_png(body).exif == data


def test_a_profile_is_inflated_within_bounds() -> None:
    body = with_chunk(WHOLE, b"iCCP", b"name\0\0" + zlib.compress(b"profile"))
    bomb = with_chunk(WHOLE, b"iCCP", b"name\0\0" + zlib.compress(bytes(30_000_000)))
    damaged = with_chunk(WHOLE, b"iCCP", b"name\0\0nonsense")

    assert read_png(body).profile == b"profile"
    for bad in (bomb, damaged):
        container = read_png(bad)
        assert container.profile is None
        assert container.warnings == ("colour profile left out: it is damaged or too long",)


def test_frames_are_counted_and_limited() -> None:
    count = (3).to_bytes(4, "big") + bytes(4)

    assert read_png(with_chunk(WHOLE, b"acTL", count)).frames == 3
    with pytest.raises(TooLarge, match="65 frames are over the limit of 64"):
        read_png(with_chunk(WHOLE, b"acTL", (65).to_bytes(4, "big") + bytes(4)))


@pytest.mark.slow
def test_a_file_of_nothing_but_chunks_is_given_up() -> None:
    body = png_header(4, 4) + chunk(b"tEXt", b"k\0v") * 100_001

    with pytest.raises(TooLarge, match="more than 100000 chunks"):
        read_png(body)


@given(st.binary(max_size=300))
def test_any_bytes_after_the_signature_end_in_a_named_error(tail: bytes) -> None:
    with pytest.raises((Corrupt, TooLarge, Unsupported)):
        read_png(b"\x89PNG\r\n\x1a\n" + tail)


def test_the_gradient_decodes_to_what_it_was() -> None:
    assert decode(read_png(WHOLE), ONE).tobytes() == gradient(20, 16).tobytes()


@pytest.mark.parametrize(
    ("kind", "data", "warning"),
    [
        (b"eXIf", bytes(1024 * 1024 + 1), "EXIF data left out: too long"),
        (b"tEXt", b"Raw profile type exif\0exif 4 nonsense", "EXIF data left out: its text form is damaged"),
    ],
)
def test_exif_that_is_too_long_or_damaged_is_left_out(kind: bytes, data: bytes, warning: str) -> None:
    container = read_png(with_chunk(WHOLE, kind, data))

    assert (container.exif, container.warnings) == (None, (warning,))


@pytest.mark.parametrize(
    ("width", "height", "error"),
    [
        (0, 5, Corrupt),
        (5, 0, Corrupt),
        (1 << 31, 1, Corrupt),
        (1, 1 << 31, Corrupt),
        ((1 << 31) - 1, 1, TooLarge),
        (1, (1 << 31) - 1, TooLarge),
    ],
)
def test_a_size_that_cannot_be_is_damage_and_one_that_can_is_too_large(
    width: int, height: int, error: type[Exception]
) -> None:
    with pytest.raises(error, match=f"{width} x {height} pixels"):
        read_png(png_header(width, height))


@pytest.mark.parametrize(("width", "height"), [(1, 7), (7, 1)])
def test_a_line_of_pixels_is_a_picture_of_one_frame(width: int, height: int) -> None:
    container = read_png(png(width, height))

    assert (container.width, container.height, container.frames) == (width, height, 1)


@pytest.mark.parametrize(("told", "frames"), [(0, 1), (1, 1), (64, 64)])
def test_an_animation_has_at_least_one_frame(told: int, frames: int) -> None:
    assert read_png(with_chunk(WHOLE, b"acTL", told.to_bytes(4, "big") + bytes(4))).frames == frames


@pytest.mark.parametrize(("size", "is_kept"), [(1024 * 1024, True), (1024 * 1024 + 1, False)])
def test_metadata_of_a_mebibyte_is_kept(size: int, is_kept: bool) -> None:
    profile = with_chunk(WHOLE, b"iCCP", b"name\0\0" + zlib.compress(bytes(size)))

    assert (read_png(profile).profile is not None) == is_kept
    assert (read_png(with_chunk(WHOLE, b"eXIf", bytes(size))).exif is not None) == is_kept


def test_a_profile_that_breaks_off_is_left_out() -> None:
    packed = zlib.compress(b"profile" * 100)

    container = read_png(with_chunk(WHOLE, b"iCCP", b"name\0\0" + packed[:-4]))

    assert (container.profile, len(container.warnings)) == (None, 1)


def test_a_header_is_read_before_its_checksum_has_come() -> None:
    header = png_header(20_000, 20_000)

    with pytest.raises(TooLarge):
        read_png(header[:29])
    with pytest.raises(Corrupt, match="the PNG has no header"):
        read_png(header[:28])
