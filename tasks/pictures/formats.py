"""Tell what a file is by its content, never by its name."""

from typing import Final

from tasks.errors import Unsupported
from tasks.pictures.container import Container, check_bytes
from tasks.pictures.gif import read_gif
from tasks.pictures.jpeg import read_jpeg
from tasks.pictures.png import read_png
from tasks.pictures.webp import read_webp

_JPEG: Final = b"\xff\xd8"
_PNG: Final = b"\x89PNG"
_GIFS: Final = (b"GIF87a", b"GIF89a")
_OTHERS: Final[tuple[tuple[int, bytes, str], ...]] = (
    (0, b"GIF87a", "GIF"),
    (0, b"GIF89a", "GIF"),
    (0, b"RIFF", "WebP or another RIFF file"),
    (4, b"ftypheic", "HEIC"),
    (4, b"ftypheix", "HEIC"),
    (4, b"ftyphevc", "HEIC"),
    (4, b"ftypmif1", "HEIF"),
    (4, b"ftypmsf1", "HEIF"),
    (4, b"ftypavif", "AVIF"),
    (4, b"ftypavis", "AVIF"),
    (4, b"ftyp", "a film"),
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
    (0, b"BM", "BMP"),
    (0, b"\0\0\1\0", "ICO"),
    (0, b"8BPS", "PSD"),
    (0, b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000"),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"%PDF-", "PDF"),
    (0, b"%!PS", "PostScript"),
    (0, b"PK\3\4", "ZIP"),
)


def read_container(body: bytes) -> Container:
    """Return the parts of the JPEG or PNG file in `body`.

    Raises TooLarge, from the header alone, Unsupported for any other kind of file, and Corrupt for a file that begins
    as a JPEG or PNG and does not go on as one.
    """
    check_bytes(len(body))
    if body.startswith(_JPEG):
        return read_jpeg(body)
    if body.startswith(_PNG):
        return read_png(body)
    raise Unsupported(f"{name_of(body)} is not processed, only JPEG and PNG are")


def read_picture(body: bytes) -> Container:
    """Return the parts of the JPEG, PNG, GIF or WebP file in `body`. Raises as `read_container` does."""
    check_bytes(len(body))
    if body.startswith(_GIFS):
        return read_gif(body)
    if body.startswith(b"RIFF") and body[8:12] == b"WEBP":
        return read_webp(body)
    if body.startswith((_JPEG, _PNG)):
        return read_container(body)
    raise Unsupported(f"{name_of(body)} is not processed, only JPEG, PNG, GIF and WebP are")


def name_of(body: bytes) -> str:
    """Return what the file in `body` looks like, in words."""
    if not body:
        return "an empty file"
    for offset, magic, name in _OTHERS:
        if body.startswith(magic, offset):
            return name
    start = body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"<svg") or (
        start.startswith((b"<?xml", b"<!doctype", b"<!--")) and b"<svg" in start
    ):
        return "SVG"
    return "text" if _is_text(body[:1024]) else "an unknown kind of file"


def _is_text(start: bytes) -> bool:
    return all(byte >= 0x20 or byte in b"\t\n\r\f" for byte in start)
