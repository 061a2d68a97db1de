"""What a picture's file says about itself, and how large it may be, before any pixel is decoded."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from tasks.errors import TooLarge

Format: TypeAlias = Literal["JPEG", "PNG", "GIF", "WEBP"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """The parts of one file."""

    format: Format
    width: int
    height: int
    """Pixels as stored, before the orientation mark is obeyed."""
    frames: int = 1
    exif: bytes | None = None
    profile: bytes | None = None
    """The ICC colour profile."""
    pixels: bytes
    """The same picture with everything taken out that is not needed to decode it."""
    warnings: tuple[str, ...] = ()


MAX_BYTES: Final = 25 * 1024 * 1024
"""Bytes of a file."""
MAX_PIXELS: Final = 50_000_000
"""Width times height; 50 megapixels decode into at most 200 MB."""
MAX_FRAMES: Final = 64
"""Frames of an animation."""
MAX_SCANS: Final = 64
"""Scans of a progressive JPEG, each of which goes over the whole picture."""
MAX_SEGMENTS: Final = 100_000
"""Segments or chunks of a file."""
MAX_METADATA: Final = 1024 * 1024
"""Bytes of a colour profile or of EXIF data; what is longer is not looked at."""


def check_bytes(size: int) -> None:
    """Raise TooLarge for a file of more than MAX_BYTES bytes."""
    if size > MAX_BYTES:
        raise TooLarge(f"{size} bytes are over the limit of {MAX_BYTES} bytes")


def check_pixels(width: int, height: int) -> None:
    """Raise TooLarge for a picture of more than MAX_PIXELS pixels."""
    if width * height > MAX_PIXELS:
        raise TooLarge(
            f"{width} x {height} pixels are over the limit of {MAX_PIXELS // 1_000_000} megapixels"
        )


def check_frames(frames: int) -> None:
    """Raise TooLarge for an animation of more than MAX_FRAMES frames."""
    if frames > MAX_FRAMES:
        raise TooLarge(f"{frames} frames are over the limit of {MAX_FRAMES}")
