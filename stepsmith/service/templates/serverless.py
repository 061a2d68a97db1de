"""State machines in `serverless.yml`, as its plug-in for Step Functions takes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from stepsmith.engine.kernel.settings import MachineType
from stepsmith.expressions.types import Json
from stepsmith.service.definitions.nodes import Node, Object, refused
from stepsmith.service.definitions.placed import json_text
from stepsmith.service.templates.embedded import Embedded
from stepsmith.service.templates.handlers import PythonHandler
from stepsmith.service.templates.references import text_of


def is_template(root: Node) -> bool:
    """Say whether a document is a template of Serverless with state machines."""
    return isinstance(root, Object) and isinstance(root.get("stepFunctions", "stateMachines"), Object)


def machines(path: Path, root: Object) -> list[Embedded]:
    """Return the state machines of a template.

    Raises InvalidDefinition with the place of one that has no definition here, or one that cannot be read.
    """
    functions = _functions(path, root)
    found = root.get("stepFunctions", "stateMachines")
    return (
        [_machine(path, name, each, functions) for name, each in found.items.items()]
        if isinstance(found, Object)
        else []
    )


def _machine(path: Path, name: str, found: Node, functions: dict[str, Callable[[Json], Json]]) -> Embedded:
    definition = found.get("definition") if isinstance(found, Object) else None
    if not isinstance(found, Object) or not isinstance(definition, Object):
        raise refused(
            f"The definition of {name[:80]!r} is not here: Serverless puts it in from elsewhere",
            found.line,
            found.column,
            rule="template-definition",
        )
    type: MachineType = "EXPRESS" if found.text("type") == "EXPRESS" else "STANDARD"
    return Embedded(name, path, json_text(definition, text_of=text_of).encode(), type, {}, functions)


def _functions(path: Path, root: Object) -> dict[str, Callable[[Json], Json]]:
    """Return the functions in Python, by their names and by those that they have in the stack."""
    runtime, given = root.text("provider", "runtime") or "", root.get("functions")
    found: dict[str, Callable[[Json], Json]] = {}
    for name, each in given.items.items() if isinstance(given, Object) else ():
        if not isinstance(each, Object):
            continue
        handler = each.text("handler")
        if handler is None or not (each.text("runtime") or runtime).startswith("python"):
            continue
        function = PythonHandler(path.parent, handler, {})
        logical = (
            f"{name[:1].upper()}{name[1:]}".replace("-", "Dash").replace("_", "Underscore") + "LambdaFunction"
        )
        for known in (name, logical):
            found[known] = found[f"{known}.Arn"] = function
    return found
