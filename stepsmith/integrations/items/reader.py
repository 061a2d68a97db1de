"""The ItemReader of a distributed Map: listings, files and manifests in S3, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from itertools import islice
from typing import IO, Any, Final, TypeAlias, cast

from stepsmith.engine.ports import ItemsRead, ReadItems
from stepsmith.expressions.json_text import InvalidJson, read
from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen
from stepsmith.integrations.clients.registry import ClientRegistry
from stepsmith.integrations.failures import TaskError
from stepsmith.integrations.items.delimited_text import records, rows
from stepsmith.integrations.items.formats import ReadError, check_headers, chunks, lines, read_items, whole
from stepsmith.integrations.services.aws_sdk import SdkService, boto_arguments, call_operation, find_operation

_S3: Final = SdkService("s3", "s3", "S3")
_LARGEST_MANIFEST: Final = 64 * 1024 * 1024
_LISTING: Final = "arn:aws:states:::s3:listObjectsV2"
_FILE: Final = "arn:aws:states:::s3:getObject"

Sourced: TypeAlias = tuple[str, Iterator[Json]]
"""Map.Item.Source, and the items that come from there."""


class ItemReader:
    """One open source of items; its memory is two pages."""

    def __init__(self, clients: ClientRegistry, command: ReadItems) -> None:
        self._id = command.id
        self._limit = command.limit
        self._pages = _pages(self, _sources(clients.client("s3"), command), _max_items(command.config))
        self._ahead: tuple[str, list[Json]] | None = None

    def page(self, limit: int | None = None) -> ItemsRead:
        """Return the next items, all of one source, and whether they are the last; raises ReadError."""
        self._limit = limit or self._limit
        try:
            current = self._ahead or next(self._pages, ("STATE_DATA", list[Json]()))
            self._ahead = next(self._pages, None)
        except TaskError as error:
            raise ReadError(error.cause or "") from error
        return ItemsRead(id=self._id, items=tuple(current[1]), last=self._ahead is None, source=current[0])

    def limit(self) -> int:
        """Return how many items the next page may have."""
        return self._limit


def _pages(
    reader: ItemReader, sources: Iterator[Sourced], left: int | None
) -> Iterator[tuple[str, list[Json]]]:
    for source, items in sources:
        while True:
            wanted = reader.limit() if left is None else min(reader.limit(), left)
            found = list(islice(items, wanted))
            left = None if left is None else left - len(found)
            if found:
                yield source, found
            if left == 0:
                return
            if len(found) < wanted:
                break


def _max_items(config: Mapping[str, Json]) -> int | None:
    """Return the most items to read; AWS takes 0 for no limit (recorded)."""
    value = config.get("MaxItems")
    if value is None or value == 0:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ReadError("field MaxItems must be an integer")
    if value < 0:
        raise ReadError("field MaxItems must be positive")
    return int(value)


def _sources(s3: Any, command: ReadItems) -> Iterator[Sourced]:
    config = command.config
    arguments = command.arguments if isinstance(command.arguments, dict) else {}
    bucket = str(arguments.get("Bucket", ""))
    match command.resource:
        case resource if resource == _LISTING and config.get("Transformation") == "LOAD_AND_FLATTEN":
            return _flattened(s3, arguments, config)
        case resource if resource == _LISTING:
            return iter([(f"S3://{bucket}", _listing(s3, arguments))])
        case resource if resource == _FILE and _is_inventory(config):
            return _inventory(s3, arguments, config)
        case resource if resource == _FILE and config.get("ManifestType") == "ATHENA_DATA":
            return _athena(s3, arguments, config)
        case resource if resource == _FILE:
            return _file(s3, arguments, config)
        case resource:
            raise ReadError(f"The resource {resource} is no source of items.")


def _is_inventory(config: Mapping[str, Json]) -> bool:
    if config.get("ManifestType") == "S3_INVENTORY":
        return True
    return config.get("InputType") == "MANIFEST" and config.get("ManifestType") is None


def _call(s3: Any, operation: str, arguments: Mapping[str, Json]) -> dict[str, Any]:
    found = find_operation(s3.meta.service_model, operation)
    if found is None:
        raise ReadError(f"S3 has no {operation}.")
    return call_operation(s3, found, boto_arguments(found, dict(arguments)), _S3)


def _body(s3: Any, arguments: Mapping[str, Json]) -> IO[bytes]:
    return cast("IO[bytes]", _call(s3, "GetObject", arguments)["Body"])


def _objects(s3: Any, arguments: Mapping[str, Json]) -> Iterator[dict[str, Any]]:
    following: dict[str, Json] = dict(arguments)
    while True:
        answer = _call(s3, "ListObjectsV2", following)
        yield from answer.get("Contents", ())
        token = answer.get("NextContinuationToken")
        if not answer.get("IsTruncated") or not token:
            return
        following["ContinuationToken"] = token


def _listing(s3: Any, arguments: Mapping[str, Json]) -> Iterator[Json]:
    for each in _objects(s3, arguments):
        yield {
            "Etag": each["ETag"],
            "Key": each["Key"],
            "LastModified": int(each["LastModified"].timestamp()),
            "Size": each["Size"],
            "StorageClass": each.get("StorageClass", "STANDARD"),
        }


def _file(s3: Any, arguments: Mapping[str, Json], config: Mapping[str, Json]) -> Iterator[Sourced]:
    key = str(arguments.get("Key", ""))
    yield f"S3://{arguments.get('Bucket')}/{key}", read_items(_body(s3, arguments), key, config)


def _flattened(s3: Any, arguments: Mapping[str, Json], config: Mapping[str, Json]) -> Iterator[Sourced]:
    bucket = str(arguments.get("Bucket", ""))
    for each in _objects(s3, arguments):
        key = str(each["Key"])
        if key.endswith("/") and not each["Size"]:
            continue
        yield from _file(s3, {"Bucket": bucket, "Key": key}, config)


@frozen
class _Inventory:
    bucket: str
    columns: list[str]
    keys: list[str]


def _inventory(s3: Any, arguments: Mapping[str, Json], config: Mapping[str, Json]) -> Iterator[Sourced]:
    key = str(arguments.get("Key", ""))
    manifest = _manifest(whole(_body(s3, arguments), key, _LARGEST_MANIFEST), key)
    columns = manifest.columns
    if config.get("CSVHeaderLocation") == "GIVEN":
        columns = [str(each) for each in cast("list[Json]", config.get("CSVHeaders") or [])]
    check_headers(columns)
    for each in manifest.keys:
        body = _body(s3, {"Bucket": manifest.bucket, "Key": each})
        yield f"S3://{manifest.bucket}/{each}", _inventory_rows(body, each, columns)


def _inventory_rows(body: IO[bytes], key: str, columns: list[str]) -> Iterator[Json]:
    with closing(body):
        yield from cast("Iterator[Json]", rows(records(lines(chunks(body, key), key), ","), columns))


def _manifest(data: bytes, key: str) -> _Inventory:
    try:
        content = read(data, repeated_keys=True)
    except InvalidJson as error:
        raise ReadError(f"The manifest {key} is not JSON: {error.message.partition(chr(10))[0]}") from None
    if not isinstance(content, dict) or not isinstance(content.get("files"), list):
        raise ReadError(f"The manifest {key} has no list of files.")
    if content.get("fileFormat", "CSV") != "CSV":
        raise ReadError("Only S3 inventories in CSV can be read.")
    names = [each.get("key") for each in cast("list[Json]", content["files"]) if isinstance(each, dict)]
    bucket = str(content.get("destinationBucket", "")).rpartition(":")[2]
    columns = [each.strip() for each in str(content.get("fileSchema", "")).split(",")]
    return _Inventory(bucket, columns, [name for name in names if isinstance(name, str)])


def _athena(s3: Any, arguments: Mapping[str, Json], config: Mapping[str, Json]) -> Iterator[Sourced]:
    """Read the data files that an UNLOAD listed, one address a line; such CSV files have no header row."""
    key = str(arguments.get("Key", ""))
    listed = whole(_body(s3, arguments), key, _LARGEST_MANIFEST).decode("utf-8", "replace").split()
    for address in listed:
        bucket, _, name = address.strip('"').removeprefix("s3://").partition("/")
        if not name:
            raise ReadError(f"The manifest {key} lists {address!r}, which is no object.")
        yield from _file(s3, {"Bucket": bucket, "Key": name}, config)
