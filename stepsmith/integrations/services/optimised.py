"""Optimised integrations: the actions that Step Functions knows by name, called through boto3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen
from stepsmith.integrations.clients.registry import ClientRegistry
from stepsmith.integrations.failures import TaskError, compact, not_callable, v1_cause, words_of
from stepsmith.integrations.services.aws_sdk import (
    boto_arguments,
    error_shape,
    exception_name,
    find_operation,
)
from stepsmith.integrations.services.sdk_metadata import sdk_metadata
from stepsmith.integrations.services.sdk_values import to_json

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from botocore.model import OperationModel


@frozen
class Service:
    """A service with optimised actions, and its names in boto3, in error names and in causes."""

    client: str
    prefix: str
    label: str
    """Its name in version 1 of AWS's SDK, such as `AmazonDynamoDBv2`."""
    actions: tuple[str, ...]
    generic: str = ""
    """The class of errors that the service's model does not list; made of the label where empty."""


SERVICES: Mapping[str, Service] = {
    "athena": Service(
        "athena",
        "Athena",
        "AmazonAthena",
        ("startQueryExecution", "stopQueryExecution", "getQueryExecution", "getQueryResults"),
    ),
    "batch": Service("batch", "Batch", "AWSBatch", ("submitJob",)),
    "bedrock": Service("bedrock", "Bedrock", "AmazonBedrock", ("createModelCustomizationJob",)),
    "codebuild": Service(
        "codebuild",
        "CodeBuild",
        "AWSCodeBuild",
        (
            "startBuild",
            "stopBuild",
            "batchDeleteBuilds",
            "batchGetReports",
            "startBuildBatch",
            "stopBuildBatch",
            "retryBuildBatch",
            "deleteBuildBatch",
        ),
    ),
    "databrew": Service("databrew", "DataBrew", "AWSGlueDataBrew", ("startJobRun",)),
    "dynamodb": Service(
        "dynamodb",
        "DynamoDB",
        "AmazonDynamoDBv2",
        ("getItem", "putItem", "updateItem", "deleteItem"),
        "AmazonDynamoDBException",
    ),
    "ecs": Service("ecs", "ECS", "AmazonECS", ("runTask",)),
    "eks": Service(
        "eks",
        "EKS",
        "AmazonEKS",
        (
            "createCluster",
            "deleteCluster",
            "createFargateProfile",
            "deleteFargateProfile",
            "createNodegroup",
            "deleteNodegroup",
        ),
    ),
    "emr-containers": Service(
        "emr-containers",
        "EMRContainers",
        "AmazonEMRContainers",
        ("createVirtualCluster", "deleteVirtualCluster", "startJobRun"),
    ),
    "emr-serverless": Service(
        "emr-serverless",
        "EMRServerless",
        "AWSEMRServerless",
        (
            "createApplication",
            "startApplication",
            "stopApplication",
            "deleteApplication",
            "startJobRun",
            "cancelJobRun",
        ),
    ),
    "events": Service("events", "EventBridge", "AmazonEventBridge", ("putEvents",)),
    "glue": Service("glue", "Glue", "AWSGlue", ("startJobRun",)),
    "mediaconvert": Service("mediaconvert", "MediaConvert", "AWSMediaConvert", ("createJob",)),
    "sagemaker": Service(
        "sagemaker",
        "SageMaker",
        "AmazonSageMaker",
        (
            "createTrainingJob",
            "createTransformJob",
            "createHyperParameterTuningJob",
            "createLabelingJob",
            "createProcessingJob",
            "createEndpoint",
            "createEndpointConfig",
            "createModel",
            "updateEndpoint",
        ),
    ),
    "sns": Service("sns", "SNS", "AmazonSNS", ("publish",)),
    "sqs": Service("sqs", "SQS", "AmazonSQS", ("sendMessage",)),
    "states": Service("stepfunctions", "StepFunctions", "AWSStepFunctions", ("startExecution",)),
}


def optimised_actions() -> list[str]:
    """Return every action that can be called, as `service:action`."""
    return [f"{name}:{action}" for name, service in SERVICES.items() for action in service.actions]


