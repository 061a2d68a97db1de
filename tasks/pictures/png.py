"""Take a PNG file apart: its size, its metadata, and the chunks that make its pixels.

Source: Portable Network Graphics (PNG) Specification (Third Edition), W3C 2025, sections 5 and 11.
"""

import binascii
import struct
import zlib
from collections.abc import Iterator
from typing import Final

from tasks.errors import Corrupt, TooLarge, Unsupported
from tasks.pictures.container import (
    MAX_METADATA,
    MAX_SEGMENTS,
    Container,
    check_frames,
    check_pixels,
)

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_HEADER_END: Final = len(_SIGNATURE) + 8 + 13
_PIXEL_CHUNKS: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_EXIF_PROFILES: Final = (b"Raw profile type exif", b"Raw profile type APP1")


def read_png(body: bytes) -> Container:
    """Return the parts of the PNG file in `body`, having checked the checksum of every chunk.

    What follows the last chunk is left out. Raises TooLarge from the first 24 bytes, Corrupt where the file breaks off
    or a checksum does not fit, and Unsupported for a critical chunk that only its maker understands.
    """
    width, height = _size(body)
    kept: list[bytes] = [_SIGNATURE]
    found: dict[bytes, bytes] = {}
    warnings: list[str] = []
    frames = 1
    for kind, data, chunk in _chunks(body):
        if kind in _PIXEL_CHUNKS:
            kept.append(chunk)
            if kind == b"IDAT":
                found[kind] = b""
        elif kind == b"acTL" and len(data) == 8:
            frames = max(1, int.from_bytes(data[:4], "big"))
            check_frames(frames)
        elif kind in (b"eXIf", b"iCCP"):
            found.setdefault(kind, data)
        elif kind in (b"tEXt", b"zTXt") and data.startswith(_EXIF_PROFILES):
            found.setdefault(b"text", kind + data)
        elif not kind[0] & 0x20:
            raise Unsupported(f"a PNG with the chunk {_printable(kind)}, which is not in the standard")
    if b"IDAT" not in found:
        raise Corrupt("the PNG has no image data")
    return Container(
        format="PNG",
        width=width,
        height=height,
        frames=frames,
        exif=_exif(found, warnings),
        profile=_profile(found.get(b"iCCP"), warnings),
        pixels=b"".join(kept),
        warnings=tuple(warnings),
    )


def _size(body: bytes) -> tuple[int, int]:
    if not body.startswith(_SIGNATURE):
        raise Corrupt("the signature of the PNG is damaged")
    if len(body) < _HEADER_END or body[12:16] != b"IHDR" or body[8:12] != b"\0\0\0\x0d":
        raise Corrupt("the PNG has no header")
    width, height = struct.unpack_from(">II", body, 16)
    if width == 0 or height == 0 or width >= 1 << 31 or height >= 1 << 31:
        raise Corrupt(f"the header of the PNG claims {width} x {height} pixels")
    check_pixels(width, height)
    return width, height


def _chunks(body: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Yield the kind, the data and the whole of each chunk, up to and including the last one."""
    position = len(_SIGNATURE)
    for _ in range(MAX_SEGMENTS):
        length = int.from_bytes(body[position : position + 4], "big")
        end = position + 12 + length
        if end > len(body):
            raise Corrupt(f"the PNG breaks off after {len(body)} bytes")
        chunk = body[position:end]
        kind, data = chunk[4:8], chunk[8:-4]
        if zlib.crc32(data, zlib.crc32(kind)) != int.from_bytes(chunk[-4:], "big"):
            raise Corrupt(f"the checksum of the chunk {_printable(kind)} at byte {position} does not fit")
        yield kind, data, chunk
        if kind == b"IEND":
            return
        position = end
    raise TooLarge(f"the PNG has more than {MAX_SEGMENTS} chunks")


def _exif(found: dict[bytes, bytes], warnings: list[str]) -> bytes | None:
    data = found.get(b"eXIf")
    if data is None and b"text" in found:
        data = _profile_in_text(found[b"text"], warnings)
    if data is not None and len(data) > MAX_METADATA:
        warnings.append("EXIF data left out: too long")
        return None
    return data


def _profile_in_text(chunk: bytes, warnings: list[str]) -> bytes | None:
    """Return the EXIF data that ImageMagick writes as hexadecimal text: a name, a length, and the digits in lines."""
    kind, (_, _, text) = chunk[:4], chunk[4:].partition(b"\0")
    if kind == b"zTXt":
        text = _inflate(text[1:], 3 * MAX_METADATA) or b""
    try:
        return binascii.unhexlify(b"".join(text.split()[2:]))
    except ValueError:
        warnings.append("EXIF data left out: its text form is damaged")
        return None


def _profile(data: bytes | None, warnings: list[str]) -> bytes | None:
    if data is None:
        return None
    _, _, packed = data.partition(b"\0")
    profile = _inflate(packed[1:], MAX_METADATA)
    if profile is None:
        warnings.append("colour profile left out: it is damaged or too long")
    return profile


def _inflate(packed: bytes, most: int) -> bytes | None:
    """Return the inflated bytes, or None where they are damaged, cut off, or more than `most`."""
    inflater = zlib.decompressobj()
    try:
        data = inflater.decompress(packed, most + 1)
    except zlib.error:
        return None
    return data if inflater.eof and len(data) <= most else None


def _printable(kind: bytes) -> str:
    return kind.decode("ascii") if kind.isalpha() else kind.hex()
