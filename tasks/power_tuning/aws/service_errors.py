"""What a failed AWS call means in the named errors of the tasks."""

from collections.abc import Mapping
from typing import Final, cast

from stepsmith import WorkflowError
from tasks.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    Rejected,
    Throttled,
    TooLarge,
    Unavailable,
)

_NAMED: Final[Mapping[str, type[WorkflowError]]] = {
    "AccessDenied": Forbidden,
    "AccessDeniedException": Forbidden,
    "CodeStorageExceededException": TooLarge,
    "EC2ThrottledException": Throttled,
    "ExpiredTokenException": Forbidden,
    "InternalFailure": Unavailable,
    "InvalidParameterValueException": InvalidInput,
    "PreconditionFailedException": Conflict,
    "RequestTooLargeException": TooLarge,
    "ResourceConflictException": Conflict,
    "ResourceNotFoundException": NotFound,
    "ServiceException": Unavailable,
    "ServiceUnavailable": Unavailable,
    "SnapStartNotReadyException": Throttled,
    "Throttling": Throttled,
    "ThrottlingException": Throttled,
    "TooManyRequestsException": Throttled,
    "UnrecognizedClientException": Forbidden,
    "ValidationException": InvalidInput,
}

_UNREACHABLE: Final = frozenset(
    {
        "ConnectTimeoutError",
        "ConnectionClosedError",
        "EndpointConnectionError",
        "ReadTimeoutError",
        "WaiterError",
    }
)


class ServiceError(Exception):
    """An error answer in the form that boto3 gives it, raised by the in-memory control plane."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.response: dict[str, dict[str, str]] = {"Error": {"Code": code, "Message": message}}


def error_code(error: Exception) -> str | None:
    """Return the code of an error answer of AWS, None for any other exception."""
    response: object = getattr(error, "response", None)
    if not isinstance(response, Mapping):
        return None
    details = cast("Mapping[str, object]", response).get("Error")
    code = cast("Mapping[str, object]", details).get("Code") if isinstance(details, Mapping) else None
    return code if isinstance(code, str) else None


def named_error(error: Exception) -> Exception:
    """Return the named error that a failed AWS call stands for, the exception itself when it is no AWS error."""
    if isinstance(error, WorkflowError):
        return error
    if type(error).__name__ in _UNREACHABLE:
        return Unavailable(f"AWS does not answer: {error}")
    code = error_code(error)
    if code is None:
        return error
    if code == "ResourceConflictException" and "in progress" in str(error):
        return Throttled(f"{code}: {error}")
    kind = _NAMED.get(code, Forbidden if "Denied" in code else Rejected)
    return kind(f"{code}: {error}")
