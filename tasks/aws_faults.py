"""What AWS answers when a call fails: that a condition does not hold, what passes with time, and the rest."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from stepsmith import WorkflowError
from tasks.errors import Throttled, Unavailable

_THROTTLED = {
    "LimitExceeded",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}
_UNAVAILABLE = {
    "InternalError",
    "InternalFailure",
    "InternalServerError",
    "ServiceUnavailable",
    "TransactionInProgressException",
}


class ConditionFailed(Exception):
    """A condition did not hold; `reasons` has one code for each item of a transaction."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = reasons


class ServiceRefused(WorkflowError):
    """A service does not do what it was asked; what it says of that may be personal, and is left out."""


@contextmanager
def unquoted(what: str) -> Generator[None]:
    """Say of an error which service it is and the code, and nothing that may quote what was sent there.

    For calls with addresses in them: causes stand in histories and queues. Leaves ConditionFailed alone.
    """
    try:
        yield
    except ConditionFailed:
        raise
    except (Throttled, Unavailable) as error:
        raise type(error)(f"{what}: {_code(error.__cause__)}") from None
    except Exception as error:
        raise ServiceRefused(f"{what}: {_code(error)}") from None


@contextmanager
def service_errors() -> Generator[None]:
    """Raise what passes with time as Throttled or Unavailable, also where AWS is not reached; leave the rest alone."""
    try:
        yield
    except Exception as error:
        response = _response(error)
        code = response.get("Error", {}).get("Code")
        if code in _THROTTLED:
            raise Throttled(str(error)) from error
        if code in _UNAVAILABLE or response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500:
            raise Unavailable(str(error)) from error
        if _is_not_reached(error):
            raise Unavailable(str(error)) from error
        raise


@contextmanager
def dynamodb_errors() -> Generator[None]:
    """Do as `service_errors`, and raise ConditionFailed where a condition does not hold."""
    try:
        with service_errors():
            yield
    except Exception as error:
        response = _response(error)
        code = response.get("Error", {}).get("Code")
        if code == "ConditionalCheckFailedException":
            raise ConditionFailed([code]) from error
        if code == "TransactionCanceledException":
            _raise_for_transaction(response, error)
        raise


def _code(error: BaseException | None) -> str:
    """Give the code of a service's error, or the name of another one."""
    response: dict[str, Any] = getattr(error, "response", None) or {}
    return str(response.get("Error", {}).get("Code") or type(error).__name__)


def _response(error: Exception) -> dict[str, Any]:
    return getattr(error, "response", None) or {}


def _is_not_reached(error: Exception) -> bool:
    from botocore.exceptions import ConnectionError as NoConnection
    from botocore.exceptions import HTTPClientError

    return isinstance(error, HTTPClientError | NoConnection)


def _raise_for_transaction(response: dict[str, Any], error: Exception) -> None:
    reasons = [str(reason.get("Code", "None")) for reason in response.get("CancellationReasons", [])]
    if any(reason in ("TransactionConflict", "ThrottlingError") for reason in reasons):
        raise Throttled("another transaction holds these items") from error
    raise ConditionFailed(reasons) from error
