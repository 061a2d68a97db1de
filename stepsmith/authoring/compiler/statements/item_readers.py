"""Items that a distributed Map reads from S3, as ItemReader."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from stepsmith.asl.model import ReaderConfig
from stepsmith.authoring.calls import item_sources
from stepsmith.authoring.lowered import graph
from stepsmith.authoring.values.types import from_annotation
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import STR, ModelType, Type
from stepsmith.expressions.typed.tree import Expression
from stepsmith.frozen import frozen

if TYPE_CHECKING:
    from stepsmith.authoring.compiler.statements.dispatch import Statements

_GET: Final = "arn:aws:states:::s3:getObject"
_LIST: Final = "arn:aws:states:::s3:listObjectsV2"
_READERS: Final[Mapping[object, tuple[str, ReaderConfig | None]]] = {
    item_sources.csv_rows: (_GET, ReaderConfig(input_type="CSV", csv_header_location="FIRST_ROW")),
    item_sources.json_items: (_GET, ReaderConfig(input_type="JSON")),
    item_sources.json_lines: (_GET, ReaderConfig(input_type="JSONL")),
    item_sources.s3_objects: (_LIST, None),
}


@frozen
class Reader:
    """An ItemReader and the type of its items."""

    state: graph.ItemReader
    item: Type


def reader(s: Statements, node: ast.expr) -> Reader | None:
    """Give the reader for a call of csv_rows() and the like; None for any other expression."""
    target = s.callee(node) if isinstance(node, ast.Call) else None
    found = next((known for known in _READERS if known is target), None)
    if not isinstance(node, ast.Call) or found is None:
        return None
    resource, config = _READERS[found]
    names = ("bucket", "prefix" if resource == _LIST else "key", "item")
    given: dict[str, ast.expr] = dict(zip(names, node.args, strict=False))
    given.update({keyword.arg or "": keyword.value for keyword in node.keywords})
    if set(given) != set(names):
        raise s.refusal(node, "W201", f"{ast.unparse(node.func)}() takes {', '.join(names)}", None)
    annotation = s.annotation(given["item"])
    arguments: dict[str, Expression] = {}
    for name, key in zip(names[:2], ("Bucket", "Prefix" if resource == _LIST else "Key"), strict=True):
        arguments[key] = s.x.typed(given[name], STR, f"argument '{name}'")
    entries = tuple((tree.Constant(value=key, type=STR), value) for key, value in arguments.items())
    members = tree.ObjectOf(entries=entries, type=ModelType("object", "object"))
    return Reader(
        graph.ItemReader(resource=resource, arguments=members, config=config), from_annotation(annotation)
    )
