"""`services`: every action and error of AWS's services by name, as their models list them.

A service's model is read when the service is first named, and kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, partial
from typing import Final

from stepsmith.asl.integrations import ACCEPTED, ACTIONS, MODELS, UNSUPPORTED
from stepsmith.asl.services import ServiceModel
from stepsmith.authoring.calls.namespaces import Namespace, UnknownName, unknown
from stepsmith.authoring.source.names import sentence
from stepsmith.authoring.tasks.service_call import ServiceCall
from stepsmith.authoring.values.limits import Limits
from stepsmith.authoring.values.shapes import ShapeTypes
from stepsmith.expressions.typed.static_types import ANY, ListType, ModelField, ModelType, Type
from stepsmith.integrations.services.aws_sdk import SdkService, sdk_services
from stepsmith.integrations.services.jobs import JOBS, Job
from stepsmith.integrations.services.models import has_models, service_model
from stepsmith.integrations.services.plain_calls import perform
from stepsmith.integrations.services.service_errors import error_class, error_names

_ARN: Final = "arn:aws:states:::"
_OPTIMISED: Final[Mapping[str, str]] = {model.lower(): own for own, model in MODELS.items()}
"""`service:action` of the AWS SDK in lower case -> the optimised action that takes the same parameters."""
_NOTHING: Final = ModelType("nothing", "TypedDict")


@cache
def _names() -> Mapping[str, SdkService]:
    """Return the services by their names in boto3, as Python can write them."""
    found = {service.client.replace("-", "_"): service for service in sdk_services().values()}
    return {f"{name}_" if name == "lambda" else name: service for name, service in found.items()}


def _service(name: str) -> Namespace:
    service = _names().get(name)
    if service is None:
        other = {each.token: known for known, each in _names().items()}
        if name in other:
            raise UnknownName(f"AWS has no service '{name}' in boto3", f"did you mean '{other[name]}'?")
        raise unknown(f"AWS has no service '{name}' that is known here", name, _names())
    model = service_model(service.token)
    if model is None:
        if not has_models():
            raise UnknownName(
                f"botocore is not installed, which knows the actions of {name}",
                "pip install 'stepsmith[aws]'",
            )
        raise UnknownName(f"this botocore does not know the service '{name}'", "install a newer botocore")
    directory = _Directory(name, service, model)
    return Namespace(f"services.{name}", directory.find)


services: Final = Namespace("services", _service)
"""The services of AWS by their names in boto3, such as `services.dynamodb.get_item`."""


class _Directory:
    """What one service has."""

    def __init__(self, name: str, service: SdkService, model: ServiceModel) -> None:
        from botocore import xform_name

        self._name = name
        self._service = service
        self._model = model
        self._operations = {xform_name(operation): operation for operation in model.actions.values()}
        self._types = {
            "optimised": ShapeTypes(model, service.client, "optimised"),
            "sdk": ShapeTypes(model, service.client, "sdk"),
        }

    def find(self, name: str) -> object:
        """Give an action or an error. Raises UnknownName."""
        operation = self._operations.get(name)
        if operation is not None:
            return self._action(name, operation)
        errors = error_names(self._service)
        if name in errors:
            return error_class(self._service, name)
        raise unknown(f"{self._name} has no action and no error '{name}'", name, [*self._operations, *errors])

    def _action(self, name: str, operation: str) -> ServiceCall:
        key = f"{self._service.token}:{operation}".lower()
        if key in UNSUPPORTED or self._model.has_stream(operation):
            raise UnknownName(
                f"Step Functions does not make the call {self._name}.{name}", "call it in a task"
            )
        own = _OPTIMISED.get(key)
        return self._sdk(name, operation) if own is None else self._optimised(name, operation, own)

    def _sdk(self, name: str, operation: str, suffix: str = "") -> ServiceCall:
        types = self._types["sdk"]
        taken = self._model.input_of(operation)
        return ServiceCall(
            f"{self._name}.{name}{suffix}",
            f"{_ARN}aws-sdk:{self._service.token}:{operation[:1].lower()}{operation[1:]}",
            parameters=None if taken is None else types.structure(taken),
            result=self._result(types, operation),
            perform=partial(perform, self._service),
            state=sentence(name),
            waits=True,
            limits=None if taken is None else Limits(self._model, taken, "sdk"),
        )

    def _optimised(self, name: str, operation: str, own: str) -> ServiceCall:
        types = self._types["optimised"]
        taken, patterns = self._model.input_of(operation), ACTIONS[own].patterns
        make = partial(
            ServiceCall,
            parameters=None if taken is None else _parameters(types.structure(taken), own),
            perform=partial(perform, self._service),
            state=sentence(name),
            limits=None if taken is None else Limits(self._model, taken, "optimised"),
        )
        variants: dict[str, Callable[[], ServiceCall]] = {"sdk": partial(self._sdk, name, operation, ".sdk")}
        if "sync" in patterns:
            pattern = "sync:2" if "sync:2" in patterns else "sync"
            variants["sync"] = partial(
                make, f"{self._name}.{name}.sync", f"{_ARN}{own}.{pattern}", result=job_result(own)
            )
        return make(
            f"{self._name}.{name}",
            f"{_ARN}{own}",
            result=self._result(types, operation),
            has_metadata=own != "events:putEvents",
            variants={variant: cache(made) for variant, made in variants.items()},
            waits="waitForTaskToken" in patterns,
        )

    def _result(self, types: ShapeTypes, operation: str) -> ModelType:
        given = self._model.output_of(operation)
        return _NOTHING if given is None else types.structure(given)


def _parameters(kind: ModelType, own: str) -> ModelType:
    """Give what an optimised action takes: of what the service takes, what Step Functions hands on."""
    accepted, required = ACCEPTED.get(own), ACTIONS[own].required
    fields = {
        name: replace(field, required=True) if name in required else field
        for name, field in kind.fields.items()
        if accepted is None or name in accepted
    }
    return ModelType(kind.name, kind.kind, None, fields)


def job_result(action: str) -> Type:
    """Give the type of what a job is described with at its end; any JSON where no local run asks for it."""
    job = JOBS.get(action)
    model = None if job is None else service_model(job.service)
    if job is None or model is None:
        return ANY
    shape = model.output_of(model.actions[job.describe.lower()])
    types = ShapeTypes(model, sdk_services()[job.service].client, "optimised")
    found: Type = ANY if shape is None else types.structure(shape)
    for part in job.result.split(".") if job.result else ():
        if isinstance(found, ListType):
            found = found.item
        elif isinstance(found, ModelType):
            found = found.fields[part].type
    return _wrapped(found, job)


def _wrapped(kind: Type, job: Job) -> Type:
    if not job.wrapper:
        return kind
    return ModelType(
        f"{job.service}.{job.wrapper}Result",
        "TypedDict",
        None,
        {job.wrapper: ModelField(job.wrapper, job.wrapper, kind)},
    )
