"""What survives the end of a server: the calls that changed something, in a file, and done again at the next start.

Kept are S3, DynamoDB and the state machines with all that belongs to them; executions, queues and the rest are not. A
line is one call as JSON. The last line may be torn, as after the end of a process; a file with any other damage is
refused and left as it is.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

from stepsmith.cloud.services import Caller, ServiceError
from stepsmith.errors import InvalidInput
from stepsmith.service.clock import VirtualClock

if TYPE_CHECKING:
    from stepsmith.cloud.local import LocalCloud

NAME: Final = "calls.jsonl"
FORMAT: Final = {"stepsmith": "calls", "format": 1}
CHANGES: Final = frozenset(
    {
        "CreateActivity", "CreateStateMachine", "CreateStateMachineAlias", "DeleteActivity", "DeleteStateMachine",
        "DeleteStateMachineAlias", "DeleteStateMachineVersion", "PublishStateMachineVersion", "TagResource",
        "UntagResource", "UpdateStateMachine", "UpdateStateMachineAlias",
    }
)  # fmt: skip
"""Actions of Step Functions that change what is kept."""
_READS: Final = ("Get", "Query", "Scan", "Describe", "List", "BatchGet")
_UPLOAD: Final = re.compile(r"<UploadId>([^<]+)</UploadId>")
_HEADERS: Final = ("authorization", "content-type", "content-encoding", "content-md5", "host")


class Kept:
    """The file of one server, and what writes to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._file: IO[bytes] = (folder / NAME).open("ab+")
        _lock(self._file, folder)
        self._uploads: dict[str, str] = {}

    def play(self, cloud: LocalCloud) -> int:
        """Do again what was done; gives how many calls were refused this time. Raises InvalidInput for damage."""
        entries = self._entries()
        aws, hearing, change = cloud.aws, cloud.aws.on_request, cloud.aws.on_change
        aws.on_request = aws.on_change = None  # what was told once is not told again
        clock, refused = cloud.step_functions.runner.clock, 0
        try:
            for entry in entries:
                refused += not self._again(cloud, entry)
        finally:
            aws.on_request, aws.on_change = hearing, change
            cloud.step_functions.runner.clock = clock
        return refused

    def record(self, cloud: LocalCloud) -> None:
        """Write down, from now on, what changes something."""
        hearing = cloud.aws.on_request

        def hear(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Any:
            theirs = None if hearing is None else hearing(method, url, headers, body)
            if not _changes(method, url, headers):
                return theirs

            def heard(status: int, answered: Mapping[str, str], answer: bytes) -> None:
                if theirs is not None:
                    theirs(status, answered, answer)
                if status < 300:
                    self._write(_request(method, url, headers, body, answer))

            return heard

        cloud.aws.on_request = hear

        def called(operation: str, parameters: Mapping[str, Any], caller: Caller) -> None:
            if operation in CHANGES:
                self._write({
                    "operation": operation, "parameters": dict(parameters), "region": caller.region,
                    "account": caller.account, "at": cloud.clock.now(),
                })  # fmt: skip

        cloud.step_functions.called = called

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _write(self, entry: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(entry, separators=(",", ":")).encode() + b"\n")
        self._file.flush()

    def _entries(self) -> list[dict[str, Any]]:
        self._file.seek(0)
        content = self._file.read()
        whole = content.rfind(b"\n") + 1
        lines = content[:whole].splitlines()
        found: list[dict[str, Any]] = []
        for number, line in enumerate(lines, 1):
            try:
                entry: Any = json.loads(line)
                known = entry == FORMAT if number == 1 else _is_entry(entry)
            except (ValueError, RecursionError):
                known, entry = False, None
            if not known:
                raise InvalidInput(f"{self.folder / NAME}:{number}: this is no call that was written here")
            found.append(cast("dict[str, Any]", entry))
        if whole < len(content):
            self._file.truncate(whole)
        if not lines:
            self._file.truncate(0)
            self._write(FORMAT)
        return found[1:]

    def _again(self, cloud: LocalCloud, entry: dict[str, Any]) -> bool:
        if "operation" in entry:
            service, caller = cloud.step_functions, Caller(entry["region"], entry["account"])
            service.runner.clock = VirtualClock(_moment(entry["at"]))
            try:
                service.call(entry["operation"], entry["parameters"], caller)
            except ServiceError:
                return False
            return True
        return self._send_again(cloud, entry)

    def _send_again(self, cloud: LocalCloud, entry: dict[str, Any]) -> bool:
        from botocore.awsrequest import AWSPreparedRequest, HeadersDict

        from stepsmith.integrations.clients.local_aws import LocalServiceError

        url = str(entry["url"])
        for before, now in self._uploads.items():
            url = url.replace(before, now)
        headers: Any = HeadersDict(entry["headers"])
        body = base64.b64decode(entry["body"])
        try:
            answer: Any = cloud.aws.answer(
                AWSPreparedRequest(entry["method"], url, headers, body, stream_output=False)
            )
        except LocalServiceError:
            return False
        found = _UPLOAD.search(answer.content.decode(errors="replace")) if "upload" in entry else None
        if found is not None:
            self._uploads[entry["upload"]] = found[1]
        return answer.status_code < 300


def _moment(seconds: float) -> Any:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC)


def _is_entry(entry: Any) -> bool:
    if not isinstance(entry, dict):
        return False
    found = cast("dict[str, Any]", entry)
    texts = ("operation", "region", "account") if "operation" in found else ("method", "url", "body")
    if not all(isinstance(found.get(name), str) for name in texts):
        return False
    if "operation" in found:
        return found["operation"] in CHANGES and isinstance(found.get("at"), int | float)
    return isinstance(found.get("headers"), dict) and _is_kept(str(found["url"]))


def _is_kept(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host.endswith(".amazonaws.com") and any(part in ("s3", "dynamodb") for part in host.split("."))


def _changes(method: str, url: str, headers: Mapping[str, str]) -> bool:
    if not _is_kept(url):
        return False
    target = next((value for name, value in headers.items() if name.lower() == "x-amz-target"), "")
    action = target.partition(".")[2]
    if action:
        return target.startswith("DynamoDB_") and not action.startswith(_READS)
    return method in ("PUT", "POST", "DELETE")


def _request(method: str, url: str, headers: Mapping[str, str], body: bytes, answer: bytes) -> dict[str, Any]:
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


def _lock(file: IO[bytes], folder: Path) -> None:
    """Keep a second server out; where the system has no such locks, nobody is kept out."""
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise InvalidInput(f"{folder} is in use by another server") from None
