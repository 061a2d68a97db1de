"""Take a WebP file apart: its size, its metadata, and the chunks that make its pixels.

Source: RFC 9649, sections 2.3 to 2.7.
"""

from collections.abc import Iterator
from typing import Final

from tasks.errors import Corrupt, TooLarge
from tasks.pictures.container import MAX_METADATA, MAX_SEGMENTS, Container, check_frames, check_pixels

_PIXEL_CHUNKS: Final = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF"})
_HAS_METADATA: Final = 0x20 | 0x08 | 0x04
"""The flags that announce a colour profile, EXIF and XMP."""


def read_webp(body: bytes) -> Container:
    """Return the parts of the WebP file in `body`; what follows its end is left out.

    Raises TooLarge for a canvas or a number of frames over the limits, and Corrupt where the file breaks off or its
    chunks do not fit.
    """
    size: tuple[int, int] | None = None
    kept: list[bytes] = []
    found: dict[bytes, bytes] = {}
    frames = 0
    for kind, data in _chunks(body):
        if kind in (b"EXIF", b"ICCP"):
            found.setdefault(kind, data)
        if kind not in _PIXEL_CHUNKS:
            continue
        if size is None:
            size = _size(kind, data)
            check_pixels(*size)
        if kind == b"VP8X":
            data = bytes([data[0] & ~_HAS_METADATA]) + data[1:]
        if kind == b"ANMF":
            frames += 1
            check_frames(frames)
        kept.append(_chunk(kind, data))
    if size is None:
        raise Corrupt("the WebP has no picture")
    warnings: list[str] = []
    content = b"WEBP" + b"".join(kept)
    return Container(
        format="WEBP",
        width=size[0],
        height=size[1],
        frames=max(frames, 1),
        exif=_short(found.get(b"EXIF"), "EXIF data", warnings),
        profile=_short(found.get(b"ICCP"), "colour profile", warnings),
        pixels=b"RIFF" + len(content).to_bytes(4, "little") + content,
        warnings=tuple(warnings),
    )


def _size(kind: bytes, data: bytes) -> tuple[int, int]:
    """Read the size out of the first chunk. Raises Corrupt where it is not one that a picture begins with."""
    width = height = 0
    if kind == b"VP8X" and len(data) >= 10:
        width = 1 + int.from_bytes(data[4:7], "little")
        height = 1 + int.from_bytes(data[7:10], "little")
    elif kind == b"VP8L" and len(data) >= 5 and data[0] == 0x2F:
        bits = int.from_bytes(data[1:5], "little")
        width, height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    elif kind == b"VP8 " and len(data) >= 10 and data[3:6] == b"\x9d\x01\x2a":
        width, height = (int.from_bytes(data[at : at + 2], "little") & 0x3FFF for at in (6, 8))
    if width == 0 or height == 0:
        raise Corrupt("the WebP does not say how large it is")
    return width, height


def _chunks(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the kind and the data of each chunk."""
    end = 8 + int.from_bytes(body[4:8], "little")
    if len(body) < 12 or end > len(body):
        raise Corrupt(f"the WebP breaks off after {len(body)} bytes")
    position = 12
    for _ in range(MAX_SEGMENTS):
        if position >= end:
            return
        length = int.from_bytes(body[position + 4 : position + 8], "little")
        if position + 8 + length > end:
            raise Corrupt(f"the WebP breaks off in the chunk at byte {position}")
        yield body[position : position + 4], body[position + 8 : position + 8 + length]
        position += 8 + length + length % 2
    raise TooLarge(f"the WebP has more than {MAX_SEGMENTS} chunks")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return kind + len(data).to_bytes(4, "little") + data + b"\0" * (len(data) % 2)


def _short(data: bytes | None, what: str, warnings: list[str]) -> bytes | None:
    if data is not None and len(data) > MAX_METADATA:
        warnings.append(f"{what} left out: too long")
        return None
    return data
