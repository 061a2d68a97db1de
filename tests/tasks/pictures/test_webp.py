from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tasks.errors import Corrupt, TooLarge
from tasks.pictures.facts import Size
from tasks.pictures.pixels import decode
from tasks.pictures.webp import read_webp
from tests.tasks.pictures.made_pictures import gradient, tiff

ONE = Size(width=1, height=1)


def webp(mode: str = "RGB", **options: object) -> bytes:
    file = BytesIO()
    gradient(21, 11).convert(mode).save(file, "WEBP", **options)
    return file.getvalue()


def moving(frames: int) -> bytes:
    pictures = [gradient(20, 10).rotate(20 * each) for each in range(frames)]
    file = BytesIO()
    pictures[0].save(file, "WEBP", save_all=True, append_images=pictures[1:], duration=40)
    return file.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return kind + len(data).to_bytes(4, "little") + data + b"\0" * (len(data) % 2)


def file_of(*chunks: bytes) -> bytes:
    content = b"WEBP" + b"".join(chunks)
    return b"RIFF" + len(content).to_bytes(4, "little") + content


@pytest.mark.parametrize("body", [webp(), webp(lossless=True), webp("RGBA"), webp(exif=b"II*\0")])
def test_every_kind_says_its_size_and_decodes_as_it_did(body: bytes) -> None:
    found = read_webp(body)

    assert (found.format, found.width, found.height, found.frames) == ("WEBP", 21, 11, 1)
    assert decode(found, ONE).tobytes() == Image.open(BytesIO(body)).tobytes()


def test_metadata_is_taken_out_and_kept_apart() -> None:
    exif = tiff({0x010F: "Maker"})
    found = read_webp(webp(exif=exif, icc_profile=b"profile!", xmp=b"<secret/>"))

    assert (found.exif, found.profile) == (exif, b"profile!")
    assert all(each not in found.pixels for each in (b"Maker", b"profile!", b"secret", b"EXIF", b"XMP"))
    assert decode(found, ONE).size == (21, 11)


def test_the_frames_of_an_animation_are_counted_and_kept() -> None:
    found = read_webp(moving(3))

    assert found.frames == 3
    assert decode(found, ONE).n_frames == 3


def test_too_many_frames_and_too_large_a_canvas_are_refused_before_decoding() -> None:
    canvas = chunk(b"VP8X", bytes([0, 0, 0, 0]) + (19_999).to_bytes(3, "little") * 2)
    many = [chunk(b"VP8X", bytes(10)), *(chunk(b"ANMF", b"x") for _ in range(65))]

    with pytest.raises(TooLarge, match="20000 x 20000"):
        read_webp(file_of(canvas))
    with pytest.raises(TooLarge, match="65 frames"):
        read_webp(file_of(*many))


def test_metadata_that_is_too_long_is_left_out_with_a_warning() -> None:
    found = read_webp(file_of(chunk(b"VP8X", bytes(10)), chunk(b"EXIF", bytes(1024 * 1024 + 1))))

    assert (found.exif, found.warnings) == (None, ("EXIF data left out: too long",))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"RIFF\xff\0\0\0WEBP", "breaks off"),
        (file_of(), "no picture"),
        (file_of(chunk(b"ICCP", b"x")), "no picture"),
        (file_of(chunk(b"VP8 ", bytes(10))), "how large"),
        (file_of(chunk(b"VP8L", b"\x2f")), "how large"),
        (file_of(b"VP8 \xff\xff\0\0"), "in the chunk at byte 12"),
    ],
)
def test_what_is_damaged_is_refused_with_what_was_found(body: bytes, message: str) -> None:
    with pytest.raises(Corrupt, match=message):
        read_webp(body)


@given(st.integers(0, len(webp()) - 1))
def test_a_file_that_breaks_off_anywhere_is_corrupt(end: int) -> None:
    with pytest.raises(Corrupt):
        read_webp(webp()[:end])


@given(
    st.lists(
        st.tuples(st.sampled_from([b"VP8X", b"VP8L", b"VP8 ", b"ANMF", b"ODD!"]), st.binary(max_size=14))
    )
)
def test_whatever_the_chunks_are_it_ends_in_a_named_error_or_a_size(
    chunks: list[tuple[bytes, bytes]],
) -> None:
    try:
        found = read_webp(file_of(*(chunk(*each) for each in chunks)))
    except (Corrupt, TooLarge):
        return
    assert found.width >= 1
    assert found.height >= 1
