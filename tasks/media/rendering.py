"""Make the picture that is asked for out of the bytes of the original: no AWS."""

from typing import TYPE_CHECKING, Any, Final, cast

from stepsmith.frozen import frozen
from tasks.errors import Corrupt, TooLarge
from tasks.media.drawing import drawn, enough
from tasks.media.encoding import ANIMATED, CONTENT_TYPES, encode, target_of
from tasks.media.models import Inspection, Transform
from tasks.pictures.container import Container
from tasks.pictures.exif import read_exif
from tasks.pictures.facts import Size
from tasks.pictures.formats import read_picture
from tasks.pictures.pixels import decode

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_ANIMATED: Final = 50_000_000
"""Pixels of all frames of an animation together."""
_ORIENTATION: Final = 0x0112


@frozen(kw_only=True)
class Rendered:
    """A picture that was made."""

    data: bytes
    content_type: str
    width: int
    height: int


def inspect(data: bytes) -> Inspection:
    """Return what the header of a picture says; nothing is decoded.

    Raises TooLarge, Unsupported for what is no picture that is processed, and Corrupt.
    """
    found = read_picture(data)
    return Inspection(format=found.format, width=found.width, height=found.height, frames=found.frames)


def render(data: bytes, transform: Transform) -> Rendered:
    """Return what a transform makes of a picture.

    Raises InvalidInput where the picture is too small for what is asked, and as `inspect` does.
    """
    container = read_picture(data)
    orientation = read_exif(container.exif)[0].orientation or 1
    stored = Size(width=container.width, height=container.height)
    picture = decode(container, enough(stored, orientation, transform))
    first = drawn(picture, stored, orientation, container.profile, transform)
    target = target_of(transform, container.format, is_transparent=first.mode.endswith("A"))
    exif = _kept(container.exif) if transform.keep_metadata else None
    if container.frames == 1 or target not in ANIMATED:
        data = encode([first], target, transform, exif=exif)
    else:
        frames, durations = _moving(container, picture, transform, orientation)
        data = encode(frames, target, transform, durations=durations, loops=_loops(picture), exif=exif)
    return Rendered(data=data, content_type=CONTENT_TYPES[target], width=first.width, height=first.height)


def _moving(
    container: Container, picture: "Image", transform: Transform, orientation: int
) -> "tuple[list[Image], list[int]]":
    """Give all frames of an animation, and how long each is to be seen."""
    from PIL import ImageSequence

    pixels = container.width * container.height * container.frames
    if pixels > MAX_ANIMATED:
        raise TooLarge(
            f"{container.frames} frames of {container.width} x {container.height} pixels are over the limit of "
            f"{MAX_ANIMATED // 1_000_000} megapixels; ask for JPEG or PNG, which show the first one"
        )
    stored = Size(width=container.width, height=container.height)
    frames: list[Image] = []
    durations: list[int] = []
    try:
        for frame in ImageSequence.Iterator(picture):
            frames.append(drawn(frame.convert("RGBA"), stored, orientation, container.profile, transform))
            durations.append(int(frame.info.get("duration", 100)))
    except (OSError, ValueError, EOFError) as error:
        raise Corrupt(f"the {container.format} does not decode: {error}") from error
    return frames, durations


def _loops(picture: "Image") -> int | None:
    found = picture.info.get("loop")
    return found if isinstance(found, int) else None


def _kept(exif: bytes | None) -> bytes | None:
    """Return EXIF data that says of the orientation that the picture is upright; None where it cannot be read."""
    if exif is None:
        return None
    from PIL import Image

    kept = Image.Exif()
    try:
        kept.load(exif)
        cast("Any", kept)[_ORIENTATION] = 1
        return kept.tobytes()
    except Exception:  # whatever a damaged block makes Pillow raise
        return None
