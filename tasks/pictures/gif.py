"""Take a GIF file apart: its size, its frames, and the blocks that make its pixels.

Source: Graphics Interchange Format, version 89a, CompuServe 1990, sections 18 to 26.
"""

from collections.abc import Iterator
from typing import Final

from tasks.errors import Corrupt, TooLarge
from tasks.pictures.container import MAX_SEGMENTS, Container, check_frames, check_pixels

_HEADER: Final = 13
_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_CONTROL, _APPLICATION = 0xF9, 0xFF
_LOOPS: Final = b"NETSCAPE2.0"


def read_gif(body: bytes) -> Container:
    """Return the parts of the GIF file in `body`; comments, texts and what programs have added are left out.

    Raises TooLarge for a canvas, a frame or a number of frames over the limits, and Corrupt where the file breaks off
    or has no picture.
    """
    if len(body) < _HEADER:
        raise Corrupt("the GIF has no header")
    width, height = _size(body, 6)
    start = _HEADER + _table(body[10])
    kept: list[bytes] = [body[:start]]
    frames = 0
    for kind, block in _blocks(body, start):
        if kind == _IMAGE:
            frames += 1
            check_frames(frames)
        elif block[1] != _CONTROL and not (block[1] == _APPLICATION and block[3:14] == _LOOPS):
            continue
        kept.append(block)
    if frames == 0:
        raise Corrupt("the GIF has no picture")
    return Container(
        format="GIF", width=width, height=height, frames=frames, pixels=b"".join([*kept, b"\x3b"])
    )


def _size(body: bytes, position: int) -> tuple[int, int]:
    """Read a width and a height. Raises Corrupt for none, and TooLarge."""
    width, height = (int.from_bytes(body[at : at + 2], "little") for at in (position, position + 2))
    if width == 0 or height == 0:
        raise Corrupt(f"the GIF claims {width} x {height} pixels")
    check_pixels(width, height)
    return width, height


def _table(flags: int) -> int:
    """Give the bytes of a colour table, by the flags that announce it."""
    return 3 * (2 << (flags & 7)) if flags & 0x80 else 0


def _blocks(body: bytes, position: int) -> Iterator[tuple[int, bytes]]:
    """Yield the kind and the whole of each extension and each frame, up to the trailer."""
    for _ in range(MAX_SEGMENTS):
        kind = body[position] if position < len(body) else None
        if kind == _TRAILER:
            return
        if kind == _EXTENSION:
            end = _end_of_data(body, position + 2)
        elif kind == _IMAGE and position + 10 <= len(body):
            _size(body, position + 5)
            end = _end_of_data(body, position + 11 + _table(body[position + 9]))
        elif kind is None or kind == _IMAGE:
            raise Corrupt(f"the GIF breaks off after {len(body)} bytes")
        else:
            raise Corrupt(f"the GIF has no block at byte {position}")
        yield kind, body[position:end]
        position = end
    raise TooLarge(f"the GIF has more than {MAX_SEGMENTS} blocks")


def _end_of_data(body: bytes, position: int) -> int:
    """Give the end of sub-blocks, each of which begins with its length, up to the empty one."""
    while position < len(body):
        length = body[position]
        position += 1 + length
        if length == 0:
            return position
    raise Corrupt(f"the GIF breaks off after {len(body)} bytes")
