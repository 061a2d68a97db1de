"""The calls of S3 and DynamoDB that change something, as JSON, and sent again to whoever plays these services."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from stepsmith.integrations.clients.local_aws import LocalAws

_READS: Final = ("Get", "Query", "Scan", "Describe", "List", "BatchGet")
_WRITES: Final = frozenset(
    {
        "BatchExecuteStatement", "BatchWriteItem", "DeleteItem", "ExecuteStatement", "ExecuteTransaction", "PutItem",
        "TransactWriteItems", "UpdateItem",
    }
)  # fmt: skip
_UPLOAD: Final = re.compile(r"<UploadId>([^<]+)</UploadId>")
_HEADERS: Final = ("authorization", "content-type", "content-encoding", "content-md5", "host")


def is_kept(url: str) -> bool:
    """Say whether an address is one of a service that is kept."""
    host = urlsplit(url).hostname or ""
    return host.endswith(".amazonaws.com") and any(part in ("s3", "dynamodb") for part in host.split("."))


def changes(method: str, url: str, headers: Mapping[str, str]) -> bool:
    """Say whether a request changes what is kept, if it succeeds."""
    if not is_kept(url):
        return False
    target = next((value for name, value in headers.items() if name.lower() == "x-amz-target"), "")
    action = target.partition(".")[2]
    if action:
        return target.startswith("DynamoDB_") and not action.startswith(_READS)
    return method in ("PUT", "POST", "DELETE")


def entry_of(method: str, url: str, headers: Mapping[str, str], body: bytes, answer: bytes) -> dict[str, Any]:
    """Return a request as it is kept."""
    kept = {
        name: value
        for name, value in headers.items()
        if name.lower() in _HEADERS or name.lower().startswith("x-")
    }
    entry: dict[str, Any] = {
        "method": method, "url": url, "headers": kept, "body": base64.b64encode(body).decode()
    }  # fmt: skip
    query = urlsplit(url).query
    found = (
        _UPLOAD.search(answer.decode(errors="replace"))
        if query.split("&")[0] in ("uploads", "uploads=")
        else None
    )
    return entry if found is None else {**entry, "upload": found[1]}


def is_request(entry: Mapping[str, Any]) -> bool:
    """Say whether this is a request as it is kept."""
    texts = (entry.get("method"), entry.get("url"), entry.get("body"))
    is_whole = all(isinstance(each, str) for each in texts) and isinstance(entry.get("headers"), dict)
    return is_whole and is_kept(str(entry["url"]))


def without_past(entries: Iterable[Mapping[str, Any]], uploads: Collection[str]) -> list[Mapping[str, Any]]:
    """Leave out the requests whose effect is content, or is gone: what they have led to is kept by itself.

    `uploads` are those in parts that are not complete.
    """
    found: list[Mapping[str, Any]] = []
    for entry in entries:
        kind, name = _subject(entry)
        if kind == "content":
            query = urlsplit(str(entry["url"])).query
            if entry.get("upload") in uploads or any(f"uploadId={each}" in query for each in uploads):
                found.append(entry)
        elif kind == "gone":
            found = [each for each in found if _subject(each)[1] != name]
        else:
            found.append(entry)
    return found


def _subject(entry: Mapping[str, Any]) -> tuple[str, tuple[str, str]]:
    """Say what a request is about: content, a table or bucket, or one that is gone after it; and its name."""
    url, headers = urlsplit(str(entry["url"])), entry["headers"]
    target = next((str(value) for name, value in headers.items() if name.lower() == "x-amz-target"), "")
    action = target.partition(".")[2]
    if action:
        kind = "content" if action in _WRITES else "gone" if action == "DeleteTable" else "table"
        region = (url.hostname or "").split(".")[1]
        return kind, (region, str(json.loads(base64.b64decode(entry["body"]) or b"{}").get("TableName")))
    host, path = url.hostname or "", url.path.strip("/")
    virtual = host.partition(".s3.")[0] if ".s3." in host else ""
    bucket, _, key = (virtual, "", path) if virtual else path.partition("/")
    if key or "delete" in url.query.split("&") or url.query == "delete=":
        return "content", ("", bucket)
    return ("gone" if entry["method"] == "DELETE" and not url.query else "bucket"), ("s3", bucket)


class Sending:
    """Sends requests again; uploads in parts have new names then."""

    def __init__(self, aws: LocalAws) -> None:
        self._aws = aws
        self._uploads: dict[str, str] = {}

    def send(self, entry: Mapping[str, Any]) -> bool:
        """Send a request; False where it is refused this time."""
        from botocore.awsrequest import AWSPreparedRequest, HeadersDict

        from stepsmith.integrations.clients.local_aws import LocalServiceError

        url = str(entry["url"])
        for before, now in self._uploads.items():
            url = url.replace(before, now)
        headers: Any = HeadersDict(entry["headers"])
        body = base64.b64decode(entry["body"])
        try:
            answer: Any = self._aws.answer(
                AWSPreparedRequest(entry["method"], url, headers, body, stream_output=False)
            )
        except LocalServiceError:
            return False
        found = _UPLOAD.search(answer.content.decode(errors="replace")) if "upload" in entry else None
        if found is not None:
            self._uploads[entry["upload"]] = found[1]
        return answer.status_code < 300
