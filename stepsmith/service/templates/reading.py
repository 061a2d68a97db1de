"""Files that hold definitions: one as it is, in JSON or YAML, or templates with as many as they have."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from stepsmith.asl import LARGEST
from stepsmith.errors import InvalidInput, NotFound, nearest
from stepsmith.service.definitions.files import YAML_ENDINGS, content, is_json, machine_name, read_definition
from stepsmith.service.templates.embedded import Embedded

MOST_BYTES: Final = 16_777_216
"""Bytes that a template may have."""
ENDINGS: Final = (".json", *YAML_ENDINGS, ".template", ".tf")
"""What files are called that may hold definitions."""


def definition_in(path: Path, name: str | None = None) -> Embedded:
    """Return the definition in a file: the only one, or that of a name.

    Raises NotFound where nothing can be read or no machine has the name, InvalidInput where several are there and none
    is named, InvalidDefinition for what cannot be a definition.
    """
    found = definitions_in(path)
    names = [each.name for each in found]
    if name is not None:
        for each in found:
            if each.name == name:
                return each
        raise NotFound(f"{path} has no state machine {name!r}{nearest(name, names, otherwise='they are')}")
    if not found:
        raise NotFound(f"{path} has no state machine")
    if len(found) > 1:
        written = ", ".join(f"{path}#{each}" for each in names[:10])
        raise InvalidInput(f"{path} has {len(found)} state machines; say which: {written}")
    return found[0]


def definitions_in(path: Path) -> list[Embedded]:
    """Return the definitions in a file; raises NotFound where nothing can be read, and InvalidDefinition."""
    suffix = path.suffix.lower()
    if suffix == ".tf":
        from stepsmith.service.templates.terraform import machines

        return machines(path, content(path, MOST_BYTES).decode("utf-8", "replace"), read_definition)
    if suffix in (*YAML_ENDINGS, ".template"):
        return _in_yaml(path)
    data = read_definition(path)
    if b'"Resources"' in data and len(data) <= LARGEST:
        from stepsmith.service.templates import cloudformation

        root = cloudformation.nodes_of_json(data)
        if root is not None and cloudformation.is_template(root):
            return cloudformation.machines(cloudformation.template(path, root, data, read_definition))
    return [Embedded(machine_name(path), path, data)]


def _in_yaml(path: Path) -> list[Embedded]:
    from stepsmith.service.definitions.nodes import Object, read_nodes
    from stepsmith.service.definitions.placed import json_text
    from stepsmith.service.templates import cloudformation, serverless

    data = content(path, MOST_BYTES)
    text = is_json(data)
    root = cloudformation.nodes_of_json(data) if text else None
    root = root or read_nodes(data)
    if cloudformation.is_template(root):
        return cloudformation.machines(cloudformation.template(path, root, data, read_definition))
    if serverless.is_template(root) and isinstance(root, Object):
        return serverless.machines(path, root)
    return [Embedded(machine_name(path), path, data if text else json_text(root).encode())]
