"""One function: its code, its configuration, its versions and aliases, and what it is called by."""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from stepsmith.cloud.services import ServiceError

LATEST: Final = "$LATEST"
DEFAULT_TIMEOUT: Final = 3
_KEPT: Final = (
    "Runtime", "Role", "Handler", "Description", "Timeout", "MemorySize", "Environment", "DeadLetterConfig",
    "TracingConfig", "Layers", "VpcConfig", "KMSKeyArn", "Architectures", "EphemeralStorage", "PackageType",
    "FileSystemConfigs", "ImageConfig", "LoggingConfig", "SnapStart",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Context:
    """What a function is told about its call, as Lambda's context object has it."""

    aws_request_id: str
    function_name: str
    function_version: str
    invoked_function_arn: str
    memory_limit_in_mb: str
    environment: Mapping[str, str]
    """The environment variables of the version that is called."""
    remaining_seconds: float = DEFAULT_TIMEOUT
    log_group_name: str = ""
    log_stream_name: str = ""

    def get_remaining_time_in_millis(self) -> int:
        """Return the time that is left: in virtual time all that there was."""
        return round(self.remaining_seconds * 1000)


Handler: TypeAlias = Callable[[Any, Context], Any]
"""Takes the event, which is JSON, and gives the answer, which has to be."""
Duration: TypeAlias = Callable[[Any, Context], float]
"""How many seconds of the cloud's time a call takes."""


@dataclass(slots=True)
class Code:
    """What is run."""

    handler: Handler
    duration: Duration = lambda event, context: 0.0
    size: int = 0
    digest: str = base64.b64encode(hashlib.sha256(b"").digest()).decode()


@dataclass(slots=True)
class Version:
    """One version of a function; `$LATEST` is the one that changes."""

    number: str
    code: Code
    settings: dict[str, Any]
    modified: str
    revision: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment variables of this version."""
        given: Mapping[str, Any] = self.settings.get("Environment") or {}
        return given.get("Variables") or {}

    @property
    def timeout(self) -> float:
        """The seconds that a call may take."""
        return self.settings.get("Timeout") or DEFAULT_TIMEOUT


class Function:
    """A function with its versions and aliases."""

    def __init__(self, name: str, arn: str, version: Version) -> None:
        self.name = name
        self.arn = arn
        self.versions: dict[str, Version] = {LATEST: version}
        self.aliases: dict[str, dict[str, Any]] = {}
        self.concurrency: int | None = None
        """How many calls may be under way at once, where that is reserved."""
        self.running = 0
        self.tags: dict[str, str] = {}
        self.policies: dict[str, list[dict[str, Any]]] = {}

    @property
    def latest(self) -> Version:
        """The version that changes."""
        return self.versions[LATEST]

    @property
    def is_busy(self) -> bool:
        """Whether no further call may begin now."""
        return self.concurrency is not None and self.running >= self.concurrency

    def version(self, qualifier: str | None) -> Version | None:
        """Find the version that a qualifier names: a number, `$LATEST`, or an alias."""
        alias = self.aliases.get(qualifier or "")
        return self.versions.get(alias["FunctionVersion"] if alias else qualifier or LATEST)

    def publish(self, description: str | None) -> Version:
        """Make a version of what is there; the newest one, if nothing has changed since."""
        latest = self.latest
        numbers = [int(number) for number in self.versions if number != LATEST]
        if numbers:
            newest = self.versions[str(max(numbers))]
            if newest.code is latest.code and newest.settings == latest.settings:
                return newest
        number = str(max(numbers, default=0) + 1)
        settings = dict(latest.settings)
        if description is not None:
            settings["Description"] = description
        made = self.versions[number] = Version(number, latest.code, settings, latest.modified)
        return made

    def shown(self, version: Version, qualifier: str | None = None) -> dict[str, Any]:
        """Give the configuration of a version as Lambda answers it."""
        suffix = f":{qualifier}" if qualifier else ""
        settings = version.settings
        return {
            "FunctionName": self.name,
            "FunctionArn": self.arn + suffix,
            "CodeSize": version.code.size,
            "CodeSha256": version.code.digest,
            "LastModified": version.modified,
            "Version": version.number,
            "RevisionId": version.revision,
            "State": "Active",
            "LastUpdateStatus": "Successful",
            "Description": "",
            "Timeout": DEFAULT_TIMEOUT,
            "MemorySize": 128,
            "PackageType": "Zip",
            "Architectures": ["x86_64"],
            "EphemeralStorage": {"Size": 512},
            "TracingConfig": {"Mode": "PassThrough"},
            "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
            "LoggingConfig": {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{self.name}"},
            **settings,
        }


@dataclass(frozen=True, slots=True)
class Called:
    """What a function is called by: its name, and perhaps a version or an alias of it."""

    name: str
    qualifier: str | None
    account: str | None = None
    region: str | None = None


def called(text: str, qualifier: str | None = None) -> Called:
    """Read a name, a part of an ARN or an ARN. Raises ServiceError where two qualifiers contradict each other."""
    account = region = None
    parts = text.split(":")
    if parts[0] == "arn" and len(parts) >= 7:
        region, account, parts = parts[3], parts[4], parts[6:]
    elif len(parts) >= 3 and parts[1] == "function":
        account, parts = parts[0], parts[2:]
    own = parts[1] if len(parts) > 1 else None
    if own is not None and qualifier is not None and own != qualifier:
        raise ServiceError(
            "InvalidParameterValueException",
            "The derived qualifier from the function name does not match the specified qualifier.",
        )
    return Called(parts[0], own if own is not None else qualifier, account, region)


def settings_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what is given of a configuration."""
    return {name: given[name] for name in _KEPT if given.get(name) is not None}
