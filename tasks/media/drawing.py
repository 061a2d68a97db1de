"""Do with pixels what a transform says, in one pass: decoded, turned upright, cut and fitted, coloured."""

from typing import TYPE_CHECKING, Any, Final, cast

from tasks.media.geometry import Box, Plan, cut_of, plan
from tasks.media.models import Point, Transform
from tasks.pictures.colors import to_srgb
from tasks.pictures.facts import Size
from tasks.pictures.pixels import plain, turned

if TYPE_CHECKING:
    from PIL.Image import Image

_TURNED: Final = range(5, 9)
"""The orientations that swap width and height."""
_LOOKED_AT: Final = 64
"""Pixels of the longer side of the copy in which the place is sought that most is to be seen at."""
_EDGE: Final = 24
"""What differs less from its neighbours, of 255, is no edge."""
_WHITE: Final = "#ffffff"


def upright_size(stored: Size, orientation: int) -> Size:
    """Return the size of a picture once its orientation mark is obeyed."""
    if orientation in _TURNED:
        return Size(width=stored.height, height=stored.width)
    return stored


def enough(stored: Size, orientation: int, transform: Transform) -> Size:
    """Return how large a picture has to be decoded at least, as it is stored, for what is asked."""
    upright = upright_size(stored, orientation)
    wanted = plan(upright, transform)
    share = min(
        1.0, max(wanted.size.width / wanted.part.width, wanted.size.height / wanted.part.height) * 1.5
    )
    return Size(width=max(1, int(stored.width * share)), height=max(1, int(stored.height * share)))


def drawn(
    picture: "Image", stored: Size, orientation: int, profile: bytes | None, transform: Transform
) -> "Image":
    """Return what a transform makes of a decoded picture, in sRGB or grey, transparency kept.

    `picture` may have been decoded smaller than `stored`. Raises InvalidInput where the picture is too small for what
    is asked.
    """
    upright = turned(plain(picture), orientation)
    full = upright_size(stored, orientation)
    fitted = _fitted(upright, full, plan(full, transform, _focal(upright, full, transform)))
    done = to_srgb(fitted, profile)
    return _colored(_padded(done, plan(full, transform).canvas, transform), transform)


def _focal(picture: "Image", full: Size, transform: Transform) -> Point:
    """Return the place that is kept, on what the cut leaves."""
    if isinstance(transform.focal, Point):
        return transform.focal
    if transform.focal == "center" or transform.fit != "cover":
        return Point(x=0.5, y=0.5)
    return most_seen(picture.crop(_scaled_to(cut_of(full, transform), full, picture, is_whole=True)))


def most_seen(picture: "Image") -> Point:
    """Return the middle of what has most edges: a stand-in for knowing what is on the picture."""
    from PIL import Image, ImageFilter

    small = picture.convert("L")
    small.thumbnail((_LOOKED_AT, _LOOKED_AT), Image.Resampling.BOX)
    width, height = small.size
    if min(width, height) < 5:
        return Point(x=0.5, y=0.5)
    # the filter leaves the rim as it is
    edges = small.filter(ImageFilter.FIND_EDGES).crop((1, 1, width - 1, height - 1))
    weights = [value if value > _EDGE else 0 for value in edges.tobytes()]
    total = sum(weights)
    if total == 0:
        return Point(x=0.5, y=0.5)
    across = sum(value * (index % edges.width + 1.5) for index, value in enumerate(weights))
    down = sum(value * (index // edges.width + 1.5) for index, value in enumerate(weights))
    return Point(x=across / total / width, y=down / total / height)


def _scaled_to(part: Box, full: Size, picture: "Image", *, is_whole: bool = False) -> tuple[Any, ...]:
    """Give a part of the full picture as corners in one that was decoded smaller."""
    across, down = picture.width / full.width, picture.height / full.height
    corners = (
        part.left * across,
        part.top * down,
        min((part.left + part.width) * across, picture.width),
        min((part.top + part.height) * down, picture.height),
    )
    if not is_whole:
        return corners
    left, top, right, bottom = (int(corner) for corner in corners)
    return left, top, max(right, left + 1), max(bottom, top + 1)


def _fitted(picture: "Image", full: Size, found: Plan) -> "Image":
    from PIL import Image

    box = _scaled_to(found.part, full, picture)
    size = (found.size.width, found.size.height)
    if box == (0, 0, *size) and picture.size == size:
        return picture
    return cast("Any", picture).resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=3.0)


def _padded(picture: "Image", canvas: Size | None, transform: Transform) -> "Image":
    """Put the picture into the middle of a canvas; of no colour, unless one is said."""
    from PIL import Image

    if canvas is None or picture.size == (canvas.width, canvas.height):
        return picture
    paper = Image.new("RGBA", (canvas.width, canvas.height), transform.background or (255, 255, 255, 0))
    place = ((canvas.width - picture.width) // 2, (canvas.height - picture.height) // 2)
    above = picture.convert("RGBA")
    if transform.background is None:
        paper.paste(above, place)
    else:
        paper.alpha_composite(above, place)
    return paper


def _colored(picture: "Image", transform: Transform) -> "Image":
    from PIL import Image, ImageFilter

    if transform.rotate:
        picture = picture.transpose(Image.Transpose[f"ROTATE_{360 - transform.rotate}"])
    if transform.flip:
        picture = picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    if transform.flop:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if transform.grayscale:
        picture = picture.convert("LA" if picture.mode.endswith("A") else "L")
    if transform.blur is not None:
        picture = picture.filter(ImageFilter.GaussianBlur(transform.blur))
    if transform.sharpen:
        picture = picture.filter(ImageFilter.UnsharpMask(radius=1, percent=80, threshold=2))
    if transform.background is not None and picture.mode.endswith("A"):
        picture = on_paper(picture, transform.background)
    return picture


def on_paper(picture: "Image", background: str | None) -> "Image":
    """Return the picture before a background, white where none is said; without transparency if that has none."""
    from PIL import Image

    paper = Image.new("RGBA", picture.size, background or _WHITE)
    paper.alpha_composite(picture.convert("RGBA"))
    if len(background or _WHITE) == 9:
        return paper
    return paper.convert("L" if picture.mode in ("L", "LA") and _is_grey(background or _WHITE) else "RGB")


def _is_grey(color: str) -> bool:
    return color[1:3] == color[3:5] == color[5:7]
