"""AWS SDK integrations: `aws-sdk:service:action` for every service botocore knows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

from stepsmith.asl.checks.actions import not_recognised
from stepsmith.asl.checks.parameters import unsupported
from stepsmith.asl.integrations import UNSUPPORTED
from stepsmith.asl.services import Naming, pascal_case
from stepsmith.errors import StepsmithError
from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen
from stepsmith.integrations.clients.registry import ClientRegistry
from stepsmith.integrations.failures import TaskError, unusable_parameters, v2_cause, words_of
from stepsmith.integrations.resources import SdkAction
from stepsmith.integrations.services.sdk_values import to_json, to_parameters

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from botocore.model import OperationModel, ServiceModel, Shape


@frozen
class SdkService:
    """One service of the AWS SDK integrations."""

    token: str
    """Its name in a Resource, such as `sfn`."""
    client: str
    """Its name in boto3, such as `stepfunctions`."""
    prefix: str
    """How its error names begin, such as `Sfn`."""


@cache
def sdk_services() -> Mapping[str, SdkService]:
    """Return the services by their name in a Resource."""
    lines = (
        files("stepsmith.integrations.services")
        .joinpath("aws_sdk_services.csv")
        .read_text("utf-8")
        .splitlines()
    )
    services = (SdkService(*line.split(",")) for line in lines[1:] if line)
    return {service.token: service for service in services}


def call_sdk(clients: ClientRegistry, resource: SdkAction, text: str, parameters: Json) -> Json:
    """Make the call and return its answer with members in PascalCase.

    Raises TaskError as AWS names it: `S3.NoSuchKeyException`, or `DynamoDb.DynamoDbException` for a code that the
    service's model does not list.
    """
    service = sdk_services().get(resource.service)
    if service is None or f"{resource.service}:{resource.action.lower()}" in UNSUPPORTED:
        raise unknown_resource(text)
    client = _service_client(clients, service, text)
    model: ServiceModel = client.meta.service_model
    operation = find_operation(model, resource.action)
    if operation is None:
        raise unknown_resource(text)
    arguments = boto_arguments(operation, parameters)
    answer = call_operation(client, operation, arguments, service)
    return to_json(answer, operation.output_shape) if operation.output_shape is not None else {}


def _service_client(clients: ClientRegistry, service: SdkService, text: str) -> Any:
    try:
        return clients.client(service.client)
    except StepsmithError:
        raise unknown_resource(text) from None


def unknown_resource(text: str) -> TaskError:
    """Return the error for a Resource that names no action."""
    return TaskError("States.Runtime", not_recognised(text))


def find_operation(model: ServiceModel, action: str) -> OperationModel | None:
    """Return the operation of `model` that `action` names in camelCase, letter case aside."""
    wanted = action.lower()
    for name in model.operation_names:
        if name.lower() == wanted:
            return model.operation_model(name)
    return None


def boto_arguments(operation: OperationModel, parameters: Json, naming: Naming = "sdk") -> dict[str, Any]:
    """Return the keyword arguments of boto3 for a task's parameters; raises TaskError for unknown names."""
    if parameters is None:
        parameters = {}
    if not isinstance(parameters, dict):
        raise unusable_parameters(parameters, ["The parameters must be an object"])
    unknown: list[str] = []
    arguments = to_parameters(parameters, operation.input_shape, naming, unknown=unknown)
    if operation.input_shape is None:
        unknown = list(parameters)
    if unknown:
        listed = [unsupported(name) for name in unknown]
        raise unusable_parameters(parameters, listed)
    return cast("dict[str, Any]", arguments or {})


def call_operation(
    client: Any, operation: OperationModel, arguments: dict[str, Any], service: SdkService
) -> dict[str, Any]:
    """Call one operation through a client of boto3; raises TaskError in the names of AWS SDK integrations."""
    from botocore import xform_name
    from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

    method = getattr(client, xform_name(operation.name))
    try:
        return method(**arguments)
    except ClientError as error:
        raise _service_error(error, operation.service_model, service) from error
    except ParamValidationError as error:
        raise TaskError(f"{service.prefix}.{service.prefix}Exception", words_of(error)) from error
    except BotoCoreError as error:
        raise TaskError(f"{service.prefix}.SdkClientException", words_of(error)) from error


def _service_error(error: ClientError, model: ServiceModel, service: SdkService) -> TaskError:
    answer = cast("dict[str, Any]", error.response)
    detail = answer.get("Error", {})
    code = str(detail.get("Code", "")).rpartition("#")[2]
    shape = error_shape(model, code)
    kind = exception_name(shape.name) if shape is not None else f"{service.prefix}Exception"
    metadata = answer.get("ResponseMetadata", {})
    cause = v2_cause(
        str(detail.get("Message") or detail.get("message") or "null"),
        service=service.prefix,
        status=int(metadata.get("HTTPStatusCode", 400)),
        request_id=str(metadata.get("RequestId", "null")),
        extended=metadata.get("HostId") or None,
    )
    return TaskError(f"{service.prefix}.{kind}", cause)


def error_shape(model: ServiceModel, code: str) -> Shape | None:
    """Return the shape of an error that the service's model lists, or None."""
    return cast("Shape | None", cast("Any", model).shape_for_error_code(code))


def exception_name(shape: str) -> str:
    """Return the class that AWS's SDK for Java makes of an error shape: always `...Exception`."""
    if shape.endswith("Exception"):
        return pascal_case(shape)
    return pascal_case(shape.removesuffix("Fault")) + "Exception"
