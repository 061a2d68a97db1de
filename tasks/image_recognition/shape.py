"""Turn what the file says into the facts of the record: pure, and nothing doubtful goes through."""

from datetime import datetime, timedelta, timezone
from fractions import Fraction
from typing import Final, Literal

from stepsmith import task
from tasks.image_recognition.models import Angle, Decimal, Geo, Inspection, Metadata
from tasks.pictures.facts import ExifFields, Ratio, Size

_TURNED: Final = range(5, 9)
"""The orientations that swap width and height."""


@task(timeout=timedelta(seconds=10))
def shape_metadata(inspection: Inspection) -> Metadata:
    """Turn what the file says into the facts of the record; what makes no sense is left out and named in `warnings`."""
    return shape(inspection)


def shape(inspection: Inspection) -> Metadata:
    """Return the facts of the record; a field that makes no sense is left out and named in `warnings`."""
    warnings = list(inspection.warnings)
    exif = inspection.exif
    orientation = upright_orientation(exif.orientation, warnings)
    return Metadata(
        etag=inspection.etag,
        version=inspection.version,
        format=inspection.format,
        dimensions=upright(inspection.stored, orientation),
        raw_dimensions=inspection.stored,
        orientation=orientation,
        bytes=inspection.bytes,
        sha256=inspection.sha256,
        color=inspection.color,
        frames=inspection.frames,
        creation_time=creation_time(exif.taken, exif.taken_offset, warnings),
        exif_make=exif.make,
        exif_model=exif.model,
        geo=geo(exif, warnings),
        warnings=warnings,
    )


def upright_orientation(mark: int | None, warnings: list[str]) -> int:
    """Return the orientation mark, or 1 (as stored) where there is none from 1 to 8."""
    if mark is None or 1 <= mark <= 8:
        return mark or 1
    warnings.append(f"orientation left out: {mark} is not from 1 to 8")
    return 1


def upright(stored: Size, orientation: int) -> Size:
    """Return the size that the picture has once it is turned upright."""
    if orientation in _TURNED:
        return Size(width=stored.height, height=stored.width)
    return stored


def creation_time(taken: str | None, offset: str | None, warnings: list[str]) -> str | None:
    """Return `YYYY:MM:DD HH:MM:SS` and an offset `+HH:MM` as ISO 8601; without offset where none is known."""
    if taken is None or not taken.strip(" :0"):
        if taken is not None:
            warnings.append("creation time left out: it is blank")
        return None
    try:
        moment = datetime.strptime(taken[:19], "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - EXIF has the zone elsewhere
    except ValueError:
        warnings.append(f"creation time left out: {taken!r} is no date")
        return None
    zone = _zone(offset, warnings)
    return moment.replace(tzinfo=zone).isoformat()


def _zone(offset: str | None, warnings: list[str]) -> timezone | None:
    if offset is None or not offset.strip(" :"):
        return None
    try:
        sign = {"+": 1, "-": -1}[offset[0]]
        hours, minutes = int(offset[1:3]), int(offset[4:6])
        if len(offset) != 6 or offset[3] != ":" or hours > 15 or minutes > 59:
            raise ValueError(offset)
    except (KeyError, ValueError):
        warnings.append(f"offset of the creation time left out: {offset!r} is none")
        return None
    return timezone(sign * timedelta(hours=hours, minutes=minutes))


def geo(exif: ExifFields, warnings: list[str]) -> Geo | None:
    """Return the position, or None where there is none or where it cannot be true."""
    if exif.latitude is None and exif.longitude is None:
        return None
    latitude = _seconds(exif.latitude)
    longitude = _seconds(exif.longitude)
    north_south = _letter(exif.latitude_ref)
    east_west = _letter(exif.longitude_ref)
    if latitude is None or longitude is None:
        problem = "it is incomplete or divides by zero"
    elif north_south not in ("N", "S") or east_west not in ("E", "W"):
        problem = "its direction is missing"
    elif not 0 <= latitude <= 90 * 3600 or not 0 <= longitude <= 180 * 3600:
        problem = "it is out of range"
    elif latitude == 0 and longitude == 0:
        problem = "0/0/0 is a placeholder"
    else:
        decimal = Decimal(lat=_signed(latitude, north_south), lon=_signed(longitude, east_west))
        return Geo(
            latitude=_angle(latitude, north_south),
            longitude=_angle(longitude, east_west),
            decimal=decimal,
            altitude_m=_altitude(exif, warnings),
        )
    warnings.append(f"position left out: {problem}")
    return None


def _seconds(ratios: list[Ratio] | None) -> Fraction | None:
    """Return degrees, minutes and seconds as seconds."""
    if not ratios or any(ratio.denominator == 0 for ratio in ratios):
        return None
    parts = [Fraction(ratio.numerator, ratio.denominator) for ratio in ratios]
    if any(part < 0 or part > 60 for part in parts[1:]):
        return Fraction(-1)  # out of range, whatever the rest
    return sum((part * unit for part, unit in zip(parts, (3600, 60, 1), strict=False)), Fraction(0))


def _letter(reference: str | None) -> Literal["N", "S", "E", "W"] | None:
    match (reference or "").strip().upper()[:1]:
        case "N" | "S" | "E" | "W" as letter:
            return letter
        case _:
            return None


def _signed(seconds: Fraction, direction: Literal["N", "S", "E", "W"]) -> float:
    degrees = round(float(seconds / 3600), 9)
    return (
        0 - degrees if direction in ("S", "W") else degrees
    )  # 0 - 0.0 is not the -0.0 that a sign would give


def _angle(seconds: Fraction, direction: Literal["N", "S", "E", "W"]) -> Angle:
    exact = round(seconds * 1_000_000)
    minutes, rest = divmod(exact, 60_000_000)
    return Angle(D=minutes // 60, M=minutes % 60, S=rest / 1_000_000, Direction=direction)


def _altitude(exif: ExifFields, warnings: list[str]) -> float | None:
    if exif.altitude is None:
        return None
    if exif.altitude.denominator == 0:
        warnings.append("altitude left out: it divides by zero")
        return None
    metres = round(exif.altitude.numerator / exif.altitude.denominator, 9)
    below = exif.altitude_ref in (1, 3)  # Exif 3.0: 1 is below the sea, 3 below the ellipsoid
    return 0 - metres if below else metres
