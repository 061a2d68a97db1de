"""What a picture's file says about itself, before any pixel is decoded."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Format: TypeAlias = Literal["JPEG", "PNG"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """The parts of one JPEG or PNG file."""

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
