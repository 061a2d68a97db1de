"""State machines in Terraform: `aws_sfn_state_machine`, its definition written out, encoded or in a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from stepsmith.engine.kernel.settings import MachineType
from stepsmith.expressions.types import Json
from stepsmith.service.definitions.nodes import List, Node, Object, Scalar, refused
from stepsmith.service.definitions.placed import json_text
from stepsmith.service.templates.embedded import Embedded
from stepsmith.service.templates.handlers import PythonHandler
from stepsmith.service.templates.hcl import Block, read_hcl


def machines(path: Path, text: str, read: Callable[[Path], bytes]) -> list[Embedded]:
    """Return the state machines of a file.

    Raises InvalidDefinition with the place of one whose definition is not here, or cannot be read.
    """
    root = read_hcl(text)
    functions = _functions(path.parent, root)
    return [_machine(path, block, read, functions) for block in _resources(root, "aws_sfn_state_machine")]


def _resources(root: Block, type: str, *, kind: str = "resource") -> Iterator[Block]:
    for block in root.blocks:
        if block.kind == kind and len(block.labels) == 2 and block.labels[0] == type:
            yield block


def _machine(
    path: Path, block: Block, read: Callable[[Path], bytes], functions: dict[str, Callable[[Json], Json]]
) -> Embedded:
    name = block.labels[1]
    type: MachineType = "EXPRESS" if block.text("type") == "EXPRESS" else "STANDARD"
    definition = block.attributes.get("definition")
    if definition is None:
        raise refused(f"{name[:80]!r} has no definition", block.line, 1, rule="template-definition")
    place, text, values = _definition(path, definition, read)
    return Embedded(name, place, text.encode(), type, values, functions)


def _definition(
    path: Path, node: Node, read: Callable[[Path], bytes]
) -> tuple[Path, str, dict[str, str | int | float | bool]]:
    if isinstance(node, Scalar) and isinstance(node.value, str) and not node.value.startswith("${"):
        return path, "\n" * (node.line if node.block else node.line - 1) + node.value, {}
    if isinstance(node, List) and node.tag == "!jsonencode" and len(node.items) == 1:
        return path, json_text(node.items[0], text_of=_text_of), {}
    if isinstance(node, List) and node.tag in ("!file", "!templatefile") and node.items:
        file = _file(path.parent, node.items[0])
        if file is not None:
            values = _values(node.items[1]) if len(node.items) > 1 else {}
            return file, read(file).decode("utf-8", "replace"), values
    raise refused(
        "The definition is computed elsewhere; here it is read from jsonencode({...}), from a text, and from files",
        node.line,
        node.column,
        rule="template-definition",
    )


def _text_of(node: Node) -> str | None:
    """Return what a call gives inside a definition: nobody knows it here, so it is a placeholder."""
    return None if node.tag is None else f"${{{node.tag.removeprefix('!')}.{node.line}}}"


def _file(folder: Path, node: Node) -> Path | None:
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        return None
    text = node.value
    for start in ("${path.module}/", "${path.root}/", "${path.cwd}/"):
        text = text.removeprefix(start)
    return None if "${" in text else folder / text


def _values(node: Node) -> dict[str, str | int | float | bool]:
    """Return what `templatefile` puts into a file; what is known only to Terraform stays a placeholder."""
    found: dict[str, str | int | float | bool] = {}
    for name, each in node.items.items() if isinstance(node, Object) else ():
        value = each.value if isinstance(each, Scalar) else None
        if isinstance(value, str | int | float | bool) and not (isinstance(value, str) and "${" in value):
            found[name] = value
    return found


def _functions(folder: Path, root: Block) -> dict[str, Callable[[Json], Json]]:
    """Return the functions that are written in Python and lie in a folder that is packed here."""
    folders = {
        f"${{data.archive_file.{block.labels[1]}.output_path}}": _file(folder, source)
        for block in _resources(root, "archive_file", kind="data")
        if (source := block.attributes.get("source_dir") or block.attributes.get("source_file")) is not None
    }
    found: dict[str, Callable[[Json], Json]] = {}
    for block in _resources(root, "aws_lambda_function"):
        handler, runtime, name = block.text("handler"), block.text("runtime") or "", block.labels[1]
        place = folders.get(block.text("filename") or "")
        if handler is None or place is None or not runtime.startswith("python"):
            continue
        place = place if place.is_dir() else place.parent
        function = PythonHandler(place, handler, _environment(block))
        for attribute in ("arn", "qualified_arn", "function_name", "invoke_arn"):
            found[f"aws_lambda_function.{name}.{attribute}"] = function
    return found


def _environment(block: Block) -> dict[str, str]:
    found: dict[str, str] = {}
    for inner in block.blocks:
        variables = inner.attributes.get("variables") if inner.kind == "environment" else None
        for name, each in variables.items.items() if isinstance(variables, Object) else ():
            if isinstance(each, Scalar) and isinstance(each.value, str):
                found[name] = each.value
    return found
