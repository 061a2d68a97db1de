"""The fields that only a distributed Map has: where items come from, how they are grouped, where results go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from stepsmith.asl.model import ItemBatcher, ItemReader, Map, ReaderConfig, ResultWriter
from stepsmith.engine.fields.data_flow import compile_template_field, read
from stepsmith.engine.fields.numbers import compile_number
from stepsmith.engine.fields.query import compile_input_value
from stepsmith.engine.kernel.frames import Execution, Frame
from stepsmith.expressions.types import UNDEFINED, Json, Undefined
from stepsmith.frozen import frozen

ValueOf: TypeAlias = "Callable[[Execution, Frame], Json]"


@frozen
class Source:
    """An ItemReader with its arguments evaluated."""

    resource: str
    arguments: Json
    config: Mapping[str, Json]


@frozen
class Destination:
    """A ResultWriter with its arguments evaluated; without a resource the results only change their form."""

    resource: str | None
    arguments: Json
    config: Mapping[str, Json]


@frozen
class Batching:
    """An ItemBatcher with its fields evaluated."""

    items: int | None
    size: int | None
    input: Json | Undefined


SourceOf: TypeAlias = "Callable[[Execution, Frame], Source]"
DestinationOf: TypeAlias = "Callable[[Execution, Frame], Destination]"
BatchingOf: TypeAlias = "Callable[[Execution, Frame], Batching]"


def compile_source(reader: ItemReader | None, *, query: bool) -> SourceOf | None:
    """Compile ItemReader; None where it is absent."""
    if reader is None:
        return None
    arguments = _compile_arguments(reader.arguments, reader.parameters, "ItemReader/Arguments", query=query)
    config = reader.reader_config or ReaderConfig()
    fixed = _fixed_config(config)
    most = compile_number(
        "MaxItems",
        config.max_items,
        config.max_items_path,
        query=query,
        location="ItemReader/ReaderConfig/MaxItems",
    )

    def source(run: Execution, frame: Frame) -> Source:
        limit: dict[str, Json] = {} if most is None else {"MaxItems": most(run, frame)}
        return Source(reader.resource, arguments(run, frame), {**fixed, **limit})

    return source


def _fixed_config(config: ReaderConfig) -> dict[str, Json]:
    fields: dict[str, Json] = {
        "InputType": config.input_type,
        "Transformation": config.transformation,
        "ManifestType": config.manifest_type,
        "CSVHeaderLocation": config.csv_header_location,
        "CSVHeaders": None if config.csv_headers is None else list(config.csv_headers),
        "CSVDelimiter": config.csv_delimiter,
        "ItemsPointer": config.items_pointer,
    }
    return {name: value for name, value in fields.items() if value is not None}


def compile_destination(writer: ResultWriter | None, *, query: bool) -> DestinationOf | None:
    """Compile ResultWriter; None where it is absent."""
    if writer is None:
        return None
    arguments = _compile_arguments(writer.arguments, writer.parameters, "ResultWriter/Arguments", query=query)
    given = writer.writer_config
    fields: dict[str, Json] = {}
    if given is not None:
        fields = {"Transformation": given.transformation, "OutputType": given.output_type}
    config = {name: value for name, value in fields.items() if value is not None}
    return lambda run, frame: Destination(writer.resource, arguments(run, frame), config)


def _compile_arguments(arguments: Any, parameters: Any, location: str, *, query: bool) -> ValueOf:
    if query:
        if isinstance(arguments, Undefined):
            return _nothing
        return compile_input_value(arguments, location)
    reader = compile_template_field(parameters)
    return _nothing if reader is None else lambda run, frame: read(run, frame, frame.value, reader)


def _nothing(run: Execution, frame: Frame) -> Json:
    return {}


def compile_batching(batcher: ItemBatcher | None, *, query: bool) -> BatchingOf | None:
    """Compile ItemBatcher; None where it is absent."""
    if batcher is None:
        return None
    items = compile_number(
        "MaxItemsPerBatch",
        batcher.max_items_per_batch,
        batcher.max_items_per_batch_path,
        query=query,
        location="ItemBatcher/MaxItemsPerBatch",
    )
    size = compile_number(
        "MaxInputBytesPerBatch",
        batcher.max_input_bytes_per_batch,
        batcher.max_input_bytes_per_batch_path,
        query=query,
        location="ItemBatcher/MaxInputBytesPerBatch",
    )
    given = batcher.batch_input
    batch_input: ValueOf | None = None
    if not isinstance(given, Undefined):
        location = "ItemBatcher/BatchInput"
        batch_input = _compile_arguments(given, given, location, query=query)

    def batching(run: Execution, frame: Frame) -> Batching:
        return Batching(
            None if items is None else items(run, frame),
            None if size is None else size(run, frame),
            UNDEFINED if batch_input is None else batch_input(run, frame),
        )

    return batching


def execution_type(state: Map) -> Any:
    """Give the type of the child executions."""
    config = state.item_processor.processor_config
    return "STANDARD" if config is None or config.execution_type is None else config.execution_type
