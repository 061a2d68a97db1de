"""Objects that a local run has put into its S3, written to a folder so that one can look at them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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


@dataclass(frozen=True, slots=True)
class Exported:
    """What has become of the objects that a run has put into its S3."""

    files: dict[str, Path]
    """S3 address -> the file that it was written to."""
    failures: tuple[str, ...] = ()
    """What could not be written, and why."""


def export(clients: ClientRegistry, known: set[Place], folder: Path) -> Exported:
    """Write the objects that are not in `known`, as many as can be; no link in the folder is followed out of it."""
    files: dict[str, Path] = {}
    failures: list[str] = []
    for bucket, key, _ in sorted(objects(clients) - known):
        path = folder / safe_name(bucket) / Path(*(safe_name(part) for part in key.split("/") if part))
        data = clients.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        try:
            reason = _write(path, data, folder)
        except (OSError, RuntimeError) as error:  # links that lead to each other are the second
            reason = f"{path} cannot be written: {getattr(error, 'strerror', None) or error}"
        if reason is None:
            files[f"s3://{bucket}/{key}"] = path
        else:
            failures.append(reason)
    return Exported(files, tuple(failures))


def _write(path: Path, data: bytes, folder: Path) -> str | None:
    """Write a file; gives the reason where it must not be written."""
    # before anything is made: folders must not be made elsewhere either
    if not path.resolve().is_relative_to(folder.resolve()):
        return f"{path} leads out of {folder}"
    if path.exists() and not path.is_file():
        return f"{path} cannot be written: it is no file"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return None


def safe_name(part: str) -> str:
    """Return a part of a key as a file name: no way up, no separators, nothing a terminal would obey."""
    if part in (".", ".."):
        return part.replace(".", "_")
    kept = "".join("_" if ord(c) < 32 or ord(c) == 127 or c in '\\/:*?"<>|' else c for c in part)
    return kept.encode("utf-8", "replace").decode()[:LONGEST_NAME] or "_"
