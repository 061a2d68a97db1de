"""The ResultWriter of a distributed Map: child records as files in S3, and a manifest that lists them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, cast

from stepsmith.engine.ports import ResultsWritten, WriteResults
from stepsmith.expressions.types import Json
from stepsmith.integrations.clients.registry import ClientRegistry
from stepsmith.integrations.failures import compact
from stepsmith.integrations.services.aws_sdk import SdkService, boto_arguments, call_operation, find_operation

FILE_BYTES: Final = 64 * 1024 * 1024
"""Where a file of results ends and the next begins. AWS's limit is 5 GB; here it bounds the memory."""
_S3: Final = SdkService("s3", "s3", "S3")
_GROUPS: Final = {"SUCCEEDED": "SUCCEEDED", "PENDING": "PENDING"}


@dataclass(slots=True)
class _Group:
    entries: list[str] = field(default_factory=list[str])
    size: int = 0
    written: list[Json] = field(default_factory=list[Json])


class ResultWriter:
    """One export: takes the records page by page, writes files as they fill and the manifest at the end."""

    def __init__(
        self, clients: ClientRegistry, command: WriteResults, *, file_bytes: int = FILE_BYTES
    ) -> None:
        arguments = command.arguments if isinstance(command.arguments, dict) else {}
        self._s3 = clients.client("s3")
        self._bucket = str(arguments.get("Bucket", ""))
        run = command.map_run_arn.rpartition(":")[2]
        prefix = str(arguments.get("Prefix") or "").strip("/")
        self._folder = f"{prefix}/{run}" if prefix else run
        self._map_run_arn = command.map_run_arn
        self._transformation = str(command.config.get("Transformation", "NONE"))
        self._lines = command.config.get("OutputType") == "JSONL"
        self._file_bytes = file_bytes
        self._groups = {name: _Group() for name in ("FAILED", "PENDING", "SUCCEEDED")}

    def write(self, command: WriteResults) -> ResultsWritten:
        """Take one page; the answer to the last one names the manifest.

        Raises TaskError as S3's errors are named where the destination cannot be written.
        """
        for record in command.records:
            self._take(record)
        if not command.last:
            return ResultsWritten(id=command.id)
        for name in self._groups:
            self._flush(name)
        key = f"{self._folder}/manifest.json"
        self._put(key, json.dumps(self._manifest(), separators=(",", ":")))
        return ResultsWritten(id=command.id, details={"Bucket": self._bucket, "Key": key})

    def _take(self, record: Mapping[str, Json]) -> None:
        status = str(record.get("Status", "FAILED"))
        name = _GROUPS.get(status, "FAILED")
        group = self._groups[name]
        for value in self._values(record, name):
            text = compact(value)
            group.entries.append(text)
            group.size += len(text.encode()) + 1
        if group.size >= self._file_bytes:
            self._flush(name)

    def _values(self, record: Mapping[str, Json], group: str) -> list[Json]:
        """Return what a child contributes; children that did not succeed stay whole records."""
        if self._transformation == "NONE" or group != "SUCCEEDED":
            return [dict(record)]
        output = record.get("Output")
        value = cast("Json", json.loads(output)) if isinstance(output, str) else output
        return value if self._transformation == "FLATTEN" and isinstance(value, list) else [value]

    def _flush(self, name: str) -> None:
        group = self._groups[name]
        if not group.entries:
            return
        ending = "jsonl" if self._lines else "json"
        text = "\n".join(group.entries) if self._lines else f"[{','.join(group.entries)}]"
        key = f"{self._folder}/{name}_{len(group.written)}.{ending}"
        group.written.append({"Key": key, "Size": self._put(key, text)})
        group.entries.clear()
        group.size = 0

    def _manifest(self) -> dict[str, Json]:
        return {
            "DestinationBucket": self._bucket,
            "MapRunArn": self._map_run_arn,
            "ResultFiles": {name: group.written for name, group in self._groups.items()},
        }

    def _put(self, key: str, text: str) -> int:
        data = text.encode()
        operation = find_operation(self._s3.meta.service_model, "PutObject")
        if operation is not None:
            arguments = boto_arguments(operation, {"Bucket": self._bucket, "Key": key})
            call_operation(self._s3, operation, {**arguments, "Body": data}, _S3)
        return len(data)
