"""What SNS answers when it refuses a call."""

from __future__ import annotations

from stepsmith.cloud.services import ServiceError


def invalid(reason: str) -> ServiceError:
    """Refuse a parameter."""
    return ServiceError("InvalidParameter", f"Invalid parameter: {reason}")


def value(message: str) -> ServiceError:
    """Refuse a message attribute."""
    return ServiceError("ParameterValueInvalid", message)


def missing(place: str) -> ServiceError:
    """Refuse a call that lacks a member."""
    return ServiceError(
        "ValidationError",
        f"1 validation error detected: Value null at '{place}' failed to satisfy constraint: Member must not be null",
    )


def not_there(what: str) -> ServiceError:
    """Say that something does not exist."""
    return ServiceError("NotFound", f"{what} does not exist", status=404)


def batch(code: str) -> ServiceError:
    """Refuse a batch as a whole."""
    return ServiceError(code, _BATCHES[code])


def check_arn(arn: str, name: str) -> None:
    """Raise ServiceError for a text that is no ARN."""
    parts = arn.split(":")
    if len(parts) < 6:
        raise invalid(f"{name} Reason: An ARN must have at least 6 elements, not {len(parts)}")


_BATCHES = {
    "BatchEntryIdsNotDistinct": "Two or more batch entries in the request have the same Id.",
    "TooManyEntriesInBatchRequest": "The batch request contains more entries than permissible.",
    "EmptyBatchRequest": "The batch request doesn't contain any entries.",
    "InvalidBatchEntryId": "The Id of a batch entry in a batch request doesn't abide by the specification.",
    "BatchRequestTooLong": "The length of all the batch messages put together is more than the limit.",
}
