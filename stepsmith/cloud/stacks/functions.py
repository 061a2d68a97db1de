"""Lambda functions of stacks, their versions, and what reads for them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

from stepsmith.cloud.stacks.made import Clients, Made, Properties, tags_of, whole

_SETTINGS = (
    "Architectures", "DeadLetterConfig", "Description", "EphemeralStorage", "Handler", "ImageConfig", "KMSKeyArn",
    "Layers", "LoggingConfig", "PackageType", "Role", "Runtime", "SnapStart", "TracingConfig", "VpcConfig",
)  # fmt: skip
_CODE_SETTINGS = ("Architectures", "PackageType")
"""Settings that an update of the configuration does not take."""
_MAPPING = (
    "FunctionName", "EventSourceArn", "FunctionResponseTypes", "FilterCriteria", "StartingPosition",
    "DestinationConfig", "SelfManagedEventSource", "Topics", "Queues",
)  # fmt: skip
_MAPPING_NUMBERS = (
    "BatchSize", "MaximumBatchingWindowInSeconds", "MaximumRetryAttempts", "MaximumRecordAgeInSeconds",
    "ParallelizationFactor", "TumblingWindowInSeconds",
)  # fmt: skip


def make_function(clients: Clients, name: str, given: Properties) -> Made:
    """Create a function."""
    code = _code(given)
    found = clients("lambda").create_function(
        FunctionName=name, Code=code, Tags=tags_of(given), **_settings(given)
    )
    return Made(name, {"Arn": found["FunctionArn"]})


def change_function(clients: Clients, made: Made, given: Properties) -> Made:
    """Give a function other code and settings."""
    client = clients("lambda")
    client.update_function_code(FunctionName=made.id, **_code(given))
    settings = {name: value for name, value in _settings(given).items() if name not in _CODE_SETTINGS}
    client.update_function_configuration(FunctionName=made.id, **settings)
    return made


def delete_function(clients: Clients, id: str) -> None:
    """Delete a function."""
    clients("lambda").delete_function(FunctionName=id)


def make_version(clients: Clients, name: str, given: Properties) -> Made:
    """Publish a version."""
    found = clients("lambda").publish_version(FunctionName=given["FunctionName"])
    return Made(found["FunctionArn"], {"Version": found["Version"], "FunctionArn": found["FunctionArn"]})


def delete_version(clients: Clients, id: str) -> None:
    """Delete a version."""
    function, _, version = id.rpartition(":")
    clients("lambda").delete_function(FunctionName=function, Qualifier=version)


def make_mapping(clients: Clients, name: str, given: Properties) -> Made:
    """Let a function have the batches of a source."""
    more = {name: int(given[name]) for name in _MAPPING_NUMBERS if given.get(name) is not None}
    for flag in ("Enabled", "BisectBatchOnFunctionError"):
        if given.get(flag) is not None:
            more[flag] = str(given[flag]).lower() == "true"
    found = clients("lambda").create_event_source_mapping(**whole(given, *_MAPPING), **more)
    return Made(found["UUID"], {"Id": found["UUID"]})


def delete_mapping(clients: Clients, id: str) -> None:
    """Let nothing of a source go to a function any more."""
    clients("lambda").delete_event_source_mapping(UUID=id)


def _settings(given: Properties) -> dict[str, Any]:
    found = whole(given, *_SETTINGS)
    for name in ("Timeout", "MemorySize"):
        if given.get(name) is not None:
            found[name] = int(given[name])
    if given.get("Environment"):
        variables: Mapping[str, Any] = given["Environment"].get("Variables") or {}
        found["Environment"] = {"Variables": {key: str(value) for key, value in variables.items()}}
    return found


def _code(given: Properties) -> dict[str, Any]:
    code = given["Code"]
    if "ZipFile" not in code:
        return whole(code, "S3Bucket", "S3Key", "S3ObjectVersion")
    buffer = io.BytesIO()  # the text of one module, in a template
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("index.py", code["ZipFile"])
    return {"ZipFile": buffer.getvalue()}
