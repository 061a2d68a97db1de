"""Decode pictures, turn them upright and make them smaller. Pillow only ever sees what `container` lets through."""

from io import BytesIO
from typing import TYPE_CHECKING, Any, Final, cast

from tasks.errors import Corrupt
from tasks.pictures.container import Container
from tasks.pictures.facts import Size

if TYPE_CHECKING:
    from PIL.Image import Image


def decode(container: Container, at_least: Size) -> "Image":
    """Decode a picture to the end, though a JPEG in no more detail than is needed for `at_least`.

    All coded data is read either way: what saves the time is that a JPEG's blocks can be decoded at half, a quarter or
    an eighth of their size. Raises Corrupt where the data breaks off or makes no sense.
    """
    from PIL import Image

    try:
        picture = Image.open(BytesIO(container.pixels), formats=(container.format,))
        picture.draft(None, (at_least.width, at_least.height))
        picture.load()
    except MemoryError:
        raise
    except Exception as error:
        raise Corrupt(f"the {container.format} does not decode: {error}") from error
    return picture


def fit(size: Size, side: int) -> Size:
    """Return the size that fits a square of `side`: never larger, rounded half up, and at least 1."""
    longest = max(size.width, size.height)
    if longest <= side:
        return size
    return Size(
        width=max(1, (2 * size.width * side + longest) // (2 * longest)),
        height=max(1, (2 * size.height * side + longest) // (2 * longest)),
    )


def upright_copy(container: Container, orientation: int, side: int) -> "Image":
    """Return the picture turned upright and made to fit a square of `side`, in 8-bit grey or colour, perhaps CMYK.

    Raises Corrupt where it does not decode.
    """
    from PIL import Image

    target = fit(Size(width=container.width, height=container.height), side)
    enough = Size(width=target.width * 3 // 2, height=target.height * 3 // 2)
    picture = plain(decode(container, enough))
    size = (target.width, target.height)
    if picture.size != size:
        picture = cast("Any", picture).resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    return turned(picture, orientation)


def turned(picture: "Image", orientation: int) -> "Image":
    """Return the picture turned as its orientation mark says, 1 to 8; any other number is 1."""
    from PIL import Image

    turn = _TURNS.get(orientation)
    return picture if turn is None else picture.transpose(Image.Transpose[turn])


_TURNS: Final = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
"""Orientation mark -> what undoes it, by Pillow's name (Exif 3.0, tag 0x0112)."""


def plain(picture: "Image") -> "Image":
    """Return a picture whose samples can be averaged: no palette, 8 bits a sample, transparency as a band."""
    see_through = "transparency" in picture.info
    match picture.mode:
        case "P" | "PA":
            return picture.convert("RGBA" if see_through or picture.mode == "PA" else "RGB")
        case "1":
            return picture.convert("L")
        case "I" | "I;16":  # convert() alone would cut every sample off at 255
            return cast("Any", picture).point(_eight_bits).convert("L")
        case "L" | "RGB" if see_through:
            return picture.convert("LA" if picture.mode == "L" else "RGBA")
        case _:
            return picture


def _eight_bits(sample: Any) -> Any:
    return sample * (1 / 257) + 0.5
