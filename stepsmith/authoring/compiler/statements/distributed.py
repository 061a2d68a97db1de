"""Distributed Maps: items read from S3, batches, and what items carry because their processor sees no variables."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from stepsmith.asl.model import ProcessorConfig, ReaderConfig
from stepsmith.authoring.calls import item_sources
from stepsmith.authoring.calls.converter import Converter
from stepsmith.authoring.compiler.expressions.environment import Environment, assigned_names
from stepsmith.authoring.compiler.functions import Helper
from stepsmith.authoring.compiler.statements.incoming import check_readable
from stepsmith.authoring.compiler.statements.protocol import StatementCompiler
from stepsmith.authoring.lowered import graph
from stepsmith.authoring.lowered.task_states import OBJECT, in_context, object_of
from stepsmith.authoring.lowered.uses import expressions
from stepsmith.authoring.values.reading import fits_as_it_is, reading
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import (
    FLOAT,
    INT,
    STR,
    ListType,
    Type,
)
from stepsmith.expressions.typed.tree import Expression
from stepsmith.frozen import frozen

_GET: Final = "arn:aws:states:::s3:getObject"
_LIST: Final = "arn:aws:states:::s3:listObjectsV2"
_GIVEN: Final = ReaderConfig(input_type="CSV", csv_header_location="GIVEN")
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
    as_it_is: bool
    """Whether its items are of the type without being read."""


def reader_of(s: StatementCompiler, node: ast.expr) -> Reader | None:
    """Give the reader for a call of csv_rows() and the like; None for any other expression."""
    target = s.callee(node) if isinstance(node, ast.Call) else None
    found = next((known for known in _READERS if known is target), None)
    if not isinstance(node, ast.Call) or found is None:
        return None
    resource, config = _READERS[found]
    names = ("bucket", "prefix" if resource == _LIST else "key", "item")
    given: dict[str, ast.expr] = dict(zip(names, node.args, strict=False))
    given.update({keyword.arg or "": keyword.value for keyword in node.keywords})
    if found is item_sources.csv_rows and "headers" in given:
        config = replace(_GIVEN, csv_headers=_headers(s, given.pop("headers")))
    if set(given) != set(names):
        raise s.refusal(node, "W201", f"{ast.unparse(node.func)}() takes {', '.join(names)}", None)
    kind = s.annotated_type(given["item"])
    arguments: dict[str, Expression] = {}
    for name, key in zip(names[:2], ("Bucket", "Prefix" if resource == _LIST else "Key"), strict=True):
        arguments[key] = s.x.typed(given[name], STR, f"argument '{name}'")
    check_readable(s, given["item"], Converter(ast.unparse(given["item"]), s.x.names))
    plain = config is None or config.input_type == "CSV"
    as_it_is = plain and fits_as_it_is(kind, item_sources.OBJECTS if config is None else None)
    state = graph.ItemReader(resource=resource, arguments=object_of(arguments), config=config)
    return Reader(state, kind, as_it_is)


def _headers(s: StatementCompiler, node: ast.expr) -> tuple[str, ...] | None:
    written = s.x.compile(node, ListType(STR))
    names = written.value if isinstance(written, tree.Constant) else None
    if isinstance(written, tree.ListOf):
        names = [each.value for each in written.elements if isinstance(each, tree.Constant)]
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise s.refusal(
            node, "W218", "the headers of a CSV file must be texts, written here", "write a list of texts"
        )
    return tuple(str(name) for name in names)


@dataclass(slots=True)
class Work:
    """What a Map does with each item."""

    node: ast.expr
    """The comprehension or call of map_items()."""
    label: str
    """What an item is called."""
    items: Expression | None
    item: Type
    compile: Callable[[Mapping[str, Expression], StatementCompiler], tuple[graph.Scope, Type]]
    """Compiles the processor, given what the names of the item stand for."""
    name: str
    """The local name of the item."""
    reader: Reader | None = None


def flag(s: StatementCompiler, options: Mapping[str, ast.expr], name: str) -> bool:
    """Give an option that is True or False, written in the source."""
    found = s.x.static(options[name]) if name in options else False
    if not isinstance(found, bool):
        raise s.refusal(options[name], "W161", f"{name} must be True or False, written here", None)
    return found


def is_batched(options: Mapping[str, ast.expr]) -> bool:
    """Say whether the items are grouped."""
    return "batch_size" in options or "batch_bytes" in options


def processor_apart(
    s: StatementCompiler, work: Work, options: Mapping[str, ast.expr], fields: dict[str, object]
) -> tuple[graph.Scope, Type]:
    """Compile the processor of a distributed Map, which sees no variables: what it reads travels with the item."""
    outer = s.environment
    batched = is_batched(options)
    batch_input = tree.Field(value=tree.State(part="input", type=OBJECT), name="BatchInput", type=OBJECT)
    holder: Expression = batch_input if batched else tree.State(part="input", type=OBJECT)
    item_name = "Items" if batched else "Item"
    alone = not _reads_outside(s, work, outer)
    place = tree.State(part="input", type=work.item)
    item: Expression = (
        place
        if alone and not batched
        else tree.Field(value=tree.State(part="input", type=OBJECT), name=item_name, type=work.item)
    )
    if work.reader is not None and not work.reader.as_it_is:
        item = reading(item, work.item, "item")
    known = {
        name: tree.Variable(name=local.variable, type=local.type)
        for name, local in outer.locals.items()
        if name in outer.assigned
    }
    known = {name: value for name, value in {**known, **outer.bound}.items() if name != work.name}
    travelling = {
        name: tree.Field(value=holder, name=_key(name), type=value.type) for name, value in known.items()
    }
    processor, kind = work.compile({work.name: item, **travelling}, s)
    read = _fields_read(processor, holder)
    carried = {_key(name): value for name, value in known.items() if _key(name) in read}
    _distributed_fields(s, options, fields, carried, batched=batched, alone=alone)
    return processor, kind


def _key(name: str) -> str:
    """Give the field of a child's input in which a local travels, beside the item itself."""
    return f"{name}_" if name.rstrip("_") in ("Item", "Items") else name


