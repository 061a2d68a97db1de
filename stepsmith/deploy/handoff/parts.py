"""Parts of templates, as those read them who turn them into something else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeAlias, cast

from stepsmith.expressions.types import Json

Properties: TypeAlias = dict[str, Any]
"""The properties of a resource; each type of resource has its own."""


def resources_of(template: Mapping[str, Json]) -> dict[str, tuple[str, Properties]]:
    """Give type and properties of each resource, by logical name."""
    found = cast("dict[str, dict[str, Any]]", template["Resources"])
    return {name: (str(part["Type"]), part.get("Properties", {})) for name, part in found.items()}


def package_of(properties: Properties) -> str:
    """Give the path of a function's package in a module."""
    return str(properties["Code"]["S3Key"])


def pretty(value: object) -> str:
    """Give JSON for people."""
    return json.dumps(value, indent=2, sort_keys=True) + "\n"
