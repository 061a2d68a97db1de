"""Calls that integrations make, and what comes back of them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from botocore.exceptions import ClientError, ParamValidationError

from stepsmith.cloud.gateways import wire
from stepsmith.cloud.gateways.requests import ApiAnswer, ApiRequest, refusal
from stepsmith.expressions.types import Json

Client = Callable[[str, str], Any]
"""Gives boto3's client of a service in a region."""

_NAMES: Final = {"states": "stepfunctions"}
"""Name in an integration's uri -> in boto3, where that is another."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a service has answered to an integration."""

    status: int
    body: str
    error: str = ""
    """What a function has failed with; patterns of its responses are held against that."""


def call_service(uri: str, body: str, headers: Mapping[str, str], client: Client) -> Outcome:
    """Make the call of a uri such as `arn:aws:apigateway:us-east-1:states:action/StartExecution`."""
    _, _, _, region, service, kind = uri.split(":", 5)
    how, _, rest = kind.partition("/")
    if service == "lambda":
        return call_function(uri, body, client)
    made = client(_NAMES.get(service, service), region)
    action, given = rest, None
    if how == "path":
        target = _header(headers, "x-amz-target")
        if target:
            action = target.rpartition(".")[2]
        else:
            action, given = wire.form(body)
            if service == "sqs":
                given["QueueUrl"] = f"https://sqs.{region}.amazonaws.com/{rest}"
    try:
        operation = made.meta.service_model.operation_model(action)
        if given is None:
            given = wire.parameters(operation.input_shape, json.loads(body or "{}"))
        found = getattr(made, _method(made, action))(**given)
    except ClientError as error:
        status: Any = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
        told: Any = error.response.get("Error", {})
        return Outcome(int(status), json.dumps({"__type": told.get("Code"), "message": told.get("Message")}))
    except (ParamValidationError, ValueError, TypeError) as error:
        return Outcome(400, json.dumps({"__type": "SerializationException", "message": str(error)}))
    text = wire.answer(found)
    if how == "path" and not _header(headers, "x-amz-target"):
        result = {f"{action}Result": json.loads(text)}
        text = json.dumps({f"{action}Response": result})
    return Outcome(200, text)


def _method(client: Any, action: str) -> str:
    mapping: Mapping[str, str] = client.meta.method_to_api_mapping
    return next(name for name, operation in mapping.items() if operation == action)


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")


def function_of(uri: str) -> str:
    """Give the ARN of the function in a uri (`.../functions/ARN/invocations`)."""
    return uri.partition("/functions/")[2].removesuffix("/invocations")


def call_function(uri: str, payload: str, client: Client) -> Outcome:
    """Call a function and wait for it."""
    arn = function_of(uri)
    try:
        found = client("lambda", arn.split(":")[3]).invoke(FunctionName=arn, Payload=payload.encode())
    except (ClientError, IndexError):
        return Outcome(500, "{}", "Internal server error")
    text = found["Payload"].read().decode()
    if "FunctionError" not in found:
        return Outcome(200, text)
    told: Any = json.loads(text)
    return Outcome(200, text, str(told["errorMessage"]) if "errorMessage" in told else text)


def proxy_event(request: ApiRequest) -> dict[str, Json]:
    """Build the event that a function of a proxy integration gets."""
    context = request.context()
    kept = (
        "resourceId",
        "resourcePath",
        "httpMethod",
        "extendedRequestId",
        "requestTime",
        "path",
        "accountId",
    )
    more = ("protocol", "stage", "domainPrefix", "requestTimeEpoch", "requestId", "identity", "domainName")
    last = ("deploymentId", "apiId")
    return {
        "resource": request.resource_path,
        "path": request.path,
        "httpMethod": request.method,
        "headers": _texts(request.headers),
        "multiValueHeaders": {name: [value] for name, value in request.headers.items()} or None,
        "queryStringParameters": _texts(request.query) or None,
        "multiValueQueryStringParameters": {name: [value] for name, value in request.query.items()} or None,
        "pathParameters": _texts(request.path_parameters) or None,
        "stageVariables": _texts(request.stage_variables) or None,
        "requestContext": {name: context[name] for name in (*kept, *more, *last)},
        "body": request.body or None,
        "isBase64Encoded": False,
    }


def _texts(values: Mapping[str, str]) -> dict[str, Json]:
    return dict(values)


def proxy_answer(outcome: Outcome) -> ApiAnswer:
    """Read what a function of a proxy integration has answered; 502 for what is no answer."""
    try:
        read: object = json.loads(outcome.body)
    except ValueError:
        read = None
    if outcome.error or outcome.status != 200 or not isinstance(read, dict):
        return refusal(502, "Internal server error")
    value = cast("dict[str, Any]", read)
    status, body = value.get("statusCode", 200), value.get("body", "")
    headers: dict[str, Any] = value.get("headers") or {}
    several: dict[str, list[Any]] = value.get("multiValueHeaders") or {}
    if not isinstance(status, int | str) or not str(status).isdigit() or not isinstance(body, str | None):
        return refusal(502, "Internal server error")
    shown = {str(name): str(one) for name, one in headers.items()}
    shown |= {str(name): ", ".join(map(str, one)) for name, one in several.items()}
    text = body or ""
    if value.get("isBase64Encoded"):
        text = base64.b64decode(text).decode(errors="replace")
    return ApiAnswer(int(status), text, {"Content-Type": "application/json", **shown})
