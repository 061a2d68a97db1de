"""What goes from task to task, and the record of a photograph that is kept."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, StringConstraints

from stepsmith import Personal
from tasks.pictures.facts import ExifFields, Size

BucketName = Annotated[
    str, StringConstraints(min_length=3, max_length=63, pattern=r"^[a-z0-9][a-z0-9.-]+[a-z0-9]$")
]
"""A bucket's name, by the rules of S3."""
ObjectKey = Personal[Annotated[str, StringConstraints(min_length=1, max_length=1024, pattern=r"^[^\x00]+$")]]
"""An object's key, decoded: any text but NUL. Personal, since folders and files are called after people and places."""

_NO_CONTROLS = r"^[^\x00-\x1f\x7f]+$"
ObjectId = Personal[Annotated[str, StringConstraints(min_length=1, max_length=1024, pattern=_NO_CONTROLS)]]
"""What a record is found by, where it is not the key."""
Mark = Annotated[str, StringConstraints(min_length=1, max_length=1024, pattern=_NO_CONTROLS)]
"""What tells one writing of an object from the next, an ETag or a version; or one execution from others."""
Version = Annotated[str, StringConstraints(max_length=1024, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""A version of an object; empty where its bucket keeps none, as EventBridge writes what an event does not have."""
TopicArn = Annotated[
    str, StringConstraints(max_length=400, pattern=r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w.-]+$")
]


class Status(StrEnum):
    """How far a photograph has come; all but RUNNING are final."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    PARTIAL = "PARTIAL"
    """Labels or thumbnail are missing, and `warnings` says why."""
    REFUSED = "REFUSED"
    """The file is not a photograph that is processed; `reason` says why."""
    FAILED = "FAILED"
    """Something broke; `reason` says what."""
    SUPERSEDED = "SUPERSEDED"
    """Never stored: another execution has a newer upload under the same id, and this one stopped."""


class Photo(BaseModel):
    """A photograph that an execution has registered."""

    id: Personal[str]
    """The key, unless another was given."""
    bucket: str
    key: Personal[str]
    owner: Personal[str]
    """The folder in front of `/uploads/`."""
    execution: str
    etag: str | None = None
    version: str | None = None
    uploaded_at: str | None = None
    """When the object was written, as ISO 8601 in UTC; unknown where it is gone."""


class Color(BaseModel):
    """How colours are stored."""

    mode: str
    """The pixel mode by Pillow's name, for example RGB, CMYK, P, I;16."""
    icc: str | None = None
    """The description of the colour profile."""


class Inspection(BaseModel):
    """What the file itself says, after it was decoded in full."""

    etag: str
    version: str | None = None
    format: Literal["JPEG", "PNG"]
    stored: Size
    bytes: int
    sha256: str
    color: Color
    frames: int
    exif: ExifFields
    warnings: list[str]


class Angle(BaseModel):
    """Degrees, minutes and seconds with the letter of the direction."""

    D: int
    M: int
    S: float
    Direction: Literal["N", "S", "E", "W"]


class Decimal(BaseModel):
    """Degrees; south and west are negative."""

    lat: float
    lon: float


class Geo(BaseModel):
    """Where a photograph was taken."""

    latitude: Angle
    longitude: Angle
    decimal: Decimal
    altitude_m: float | None = None
    """Metres; negative below the sea."""


class Metadata(BaseModel):
    """The facts of the record that come out of the file."""

    etag: str
    version: str | None = None
    format: Literal["JPEG", "PNG"]
    dimensions: Size
    """Upright: after the orientation mark is obeyed."""
    raw_dimensions: Size
    orientation: int
    bytes: int
    sha256: str
    color: Color
    frames: int
    creation_time: Personal[str | None] = None
    exif_make: str | None = None
    exif_model: str | None = None
    geo: Personal[Geo | None] = None
    warnings: list[str]


class Box(BaseModel):
    """Where on the picture an instance was found, as shares of width and height."""

    left: float
    top: float
    width: float
    height: float


class Instance(BaseModel):
    """One of the things a label was given for."""

    box: Box | None = None
    confidence: float | None = None


class Label(BaseModel):
    """Something that was recognised."""

    name: str
    confidence: float
    instances: list[Instance]
    parents: list[str]
    engine: str
    """Who recognised it, for example rekognition."""


class DominantColor(BaseModel):
    """A colour and its share of the picture."""

    hex: str
    name: str | None = None
    percent: float


class Properties(BaseModel):
    """How the picture looks; brightness, sharpness and contrast go from 0 to 100."""

    dominant_colors: list[DominantColor]
    brightness: float | None = None
    sharpness: float | None = None
    contrast: float | None = None
    engine: str
    """Who measured it: rekognition, or properties where a stand-in did."""


class Outcome(StrEnum):
    """How one half of the analysis ended."""

    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


class Labelling(BaseModel):
    """What the recognition gave."""

    status: Outcome
    reason: str = ""
    labels: list[Label] = []
    properties: Properties | None = None


class Thumbnail(BaseModel):
    """A small upright copy without metadata."""

    bucket: str
    key: Personal[str]
    width: int
    height: int
    bytes: int


class Thumbnailing(BaseModel):
    """What making the thumbnail gave."""

    status: Outcome
    reason: str = ""
    thumbnail: Thumbnail | None = None


class ImageRecord(BaseModel):
    """Everything that is kept about a photograph; fields that are not known are null."""

    id: Personal[str]
    bucket: str
    key: Personal[str]
    owner: Personal[str | None] = None
    status: Status
    reason: str | None = None
    execution: str
    etag: str | None = None
    uploaded_at: str | None = None
    format: Literal["JPEG", "PNG"] | None = None
    dimensions: Size | None = None
    raw_dimensions: Size | None = None
    orientation: int | None = None
    bytes: int | None = None
    sha256: str | None = None
    color: Color | None = None
    frames: int | None = None
    creation_time: Personal[str | None] = None
    exif_make: str | None = None
    exif_model: str | None = None
    geo: Personal[Geo | None] = None
    thumbnail: Thumbnail | None = None
    labels: list[Label] = []
    properties: Properties | None = None
    warnings: list[str] = []
