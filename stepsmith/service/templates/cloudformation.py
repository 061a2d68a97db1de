"""State machines in templates of SAM and CloudFormation, and in what the CDK writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from stepsmith.engine.kernel.settings import MachineType
from stepsmith.expressions.json_text import InvalidJson, read
from stepsmith.expressions.types import Json
from stepsmith.service.definitions.nodes import List, Node, Object, Scalar, refused
from stepsmith.service.definitions.placed import json_text
from stepsmith.service.templates.embedded import Embedded
from stepsmith.service.templates.handlers import PythonHandler
from stepsmith.service.templates.references import text_of, value_of

MACHINES: Final = ("AWS::StepFunctions::StateMachine", "AWS::Serverless::StateMachine")
FUNCTIONS: Final = ("AWS::Lambda::Function", "AWS::Serverless::Function")


@dataclass(frozen=True, slots=True)
class Template:
    """A template that has been read."""

    path: Path
    root: Object
    lines: tuple[str, ...]
    """The lines of the file, for blocks of text: only they say how far these are indented."""
    read: Callable[[Path], bytes]
    """Reads a file with a definition that the template names."""

    def resources(self, *types: str) -> Iterator[tuple[str, Object]]:
        """Give the resources of some types by their names."""
        found = self.root.get("Resources")
        for name, each in found.items.items() if isinstance(found, Object) else ():
            if isinstance(each, Object) and each.text("Type") in types:
                yield name, each


def template(path: Path, root: Node, data: bytes, read: Callable[[Path], bytes]) -> Template:
    """Return a template of what has been read of a file."""
    return Template(path, cast("Object", root), tuple(data.decode("utf-8", "replace").split("\n")), read)


def is_template(root: Node) -> bool:
    """Say whether a document is a template of CloudFormation."""
    return (
        isinstance(root, Object) and isinstance(root.get("Resources"), Object) and "States" not in root.items
    )


def machines(template: Template) -> list[Embedded]:
    """Return the state machines of a template.

    Raises InvalidDefinition with the place of one that has no definition here, or one that cannot be read.
    """
    functions = functions_in(template)
    return [_machine(template, name, found, functions) for name, found in template.resources(*MACHINES)]


def _machine(
    template: Template, name: str, found: Object, functions: dict[str, Callable[[Json], Json]]
) -> Embedded:
    path, text = _definition(template, name, found)
    values: dict[str, str | int | float | bool] = {}
    given = found.get("Properties", "DefinitionSubstitutions")
    for key, node in given.items.items() if isinstance(given, Object) else ():
        value = value_of(node)
        if isinstance(value, str) and "${" in value:
            text = text.replace(
                f"${{{key}}}", _inside_a_string(value)
            )  # what it stands for is a placeholder itself
        elif value is not None:
            values[key] = value
    kind = found.text("Properties", "Type") or found.text("Properties", "StateMachineType")
    type: MachineType = "EXPRESS" if kind == "EXPRESS" else "STANDARD"
    return Embedded(name, path, text.encode(), type, values, functions)


def _definition(template: Template, name: str, found: Object) -> tuple[Path, str]:
    """Return the text of a definition, and the file that it stands in."""
    whole = found.get("Properties", "Definition")
    if isinstance(whole, Object):
        return template.path, json_text(whole, text_of=text_of)
    written = found.get("Properties", "DefinitionString")
    if written is not None:
        text = value_of(written)
        if isinstance(text, str):
            return template.path, _placed(template, written, text)
        if isinstance(written, Object):  # an object in the place of a text, as Serverless takes it
            return template.path, json_text(written, text_of=text_of)
    file = found.text("Properties", "DefinitionUri")
    if file is not None:
        path = template.path.parent / file
        return path, template.read(path).decode("utf-8", "replace")
    raise refused(
        f"The definition of {name[:80]!r} is not here: it is neither in the template nor in a file beside it",
        found.line,
        found.column,
        rule="template-definition",
    )


def _placed(template: Template, node: Node, text: str) -> str:
    """Put the text of a definition into the lines in which it stands."""
    given = node
    while isinstance(given, Object) and given.items:  # the long form of a function
        given = next(iter(given.items.values()))
    if not isinstance(given, Scalar) or not given.block:
        return "\n" * (node.line - 1) + text
    first = given.line  # a block begins in the next line, which has this index
    while first < len(template.lines) and not template.lines[first].strip():
        first += 1
    line = template.lines[first] if first < len(template.lines) else ""
    indent = " " * (len(line) - len(line.lstrip(" ")))
    return "\n" * given.line + "\n".join(indent + each for each in text.split("\n"))


def functions_in(template: Template) -> dict[str, Callable[[Json], Json]]:
    """Return the functions of a template that are written in Python, by what stands for their ARNs and names."""
    found: dict[str, Callable[[Json], Json]] = {}
    for name, each in template.resources(*FUNCTIONS):
        handler = _handler(template, each)
        if handler is not None:
            for known in (name, f"{name}.Arn", f"{name}.Alias", f"{name}.Version"):
                found[known] = handler
    return found


def _handler(template: Template, function: Object) -> PythonHandler | None:
    """Return the handler of a function; None where it is no Python that lies in a folder here."""

    def setting(name: str) -> str | None:
        return function.text("Properties", name) or template.root.text("Globals", "Function", name)

    handler, runtime = setting("Handler"), setting("Runtime")
    place = setting("CodeUri") or function.text("Metadata", "aws:asset:path")
    if handler is None or place is None or not (runtime or "").startswith("python"):
        return None
    folder = template.path.parent / place
    return PythonHandler(folder, handler, _environment(template, function)) if folder.is_dir() else None


def _environment(template: Template, function: Object) -> dict[str, str]:
    found: dict[str, str] = {}
    for where in (
        template.root.get("Globals", "Function", "Environment", "Variables"),
        function.get("Properties", "Environment", "Variables"),
    ):
        for name, node in where.items.items() if isinstance(where, Object) else ():
            value = value_of(node)
            if value is not None:
                found[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return found


def _inside_a_string(text: str) -> str:
    import json

    return json.dumps(text, ensure_ascii=False)[1:-1]


def nodes_of_json(data: bytes) -> Node | None:
    """Return the nodes of a JSON template, without places; None for what is no JSON."""
    try:
        value = read(data)
    except InvalidJson:
        return None
    return _node(value)


def _node(value: Json) -> Node:
    if isinstance(value, dict):
        made = Object(1, 1)
        for name, part in value.items():
            made.items[name], made.keys[name] = _node(part), (1, 1)
        return made
    if isinstance(value, list):
        return List(1, 1, items=[_node(part) for part in value])
    return Scalar(value if isinstance(value, str) else str(value), value, 1, 1)
