from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tasks.errors import Corrupt, TooLarge, Unsupported
from tasks.pictures.facts import Size
from tasks.pictures.jpeg import read_jpeg
from tasks.pictures.pixels import decode
from tests.tasks.pictures.made_pictures import (
    jpeg,
    jpeg_header,
    segment,
    tiff,
    with_exif,
    with_segment,
)

WHOLE = jpeg(64, 48)
PROGRESSIVE = jpeg(64, 48, progressive=True)
ONE = Size(width=1, height=1)
END = b"\xff\xd9"


def test_metadata_is_taken_out_and_the_picture_stays() -> None:
    body = with_segment(with_exif(WHOLE, tiff({0x010F: "Maker"})), 0xFE, b"a comment")

    container = read_jpeg(body)

    assert (container.width, container.height) == (64, 48)
    assert container.exif == b"Exif\0\0" + tiff({0x010F: "Maker"})
    assert container.pixels == WHOLE


def test_what_follows_the_end_is_taken_out() -> None:
    assert read_jpeg(WHOLE + b"<html><script>").pixels == WHOLE


def test_a_second_picture_behind_the_first_is_taken_out() -> None:
    assert read_jpeg(WHOLE + jpeg(8, 8)).pixels == WHOLE


def test_fill_bytes_before_a_marker_are_skipped() -> None:
    body = WHOLE[:2] + b"\xff" * 1000 + WHOLE[2:]

    assert decode(read_jpeg(body), ONE).size == (8, 6)


def boundaries(body: bytes) -> list[int]:
    """Give where segments begin, but for the first and the end of the picture."""
    found, at = [], 2
    while body[at + 1] != 0xDA:
        at += 2 + int.from_bytes(body[at + 2 : at + 4], "big")
        found.append(at)
    return found


@given(
    at=st.sampled_from(boundaries(WHOLE)),
    stray=st.lists(st.sampled_from([b"\xff\x00", b"\0", b"\xd8", b"stray"]), max_size=5),
)
def test_stray_bytes_between_segments_are_left_out_as_pillow_does(at: int, stray: list[bytes]) -> None:
    body = WHOLE[:at] + b"".join(stray) + WHOLE[at:]

    Image.open(BytesIO(body)).load()
    assert read_jpeg(body).pixels == WHOLE


@given(cut=st.integers(2, len(WHOLE) - 1))
def test_ir_04_a_jpeg_cut_anywhere_is_damaged(cut: int) -> None:
    with pytest.raises(Corrupt):
        read_jpeg(WHOLE[:cut])


@given(cut=st.integers(2, len(PROGRESSIVE) - 1))
def test_ir_04_a_progressive_jpeg_cut_anywhere_is_damaged(cut: int) -> None:
    with pytest.raises(Corrupt):
        read_jpeg(PROGRESSIVE[:cut])


@given(data=st.data())
def test_ir_04_flipped_bits_end_in_a_picture_or_a_named_error(data: st.DataObject) -> None:
    body = bytearray(data.draw(st.sampled_from([WHOLE, PROGRESSIVE])))
    for _ in range(data.draw(st.integers(1, 5))):
        body[data.draw(st.integers(2, len(body) - 1))] ^= 1 << data.draw(st.integers(0, 7))

    try:
        picture = decode(read_jpeg(bytes(body)), ONE)
    except (Corrupt, TooLarge, Unsupported):
        return
    assert picture.size >= (1, 1)


@given(cut=st.integers(20, len(WHOLE) - 3))
def test_decoding_at_an_eighth_finds_the_damage_that_full_decoding_finds(cut: int) -> None:
    container = read_jpeg(WHOLE[: len(WHOLE) - 2] + END)
    broken = type(container)(format="JPEG", width=64, height=48, pixels=container.pixels[:cut])

    for size in (ONE, Size(width=64, height=48)):
        with pytest.raises(Corrupt):
            decode(broken, size)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"\xff\xd8" + END, "no image data"),
        (b"\xff\xd8\x00\x00" + END, "no image data"),
        (b"\xff\xd8" + b"\xff\x00" * 9, "breaks off"),
        (b"\xff\xd8" + segment(0xDA, b"\0\0\0") + END, "image data before its frame header"),
        (jpeg_header(8, 8) + jpeg_header(8, 8)[2:] + END, "two frame headers"),
        (jpeg_header(0, 8) + END, "claims 0 x 8 pixels"),
        (jpeg_header(8, 0) + END, "claims 8 x 0 pixels"),
        (b"\xff\xd8" + segment(0xC0, b"\x08\0\x08\0\x08") + END, "frame header of the JPEG is too short"),
        (b"\xff\xd8" + segment(0xC0, b"\x08\0\x08\0\x08\1") + END, "no image data"),
        (b"\xff\xd8\xff\xe0\0\1" + END, "has no length"),
    ],
)
def test_ir_04_damage_is_named(body: bytes, message: str) -> None:
    with pytest.raises(Corrupt, match=message):
        read_jpeg(body)


@pytest.mark.parametrize(("marker", "precision"), [(0xC3, 8), (0xC7, 8), (0xC0, 12)])
def test_codings_that_only_special_software_reads_are_unsupported(marker: int, precision: int) -> None:
    with pytest.raises(Unsupported, match=f"SOF{marker - 0xC0} with {precision} bits"):
        read_jpeg(jpeg_header(8, 8, marker=marker, precision=precision) + END)


def test_a_jpeg_of_endless_scans_is_given_up() -> None:
    start = PROGRESSIVE.index(b"\xff\xda")
    following = PROGRESSIVE.index(b"\xff\xc4", start)
    body = PROGRESSIVE[:start] + PROGRESSIVE[start:following] * 65 + PROGRESSIVE[following:]

    with pytest.raises(TooLarge, match="more than 64 scans"):
        read_jpeg(body)


