"""How large a picture may be; read from the header alone, so that a refusal costs nothing."""

from typing import Final

from tasks.errors import TooLarge

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
