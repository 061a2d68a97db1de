"""A module for another tool: files by their names, made of a template."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeAlias, cast

from stepsmith.deploy.handoff.cdk import cdk_module
from stepsmith.deploy.handoff.sam import sam_module
from stepsmith.deploy.handoff.terraform.assembly import terraform_module
from stepsmith.expressions.types import Json

Files: TypeAlias = Mapping[str, str]
"""Name -> text."""

FORMATS: Final[Mapping[str, Callable[[Mapping[str, Json], str], Files]]] = {
    "sam": sam_module,
    "terraform": terraform_module,
    "cdk": cdk_module,
}
"""Name of a tool -> what makes a module for it, of a template and the name of the stack."""


def module_files(tool: str, template: Mapping[str, Json], stack: str) -> Files:
    """Give the files of a module; packages are found in `packages/` beside them.

    Raises DeploymentError for a resource that the tool has no form for.
    """
    plain = cast("dict[str, Json]", json.loads(json.dumps(template)))
    return FORMATS[tool](plain, stack)


def write_module(files: Files, folder: Path) -> None:
    """Write a module into a folder. Raises OSError."""
    for name, text in sorted(files.items()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