def test_ir_08_a_profile_in_many_parts_is_put_together() -> None:
    profile = bytes(range(256)) * 2000  # half a megabyte
    parts = [profile[at : at + 65_000] for at in range(0, len(profile), 65_000)]
    body = WHOLE
    for number, part in reversed(list(enumerate(parts, 1))):
        body = with_segment(body, 0xE2, b"ICC_PROFILE\0" + bytes([number, len(parts)]) + part)

    assert read_jpeg(body).profile == profile


@pytest.mark.parametrize("head", [b"\2\1data", b"\0\0data", b"\1\2data", b"\1\1", b"\1", b""])
def test_a_profile_whose_parts_do_not_fit_is_left_out(head: bytes) -> None:
    container = read_jpeg(with_segment(WHOLE, 0xE2, b"ICC_PROFILE\0" + head))

    assert container.profile is None
    assert container.warnings == ("colour profile left out: it is damaged or too long",)


def test_pillow_never_sees_a_multi_picture_index() -> None:
    container = read_jpeg(with_segment(WHOLE, 0xE2, b"MPF\0MM\0*\0\0\0\x08"))

    assert (container.pixels, container.profile, container.warnings) == (WHOLE, None, ())
    assert decode(container, ONE).format == "JPEG"


@given(st.binary(max_size=300))
def test_any_bytes_after_the_start_end_in_a_named_error(tail: bytes) -> None:
    with pytest.raises((Corrupt, TooLarge, Unsupported)):
        read_jpeg(b"\xff\xd8" + tail)


def test_a_decoded_cmyk_picture_keeps_adobes_inversion() -> None:
    picture = decode(read_jpeg(jpeg(16, 16, mode="CMYK")), Size(width=16, height=16))

    assert picture.mode == "CMYK"
    assert isinstance(picture, Image.Image)


@pytest.mark.slow
def test_a_file_of_nothing_but_segments_is_given_up() -> None:
    with pytest.raises(TooLarge, match="more than 100000 segments"):
        read_jpeg(b"\xff\xd8" + segment(0xFE, b"") * 100_001)


@pytest.mark.parametrize(("scans", "is_taken"), [(64, True), (65, False)])
def test_a_jpeg_of_sixty_four_scans_is_taken(scans: int, is_taken: bool) -> None:
    start = PROGRESSIVE.index(b"\xff\xda")
    following = PROGRESSIVE.index(b"\xff\xc4", start)
    more = scans - PROGRESSIVE.count(b"\xff\xda")
    body = PROGRESSIVE[:start] + PROGRESSIVE[start:following] * (more + 1) + PROGRESSIVE[following:]

    try:
        assert read_jpeg(body).width == 64
    except TooLarge:
        assert not is_taken
    else:
        assert is_taken


@pytest.mark.parametrize(
    ("marker", "data"),
    [(0xFE, b"Exif\0\0"), (0xFE, b"ICC_PROFILE\0\1\1data"), (0xE1, b"http://ns.adobe.com\0")],
)
def test_what_only_looks_like_metadata_is_taken_out_without_a_word(marker: int, data: bytes) -> None:
    container = read_jpeg(with_segment(WHOLE, marker, data))

    assert (container.pixels, container.exif, container.profile) == (WHOLE, None, None)
    assert container.warnings == ()


@pytest.mark.parametrize(("size", "is_kept"), [(1024 * 1024, True), (1024 * 1024 + 1, False)])
def test_a_profile_of_a_mebibyte_is_kept(size: int, is_kept: bool) -> None:
    parts = [bytes(min(65_000, size - at)) for at in range(0, size, 65_000)]
    body = WHOLE
    for number, part in enumerate(parts, 1):
        body = with_segment(body, 0xE2, b"ICC_PROFILE\0" + bytes([number, len(parts)]) + part)

    assert (read_jpeg(body).profile is not None) == is_kept


@pytest.mark.parametrize("between", [b"\xff\x01", b"\xff\xd0", b"\xff\xd7", segment(0xFE, b"")])
def test_markers_without_data_between_segments_are_passed(between: bytes) -> None:
    assert read_jpeg(WHOLE[:2] + between + WHOLE[2:]).width == 64


@pytest.mark.parametrize("marker", [0xC0, 0xC1, 0xC2, 0xC9, 0xCA])
def test_codings_that_decoders_read_are_taken(marker: int) -> None:
    with pytest.raises(Corrupt, match="no image data"):
        read_jpeg(jpeg_header(8, 8, marker=marker) + END)


@pytest.mark.parametrize("marker", [0xC3, 0xC5, 0xC6, 0xC7, 0xCB, 0xCD, 0xCE, 0xCF])
def test_all_other_codings_are_unsupported(marker: int) -> None:
    with pytest.raises(Unsupported, match=f"SOF{marker - 0xC0} with 8 bits"):
        read_jpeg(jpeg_header(8, 8, marker=marker) + END)


@pytest.mark.parametrize("marker", [0xC4, 0xC8, 0xCC, *range(0xE0, 0xF0), 0xFE])
def test_of_segments_beside_the_picture_those_stay_that_say_how_to_decode_it(marker: int) -> None:
    extra = segment(marker, b"anything")

    container = read_jpeg(WHOLE[:2] + extra + WHOLE[2:])

    assert (extra in container.pixels) == (marker in (0xC4, 0xC8, 0xCC, 0xE0, 0xEE))
    assert (container.width, container.height) == (64, 48)
