"""Pictures made for tests: the smallest files that show one thing each."""

import io
import struct
import zlib
from collections.abc import Sequence

from PIL import Image

Value = str | int | Sequence[tuple[int, int]]


def jpeg(width: int = 100, height: int = 80, *, mode: str = "RGB", **options: object) -> bytes:
    file = io.BytesIO()
    gradient(width, height).convert(mode).save(file, "JPEG", quality=90, **options)
    return file.getvalue()


def png(width: int = 100, height: int = 80, *, mode: str = "RGB", **options: object) -> bytes:
    file = io.BytesIO()
    gradient(width, height).convert(mode).save(file, "PNG", **options)
    return file.getvalue()


def gradient(width: int, height: int) -> Image.Image:
    """Red grows to the right, green grows downwards."""
    red = Image.linear_gradient("L").rotate(90).resize((width, height))
    green = Image.linear_gradient("L").resize((width, height))
    return Image.merge("RGB", (red, green, Image.new("L", (width, height), 40)))


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def with_chunk(body: bytes, kind: bytes, data: bytes) -> bytes:
    """Put a chunk behind the header of a PNG."""
    return body[:33] + chunk(kind, data) + body[33:]


def png_header(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))


def segment(marker: int, data: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data


def with_segment(body: bytes, marker: int, data: bytes) -> bytes:
    """Put a segment at the start of a JPEG."""
    return body[:2] + segment(marker, data) + body[2:]


def jpeg_header(width: int, height: int, *, marker: int = 0xC0, precision: int = 8) -> bytes:
    return b"\xff\xd8" + segment(marker, struct.pack(">BHHB", precision, height, width, 1) + b"\1\x11\0")


def with_exif(body: bytes, tiff: bytes) -> bytes:
    return with_segment(body, 0xE1, b"Exif\0\0" + tiff)


def tiff(
    main: dict[int, Value] | None = None,
    photo: dict[int, Value] | None = None,
    gps: dict[int, Value] | None = None,
    *,
    order: str = "<",
) -> bytes:
    """Write EXIF data: texts, whole numbers (as SHORT, GPS altitude reference as BYTE) and lists of fractions."""
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    main = dict(main or {})
    nested = {0x8769: photo, 0x8825: gps}
    links = {tag: 0 for tag, entries in nested.items() if entries is not None}
    size = len(_directory({**main, **links}, 8, order))
    offset = 8 + size
    tail = b""
    for tag in links:
        written = _directory(nested[tag] or {}, offset, order)
        links[tag] = offset
        offset += len(written)
        tail += written
    return head + _directory({**main, **links}, 8, order) + tail


def _directory(entries: dict[int, Value], start: int, order: str) -> bytes:
    table = struct.pack(order + "H", len(entries))
    data = b""
    room = start + 2 + 12 * len(entries) + 4
    for tag, value in sorted(entries.items()):
        kind, count, written = _value(tag, value, order)
        if len(written) > 4:
            table += struct.pack(order + "HHII", tag, kind, count, room + len(data))
            data += written
        else:
            table += struct.pack(order + "HHI", tag, kind, count) + written.ljust(4, b"\0")
    return table + struct.pack(order + "I", 0) + data


def _value(tag: int, value: Value, order: str) -> tuple[int, int, bytes]:
    match value:
        case str():
            return 2, len(value) + 1, value.encode("latin-1") + b"\0"
        case int() if tag == 5:
            return 1, 1, bytes([value])
        case int() if tag in (0x8769, 0x8825):
            return 4, 1, struct.pack(order + "I", value)
        case int():
            return 3, 1, struct.pack(order + "H", value)
        case _:
            return 5, len(value), b"".join(struct.pack(order + "II", *pair) for pair in value)
