"""What an object of the SDK is, told by the names of its classes.

An attribute is never asked for: the SDK's blocks answer every name with None, and its FrozenGraph never answers.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

Shape: TypeAlias = Literal[
    "WorkflowTemplate", "Workflow", "Execution", "Graph", "Chain", "State", "Placeholder"
]
_SHAPES: tuple[Shape, ...] = get_args(Shape)


def shape_of(value: object) -> Shape | None:
    """Give what an object is; None for what is not of the SDK."""
    names = {
        kind.__name__ for kind in type(value).__mro__ if kind.__module__.partition(".")[0] == "stepfunctions"
    }
    return next((shape for shape in _SHAPES if shape in names), None)
