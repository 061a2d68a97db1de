"""Colour profiles: what they are called, and how their colours become sRGB."""

from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from PIL.Image import Image

_BANDS: Final = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}
"""Mode -> the colour space that a profile for it must have."""
_MAX_TEXT: Final = 200


def description(profile: bytes | None, warnings: list[str]) -> str | None:
    """Return the description in a profile; None, and a warning, where the profile cannot be read."""
    if profile is None:
        return None
    from PIL import ImageCms

    opened = _opened(profile)
    if opened is None:
        warnings.append("colour profile left out: it cannot be read")
        return None
    try:
        text = ImageCms.getProfileDescription(opened)
    except ImageCms.PyCMSError:
        return None
    return "".join(letter for letter in text if letter.isprintable()).strip()[:_MAX_TEXT] or None


def to_srgb(picture: "Image", profile: bytes | None) -> "Image":
    """Return the picture in sRGB or grey, its transparency kept.

    A profile that cannot be read, or that is for another kind of picture, is taken for sRGB.
    """
    bands = picture.mode.removesuffix("A")
    alpha = picture.getchannel("A") if picture.mode.endswith("A") else None
    colors = picture.convert(bands) if alpha is not None else picture
    if profile is not None:
        colors = _through(colors, profile)
    if colors.mode == "CMYK":
        colors = colors.convert("RGB")
    if alpha is not None:
        colors.putalpha(alpha)
    return colors


def _through(picture: "Image", profile: bytes) -> "Image":
    from PIL import ImageCms

    transform = _transform(profile, picture.mode)
    if transform is None:
        return picture
    try:
        turned = ImageCms.applyTransform(picture, transform)
    except (ImageCms.PyCMSError, ValueError):
        return picture
    if turned is None:
        return picture
    return turned.convert("L") if picture.mode == "L" else turned


@lru_cache(maxsize=8)
def _transform(profile: bytes, mode: str) -> Any:
    """Return what turns colours into sRGB, which takes longer to make than to use; None where the profile is of no use.

    One camera writes the same profile into all of its pictures.
    """
    from PIL import ImageCms

    opened = _opened(profile)
    if opened is None or opened.profile.xcolor_space.strip() != _BANDS.get(mode):
        return None
    try:
        srgb = cast("Any", ImageCms).createProfile("sRGB")
        return ImageCms.buildTransform(opened, srgb, mode, "RGB")
    except ImageCms.PyCMSError:
        return None


def _opened(profile: bytes) -> Any:
    from PIL import ImageCms

    try:
        return ImageCms.ImageCmsProfile(BytesIO(profile))
    except (OSError, ImageCms.PyCMSError, TypeError, ValueError):
        return None
