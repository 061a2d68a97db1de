"""What a service of the local cloud is: operations by name, parameters and answers as boto3 has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

ACCOUNT: Final = "123456789012"
"""The account of a caller who names none, as moto has it."""

REGION: Final = "us-east-1"
"""The region of a caller who names none."""

UNKNOWN: Final = "UnknownOperationException"
"""The code with which a service says that it does not answer an operation; moto is asked then."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: names are looked up in this region of this account."""

    region: str = REGION
    account: str = ACCOUNT

    def arn(self, service: str, resource: str) -> str:
        """Give the ARN of a resource of this caller's."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


class ServiceError(Exception):
    """What a service answers when it refuses a call.

    `more` holds further members of the answer, beside `Error`; `shape` is the error's name in the service's model,
    where that is not its code, as in SQS.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int = 400,
        shape: str | None = None,
        more: Mapping[str, object] | None = None,
        details: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        """The code that clients know it by, such as `ResourceNotFound`."""
        self.message = message
        self.shape = shape
        self.status = status
        """The status of the HTTP answer."""
        self.more = dict(more or {})
        self.details = dict(details or {})
        """Further members of `Error`, as S3 has them."""


class Service(Protocol):
    """One service of the cloud; called by clients in this process and by the server alike."""

    def call(self, operation: str, parameters: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        """Carry out an operation, named as in the service's own API (`StartExecution`).

        Parameters and answer are as boto3 takes and gives them; instants are aware datetimes. Raises ServiceError.
        """
        ...


class Clockwork(Protocol):
    """A part of the cloud in which things happen by themselves."""

    def turn(self) -> bool:
        """Do all that can be done at this instant; say whether there was anything."""
        ...

    @property
    def next_due(self) -> float | None:
        """The instant of the next thing that happens by itself, in seconds since 1970."""
        ...
