"""Which service answers a request: the target in its headers says so, or the name that it is signed for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from stepsmith.cloud.actions.service import ACTIONS
from stepsmith.cloud.local import LocalCloud
from stepsmith.cloud.services import REGION, Caller, ServiceError
from stepsmith.server import moto_services, protocols, wire
from stepsmith.server.callers import Scope
from stepsmith.server.guard import Refused
from stepsmith.server.protocols import Exchange, Reply

TARGET: Final = "AWSStepFunctions."
MOST_JSON_BYTES: Final = 1_310_720
"""What a request of Step Functions may have: a definition of 1 MiB, escaped."""
QUICK: Final = frozenset({"StartExecution", "DescribeExecution", "SendTaskSuccess", "SendTaskFailure"})
"""Actions that take microseconds, whatever there is; the others may wait or read much."""
QUICK_BYTES: Final = 16_384
POLLS: Final = frozenset({"GetActivityTask"})
"""Actions that take something for their client, and so must not go on without it."""
_SERVICES: Final[Mapping[str, str]] = {
    "states": "stepfunctions", "sqs": "sqs", "sns": "sns", "lambda": "lambda", "events": "events",
    "scheduler": "scheduler", "pipes": "pipes", "kinesis": "kinesis", "s3": "s3", "dynamodb": "dynamodb",
}  # fmt: skip
"""Name that requests are signed for -> name in boto3, where the cloud plays or watches the service."""


def action_of(headers: Mapping[str, str]) -> str | None:
    """Return the action of Step Functions that a request names; None where it is for another service."""
    target = headers.get("x-amz-target", "")
    return target.removeprefix(TARGET) if target.startswith(TARGET) else None


def is_quick(action: str, length: int) -> bool:
    """Say whether an action may be carried out where other requests wait meanwhile."""
    return action in QUICK and length <= QUICK_BYTES


def check_step_functions(action: str, headers: Mapping[str, str]) -> None:
    """Refuse what cannot be a request of Step Functions before its body is read."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in wire.CONTENT_TYPES:
        raise Refused(415, "UnsupportedMediaTypeException", "The content type is application/x-amz-json-1.0")
    if int(headers.get("content-length", "0")) > MOST_JSON_BYTES:
        raise Refused(413, "RequestEntityTooLargeException", f"At most {MOST_JSON_BYTES} bytes are read")
    if action not in ACTIONS:
        raise Refused(400, "UnknownOperationException", "Step Functions has no such action")


def step_functions(
    cloud: LocalCloud,
    action: str,
    body: bytes,
    caller: Caller,
    is_wanted: Callable[[], bool] = lambda: True,
    *,
    is_kept: bool = True,
) -> tuple[int, bytes]:
    """Carry an action of Step Functions out; gives status and body of the answer, to be sent once it is kept."""
    service = cloud.step_functions
    try:
        return 200, wire.write(service.call(action, wire.read_body(body), caller, is_wanted, is_kept=is_kept))
    except ServiceError as error:
        return error.status, wire.write_refusal(error)


def other(cloud: LocalCloud, exchange: Exchange, scope: Scope) -> Reply:
    """Let another service answer; raises ServiceError for one that nobody plays, or that nobody is named by."""
    if scope.service is None:
        text = "The request is not signed, and names no action of Step Functions"
        raise ServiceError("MissingAuthenticationToken", text, status=400)
    name = _name(scope.service, exchange)
    reply = _played(cloud, name, exchange, scope.caller)
    if reply is not None:
        return reply
    reply = moto_services.answer(cloud.aws, scope.service, exchange, scope.caller)
    observer = cloud.observers.get(name)
    if observer is not None:
        moto_services.tell(name, observer, exchange, reply, scope.caller)
    return reply


def _played(cloud: LocalCloud, name: str, exchange: Exchange, caller: Caller) -> Reply | None:
    """Let the cloud answer what it plays itself; None for what may be moto's."""
    operations, part = cloud.parts.get(name, (None, None))
    if name == "s3":
        if not exchange.query:
            return None  # S3 names the operations that are played here in the query
        # The bucket may be a part of the host; the model has it in the path.
        host, path = moto_services.address(name, exchange, caller)
        exchange = replace(exchange, path=path, headers={**exchange.headers, "host": host})
    service = cloud.services.get(name, part)
    asked = None if service is None else protocols.read(name, exchange)
    if service is None or asked is None:
        return None
    if operations is not None and asked.operation.name not in operations:
        return None
    return protocols.answer(name, service, asked, caller)


def api_address(host: str, path: str) -> str | None:
    """Give the address of the REST API that a request is for; None for requests to AWS itself.

    An API is at `ID.execute-api.localhost/STAGE/PATH` and at `/restapis/ID/STAGE/_user_request_/PATH` of any host.
    """
    name = host.partition(":")[0]
    if ".execute-api." in name:
        return f"https://{name}{path}"
    parts = path.split("/", 5)
    if len(parts) >= 5 and parts[1] == "restapis" and parts[4] == "_user_request_":
        return f"https://{parts[2]}.execute-api.{REGION}.amazonaws.com/{parts[3]}/{''.join(parts[5:])}"
    return None


def api(cloud: LocalCloud, exchange: Exchange, address: str) -> Reply:
    """Let a REST API answer."""
    url = f"{address}?{exchange.query}" if exchange.query else address
    body = exchange.body.decode(errors="replace")
    answer = cloud.gateways.answer(exchange.method, url, exchange.headers, body)
    return Reply(answer.status, list(answer.headers.items()), answer.body.encode())


def _name(signed: str, exchange: Exchange) -> str:
    if signed == "dynamodb" and exchange.headers.get("x-amz-target", "").startswith("DynamoDBStreams"):
        return "dynamodbstreams"
    return _SERVICES.get(signed, signed)
