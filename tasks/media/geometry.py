"""Which part of a picture is shown, how large, and on which canvas: numbers only, no pixels."""

from typing import Final

from stepsmith.frozen import frozen
from tasks.errors import InvalidInput
from tasks.media.models import LONGEST_SIDE, Cut, Point, Transform
from tasks.pictures.container import MAX_PIXELS
from tasks.pictures.facts import Size

CENTER: Final = Point(x=0.5, y=0.5)


@frozen(kw_only=True)
class Box:
    """A part of the upright picture, in pixels that need not be whole."""

    left: float
    top: float
    width: float
    height: float


@frozen(kw_only=True)
class Plan:
    """What is done: a part of the upright picture becomes a picture of a size, perhaps in the middle of a canvas."""

    part: Box
    size: Size
    canvas: Size | None = None


def cut_of(picture: Size, transform: Transform) -> Box:
    """Return what is left of the upright picture. Raises InvalidInput for a cut that lies outside."""
    cut = transform.crop
    if cut is None:
        return Box(left=0, top=0, width=picture.width, height=picture.height)
    if cut.left >= picture.width or cut.top >= picture.height:
        raise InvalidInput(
            f"crop begins at {cut.left},{cut.top}, outside of {picture.width} x {picture.height} pixels"
        )
    return _within(cut, picture)


def plan(picture: Size, transform: Transform, focal: Point = CENTER) -> Plan:
    """Return what is done with an upright picture; `focal` is a place on what the cut leaves of it.

    Nothing is larger than the picture, unless that is asked for. Raises InvalidInput for a cut outside of it, and for a
    result that is too large.
    """
    part = cut_of(picture, transform)
    width = None if transform.width is None else transform.width * transform.dpr
    height = None if transform.height is None else transform.height * transform.dpr
    if width is None or height is None:
        factor = (width or part.width) / part.width if height is None else height / part.height
        return _checked(Plan(part=part, size=_scaled(part, factor, transform)))
    across, down = width / part.width, height / part.height
    match transform.fit:
        case "inside":
            found = Plan(part=part, size=_scaled(part, min(across, down), transform))
        case "outside":
            found = Plan(part=part, size=_scaled(part, max(across, down), transform))
        case "contain":
            size = _scaled(part, min(across, down), transform)
            found = Plan(part=part, size=size, canvas=_size(width, height))
        case "fill":
            most = (width, height)
            if not transform.enlarge:
                most = (min(width, part.width), min(height, part.height))
            found = Plan(part=part, size=_size(*most))
        case "cover":
            found = _cover(part, width, height, transform, focal)
    return _checked(found)


def _cover(part: Box, width: float, height: float, transform: Transform, focal: Point) -> Plan:
    factor = max(width / part.width, height / part.height)
    if factor > 1 and not transform.enlarge:
        width, height, factor = width / factor, height / factor, 1.0
    shown = (min(width / factor, part.width), min(height / factor, part.height))
    left = min(max(focal.x * part.width - shown[0] / 2, 0), part.width - shown[0])
    top = min(max(focal.y * part.height - shown[1] / 2, 0), part.height - shown[1])
    box = Box(left=part.left + left, top=part.top + top, width=shown[0], height=shown[1])
    return Plan(part=box, size=_size(width, height))


def _within(cut: Cut, picture: Size) -> Box:
    return Box(
        left=cut.left,
        top=cut.top,
        width=min(cut.width, picture.width - cut.left),
        height=min(cut.height, picture.height - cut.top),
    )


def _scaled(part: Box, factor: float, transform: Transform) -> Size:
    if not transform.enlarge:
        factor = min(factor, 1.0)
    return _size(part.width * factor, part.height * factor)


def _size(width: float, height: float) -> Size:
    """Round half up, with at least one pixel."""
    return Size(width=max(1, int(width + 0.5)), height=max(1, int(height + 0.5)))


def _checked(found: Plan) -> Plan:
    for size in (found.size, found.canvas or found.size):
        if max(size.width, size.height) > LONGEST_SIDE or size.width * size.height > MAX_PIXELS:
            raise InvalidInput(
                f"the result has {size.width} x {size.height} pixels: at most {LONGEST_SIDE} a side, and "
                f"{MAX_PIXELS // 1_000_000} megapixels"
            )
    return found
