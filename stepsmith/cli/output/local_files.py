"""Objects that a local run has put into its S3, written to a folder so that one can look at them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stepsmith.errors import InvalidInput
from stepsmith.integrations import ClientRegistry

LONGEST_NAME = 150
Place = tuple[str, str, str]
"""Bucket, key and ETag of an object."""


def objects(clients: ClientRegistry) -> set[Place]:
    """Return the objects in local S3; none where S3 was not used."""
    if not clients.is_local or not clients.in_use("s3"):
        return set()
    return set(_objects(clients.client("s3")))


def _objects(s3: Any) -> Iterator[Place]:
    for bucket in s3.list_buckets()["Buckets"]:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket["Name"]):
            for each in page.get("Contents", ()):
                yield bucket["Name"], each["Key"], each["ETag"]


def export(clients: ClientRegistry, known: set[Place], folder: Path) -> dict[str, Path]:
    """Write the objects that are not in `known` and return their S3 addresses with the files.

    Raises InvalidInput for a folder that cannot be written.
    """
    written: dict[str, Path] = {}
    for bucket, key, _ in sorted(objects(clients) - known):
        path = folder / safe_name(bucket) / Path(*(safe_name(part) for part in key.split("/") if part))
        data = clients.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.resolve().is_relative_to(folder.resolve()):
                raise InvalidInput(f"{path} leads out of {folder}")
            path.write_bytes(data)
        except OSError as error:
            raise InvalidInput(f"{path} cannot be written: {error.strerror}") from None
        written[f"s3://{bucket}/{key}"] = path
    return written


def safe_name(part: str) -> str:
    """Return a part of a key as a file name: no way up, no separators, nothing a terminal would obey."""
    if part in (".", ".."):
        return part.replace(".", "_")
    kept = "".join("_" if ord(c) < 32 or ord(c) == 127 or c in '\\/:*?"<>|' else c for c in part)
    return kept.encode("utf-8", "replace").decode()[:LONGEST_NAME] or "_"
