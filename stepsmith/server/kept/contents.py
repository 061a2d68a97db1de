"""Objects and items as they are, as JSON and put back: what many calls have led to is one entry."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, cast

ITEMS: Final = 100
"""Items of a table in one entry."""
_BYTES: Final = "\0bytes"
_PLAIN: Final = (
    "website_redirect_location", "checksum_algorithm", "encryption", "kms_key_id", "bucket_key_enabled",
    "lock_mode", "lock_legal_status", "lock_until", "checksum_value", "checksum_type", "checksum_parts",
)  # fmt: skip
"""What an object is besides, as moto has it."""


def written(entry: Mapping[str, Any]) -> str:
    """Give an entry as a line of JSON; moto keeps some bytes in items as such."""
    return json.dumps(
        entry, separators=(",", ":"), default=lambda value: {_BYTES: base64.b64encode(value).decode()}
    )


def is_content(entry: Mapping[str, Any]) -> bool:
    """Say whether this is an object or are items, as they are kept."""
    return isinstance(entry.get("object"), str) or isinstance(entry.get("table"), str)


def all_contents() -> Iterator[dict[str, Any]]:
    """Give all objects and items of the data that moto has now."""
    from moto.dynamodb.models import dynamodb_backends
    from moto.s3.models import s3_backends

    for account, regions in s3_backends.items():
        for partition, backend in regions.items():
            for bucket in backend.buckets.values():
                keys: Any = bucket.keys
                for name in list(keys):
                    for key in keys.getlist(name):
                        place = {"account": account, "partition": str(partition), "bucket": bucket.name}
                        yield {**place, **_written(backend, key)}
    for account, regions in dynamodb_backends.items():
        for region, tables in regions.items():
            for name, table in tables.tables.items():
                items: list[Any] = [each.to_json()["Attributes"] for each in table.all_items()]
                for start in range(0, len(items), ITEMS):
                    yield {
                        "table": name, "account": account, "region": str(region),
                        "items": items[start : start + ITEMS],
                    }  # fmt: skip


def open_uploads() -> set[str]:
    """Give the names of uploads in parts that are not complete."""
    from moto.s3.models import s3_backends

    return {
        str(name)
        for regions in s3_backends.values()
        for backend in regions.values()
        for bucket in backend.buckets.values()
        for name in bucket.multiparts
    }


def put(entry: Mapping[str, Any]) -> bool:
    """Put an object or items where they were; False where their bucket or table is not there."""
    from moto.dynamodb.models import dynamodb_backends
    from moto.s3.models import s3_backends

    if "table" in entry:
        table: Any = dynamodb_backends[entry["account"]][entry["region"]].tables.get(entry["table"])
        if table is None:
            return False
        for item in entry["items"]:
            table.put_item(_with_bytes(item), overwrite=True)
        return True
    backend: Any = s3_backends[entry["account"]][entry["partition"]]
    bucket = backend.buckets.get(entry["bucket"])
    if bucket is None:
        return False
    found = _read(backend, bucket, entry)
    bucket.keys.setlist(found.name, [*bucket.keys.getlist(found.name, []), found])
    return True


def _with_bytes(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_bytes(each) for each in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    members = cast("dict[str, Any]", value)
    if members.keys() == {_BYTES}:
        return base64.b64decode(members[_BYTES])
    return {name: _with_bytes(each) for name, each in members.items()}


def _written(backend: Any, key: Any) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "object": key.name, "version": key.version_id, "modified": key.last_modified.isoformat(),
    }  # fmt: skip
    if not hasattr(key, "metadata"):
        return {**entry, "deleted": True}
    grants: list[Any] = [] if key.acl is None else key.acl.grants
    return {
        **entry,
        **{name: getattr(key, name) for name in _PLAIN if getattr(key, name) is not None},
        "body": base64.b64encode(key.value).decode(),
        "etag": key.etag.strip('"'),
        "storage": key.storage_class,
        "metadata": dict(key.metadata),
        "tags": backend.tagger.get_tag_dict_for_resource(key.arn),
        "grants": [
            [[[each.id, each.uri, each.display_name] for each in grant.grantees], list(grant.permissions)]
            for grant in grants
        ],
    }


def _read(backend: Any, bucket: Any, entry: Mapping[str, Any]) -> Any:
    from moto.s3.models import FakeAcl, FakeDeleteMarker, FakeGrant, FakeGrantee, FakeKey

    made: Any = FakeKey(
        name=entry["object"],
        value=base64.b64decode(entry.get("body", "")),
        account_id=backend.account_id,
        region_name=backend.region_name,
        storage=entry.get("storage"),
        etag=entry.get("etag"),
        is_versioned=bucket.is_versioned,
        version_id=entry["version"],
        bucket_name=bucket.name,
    )
    modified = datetime.fromisoformat(entry["modified"])
    if entry.get("deleted"):
        marker: Any = FakeDeleteMarker(made)
        marker._version_id, marker.last_modified = entry["version"], modified
        return marker
    made.last_modified = modified
    for name in _PLAIN:
        if name in entry:
            setattr(made, name, entry[name])
    made.metadata.clear()
    made.metadata.update(entry["metadata"])
    made.acl = FakeAcl(
        [
            FakeGrant([FakeGrantee(*each) for each in grantees], permissions)
            for grantees, permissions in entry["grants"]
        ]
    )
    if entry["tags"]:
        backend.tagger.tag_resource(made.arn, backend.tagger.convert_dict_to_tags_input(entry["tags"]))
    return made
