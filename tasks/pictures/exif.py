"""Read the few EXIF fields that are kept, out of data that nobody checked.

Source: Exif 3.0 (CIPA DC-008-2023), section 4.6; TIFF 6.0, section 2. Every offset and count is checked against the
data, each directory is read once, and a field that does not fit is left out with a warning.
"""

import struct
from collections.abc import Callable
from typing import Final, TypeAlias

from tasks.pictures.facts import ExifFields, Ratio

_MAKE, _MODEL, _ORIENTATION = 0x010F, 0x0110, 0x0112
_PHOTO_DIRECTORY, _GPS_DIRECTORY = 0x8769, 0x8825
_TAKEN, _DIGITISED, _TAKEN_OFFSET, _DIGITISED_OFFSET = 0x9003, 0x9004, 0x9011, 0x9012
_LATITUDE_REF, _LATITUDE, _LONGITUDE_REF, _LONGITUDE, _ALTITUDE_REF, _ALTITUDE = range(1, 7)
_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 129: 1}
_MAX_ENTRIES: Final = 1000
_MAX_VALUE: Final = 1024
_MAX_TEXT: Final = 200

_Entry: TypeAlias = tuple[int, bytes]
"""The type of a value, as in TIFF, and its bytes."""
_Directory: TypeAlias = dict[int, _Entry]


def read_exif(data: bytes | None) -> tuple[ExifFields, list[str]]:
    """Return the fields in `data`, an EXIF block as in JPEG or PNG, and warnings about what could not be read."""
    if not data:
        return ExifFields(), []
    warnings: list[str] = []
    tiff = data[6:] if data.startswith(b"Exif\0") else data
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None or len(tiff) < 8:
        return ExifFields(), ["EXIF data left out: it does not begin as TIFF does"]
    reader = _Reader(tiff, order, warnings)
    main = reader.directory(reader.number("I", 4))
    photo = reader.directory(reader.whole(main, _PHOTO_DIRECTORY))
    gps = reader.directory(reader.whole(main, _GPS_DIRECTORY))
    taken, offset = (_TAKEN, _TAKEN_OFFSET) if _TAKEN in photo else (_DIGITISED, _DIGITISED_OFFSET)
    fields = ExifFields(
        make=reader.text(main, _MAKE),
        model=reader.text(main, _MODEL),
        orientation=reader.whole(main, _ORIENTATION),
        taken=reader.text(photo, taken),
        taken_offset=reader.text(photo, offset),
        latitude=reader.ratios(gps, _LATITUDE),
        latitude_ref=reader.text(gps, _LATITUDE_REF),
        longitude=reader.ratios(gps, _LONGITUDE),
        longitude_ref=reader.text(gps, _LONGITUDE_REF),
        altitude=next(iter(reader.ratios(gps, _ALTITUDE) or ()), None),
        altitude_ref=reader.whole(gps, _ALTITUDE_REF),
    )
    return fields, warnings


class _Reader:
    """Reads directories and values of one TIFF block."""

    def __init__(self, tiff: bytes, order: str, warnings: list[str]) -> None:
        self._tiff = tiff
        self._order = order
        self._warnings = warnings
        self._seen: set[int] = set()

    def number(self, kind: str, position: int) -> int:
        """Return the number at `position`, in the byte order of the block."""
        return struct.unpack_from(self._order + kind, self._tiff, position)[0]

    def directory(self, offset: int | None) -> _Directory:
        """Return the entries of the directory at `offset`; none where there is no such directory."""
        if offset is None or offset in self._seen:
            return {}
        self._seen.add(offset)
        if offset + 2 > len(self._tiff):
            self._warn("a directory lies outside the data")
            return {}
        count = self.number("H", offset)
        entries: _Directory = {}
        for index in range(min(count, _MAX_ENTRIES)):
            position = offset + 2 + 12 * index
            if position + 12 > len(self._tiff):
                self._warn("a directory breaks off")
                break
            entry = self._entry(position)
            if entry is not None:
                entries.setdefault(self.number("H", position), entry)
        return entries

    def _entry(self, position: int) -> _Entry | None:
        kind = self.number("H", position + 2)
        size = _SIZES.get(kind, 0) * self.number("I", position + 4)
        start = position + 8 if size <= 4 else self.number("I", position + 8)
        if size == 0 or start + size > len(self._tiff):
            return None
        return kind, self._tiff[start : start + min(size, _MAX_VALUE)]

    def text(self, directory: _Directory, tag: int) -> str | None:
        """Return a text without padding and control characters, cut to a sane length; None where empty."""
        kind, value = directory.get(tag, (0, b""))
        if kind not in (2, 7, 129):
            return None
        raw = value.split(b"\0", 1)[0]
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            text = raw.decode("latin-1")
        return "".join(letter for letter in text if letter.isprintable()).strip()[:_MAX_TEXT] or None

    def whole(self, directory: _Directory, tag: int) -> int | None:
        """Return the first whole number of a value."""
        formats: dict[int, str] = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i"}
        kind, value = directory.get(tag, (0, b""))
        return struct.unpack_from(self._order + formats[kind], value)[0] if kind in formats else None

    def ratios(self, directory: _Directory, tag: int) -> list[Ratio] | None:
        """Return up to three fractions of a value."""
        kind, value = directory.get(tag, (0, b""))
        if kind not in (5, 10):
            return None
        unpack: Callable[[bytes, int], tuple[int, int]] = struct.Struct(
            self._order + ("II" if kind == 5 else "ii")
        ).unpack_from
        pairs = (unpack(value, position) for position in range(0, min(len(value), 24), 8))
        return [Ratio(numerator=numerator, denominator=denominator) for numerator, denominator in pairs]

    def _warn(self, text: str) -> None:
        self._warnings.append(f"EXIF: {text}")
