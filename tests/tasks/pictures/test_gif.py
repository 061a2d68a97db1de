from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.errors import Corrupt, TooLarge
from tasks.pictures.facts import Size
from tasks.pictures.gif import read_gif
from tasks.pictures.pixels import decode
from tests.tasks.pictures.made_pictures import gradient

ONE = Size(width=1, height=1)


def gif(frames: int = 1, *, width: int = 20, height: int = 10, comment: bytes = b"") -> bytes:
    file = BytesIO()
    pictures = [gradient(width, height).rotate(20 * each) for each in range(frames)]
    more = {"save_all": True, "append_images": pictures[1:], "duration": 40, "loop": 0} if frames > 1 else {}
    pictures[0].save(file, "GIF", comment=comment, **more)
    return file.getvalue()


def first_frame(body: bytes) -> int:
    """Where the first frame begins, in a file without extensions."""
    at = 13 + 3 * (2 << (body[10] & 7))
    assert body[at] == 0x2C
    return at


def test_size_and_frames_are_read_from_the_blocks() -> None:
    found = read_gif(gif(3))

    assert (found.format, found.width, found.height, found.frames) == ("GIF", 20, 10, 3)


def test_comments_are_left_out_and_the_animation_stays_as_it_was() -> None:
    body = gif(3, comment=b"secret place")
    found = read_gif(body)

    assert b"secret" in body
    assert b"secret" not in found.pixels
    picture = decode(found, ONE)
    assert (picture.n_frames, picture.info["duration"], picture.info["loop"]) == (3, 40, 0)


def test_what_follows_the_end_is_left_out() -> None:
    assert read_gif(gif() + b"<script>").pixels == read_gif(gif()).pixels


def test_a_canvas_or_a_frame_that_is_too_large_is_refused_from_its_header() -> None:
    body = gif()
    canvas = body[:6] + b"\xff\xff\xff\xff" + body[10:]
    frame = read_gif(body).pixels
    at = first_frame(frame)
    frame = frame[: at + 5] + b"\xff\xff\xff\xff" + frame[at + 9 : at + 30]

    for each in (canvas, frame):
        with pytest.raises(TooLarge, match="65535 x 65535 pixels"):
            read_gif(each)


def test_more_frames_than_the_limit_are_refused() -> None:
    body = read_gif(gif()).pixels
    at = first_frame(body)

    with pytest.raises(TooLarge, match="65 frames"):
        read_gif(body[:at] + 65 * body[at:-1] + b"\x3b")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"GIF89a", "no header"),
        (gif()[:-1] + b"\x00", "no block at byte"),
        (b"GIF89a\x01\0\x01\0\0\0\0\x3b", "no picture"),
        (b"GIF89a\0\0\x01\0\0\0\0\x3b", "0 x 1 pixels"),
    ],
)
def test_what_is_damaged_is_refused_with_what_was_found(body: bytes, message: str) -> None:
    with pytest.raises(Corrupt, match=message):
        read_gif(body)


@given(st.integers(0, len(gif(2)) - 2))
def test_a_file_that_breaks_off_anywhere_is_corrupt(end: int) -> None:
    with pytest.raises(Corrupt):
        read_gif(gif(2)[:end])


@given(st.binary(max_size=60), st.integers(13, 60))
def test_whatever_follows_the_header_ends_in_a_named_error_or_a_picture(noise: bytes, at: int) -> None:
    body = gif()
    try:
        found = read_gif(body[:at] + noise + body[at:])
    except (Corrupt, TooLarge):
        return
    assert found.frames >= 1
