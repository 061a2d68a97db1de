"""What S3, DynamoDB and Rekognition answer when a call fails, as the named errors of the tasks."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

from tasks.aws_faults import service_errors
from tasks.errors import Conflict, Forbidden, NotFound, Throttled, Unavailable, Unsupported

_NAMED: Final[dict[str, type[Exception]]] = {
    "404": NotFound,
    "NoSuchKey": NotFound,
    "NoSuchBucket": NotFound,
    "ResourceNotFoundException": NotFound,
    "403": Forbidden,
    "AccessDenied": Forbidden,
    "AccessDeniedException": Forbidden,
    "412": Conflict,
    "PreconditionFailed": Conflict,
    "ConditionalRequestConflict": Conflict,
    "ConditionalCheckFailedException": Conflict,
    "SlowDown": Throttled,
    "InvalidImageFormatException": Unsupported,
    "InvalidParameterException": Unsupported,
    "InvalidS3ObjectException": NotFound,
    "ImageTooLargeException": Unsupported,
    "RequestTimeout": Unavailable,
}
NOT_MODIFIED: Final = ("304", "NotModified")


@contextmanager
def named_errors(what: str) -> Generator[None]:
    """Raise what a service answers as NotFound, Forbidden, Conflict, Throttled or Unavailable, saying `what`.

    What is not known keeps its own error, which is permanent.
    """
    try:
        with service_errors():
            yield
    except Exception as error:
        named = _NAMED.get(code_of(error))
        if named is None:
            raise
        raise named(f"{what}: {code_of(error)}") from error


def code_of(error: BaseException) -> str:
    """Return the code of a service's error; empty for any other."""
    response: dict[str, Any] = getattr(error, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))
