"""Files with definitions, read no further than a definition can go."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from stepsmith.asl import LARGEST
from stepsmith.errors import NotFound

YAML_ENDINGS: Final = (".yaml", ".yml")
ENDINGS: Final = (".asl.json", ".asl.yaml", ".asl.yml")
"""What files with definitions are called, and folders are searched for."""


def read_definition(path: Path) -> bytes:
    """Return the JSON that a file holds; of YAML it is made, each part in the line and column where it stands.

    Of a file that is too large, one byte more than is allowed is given. Raises NotFound, naming the path, where nothing
    can be read, and InvalidDefinition for what is no YAML.
    """
    data = content(path, LARGEST)
    if path.suffix.lower() not in YAML_ENDINGS or len(data) > LARGEST or is_json(data):
        return data
    from stepsmith.service.definitions.nodes import read_nodes
    from stepsmith.service.definitions.placed import json_text

    return json_text(read_nodes(data)).encode()


def is_json(data: bytes) -> bool:
    """Say whether a file that is called YAML holds JSON, which has more escapes."""
    from stepsmith.expressions.json_text import InvalidJson, read

    if not data.lstrip().startswith(b"{"):
        return False
    try:
        read(data)
    except InvalidJson:
        return False
    return True


def content(path: Path, most: int) -> bytes:
    """Return the bytes of a file, at most one more than `most`; raises NotFound, naming the path."""
    try:
        with path.open("rb") as file:
            return file.read(most + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise NotFound(f"definition {shortened(str(path))!r} cannot be read: {reason}") from None


def machine_name(path: Path) -> str:
    """Return the name that a file gives its machine: its own, without the ending."""
    name = path.name
    for ending in (*ENDINGS, ".json", *YAML_ENDINGS):
        name = name.removesuffix(ending)
    return name or "machine"


def shortened(name: str, most: int = 200) -> str:
    """Return a name as messages show it: whole, or its beginning where it is too long to be read."""
    return name if len(name) <= most else f"{name[:most]}…"
