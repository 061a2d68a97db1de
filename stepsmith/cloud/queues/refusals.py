"""What SQS answers when it refuses a call: codes and texts of its own, beside the names in its model."""

from __future__ import annotations

from stepsmith.cloud.services import ServiceError

_OLD: str = "AWS.SimpleQueueService."


def parameter(message: str) -> ServiceError:
    """Refuse a parameter, or several together."""
    return ServiceError("InvalidParameterValue", message, shape="InvalidParameterValueException")


def value(given: object, name: str, reason: str) -> ServiceError:
    """Refuse the value of a parameter, with the reason."""
    return parameter(f"Value {given} for parameter {name} is invalid. Reason: {reason}")


def missing(name: str) -> ServiceError:
    """Refuse a call that lacks a parameter."""
    text = f"The request must contain the parameter {name}."
    return ServiceError("MissingParameter", text, shape="MissingRequiredParameterException")


def attribute_name(message: str) -> ServiceError:
    """Refuse an attribute of a queue."""
    return ServiceError("InvalidAttributeName", message, shape="InvalidAttributeName")


def attribute_value(name: str) -> ServiceError:
    """Refuse the value of an attribute of a queue."""
    text = f"Invalid value for the parameter {name}."
    return ServiceError("InvalidAttributeValue", text, shape="InvalidAttributeValue")


def no_queue() -> ServiceError:
    """Say that there is no such queue."""
    return _old("NonExistentQueue", "The specified queue does not exist.", "QueueDoesNotExist")


def deleted_recently() -> ServiceError:
    """Refuse the name of a queue that was deleted less than a minute ago."""
    text = "You must wait 60 seconds after deleting a queue before you can create another with the same name."
    return _old("QueueDeletedRecently", text, "QueueDeletedRecently")


def another_queue(attribute: str) -> ServiceError:
    """Refuse to make a queue that is there with other attributes."""
    text = f"A queue already exists with the same name and a different value for attribute {attribute}"
    return ServiceError("QueueAlreadyExists", text, shape="QueueNameExists")


def purged_recently(queue: str) -> ServiceError:
    """Refuse a second purge within a minute."""
    text = f"Only one PurgeQueue operation on {queue} is allowed every 60 seconds."
    return _old("PurgeQueueInProgress", text, "PurgeQueueInProgress", status=403)


def bad_handle(handle: str) -> ServiceError:
    """Refuse what is no receipt handle."""
    text = f'The input receipt handle "{handle}" is not a valid receipt handle.'
    return ServiceError("ReceiptHandleIsInvalid", text, shape="ReceiptHandleIsInvalid", status=404)


def batch(name: str, message: str) -> ServiceError:
    """Refuse a batch as a whole."""
    return _old(name, message, name)


def no_resource(which: str) -> ServiceError:
    """Say that what a parameter names is not there."""
    text = f"The resource that you specified for the {which} parameter doesn't exist."
    name = "ResourceNotFoundException"
    return ServiceError(name, text, shape=name, status=404)


def _old(code: str, message: str, shape: str, status: int = 400) -> ServiceError:
    return ServiceError(_OLD + code, message, shape=shape, status=status)
