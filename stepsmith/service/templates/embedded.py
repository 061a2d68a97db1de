"""A definition that stands inside of something else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stepsmith.engine.kernel.settings import MachineType
from stepsmith.expressions.types import Json


@dataclass(frozen=True, slots=True)
class Embedded:
    """A definition in a template; references to other resources are placeholders in it, such as `${Check.Arn}`."""

    name: str
    """What the template calls the state machine."""
    path: Path
    """The file that it stands in: the template, or one that the template names."""
    text: bytes
    """JSON, in the lines of that file."""
    type: MachineType = "STANDARD"
    values: Mapping[str, str | int | float | bool] = field(
        default_factory=dict[str, "str | int | float | bool"]
    )
    """What the template puts for placeholders."""
    functions: Mapping[str, Callable[[Json], Json]] = field(
        default_factory=dict[str, "Callable[[Json], Json]"]
    )
    """The functions of the template that are written in Python, by the placeholders that stand for them."""

    def own_values(self) -> dict[str, str | int | float | bool]:
        """Return what the template puts for placeholders that the definition has."""
        return {name: value for name, value in self.values.items() if f"${{{name}}}".encode() in self.text}
