"""What power tuning asks of AWS Lambda, over a boto3 client or the in-memory model of one."""

import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Protocol, cast

from stepsmith.expressions.types import Json
from tasks.errors import Conflict, Corrupt, NotFound
from tasks.power_tuning.aws.service_errors import named_error
from tasks.power_tuning.ecmascript import parse_json

# ruff: noqa: N803 (the parameters have boto3's names)

Answer = Mapping[str, object]
Sleep = Callable[[float], None]
"""Waits for a number of seconds."""

LATEST: Final = "$LATEST"
AWS: Final = "AWS Lambda"


class Waiter(Protocol):
    """A boto3 waiter."""

    def wait(self, *, FunctionName: str, Qualifier: str = ...) -> None:
        """Return when the function is in the state that the waiter is for."""
        ...


class LambdaClient(Protocol):
    """The calls of a boto3 Lambda client that power tuning makes."""

    def get_function_configuration(self, *, FunctionName: str, Qualifier: str = ...) -> Answer:
        """Return the configuration of the function or of one version."""
        ...

    def update_function_configuration(
        self, *, FunctionName: str, MemorySize: int = ..., Description: str = ...
    ) -> Answer:
        """Change the unpublished function."""
        ...

    def publish_version(self, *, FunctionName: str, Description: str = ...) -> Answer:
        """Publish the function as it is, or return the last version when nothing changed since."""
        ...

    def list_versions_by_function(self, *, FunctionName: str, Marker: str = ...) -> Answer:
        """Return a page of the versions."""
        ...

    def delete_function(self, *, FunctionName: str, Qualifier: str) -> object:
        """Delete one version."""
        ...

    def get_alias(self, *, FunctionName: str, Name: str) -> Answer:
        """Return an alias."""
        ...

    def create_alias(self, *, FunctionName: str, Name: str, FunctionVersion: str) -> Answer:
        """Create an alias."""
        ...

    def update_alias(self, *, FunctionName: str, Name: str, FunctionVersion: str) -> Answer:
        """Point an alias at another version."""
        ...

    def delete_alias(self, *, FunctionName: str, Name: str) -> object:
        """Delete an alias."""
        ...

    def invoke(self, *, FunctionName: str, Payload: str, LogType: str, Qualifier: str = ...) -> Answer:
        """Run the function and return what it answers, with the tail of its log."""
        ...

    def get_waiter(self, waiter_name: str, /) -> Waiter:
        """Return the waiter of that name."""
        ...


LambdaIn = Callable[[str], LambdaClient]
"""Gives the client of a region."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """What matters of the configuration of a function or version."""

    memory: int
    description: str | None
    architecture: str
    is_pending: bool
    measured_by: str


@dataclass(frozen=True, slots=True)
class Version:
    """A published version."""

    number: str
    description: str


@dataclass(frozen=True, slots=True)
class Invocation:
    """What an invocation answered."""

    payload: str
    log: str | None
    has_failed: bool

    @property
    def failure(self) -> dict[str, Json]:
        """The error object in the payload of a failed invocation, empty when there is none."""
        try:
            value = parse_json(self.payload)
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}


def read_configuration(lambda_: LambdaClient, arn: str, qualifier: str = LATEST) -> Configuration:
    """Return the configuration of a function, or of one version or alias of it.

    Raises NotFound when there is none.
    """
    with _named_errors():
        answer = lambda_.get_function_configuration(FunctionName=arn, Qualifier=qualifier)
    architectures = answer.get("Architectures")
    named = cast("list[object]", architectures) if isinstance(architectures, list) else []
    return Configuration(
        memory=_integer(answer, "MemorySize"),
        description=_text_or_none(answer, "Description"),
        architecture=str(named[0]) if named else "x86_64",
        is_pending=answer.get("State") == "Pending",
        measured_by=_text_or_none(answer, "MeasuredBy") or AWS,
    )


def set_memory(lambda_: LambdaClient, arn: str, memory: int, description: str | None = None) -> None:
    """Ask for another memory size, and description if given; `wait_until_updated` says when it is there."""
    with _named_errors():
        if description is None:
            lambda_.update_function_configuration(FunctionName=arn, MemorySize=memory)
        else:
            lambda_.update_function_configuration(
                FunctionName=arn, MemorySize=memory, Description=description
            )


def wait_until_updated(lambda_: LambdaClient, arn: str) -> None:
    """Return when the last change of the function is there."""
    with _named_errors():
        lambda_.get_waiter("function_updated_v2").wait(FunctionName=arn)


def wait_until_active(lambda_: LambdaClient, arn: str, qualifier: str) -> None:
    """Return when a version or alias can be invoked."""
    with _named_errors():
        lambda_.get_waiter("function_active_v2").wait(FunctionName=arn, Qualifier=qualifier)


def publish(lambda_: LambdaClient, arn: str, description: str | None = None) -> str:
    """Publish the function as it is, with a description of its own if given, and return the version's number."""
    with _named_errors():
        if description is None:
            answer = lambda_.publish_version(FunctionName=arn)
        else:
            answer = lambda_.publish_version(FunctionName=arn, Description=description)
        return _text(answer, "Version")


