"""Map states: processor, reader, batcher, writer, label."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from stepsmith.asl.checks.expressions import NO_EXPRESSION
from stepsmith.asl.checks.parameters import check_parameters
from stepsmith.asl.checks.report import Report, Spot
from stepsmith.asl.checks.values import LONGEST_LABEL, expect, is_label
from stepsmith.asl.fields import Field
from stepsmith.asl.model import QueryLanguage
from stepsmith.asl.resources import Resource
from stepsmith.expressions.json_scan import Place
from stepsmith.expressions.types import Json

_LIST: Final = "s3:listObjectsV2"
_GET: Final = "s3:getObject"
_PUT: Final = "s3:putObject"
_ARGUMENTS: Final[tuple[tuple[str, QueryLanguage], ...]] = (
    ("Parameters", "JSONPath"),
    ("Arguments", "JSONata"),
)
_OTHER_RESOURCE: Final = "The field 'Resource' does not match any of the allowed values"
_UNSUPPORTED: Final[Mapping[str, tuple[str, ...]]] = {
    "JSON": ("CSVHeaderLocation", "CSVHeaders", "CSVDelimiter", "ManifestType"),
    "JSONL": ("CSVHeaderLocation", "CSVHeaders", "CSVDelimiter"),
    "PARQUET": ("CSVHeaderLocation", "CSVHeaders", "CSVDelimiter"),
}
"""Fields of a ReaderConfig that files of a kind do not have (validation/tiny/ItemReader-005, -007 and -009)."""


def is_distributed(state: Mapping[str, Json]) -> bool:
    """True when the iterations of a Map state are child workflows."""
    config = _config(state)
    return config.get("Mode") == "DISTRIBUTED"


def child_type(state: Mapping[str, Json]) -> str:
    """Give the machine type of the child workflows of a Distributed Map."""
    return str(_config(state).get("ExecutionType", "STANDARD"))


def processor_name(state: Mapping[str, Json]) -> str:
    """Give the name of the field that holds the processor."""
    return "Iterator" if "Iterator" in state and "ItemProcessor" not in state else "ItemProcessor"


def _config(state: Mapping[str, Json]) -> Mapping[str, Json]:
    processor = state.get(processor_name(state))
    config = processor.get("ProcessorConfig") if isinstance(processor, dict) else None
    return config if isinstance(config, dict) else {}


def check_map(report: Report, state: Mapping[str, Json], place: Place, spot: Spot) -> None:
    """Check the fields of a Map state against each other."""
    if "ItemProcessor" not in state and "Iterator" not in state:
        report.add(place, "These fields are required: [ItemProcessor]", rule="map-processor")
    if spot.machine_type == "EXPRESS" and is_distributed(state):
        where = (*place, processor_name(state), "ProcessorConfig", "Mode")
        message = "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines"
        report.add(where, message, rule="express")
    items = state.get("Items", [])
    if spot.language == "JSONata" and not isinstance(items, list | dict):
        if not isinstance(items, str):
            message = "Items must be an array, an object or a JSONata expression"
            report.add((*place, "Items"), message, rule="map-items")
        elif not items.startswith("{%"):  # what begins like an expression is looked at as one
            report.add((*place, "Items"), NO_EXPRESSION, rule="map-items")


def check_label(report: Report, value: Json, place: Place, field: Field, spot: Spot) -> None:
    """Check the label of the Map Runs."""
    if expect(report, value, ("STRING",), place, rule="map-label") and not is_label(str(value)):
        label = str(value)
        message = "A label may have neither white space, wildcards, brackets nor special characters"
        if len(label) > LONGEST_LABEL:
            message = (
                f"Label name '{label}' exceeds the {LONGEST_LABEL}-character limit allowed by the service"
            )
        elif not label:
            message = "Label name cannot be empty"
        report.add(place, message, rule="map-label", code="INVALID_LABEL_NAME")


def check_processor_config(report: Report, config: Mapping[str, Json], place: Place) -> None:
    """Check that ExecutionType is there for DISTRIBUTED and only then."""
    distributed = config.get("Mode") == "DISTRIBUTED"
    if distributed and "ExecutionType" not in config:
        report.add(place, "These fields are required: [ExecutionType]", rule="processor-config")
    elif "ExecutionType" in config and config.get("Mode") == "INLINE":
        report.add(place, "Field 'ExecutionType' is not supported", rule="processor-config")


def check_item_reader(report: Report, reader: Mapping[str, Json], place: Place) -> None:
    """Check what is read against how it is read."""
    resource = reader.get("Resource")
    if isinstance(resource, str) and not _is_s3(resource, _LIST, _GET):
        report.add((*place, "Resource"), _OTHER_RESOURCE, rule="item-reader")
    elif isinstance(resource, str):
        _check_arguments(report, reader, resource.rpartition(":")[2], place)
    config = reader.get("ReaderConfig")
    if isinstance(config, dict):
        _check_reader_config(report, config, (*place, "ReaderConfig"))


def _check_arguments(report: Report, reader: Mapping[str, Json], action: str, place: Place) -> None:
    for name, language in _ARGUMENTS:
        given = reader.get(name)
        if isinstance(given, dict):
            check_parameters(report, Resource("sdk", "s3", action), given, (*place, name), language)


def _is_s3(arn: str, *actions: str) -> bool:
    parts = arn.split(":::", 1)
    return parts[0].startswith("arn:aws") and parts[0].endswith(":states") and parts[-1] in actions


def _check_reader_config(report: Report, config: Mapping[str, Json], place: Place) -> None:
    kind, manifest = config.get("InputType"), config.get("ManifestType")
    header = config.get("CSVHeaderLocation")
    flattens = config.get("Transformation") is not None
    if kind == "CSV" and header is None and manifest != "ATHENA_DATA" and not flattens:
        report.add(place, "The field 'CSVHeaderLocation' is required", rule="item-reader")
    if header == "GIVEN" and "CSVHeaders" not in config:
        report.add(place, "The field 'CSVHeaders' is required", rule="item-reader")
    unsupported = [name for name in _UNSUPPORTED.get(str(kind), ()) if name in config]
    for name in unsupported:
        report.add(place, f"Field '{name}' is not supported", rule="item-reader")
    if "ManifestType" not in unsupported:
        _check_manifest(report, kind, manifest, place)
    if config.get("Transformation") == "LOAD_AND_FLATTEN" and kind in (None, "MANIFEST"):
        message = "LOAD_AND_FLATTEN requires the InputType CSV, JSON, JSONL or PARQUET"
        report.add(place, message, rule="item-reader")


def _check_manifest(report: Report, kind: Json, manifest: Json, place: Place) -> None:
    if manifest == "ATHENA_DATA" and kind not in ("CSV", "JSONL", "PARQUET"):
        report.add(place, "ATHENA_DATA requires the InputType CSV, JSONL or PARQUET", rule="item-reader")
    if manifest == "S3_INVENTORY" and kind not in (None, "MANIFEST", "CSV"):
        report.add(place, "S3_INVENTORY is read without an InputType", rule="item-reader")


def check_result_writer(report: Report, writer: Mapping[str, Json], place: Place) -> None:
    """Check that a writer says where or how to write."""
    resource = writer.get("Resource")
    if not writer:
        report.add(place, "Value cannot be empty", rule="result-writer")
    elif isinstance(resource, str) and not _is_s3(resource, _PUT):
        report.add((*place, "Resource"), _OTHER_RESOURCE, rule="result-writer")