def _fields_read(scope: graph.Scope, holder: Expression) -> set[str]:
    nodes = (node for expression in expressions(scope) for node in tree.walk(expression))
    return {node.name for node in nodes if isinstance(node, tree.Field) and node.value == holder}


def _reads_outside(s: StatementCompiler, work: Work, outer: Environment) -> bool:
    names = {name.id for name in ast.walk(work.node) if isinstance(name, ast.Name)}
    known = {*outer.assigned, *outer.bound} - set(s.functions)
    called = [name for name in names if name in s.functions]
    names.discard(work.name)
    for name in called:
        read = _read_in(s.functions[name])
        called += [other for other in read if other in s.functions and other not in called]
        names |= read
        if work.name in read & known:
            message = f"{name}() reads the variable {work.name}, which is also the name of the item here"
            raise s.refusal(work.node, "W210", message, "give the item another name")
    return bool(names & known)


def _read_in(helper: Helper) -> set[str]:
    own = {parameter.arg for parameter in helper.parameters} | set(assigned_names(helper.node.body))
    return {name.id for name in ast.walk(helper.node) if isinstance(name, ast.Name)} - own


def _distributed_fields(
    s: StatementCompiler,
    options: Mapping[str, ast.expr],
    fields: dict[str, object],
    carried: Mapping[str, Expression],
    *,
    batched: bool,
    alone: bool,
) -> None:
    mode = s.x.static(options["execution_type"]) if "execution_type" in options else "STANDARD"
    if mode not in ("STANDARD", "EXPRESS"):
        raise s.refusal(
            options["execution_type"], "W161", "execution_type must be 'STANDARD' or 'EXPRESS'", None
        )
    fields["config"] = ProcessorConfig(mode="DISTRIBUTED", execution_type=mode)
    if batched:
        if "batch_bytes" in options and carried:
            text = ", ".join(carried)
            message = f"{text} would be part of each batch, whose bytes are counted"
            raise s.refusal(options["batch_bytes"], "W218", message, "use batch_size, or only the items")
        size, bytes = (
            s.x.typed(options[name], INT, name) if name in options else None
            for name in ("batch_size", "batch_bytes")
        )
        together = object_of(carried) if carried else None
        fields["item_batcher"] = graph.ItemBatcher(max_items=size, max_bytes=bytes, batch_input=together)
    elif not alone:
        item = in_context("Map", "Item", "Value")
        fields["item_selector"] = object_of({"Item": item, **carried})
    if "tolerated_failure_count" in options:
        fields["tolerated_failure_count"] = s.x.typed(
            options["tolerated_failure_count"], INT, "tolerated_failure_count"
        )
    if "tolerated_failure_percentage" in options:
        fields["tolerated_failure_percentage"] = s.x.typed(
            options["tolerated_failure_percentage"], FLOAT, "tolerated_failure_percentage"
        )
    if "label" in options:
        label = s.x.static(options["label"])
        if not isinstance(label, str):
            raise s.refusal(options["label"], "W161", "label must be a text, written here", None)
        fields["label"] = label
