"""Write pictures as files: JPEG, PNG, WebP and GIF, without anything but the picture."""

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast

from tasks.media.drawing import on_paper
from tasks.media.models import Transform

if TYPE_CHECKING:
    from PIL.Image import Image

Target: TypeAlias = Literal["JPEG", "PNG", "GIF", "WEBP"]
CONTENT_TYPES: Final[dict[Target, str]] = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "GIF": "image/gif",
    "WEBP": "image/webp",
}
ANIMATED: Final[tuple[Target, ...]] = ("GIF", "WEBP")


def target_of(transform: Transform, original: Target, *, is_transparent: bool) -> Target:
    """Return what a picture is written as: what is asked for, or what the original is, if every client takes that."""
    match transform.format:
        case "jpeg":
            return "JPEG"
        case "png":
            return "PNG"
        case "webp":
            return "WEBP"
        case "gif":
            return "GIF"
        case "auto":
            if original == "WEBP":
                return "PNG" if is_transparent else "JPEG"
            return original


def encode(
    frames: "Sequence[Image]",
    target: Target,
    transform: Transform,
    *,
    durations: Sequence[int] = (),
    loops: int | None = None,
    exif: bytes | None = None,
) -> bytes:
    """Write one picture, or several as an animation: `durations` are in milliseconds, `loops` 0 is for ever."""
    out = BytesIO()
    ready = [_ready(frame, target, transform) for frame in frames]
    options: dict[str, Any] = {"exif": exif} if exif and target != "GIF" else {}
    match target:
        case "JPEG":
            options |= {"quality": transform.quality, "optimize": True, "progressive": True}
        case "PNG":
            options["optimize"] = True
        case "WEBP":
            options |= {"quality": transform.quality, "method": 4}
        case "GIF":
            options["optimize"] = True
    if len(ready) > 1:
        options |= {"save_all": True, "append_images": ready[1:], "duration": list(durations)}
        options |= {"loop": loops} if loops is not None else {}
        options |= {"disposal": 2} if target == "GIF" else {}
    ready[0].save(out, format=target, **options)
    return out.getvalue()


def _ready(picture: "Image", target: Target, transform: Transform) -> "Image":
    """Return the picture as the format can have it, with nothing of the original's file beside it."""
    if target == "JPEG" and picture.mode.endswith("A"):
        picture = on_paper(picture, (transform.background or "#ffffff")[:7])
    if target == "WEBP" and picture.mode in ("L", "LA"):
        picture = picture.convert("RGBA" if picture.mode == "LA" else "RGB")
    if target == "GIF" and picture.mode == "LA":
        picture = picture.convert("RGBA")
    if picture.info:
        picture = picture.copy()
        cast("dict[Any, Any]", picture.info).clear()
    return picture
