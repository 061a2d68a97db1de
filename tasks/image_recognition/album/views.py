"""What the page may know of a photograph: facts and texts, and nothing about where it lies."""

from typing import Final, Literal

from pydantic import BaseModel

from tasks.image_recognition.album.places import Album, Place, place_of_key
from tasks.image_recognition.models import ImageRecord, Status

SHOWN: Final = (Status.SUCCEEDED, Status.PARTIAL)
"""Of these the picture itself is shown: it was decoded to the end."""


class Labelled(BaseModel):
    """Something that was recognised."""

    name: str
    confidence: float
    parents: list[str]
    engine: str


class Spot(BaseModel):
    """Where a photograph was taken."""

    lat: float
    lon: float
    altitude_m: float | None = None


class Sides(BaseModel):
    """Width and height in pixels."""

    width: int
    height: int


class Photograph(BaseModel):
    """A photograph as the page shows it; what is not known is null."""

    id: str
    name: str
    status: Status | Literal["WAITING"]
    """WAITING before its execution has begun."""
    reason: str | None = None
    uploaded_at: str | None = None
    taken_at: str | None = None
    camera: str | None = None
    format: str | None = None
    size: Sides | None = None
    bytes: int | None = None
    place: Spot | None = None
    labels: list[Labelled] = []
    colors: list[str] = []
    warnings: list[str] = []
    thumbnail: Sides | None = None


class Similar(BaseModel):
    """A photograph that is like another one; `likeness` goes from 0 to 1."""

    likeness: float
    photograph: Photograph


class Gallery(BaseModel):
    """Photographs, newest first; `after` asks for the next ones."""

    photographs: list[Photograph]
    after: str | None = None


def view(album: Album, record: ImageRecord) -> Photograph:
    """Return what the page may know of a record of an album."""
    place = place_of_key(album, record.key)
    properties = record.properties
    return Photograph(
        id=place.id,
        name=place.name,
        status=record.status,
        reason=record.reason,
        uploaded_at=record.uploaded_at,
        taken_at=record.creation_time,
        camera=camera_of(record),
        format=record.format,
        size=Sides(**record.dimensions.model_dump()) if record.dimensions else None,
        bytes=record.bytes,
        place=_spot(record),
        labels=[Labelled(**each.model_dump(exclude={"instances"})) for each in record.labels],
        colors=[each.hex for each in properties.dominant_colors] if properties else [],
        warnings=record.warnings,
        thumbnail=Sides(width=record.thumbnail.width, height=record.thumbnail.height)
        if record.thumbnail
        else None,
    )


def waiting(place: Place) -> Photograph:
    """Return what is known of a photograph before its execution has begun."""
    return Photograph(id=place.id, name=place.name, status="WAITING")


def camera_of(record: ImageRecord) -> str | None:
    """Return maker and model of a camera; a model that begins with its maker says both."""
    make, model = (record.exif_make or "").strip(), (record.exif_model or "").strip()
    if model.lower().startswith(make.lower()):
        return model or None
    return f"{make} {model}".strip()


def _spot(record: ImageRecord) -> Spot | None:
    if record.geo is None:
        return None
    where = record.geo.decimal
    return Spot(lat=where.lat, lon=where.lon, altitude_m=record.geo.altitude_m)
