"""Files with definitions, read no further than a definition can go."""

from __future__ import annotations

from pathlib import Path

from stepsmith.asl import LARGEST
from stepsmith.errors import NotFound

ENDINGS = (".asl.json", ".json")


def read_definition(path: Path) -> bytes:
    """Return what a file holds, of one that is too large one byte more than is allowed.

    Raises NotFound, naming the path, where nothing can be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise NotFound(f"definition {shortened(str(path))!r} cannot be read: {reason}") from None


def machine_name(path: Path) -> str:
    """Return the name that a file gives its machine: its own, without the ending."""
    name = path.name
    for ending in ENDINGS:
        name = name.removesuffix(ending)
    return name or "machine"


def shortened(name: str, most: int = 200) -> str:
    """Return a name as messages show it: whole, or its beginning where it is too long to be read."""
    return name if len(name) <= most else f"{name[:most]}…"
