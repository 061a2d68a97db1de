"""Answers for the notification configurations of buckets, hears what happens to objects, and tells it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any, Final

from stepsmith.cloud.agenda import Agenda
from stepsmith.cloud.buckets.configuration import Configuration, Notification, read_configuration
from stepsmith.cloud.buckets.requests import Happening, Request, happenings, read_request
from stepsmith.cloud.deliveries import Deliveries, Parcel
from stepsmith.cloud.services import Caller, ServiceError
from stepsmith.events.records.uploads import ObjectChange, object_event, object_record, subscription_test
from stepsmith.expressions.types import Json

OPERATIONS: Final = frozenset({"GetBucketNotificationConfiguration", "PutBucketNotificationConfiguration"})
"""What is answered here; all else of S3 is moto's."""
_WRITES: Final = ("PutObject", "CopyObject", "CompleteMultipartUpload")
_SUBJECT: Final = "Amazon S3 Notification"
_FIRST_SEQUENCER: Final = 0x0055AED6DCD90281E5
_OWNER: Final = "A3NL1KOZZKEXAMPLE"
_ADDRESS: Final = "127.0.0.1"
_DAY: Final = 86_400

Heard = Callable[[int, Mapping[str, str], bytes], None]
"""Takes the answer to a request: status, headers and body."""


