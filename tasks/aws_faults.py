"""What DynamoDB says when a condition does not hold, told apart from everything else that can go wrong."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from tasks.errors import Throttled, Unavailable

_THROTTLED = {"ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"}
_UNAVAILABLE = {"InternalServerError", "ServiceUnavailable", "TransactionInProgressException"}


class ConditionFailed(Exception):
    """A condition did not hold; `reasons` has one code for each item of a transaction."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = reasons


@contextmanager
def dynamodb_errors() -> Generator[None]:
    """Turn botocore's one error class into ConditionFailed, Throttled, Unavailable, or leave it as it is."""
    try:
        yield
    except Exception as error:
        response: dict[str, Any] = getattr(error, "response", {})
        code = response.get("Error", {}).get("Code")
        if code == "ConditionalCheckFailedException":
            raise ConditionFailed([code]) from error
        if code == "TransactionCanceledException":
            _raise_for_transaction(response, error)
        if code in _THROTTLED:
            raise Throttled(str(error)) from error
        if code in _UNAVAILABLE:
            raise Unavailable(str(error)) from error
        raise


def _raise_for_transaction(response: dict[str, Any], error: Exception) -> None:
    reasons = [str(reason.get("Code", "None")) for reason in response.get("CancellationReasons", [])]
    if any(reason in ("TransactionConflict", "ThrottlingError") for reason in reasons):
        raise Throttled("another transaction holds these items") from error
    raise ConditionFailed(reasons) from error
