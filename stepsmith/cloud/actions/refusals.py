"""What the API refuses with, in AWS's words."""

from __future__ import annotations

from stepsmith.cloud.services import ServiceError


def invalid_arn(reason: str) -> ServiceError:
    """An ARN that names nothing of the wanted kind."""
    return ServiceError("InvalidArn", f"Invalid Arn: '{reason}'")


def wrong_kind(kind: str) -> ServiceError:
    """An ARN of another kind of resource than the action takes."""
    return invalid_arn(f"Resource type not valid in this context: {kind}")


def invalid(message: str, reason: str | None = None) -> ServiceError:
    """A request that is not valid as a whole; `reason` is one of the API's codes."""
    return ServiceError("ValidationException", message, more={} if reason is None else {"reason": reason})


def invalid_name(name: str) -> ServiceError:
    """A name with characters that names may not have."""
    return ServiceError("InvalidName", f"Invalid Name: '{name}'")


def no_machine(arn: str) -> ServiceError:
    """A state machine that is not there."""
    return ServiceError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")


def machine_is_going(arn: str) -> ServiceError:
    """A state machine that is being deleted."""
    return ServiceError("StateMachineDeleting", f"State Machine is being deleted: '{arn}'")


def no_execution(arn: str) -> ServiceError:
    """An execution that is not there."""
    return ServiceError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")


def no_activity(arn: str) -> ServiceError:
    """An activity that is not there."""
    return ServiceError("ActivityDoesNotExist", f"Activity Does Not Exist: '{arn}'")


def no_resource(arn: str) -> ServiceError:
    """Something to be tagged, or a Map Run, that is not there."""
    return ServiceError("ResourceNotFound", f"Resource not found: '{arn}'", more={"resourceName": arn})


def no_reference() -> ServiceError:
    """An alias or a version that is not there."""
    return ServiceError("ResourceNotFound", "Request references a resource that does not exist.")


def conflict(message: str) -> ServiceError:
    """A request that contradicts what is there."""
    return ServiceError("ConflictException", message)


def invalid_token() -> ServiceError:
    """A page token or a task token that nobody was given."""
    return ServiceError("InvalidToken", "Invalid Token: 'Invalid token'")


def wrong_type() -> ServiceError:
    """An action that state machines of the other type take."""
    text = "This operation is not supported by this type of state machine"
    return ServiceError("StateMachineTypeNotSupported", text)