def call_optimised(clients: ClientRegistry, name: str, parameters: Json, request_id: str) -> Json:
    """Make the call `service:action` and return the service's answer with the metadata that AWS adds.

    Raises TaskError with the error name and the cause of the optimised integration.
    """
    service = SERVICES.get(name.partition(":")[0])
    action = name.partition(":")[2]
    if service is None:
        raise not_callable(name)
    client = clients.client(service.client)
    operation = find_operation(client.meta.service_model, action)
    if operation is None or action not in service.actions:
        raise not_callable(name)
    arguments = boto_arguments(operation, parameters, "optimised")
    _refuse_missing(service, operation, arguments, request_id)
    answer = _call(client, operation, arguments, service, request_id)
    return _result(name, answer, operation, request_id)


def _call(
    client: Any, operation: OperationModel, arguments: dict[str, Any], service: Service, request_id: str
) -> dict[str, Any]:
    from botocore import xform_name
    from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

    try:
        return getattr(client, xform_name(operation.name))(**arguments)
    except ClientError as error:
        raise _service_error(error, operation, service, request_id) from error
    except ParamValidationError as error:
        raise _refusal(service, words_of(error), "ValidationException", request_id) from error
    except BotoCoreError as error:
        text = f"Unable to execute HTTP request: {words_of(error)}"
        raise TaskError(f"{service.prefix}.SdkClientException", text) from error


def generic_error(service: Service) -> str:
    """Return the class of the errors that the model of a service does not list."""
    return service.generic or f"{service.label}Exception"


def _refusal(service: Service, message: str, code: str, request_id: str) -> TaskError:
    cause = v1_cause(message, service=service.label, status=400, code=code, request_id=request_id)
    return TaskError(f"{service.prefix}.{generic_error(service)}", cause)


def _refuse_missing(
    service: Service, operation: OperationModel, arguments: dict[str, Any], request_id: str
) -> None:
    shape = operation.input_shape
    required = list(shape.required_members) if shape is not None else []
    missing = [name for name in required if name not in arguments]
    if not missing:
        return
    if service.client == "sqs":
        text = f"The request must contain the parameter {missing[0]}."
        raise _refusal(service, text, "MissingParameter", request_id)
    listed = "; ".join(
        f"Value null at '{name[0].lower()}{name[1:]}' failed to satisfy constraint: Member must not be null"
        for name in missing
    )
    count = f"{len(missing)} validation error{'s' if len(missing) > 1 else ''} detected"
    raise _refusal(service, f"{count}: {listed}", "ValidationException", request_id)


def _service_error(
    error: ClientError, operation: OperationModel, service: Service, request_id: str
) -> TaskError:
    answer = cast("dict[str, Any]", error.response)
    detail = answer.get("Error", {})
    code = str(detail.get("Code", "")).rpartition("#")[2]
    shape = error_shape(operation.service_model, str(detail.get("QueryErrorCode") or code))
    kind = exception_name(shape.name) if shape is not None else generic_error(service)
    metadata = answer.get("ResponseMetadata", {})
    cause = v1_cause(
        str(detail.get("Message") or detail.get("message") or "null"),
        service=service.label,
        status=int(metadata.get("HTTPStatusCode", 400)),
        code=code,
        request_id=request_id,
    )
    return TaskError(f"{service.prefix}.{kind}", cause)


def _result(name: str, answer: dict[str, Any], operation: OperationModel, request_id: str) -> Json:
    metadata: dict[str, Any] = answer.get("ResponseMetadata", {})
    shape = operation.output_shape
    fields = {} if shape is None else cast("dict[str, Json]", to_json(answer, shape, "optimised"))
    if name == "events:putEvents":
        if fields.get("FailedEntryCount"):
            raise TaskError("EventBridge.FailedEntry", compact(cast("Json", fields)))
        return fields
    if name == "states:startExecution" and "startDate" in answer:
        fields["StartDate"] = int(answer["startDate"].timestamp() * 1000)
    status = int(metadata.get("HTTPStatusCode", 200))
    headers = {"Content-Type": _content_type(operation), "Content-Length": str(_length(metadata))}
    return {**fields, **sdk_metadata(headers, status=status, request_id=request_id)}


def _content_type(operation: OperationModel) -> str:
    protocol = cast("str", operation.service_model.metadata.get("protocol", "json"))
    return "text/xml" if protocol == "query" else "application/x-amz-json-1.0"


def _length(metadata: Mapping[str, Any]) -> str:
    headers: Mapping[str, str] = metadata.get("HTTPHeaders", {})
    return headers.get("content-length", "0")
