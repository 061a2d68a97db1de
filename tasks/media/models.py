"""What is asked of a picture, and what goes from task to task."""

from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from stepsmith import Personal

LONGEST_SIDE = 8192
"""Pixels of a side that can be asked for, density included."""
Format: TypeAlias = Literal["auto", "jpeg", "png", "webp", "gif"]
Fit: TypeAlias = Literal["inside", "cover", "contain", "outside", "fill"]
Key = Personal[Annotated[str, StringConstraints(min_length=1, max_length=1024, pattern=r"^[^\x00]+$")]]
"""The key of an original. Personal, since folders and files are called after people and places."""
Path = Personal[Annotated[str, StringConstraints(min_length=1, max_length=4096, pattern=r"^[^\x00]+$")]]
"""What follows the name of the route, decoded."""
Query: TypeAlias = dict[str, str] | None
"""The query of an address, decoded."""
Accept = Annotated[str, StringConstraints(max_length=2048)]
"""What a client takes, as the header of that name says it."""
Side = Annotated[int, Field(ge=1, le=LONGEST_SIDE)]
Share = Annotated[float, Field(ge=0, le=1)]


class Point(BaseModel):
    """A place on a picture, as shares of width and height."""

    model_config = ConfigDict(extra="forbid")

    x: Share
    y: Share


class Cut(BaseModel):
    """A part of the upright picture, in pixels."""

    model_config = ConfigDict(extra="forbid")

    left: Annotated[int, Field(ge=0)]
    top: Annotated[int, Field(ge=0)]
    width: Annotated[int, Field(ge=1)]
    height: Annotated[int, Field(ge=1)]


class Transform(BaseModel):
    """What is done with a picture, in this order: it is turned upright, cut, fitted, turned, and coloured."""

    model_config = ConfigDict(extra="forbid")

    width: Side | None = None
    height: Side | None = None
    fit: Fit = "inside"
    """Within the sides; over them and cut off; within them and padded; over them; or stretched."""
    enlarge: bool = False
    focal: Literal["center", "auto"] | Point = "center"
    """What `cover` keeps: the middle, where most is to be seen, or a place."""
    crop: Cut | None = None
    rotate: Literal[0, 90, 180, 270] = 0
    """Degrees clockwise, after the orientation mark is obeyed."""
    flip: bool = False
    """Top to bottom."""
    flop: bool = False
    """Left to right."""
    grayscale: bool = False
    blur: Annotated[float, Field(ge=0.3, le=100)] | None = None
    """The deviation of the blur in pixels."""
    sharpen: bool = False
    background: Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}([0-9a-f]{2})?$")] | None = None
    format: Format = "auto"
    """`auto` is WebP for clients that take it, else the original's own."""
    quality: Annotated[int, Field(ge=1, le=100)] = 80
    dpr: Annotated[float, Field(ge=1, le=4)] = 1.0
    """Pixels of the picture for each pixel of `width` and `height`."""
    keep_metadata: bool = False

    @property
    def canonical(self) -> str:
        """Everything that is not as usual, in one order: two ways to ask for the same thing have the same text."""
        return self.model_dump_json(exclude_defaults=True)


class TransformRequest(BaseModel):
    """A picture that somebody wants."""

    key: Key
    transform: Transform
    derived: Key
    """The key of what is made."""


class Original(BaseModel):
    """The original as it is now."""

    etag: str
    bytes: int


class Inspection(BaseModel):
    """What the original's header says."""

    format: Literal["JPEG", "PNG", "GIF", "WEBP"]
    width: int
    """Pixels as stored, before the orientation mark is obeyed."""
    height: int
    frames: int


class Derived(BaseModel):
    """A picture that is there."""

    key: Key
    etag: str
    """Of the object in S3."""
    content_type: str
    bytes: int
    source: str
    """The ETag of the original that it was made of."""
