"""What S3 tells of its objects: notification records for queues, topics and functions, events for EventBridge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from stepsmith.events.records.buses import bus_event
from stepsmith.events.records.instants import iso_milliseconds, iso_seconds
from stepsmith.expressions.types import Json

_SAFE: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.*/")
_LATER: Final = ("ObjectAcl:", "ObjectTagging:")
"""Events whose records are of version 2.3 and name key and tag of the object only."""

EVENTS: Final = {
    "ObjectCreated:Put": ("Object Created", "PutObject"),
    "ObjectCreated:Post": ("Object Created", "POST Object"),
    "ObjectCreated:Copy": ("Object Created", "CopyObject"),
    "ObjectCreated:CompleteMultipartUpload": ("Object Created", "CompleteMultipartUpload"),
    "ObjectRemoved:Delete": ("Object Deleted", "DeleteObject"),
    "ObjectRemoved:DeleteMarkerCreated": ("Object Deleted", "DeleteObject"),
    "ObjectRestore:Post": ("Object Restore Initiated", None),
    "ObjectRestore:Completed": ("Object Restore Completed", None),
    "ObjectRestore:Delete": ("Object Restore Expired", None),
    "ObjectTagging:Put": ("Object Tags Added", None),
    "ObjectTagging:Delete": ("Object Tags Deleted", None),
    "ObjectAcl:Put": ("Object ACL Updated", None),
}
"""Event of a notification -> detail type and reason on a bus."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectChange:
    """What happened to an object, and in which request."""

    event: str
    """Without `s3:`, as in `ObjectCreated:Put`."""
    bucket: str
    key: str
    at: float
    account: str
    region: str
    sequencer: str
    request_id: str
    size: int | None = None
    etag: str | None = None
    version_id: str | None = None
    requester: str = "111111111111"
    principal: str = "AWS:AIDAEXAMPLE"
    owner: str = "A3NL1KOZZKExample"
    address: str = "127.0.0.1"
    host_id: str = ""
    storage_class: str | None = None
    """Of a restored object: where it was."""
    restored_until: float | None = None
    """Of a completed restore: when it ends."""


def object_record(change: ObjectChange, configuration_id: str) -> dict[str, Json]:
    """Build one of the `Records` of a notification."""
    restored: dict[str, Json] = {}
    if change.restored_until is not None:
        restored["glacierEventData"] = {
            "restoreEventData": {
                "lifecycleRestorationExpiryTime": iso_milliseconds(change.restored_until),
                "lifecycleRestoreStorageClass": change.storage_class,
            }
        }
    return {
        "eventVersion": "2.3" if change.event.startswith(_LATER) else "2.1",
        "eventSource": "aws:s3",
        "awsRegion": change.region,
        "eventTime": iso_milliseconds(change.at),
        "eventName": change.event,
        "userIdentity": {"principalId": change.principal},
        "requestParameters": {"sourceIPAddress": change.address},
        "responseElements": {"x-amz-request-id": change.request_id, "x-amz-id-2": change.host_id},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": configuration_id,
            "bucket": {
                "name": change.bucket,
                "ownerIdentity": {"principalId": change.owner},
                "arn": f"arn:aws:s3:::{change.bucket}",
            },
            "object": _object_of_record(change),
        },
        **restored,
    }


def _object_of_record(change: ObjectChange) -> dict[str, Json]:
    found: dict[str, Json] = {"key": url_encoded(change.key)}
    later = change.event.startswith(_LATER)
    if change.size is not None and not later and not change.event.startswith("ObjectRemoved:"):
        found["size"] = change.size
    if change.etag is not None and change.event != "ObjectRemoved:Delete":
        found["eTag"] = change.etag
    if change.version_id is not None:
        found["versionId"] = change.version_id
    if not later:
        found["sequencer"] = change.sequencer
    return found


def object_event(change: ObjectChange, id_: str) -> dict[str, Json]:
    """Build the event that goes to the default bus of the bucket's region."""
    detail_type, reason = EVENTS[change.event]
    detail: dict[str, Json] = {
        "version": "0",
        "bucket": {"name": change.bucket},
        "object": _object_of_event(change),
        "request-id": change.request_id,
        "requester": change.requester,
    }
    if change.event != "ObjectRestore:Completed":
        detail["source-ip-address"] = change.address
    if reason is not None:
        detail["reason"] = reason
    if change.event.startswith("ObjectRemoved:"):
        marked = change.event.endswith("DeleteMarkerCreated")
        detail["deletion-type"] = "Delete Marker Created" if marked else "Permanently Deleted"
    if change.event.startswith("ObjectRestore:"):
        detail["source-storage-class"] = change.storage_class or "GLACIER"
    if change.restored_until is not None:
        detail["restore-expiry-time"] = iso_seconds(change.restored_until)
    return bus_event(
        id_=id_,
        source="aws.s3",
        detail_type=detail_type,
        detail=detail,
        at=change.at,
        account=change.account,
        region=change.region,
        resources=[f"arn:aws:s3:::{change.bucket}"],
    )


def _object_of_event(change: ObjectChange) -> dict[str, Json]:
    found: dict[str, Json] = {"key": change.key}
    later = change.event.startswith(_LATER)
    if change.size is not None and not later and not change.event.startswith("ObjectRemoved:"):
        found["size"] = change.size
    if change.etag is not None and change.event != "ObjectRemoved:Delete":
        found["etag"] = change.etag
    if change.version_id is not None:
        found["version-id"] = change.version_id
    if change.event.startswith(("ObjectCreated:", "ObjectRemoved:")):
        found["sequencer"] = change.sequencer
    return found


def subscription_test(*, bucket: str, at: float, request_id: str, host_id: str) -> dict[str, Json]:
    """Build the message that goes to each queue and topic of a new configuration."""
    return {
        "Service": "Amazon S3",
        "Event": "s3:TestEvent",
        "Time": iso_milliseconds(at),
        "Bucket": bucket,
        "RequestId": request_id,
        "HostId": host_id,
    }


def url_encoded(key: str) -> str:
    """Encode a key as records have it: `a b@c` becomes `a+b%40c`."""
    return "".join(
        chr(byte) if byte in _SAFE else "+" if byte == 32 else f"%{byte:02X}"
        for byte in key.encode(errors="surrogatepass")
    )
