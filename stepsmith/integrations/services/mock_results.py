"""Mocked results of TestState against the API of the service they stand in for, in AWS's words."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal

from stepsmith.asl.services import java_name
from stepsmith.expressions.types import Json
from stepsmith.integrations.resources import SdkAction, ServiceAction, parse_resource
from stepsmith.integrations.services.aws_sdk import find_operation, sdk_services

if TYPE_CHECKING:
    from botocore.model import OperationModel, ServiceModel, Shape

_CLIENTS: Final = {
    "states": "stepfunctions",
    "elasticmapreduce": "emr",
    "bedrock": "bedrock-runtime",
    "aws-glue": "glue",
}
"""Services of optimised integrations that boto3 calls otherwise."""
_NOT_VALIDATED: Final = frozenset({"http", "apigateway", "eks"})
_POLLED: Final = {
    ("states", "startexecution"): "DescribeExecution",
    ("athena", "startqueryexecution"): "GetQueryExecution",
    ("glue", "startjobrun"): "GetJobRun",
    ("databrew", "startjobrun"): "DescribeJobRun",
    ("codebuild", "startbuild"): "BatchGetBuilds",
}
"""What a `.sync` integration asks for the state of its job."""
_FREE: Final = frozenset({("lambda", "Payload")})
"""Members that hold the caller's own JSON in optimised integrations."""
_NUMBERS: Final = frozenset({"integer", "long", "float", "double"})
_TEXTS: Final = frozenset({"string", "blob", "timestamp", "character"})


def check_mock_result(resource: str, result: Json, mode: Literal["STRICT", "PRESENT", "NONE"]) -> str | None:
    """Say what in a mocked result contradicts the API behind a Resource; None where nothing does.

    STRICT also asks for the members that the API always gives; members that it does not know are ignored.
    """
    action = parse_resource(resource)
    if (
        not isinstance(action, ServiceAction | SdkAction)
        or action.service in _NOT_VALIDATED
        or mode == "NONE"
    ):
        return None
    operation = _operation(action)
    if operation is None or operation.output_shape is None:
        return None
    free = (
        set[str]()
        if isinstance(action, SdkAction)
        else {name for service, name in _FREE if service == action.service}
    )
    return _structure(operation.output_shape, result, "", mode == "STRICT", free)


def _operation(action: ServiceAction | SdkAction) -> OperationModel | None:
    name = action.action
    if isinstance(action, SdkAction):
        service = sdk_services().get(action.service)
        client = None if service is None else service.client
    else:
        client = _CLIENTS.get(action.service, action.service)
        if action.pattern in ("sync", "sync:2"):
            polled = _POLLED.get((action.service, name.lower()))
            if polled is None:
                return None
            name = polled
    model = None if client is None else _model(client)
    return None if model is None else find_operation(model, name)


@cache
def _model(client: str) -> ServiceModel | None:
    from botocore.exceptions import UnknownServiceError
    from botocore.loaders import create_loader
    from botocore.model import ServiceModel

    try:
        return ServiceModel(create_loader().load_service_model(client, "service-2"), client)
    except UnknownServiceError:
        return None


def _check(shape: Shape, value: Json, name: str, required: bool) -> str | None:
    kind = shape.type_name
    if value is None:
        return None
    if kind == "structure":
        return _structure(shape, value, name, required, set())
    if kind == "list":
        return _list(shape, value, name, required)
    if kind == "map":
        return _map(shape, value, name, required)
    if kind in _NUMBERS:
        return _number(shape, value, name)
    if kind == "boolean":
        return None if isinstance(value, bool) else f"Field '{name}' must be a boolean"
    if kind in _TEXTS:
        return _text(shape, value, name)
    return None


def _structure(shape: Any, value: Json, name: str, required: bool, free: set[str]) -> str | None:
    if not isinstance(value, dict):
        return f"Field '{name}' must be an object" if name else "Mocked result must be a JSON object"
    members = {java_name(member, shape.name): inner for member, inner in shape.members.items()}
    if required:
        for member in (java_name(name, shape.name) for name in shape.required_members):
            if member not in value:
                return f"Required field '{member}' is missing"
    for member, part in value.items():
        inner = members.get(member)
        if inner is not None and member not in free:
            problem = _check(inner, part, member, required)
            if problem is not None:
                return problem
    return None


def _list(shape: Any, value: Json, name: str, required: bool) -> str | None:
    if not isinstance(value, list):
        return f"Field '{name}' must be an array"
    return next(filter(None, (_check(shape.member, part, name, required) for part in value)), None)


def _map(shape: Any, value: Json, name: str, required: bool) -> str | None:
    if not isinstance(value, dict):
        return f"Field '{name}' must be an object"
    return next(filter(None, (_check(shape.value, part, name, required) for part in value.values())), None)


def _number(shape: Shape, value: Json, name: str) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"Field '{name}' must be a number"
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if most is not None and value > most:
        return f"Field '{name}' exceeds the maximum value"
    if least is not None and value < least:
        return f"Field '{name}' is less than the minimum value"
    return None


def _text(shape: Shape, value: Json, name: str) -> str | None:
    if not isinstance(value, str):
        return f"Field '{name}' must be a string"
    allowed = shape.metadata.get("enum")
    if allowed and value not in allowed:
        return f"Field '{name}' is not an expected value"
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and len(value) < least:
        return f"Field '{name}' is smaller than the minimum length"
    if most is not None and len(value) > most:
        return f"Field '{name}' exceeds the maximum length"
    return None
