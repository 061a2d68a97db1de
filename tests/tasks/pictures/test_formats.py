"""IR-03, IR-04: what a file is, by its content, and how little is read of one that is too large."""

import tracemalloc
from typing import Any

import pytest

from tasks.errors import Corrupt, TooLarge, Unsupported
from tasks.pictures.container import MAX_FRAMES, check_bytes, check_frames, check_pixels
from tasks.pictures.formats import name_of, read_container
from tests.tasks.pictures.made_pictures import jpeg, jpeg_header, png, png_header


@pytest.mark.parametrize(
    "body",
    [
        png_header(20_000, 20_000),
        png_header(60_000, 60_000),
        png_header(2**31 - 1, 2**31 - 1),
        jpeg_header(65_500, 65_500),
        jpeg_header(10_000, 5_001),
    ],
)
def test_ir_03_a_bomb_is_refused_from_its_header_alone(body: bytes) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge, match="megapixels"):
            read_container(body)

        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_ir_03_a_file_over_the_limit_of_bytes_is_not_even_looked_at() -> None:
    with pytest.raises(TooLarge, match="26214401 bytes are over the limit of 26214400 bytes"):
        read_container(bytes(25 * 1024 * 1024 + 1))


def test_just_under_the_limit_is_no_bomb() -> None:
    with pytest.raises(Corrupt):  # the header goes through, and nothing follows it
        read_container(png_header(10_000, 5_000))


def test_ir_03_as_many_frames_as_the_limit_are_no_bomb_and_one_more_is() -> None:
    check_frames(MAX_FRAMES)

    with pytest.raises(TooLarge):
        check_frames(MAX_FRAMES + 1)


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (b"", "an empty file"),
        (b"GIF89a", "GIF"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "WebP or another RIFF file"),
        (b"\0\0\0\x1cftypheic", "HEIC"),
        (b"\0\0\0\x1cftypheix", "HEIC"),
        (b"\0\0\0\x1cftyphevc", "HEIC"),
        (b"\0\0\0\x1cftypmif1", "HEIF"),
        (b"\0\0\0\x1cftypmsf1", "HEIF"),
        (b"\0\0\0\x1cftypavif", "AVIF"),
        (b"\0\0\0\x1cftypavis", "AVIF"),
        (b"\0\0\0\x1cftypisom", "a film"),
        (b"BM\x8a\0\0\0", "BMP"),
        (b"II*\0\x08\0\0\0", "TIFF"),
        (b"MM\0*\0\0\0\x08", "TIFF"),
        (b"\0\0\1\0\1\0", "ICO"),
        (b"8BPS\0\1", "PSD"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
        (b"\xff\x4f\xff\x51\0", "JPEG 2000"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
        (b"\xff\x0a\0", "JPEG XL"),
        (b"PK\3\4", "ZIP"),
        (b"%!PS-Adobe-3.0", "PostScript"),
        (b"%PDF-1.7", "PDF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- x --><svg/>", "SVG"),
        (b"hello\n", "text"),
        (b"\x00\x01\x02", "an unknown kind of file"),
    ],
)
def test_ir_04_other_kinds_of_file_are_named_and_refused(start: bytes, name: str) -> None:
    assert name_of(start) == name

    with pytest.raises(Unsupported, match="only JPEG and PNG are"):
        read_container(start)


@pytest.mark.parametrize(
    "body", [b"\xff\xd8", b"\xff\xd8\xff", b"\x89PNG", b"\x89PNG\r\n\x1a\n", b"\x89PNG\n\x1a\n"]
)
def test_ir_04_the_first_bytes_alone_are_a_damaged_photograph(body: bytes) -> None:
    with pytest.raises(Corrupt):
        read_container(body)


def test_ir_04_a_png_that_was_sent_as_text_is_damaged_in_its_signature() -> None:
    with pytest.raises(Corrupt, match="the signature"):
        read_container(png().replace(b"\r\n", b"\n", 1))


def test_ir_04_the_content_decides_and_not_a_name() -> None:
    assert read_container(jpeg()).format == "JPEG"
    assert read_container(png()).format == "PNG"


@pytest.mark.parametrize(
    ("check", "most"),
    [
        (check_bytes, (25 * 1024 * 1024,)),
        (check_pixels, (50_000_000, 1)),
        (check_pixels, (1, 50_000_000)),
        (check_frames, (64,)),
    ],
)
def test_a_picture_may_be_as_large_as_the_limits_say_and_no_larger(check: Any, most: tuple[int, ...]) -> None:
    check(*most)

    with pytest.raises(TooLarge, match="over the limit"):
        check(*(each + 1 if each > 1 else each for each in most))
