"""What is said of pictures: sizes, and the few EXIF fields that are kept."""

from pydantic import BaseModel

from stepsmith import Personal


class Size(BaseModel):
    """Width and height in pixels."""

    width: int
    height: int


class Ratio(BaseModel):
    """A fraction as EXIF stores it; the denominator may be 0."""

    numerator: int
    denominator: int


class ExifFields(BaseModel):
    """The EXIF fields that are read, as they are written in the file."""

    make: str | None = None
    model: str | None = None
    orientation: int | None = None
    taken: Personal[str | None] = None
    taken_offset: Personal[str | None] = None
    latitude: Personal[list[Ratio] | None] = None
    latitude_ref: Personal[str | None] = None
    longitude: Personal[list[Ratio] | None] = None
    longitude_ref: Personal[str | None] = None
    altitude: Personal[Ratio | None] = None
    altitude_ref: Personal[int | None] = None