def versions(lambda_: LambdaClient, arn: str) -> list[Version]:
    """Return all published versions."""
    found: list[Version] = []
    with _named_errors():
        page = lambda_.list_versions_by_function(FunctionName=arn)
        while True:
            for item in cast("list[Answer]", page.get("Versions", [])):
                if item.get("Version") != LATEST:
                    found.append(Version(_text(item, "Version"), _text_or_none(item, "Description") or ""))
            marker = page.get("NextMarker")
            if not isinstance(marker, str) or not marker:
                return found
            page = lambda_.list_versions_by_function(FunctionName=arn, Marker=marker)


def delete_version(lambda_: LambdaClient, arn: str, number: str) -> None:
    """Delete a version.

    Raises NotFound when it is gone already, Conflict when an alias refers to it.
    """
    with _named_errors():
        lambda_.delete_function(FunctionName=arn, Qualifier=number)


def alias_version(lambda_: LambdaClient, arn: str, alias: str) -> str | None:
    """Return the number of the version that an alias names, None when there is no such alias."""
    try:
        with _named_errors():
            return _text(lambda_.get_alias(FunctionName=arn, Name=alias), "FunctionVersion")
    except NotFound:
        return None


def point_alias(lambda_: LambdaClient, arn: str, alias: str, number: str) -> None:
    """Create an alias of a version, or move it there."""
    if alias_version(lambda_, arn, alias) is not None:
        with _named_errors():
            lambda_.update_alias(FunctionName=arn, Name=alias, FunctionVersion=number)
        return
    try:
        with _named_errors():
            lambda_.create_alias(FunctionName=arn, Name=alias, FunctionVersion=number)
    except Conflict as error:
        if "Alias already exists" not in str(error):
            raise


def delete_alias(lambda_: LambdaClient, arn: str, alias: str) -> None:
    """Delete an alias."""
    with _named_errors():
        lambda_.delete_alias(FunctionName=arn, Name=alias)


def invoke(lambda_: LambdaClient, arn: str, payload: str, qualifier: str | None = None) -> Invocation:
    """Run a function and return what it answered; that the function itself failed is an answer, too."""
    with _named_errors():
        if qualifier is None:
            answer = lambda_.invoke(FunctionName=arn, Payload=payload, LogType="Tail")
        else:
            answer = lambda_.invoke(FunctionName=arn, Qualifier=qualifier, Payload=payload, LogType="Tail")
    return Invocation(
        payload=_body(answer.get("Payload")),
        log=_text_or_none(answer, "LogResult"),
        has_failed=bool(answer.get("FunctionError")),
    )


def sleep_of(lambda_: LambdaClient) -> Sleep:
    """Return how to wait: as the model of Lambda does if the client is one, else by the wall clock."""
    own = getattr(lambda_, "sleep", None)
    return cast("Sleep", own) if callable(own) else time.sleep


@contextmanager
def _named_errors() -> Generator[None]:
    try:
        yield
    except Exception as error:
        named = named_error(error)
        if named is error:
            raise
        raise named from error


def _body(payload: object) -> str:
    read = getattr(payload, "read", None)
    content: object = read() if callable(read) else payload
    if isinstance(content, bytes | bytearray):
        return content.decode(errors="replace")
    return content if isinstance(content, str) else ""


def _text(answer: Answer, key: str) -> str:
    value = answer.get(key)
    if not isinstance(value, str):
        raise Corrupt(f"Lambda answered without {key}")
    return value


def _text_or_none(answer: Answer, key: str) -> str | None:
    value = answer.get(key)
    return value if isinstance(value, str) else None


def _integer(answer: Answer, key: str) -> int:
    value = answer.get(key)
    if not isinstance(value, int):
        raise Corrupt(f"Lambda answered without {key}")
    return value