class Buckets:
    """The buckets of a cloud; `find` gives moto's bucket of a name with its account, and `exists` knows targets."""

    def __init__(
        self,
        agenda: Agenda,
        deliveries: Deliveries,
        *,
        find: Callable[[str], tuple[Any, str] | None],
        exists: Callable[[str], bool],
    ) -> None:
        self._agenda = agenda
        self._deliveries = deliveries
        self._find = find
        self._exists = exists
        self._configurations: dict[str, Configuration] = {}
        self._markers: set[tuple[str, str, str]] = set()
        self._sequencers = count(_FIRST_SEQUENCER)

    # -- configurations -----------------------------------------------------------------

    def call(self, operation: str, parameters: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        """Carry out one of OPERATIONS. Raises ServiceError."""
        name = str(parameters["Bucket"])
        if self._find(name) is None:
            raise ServiceError(
                "NoSuchBucket",
                "The specified bucket does not exist",
                status=404,
                details={"BucketName": name},
            )
        if operation == "GetBucketNotificationConfiguration":
            return self._configurations.get(name, Configuration()).shown()
        self._configurations[name] = configuration = read_configuration(
            parameters.get("NotificationConfiguration") or {},
            self._exists,
            checks_targets=not parameters.get("SkipDestinationValidation"),
        )
        self._agenda.soon(lambda: self._test(name, configuration))
        return {}

    def _test(self, bucket: str, configuration: Configuration) -> None:
        """Send a first message to each queue and topic, as S3 does for a new configuration."""
        for arn in dict.fromkeys(one.arn for one in configuration.notifications):
            if ":lambda:" not in arn:
                test = subscription_test(
                    bucket=bucket, at=self._agenda.now(), request_id=_request_id(), host_id=_host_id()
                )
                self._deliveries.send(arn, Parcel(json.dumps(test), subject=_SUBJECT))

    # -- what happens -------------------------------------------------------------------

    def mend(
        self, operation: str, parameters: Mapping[str, Any], answer: dict[str, Any], caller: Caller
    ) -> None:
        """Say in moto's answers what S3 says of each new object: how it is encrypted, what its checksum covers."""
        if operation == "DeleteObject":
            version = str(parameters.get("VersionId"))
            place = (str(parameters["Bucket"]), str(parameters["Key"]), version)
            if place in self._markers:
                self._markers.discard(place)
                answer |= {"DeleteMarker": True, "VersionId": version}
        if operation not in _WRITES:
            return
        answer.setdefault("ServerSideEncryption", "AES256")
        if operation == "PutObject" and any(name.startswith("Checksum") for name in answer):
            answer.setdefault("ChecksumType", "FULL_OBJECT")

    def hear(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Heard | None:
        """Take notice of a request before it is answered; gives what takes the answer, if it matters."""
        request = read_request(method, url, headers, body)
        if request is None or request.method not in ("PUT", "POST", "DELETE"):
            return None
        if not request.key and request.method == "DELETE" and not request.query:
            return lambda status, headers, body: self._forget(request.bucket, status)
        configuration = self._configurations.get(request.bucket, Configuration())
        if not configuration.notifications and not configuration.has_bus:
            return lambda status, headers, body: self._note_marker(request, status, headers)
        before = self._acl(request) if "acl" in request.query else None

        def heard(status: int, headers: Mapping[str, str], body: bytes) -> None:
            self._note_marker(request, status, headers)
            if status >= 300:
                return
            # Recorded: putting an ACL that is already there tells nothing.
            if "acl" in request.query and before == self._acl(request):
                return
            lowered = {name.lower(): value for name, value in headers.items()}
            for happening in happenings(request, lowered, body):
                self._tell(request, happening, lowered)

        return heard

    def _note_marker(self, request: Request, status: int, headers: Mapping[str, str]) -> None:
        """Note a delete marker that was made: moto forgets them where versions are suspended later."""
        lowered = {name.lower(): value for name, value in headers.items()}
        if status < 300 and lowered.get("x-amz-delete-marker") == "true" and "versionId" not in request.query:
            self._markers.add((request.bucket, request.key, lowered.get("x-amz-version-id", "")))

    def _forget(self, bucket: str, status: int) -> None:
        if status < 300:
            self._configurations.pop(bucket, None)

    def _acl(self, request: Request) -> str:
        found = self._object(request.bucket, request.key, request.query.get("versionId"))
        acl = getattr(found, "acl", None)
        return "" if acl is None else repr([(one.grantees, one.permissions) for one in acl.grants])

    def _object(self, bucket: str, key: str, version_id: str | None) -> Any:
        found = self._find(bucket)
        if found is None:
            return None
        versions = found[0].keys.getlist(key, [])
        if version_id is None:
            return versions[-1] if versions else None
        return next((one for one in versions if str(one.version_id) == version_id), None)

    def _tell(self, request: Request, happening: Happening, headers: Mapping[str, str]) -> None:
        """Note what is to be told of a happening, with the object as it is now."""
        found = self._find(request.bucket)
        if found is None:
            return
        bucket, account = found
        stored = self._object(request.bucket, happening.key, happening.version_id)
        etag = getattr(stored, "etag", None)
        if happening.event == "ObjectRemoved:DeleteMarkerCreated":
            # Recorded: the tag of a delete marker is that of nothing.
            etag = "d41d8cd98f00b204e9800998ecf8427e"
        change = ObjectChange(
            event=happening.event,
            bucket=request.bucket,
            key=happening.key,
            at=self._agenda.now(),
            account=account,
            region=bucket.region_name,
            sequencer=f"{next(self._sequencers):018X}",
            request_id=headers.get("x-amz-request-id") or _request_id(),
            size=getattr(stored, "size", None),
            etag=None if etag is None else str(etag).strip('"'),
            version_id=happening.version_id,
            requester=account,
            owner=_OWNER,
            address=_ADDRESS,
            host_id=_host_id(),
            storage_class=getattr(stored, "storage_class", None),
        )
        trace = request.headers.get("x-amzn-trace-id")
        self._agenda.soon(lambda: self._send(change, trace))
        if change.event == "ObjectRestore:Post":
            self._agenda.soon(lambda: self._send(_restored(change, _days(request.body)), None))

    def _send(self, change: ObjectChange, trace: str | None) -> None:
        configuration = self._configurations.get(change.bucket, Configuration())
        for notification in configuration.notifications:
            if notification.wants(change.event, change.key):
                self._notify(notification, change, trace)
        if configuration.has_bus:
            self._publish(change)

    def _notify(self, notification: Notification, change: ObjectChange, trace: str | None) -> None:
        text = json.dumps({"Records": [object_record(change, notification.id)]})
        self._deliveries.send(notification.arn, Parcel(text, subject=_SUBJECT, trace=trace))

    def _publish(self, change: ObjectChange) -> None:
        event = object_event(change, str(uuid.uuid4()))
        entry: dict[str, Json] = {
            "Source": event["source"],
            "DetailType": event["detail-type"],
            "Detail": json.dumps(event["detail"]),
            "Resources": event["resources"],
        }
        # The bus of the bucket's region, whatever the client's (recorded).
        arn = f"arn:aws:events:{change.region}:{change.account}:event-bus/default"
        self._deliveries.send(arn, Parcel(json.dumps(entry)))


def _restored(change: ObjectChange, days: int) -> ObjectChange:
    """Give the end of a restore: S3 does it, for so many days, to a midnight."""
    from dataclasses import replace

    until = (change.at // _DAY + days + 1) * _DAY
    return replace(
        change,
        event="ObjectRestore:Completed",
        principal=f"AmazonCustomer:{change.owner}",
        address="s3.amazonaws.com",
        restored_until=until,
    )


def _days(body: bytes) -> int:
    text = body.decode(errors="replace").partition("<Days>")[2].partition("<")[0]
    return int(text) if text.isdigit() and len(text) < 6 else 1


def _request_id() -> str:
    return uuid.uuid4().hex[:16].upper()


def _host_id() -> str:
    return uuid.uuid4().hex * 2
