"""The errors of AWS's services as classes, which state machines know by their names."""

from __future__ import annotations

from functools import cache

from stepsmith.errors import ServiceError, StepsmithError, TaskFailed
from stepsmith.integrations.failures import TaskError
from stepsmith.integrations.services.aws_sdk import SdkService, exception_name
from stepsmith.integrations.services.models import service_model
from stepsmith.integrations.services.optimised import SERVICES, Service, generic_error


@cache
def error_names(service: SdkService) -> frozenset[str]:
    """Return the names of a service's errors, without the service's own."""
    model = service_model(service.token)
    named = () if model is None else map(exception_name, model.errors)
    own = optimised_service(service)
    others = [] if own is None else [generic_error(own)]
    return frozenset([*named, *others, f"{service.prefix}Exception", "SdkClientException"])


@cache
def error_class(service: SdkService, name: str) -> type[ServiceError]:
    """Return the class of an error, which stands for it in optimised actions and in those of AWS's SDK.

    Step Functions spells some services in two ways: `DynamoDB.` and `DynamoDb.`. The second one is a subclass.
    """
    own = optimised_service(service)
    prefixes = [service.prefix] if own is None else [own.prefix, service.prefix]
    first = _made(name, f"{prefixes[0]}.{name}", ServiceError, service)
    if prefixes[-1] != prefixes[0]:
        _SPELT_OTHERWISE[service, name] = _made(name, f"{prefixes[-1]}.{name}", first, service)
    return first


_SPELT_OTHERWISE: dict[tuple[SdkService, str], type[ServiceError]] = {}


def error_of(service: SdkService, failed: TaskError) -> StepsmithError:
    """Return the error to raise for what a call failed with."""
    cause = failed.cause or ""
    if failed.error == TaskFailed.error_name:
        return TaskFailed(cause)
    name = str(failed.error)
    first = error_class(service, name.partition(".")[2])
    for kind in (first, _SPELT_OTHERWISE.get((service, first.__name__))):
        if kind is not None and kind.error_name == name:
            return kind(cause)
    return _made(name.rpartition(".")[2], name, ServiceError, service)(cause)


def optimised_service(service: SdkService) -> Service | None:
    """Return a service as Step Functions knows it by itself, or None."""
    return next((each for each in SERVICES.values() if each.client == service.client), None)


def _made(name: str, error: str, base: type[ServiceError], service: SdkService) -> type[ServiceError]:
    members = {
        "error_name": error,
        "__doc__": f"The error {error}.",
        "__module__": f"services.{service.client}",
    }
    return type(name, (base,), members)
