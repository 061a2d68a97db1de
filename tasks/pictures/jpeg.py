"""Take a JPEG file apart: its size, its metadata, and the segments that make its pixels.

Source: ITU-T T.81 (JPEG), annex B; ICC.1 annex B.4 for profiles in APP2; Exif 3.0 section 4.7.2 for APP1.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from tasks.errors import Corrupt, TooLarge, Unsupported
from tasks.pictures.container import (
    MAX_METADATA,
    MAX_SCANS,
    MAX_SEGMENTS,
    Container,
    check_pixels,
)

_START_OF_SCAN: Final = 0xDA
_END_OF_IMAGE: Final = 0xD9
_FRAME_HEADERS: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_DECODABLE: Final = frozenset({0xC0, 0xC1, 0xC2, 0xC9, 0xCA})
_WITHOUT_LENGTH: Final = frozenset({0x01, *range(0xD0, 0xD8)})
_LEFT_OUT: Final = frozenset({*range(0xE1, 0xEE), 0xEF, 0xFE})
"""Application data and comments; APP0 (JFIF) and APP14 (Adobe) say how to read the colours and stay."""
_MARKER: Final = re.compile(rb"\xff[^\x00\xff]")
"""What is no marker is passed over, fill bytes and whatever a careless program has left there: decoders do the same."""
_MARKER_AFTER_SCAN: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_EXIF: Final = b"Exif\0"
_PROFILE: Final = b"ICC_PROFILE\0"


@dataclass(slots=True)
class _Reading:
    """What was found on the way through the segments."""

    size: tuple[int, int] | None = None
    scans: int = 0
    exif: bytes | None = None
    profile_parts: list[bytes] = field(default_factory=list[bytes])
    kept: list[memoryview | bytes] = field(default_factory=lambda: [b"\xff\xd8"])


def read_jpeg(body: bytes) -> Container:
    """Return the parts of the JPEG file in `body`.

    What follows the end of the picture is left out. Raises TooLarge as soon as the frame header is read, Corrupt where
    the file breaks off or a segment is damaged, and Unsupported for codings that only special software reads.
    """
    reading = _Reading()
    for marker, start, end in _segments(body):
        _note(reading, marker, body[start + 4 : end] if marker != _START_OF_SCAN else b"")
        if marker not in _LEFT_OUT:
            reading.kept.append(memoryview(body)[start:end])
    if reading.size is None or reading.scans == 0:
        raise Corrupt("the JPEG has no image data")
    warnings: list[str] = []
    profile = _join(reading.profile_parts, warnings)
    return Container(
        format="JPEG",
        width=reading.size[0],
        height=reading.size[1],
        exif=reading.exif,
        profile=profile,
        pixels=b"".join(reading.kept),
        warnings=tuple(warnings),
    )


def _note(reading: _Reading, marker: int, data: bytes) -> None:
    if marker in _FRAME_HEADERS:
        if reading.size is not None:
            raise Corrupt("the JPEG has two frame headers")
        reading.size = _size(marker, data)
    elif marker == _START_OF_SCAN:
        if reading.size is None:
            raise Corrupt("the JPEG has image data before its frame header")
        reading.scans += 1
        if reading.scans > MAX_SCANS:
            raise TooLarge(f"the JPEG has more than {MAX_SCANS} scans")
    elif marker == 0xE1 and data.startswith(_EXIF) and reading.exif is None:
        reading.exif = data
    elif marker == 0xE2 and data.startswith(_PROFILE):
        reading.profile_parts.append(data[len(_PROFILE) :])


def _size(marker: int, header: bytes) -> tuple[int, int]:
    if len(header) < 6:
        raise Corrupt("the frame header of the JPEG is too short")
    precision = header[0]
    height = int.from_bytes(header[1:3], "big")
    width = int.from_bytes(header[3:5], "big")
    if width == 0 or height == 0:
        raise Corrupt(f"the header of the JPEG claims {width} x {height} pixels")
    check_pixels(width, height)
    if marker not in _DECODABLE or precision != 8:
        raise Unsupported(f"a JPEG coded as SOF{marker - 0xC0} with {precision} bits is not processed")
    return width, height


def _segments(body: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield marker, start and end of each segment, the coded data with its scan, up to the end of the picture."""
    position = 2
    for _ in range(MAX_SEGMENTS):
        code = _MARKER.search(body, position)
        if code is None:
            raise Corrupt(f"the JPEG breaks off after {len(body)} bytes")
        start, marker = code.start(), body[code.start() + 1]
        position = _end(body, marker, start)
        yield marker, start, position
        if marker == _END_OF_IMAGE:
            return
    raise TooLarge(f"the JPEG has more than {MAX_SEGMENTS} segments")


def _end(body: bytes, marker: int, start: int) -> int:
    if marker == _END_OF_IMAGE or marker in _WITHOUT_LENGTH:
        return start + 2
    length = int.from_bytes(body[start + 2 : start + 4], "big")
    end = start + 2 + length
    if end > len(body):
        raise Corrupt(f"the JPEG breaks off after {len(body)} bytes")
    if length < 2:
        raise Corrupt(f"the segment at byte {start} of the JPEG has no length")
    if marker != _START_OF_SCAN:
        return end
    following = _MARKER_AFTER_SCAN.search(body, end)
    if following is None:
        raise Corrupt(f"the JPEG breaks off in its image data, after {len(body)} bytes")
    return following.start()


def _join(parts: list[bytes], warnings: list[str]) -> bytes | None:
    """Return the colour profile in `parts`, each of which begins with its number and the number of parts."""
    if not parts:
        return None
    ordered = sorted(part for part in parts if len(part) > 2)
    numbers = [part[0] for part in ordered]
    complete = numbers == list(range(1, len(ordered) + 1)) and all(
        part[1] == len(ordered) for part in ordered
    )
    size = sum(len(part) - 2 for part in ordered)
    if not complete or size == 0 or size > MAX_METADATA:
        warnings.append("colour profile left out: it is damaged or too long")
        return None
    return b"".join(part[2:] for part in ordered)
