"""Items that a distributed Map reads from S3 itself."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Generic, TypeVar, cast

from stepsmith.authoring.calls.clients import current_client
from stepsmith.authoring.calls.converter import Converter
from stepsmith.expressions.typed.static_types import INT, STR, Type
from stepsmith.expressions.types import Json

T = TypeVar("T")


OBJECTS: Final[Mapping[str, Type]] = {
    "Etag": STR,
    "Key": STR,
    "LastModified": INT,
    "Size": INT,
    "StorageClass": STR,
}
"""What S3 says of an object that it lists."""


@dataclass(frozen=True)
class ItemSource(Generic[T]):
    """Items in S3, read when they are gone through."""

    read: Callable[[], Iterator[Json]]
    item: type[T]

    def __iter__(self) -> Iterator[T]:
        """Give the items, as the item type. Raises UnreadableValue for one that is not of the type."""
        return map(self.typed, self.read())

    def typed(self, item: Json) -> T:
        """Give an item as the item type. Raises UnreadableValue."""
        return cast(T, _converter(self.item).checked(item, "item"))


@cache
def _converter(item: type[object]) -> Converter:
    return Converter(item, {})


def csv_rows(bucket: str, key: str, item: type[T], *, headers: Sequence[str] | None = None) -> ItemSource[T]:
    """Give the rows of a CSV file; its columns are named by `headers`, or by the first row.

    Texts are read as the numbers and bools of the item type.
    """
    return ItemSource(lambda: _rows(_body(bucket, key), headers), item)


def json_items(bucket: str, key: str, item: type[T]) -> ItemSource[T]:
    """Give the elements of the array in a JSON file."""
    return ItemSource(lambda: iter(cast("list[Json]", json.loads(_body(bucket, key)))), item)


def json_lines(bucket: str, key: str, item: type[T]) -> ItemSource[T]:
    """Give the values in a file with one JSON value on each line."""
    lines = lambda: (json.loads(line) for line in _body(bucket, key).splitlines() if line.strip())  # noqa: E731
    return ItemSource(lines, item)


def s3_objects(bucket: str, prefix: str, item: type[T]) -> ItemSource[T]:
    """Give what S3 lists below a prefix; each is an object with Etag, Key, LastModified, Size and StorageClass."""
    return ItemSource(lambda: _objects(bucket, prefix), item)


def _body(bucket: str, key: str) -> str:
    s3 = cast(Any, current_client("s3"))
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode("utf-8-sig")


def _rows(text: str, headers: Sequence[str] | None) -> Iterator[Json]:
    for row in csv.DictReader(io.StringIO(text), headers, restval=""):
        yield cast(Json, {name: value for name, value in row.items() if name is not None})


def _objects(bucket: str, prefix: str) -> Iterator[Json]:
    s3 = cast(Any, current_client("s3"))
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for found in page.get("Contents", []):
            yield {
                "Etag": found["ETag"],
                "Key": found["Key"],
                "LastModified": int(found["LastModified"].timestamp()),
                "Size": found["Size"],
                "StorageClass": found.get("StorageClass", "STANDARD"),
            }
