"""What S3, DynamoDB and Rekognition answer when a call fails, as the named errors of the tasks."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from tasks.aws_faults import service_errors
from tasks.errors import Unsupported
from tasks.named_errors import BY_CODE

_NAMED: Final[Mapping[str, type[Exception]]] = {
    **BY_CODE,
    # what Rekognition does not look at, whatever the reason
    "InvalidParameterException": Unsupported,
    "ImageTooLargeException": Unsupported,
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
