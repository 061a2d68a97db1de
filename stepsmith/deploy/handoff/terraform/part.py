"""One resource of a template, and what becomes of it in Terraform."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, cast

from stepsmith.deploy.handoff.parts import Properties
from stepsmith.deploy.handoff.terraform.expressions import KINDS, Expressions, snake

Arguments: TypeAlias = dict[str, Any]
"""The arguments of a resource of Terraform."""
LONGEST_NAME: Final = 40
"""The part of a name that is a resource's own; up to 23 characters before it are the stack's."""


@dataclass(frozen=True, slots=True)
class Part:
    """A resource of a template."""

    name: str
    properties: Properties
    expressions: Expressions

    @property
    def local(self) -> str:
        """Its name in Terraform."""
        return snake(self.name)

    def of(self, *names: str) -> Any:
        """Give a property, however far inside, with its references; None where it is absent."""
        value: Any = self.properties
        for name in names:
            value = cast("Properties", value).get(name) if isinstance(value, dict) else None
        return self.expressions.of(value)

    def each(self, *names: str) -> list[Any]:
        """Give a property that is a list; an empty one where it is absent."""
        found = self.of(*names)
        return cast("list[Any]", found) if isinstance(found, list) else []

    def json(self, name: str) -> str | None:
        """Give a property as JSON text, with its references."""
        value = self.properties.get(name)
        return None if value is None else self.expressions.json(value)

    @property
    def own_name(self) -> str:
        """Give a name that is the stack's and this resource's, of 64 characters at most."""
        short = self.name
        if len(short) > LONGEST_NAME:
            short = f"{short[:31]}-{hashlib.sha256(short.encode()).hexdigest()[:8]}"
        return f"${{substr(var.stack, 0, 23)}}-{short}"

    @property
    def tags(self) -> Arguments:
        """Give the tags."""
        tags = self.properties.get("Tags")
        if isinstance(tags, list):
            tags = {tag["Key"]: tag["Value"] for tag in cast("list[dict[str, str]]", tags)}
        return {"tags": self.expressions.of(tags)} if tags else {}


@dataclass(frozen=True, slots=True)
class Converted:
    """What became of a resource."""

    resources: Mapping[tuple[str, str], Arguments]
    """Type and name -> arguments."""
    files: Mapping[str, str] = field(default_factory=dict[str, str])


def one(part: Part, kind: str, **arguments: Any) -> Converted:
    """Give a part that becomes one resource; arguments that are None are left out."""
    return Converted({(KINDS[kind], part.local): present(arguments)})


def present(arguments: Mapping[str, Any]) -> Arguments:
    """Give the arguments that are not None."""
    return {name: value for name, value in arguments.items() if value is not None}
