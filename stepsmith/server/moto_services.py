"""The services that moto plays: requests are sent to the addresses that AWS has for them, inside this process."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from stepsmith.cloud.services import Caller, ServiceError
from stepsmith.server.protocols import Exchange, Reply, read

if TYPE_CHECKING:
    from stepsmith.cloud.clients import Observer
    from stepsmith.integrations.clients.local_aws import LocalAws

_logger: Final = logging.getLogger("stepsmith.server")
_PREFIXES: Final = {"ses": "email", "cloudwatch": "monitoring"}
"""Name that requests are signed for -> the first part of the address, where that is another."""
_DROPPED: Final = frozenset({"connection", "transfer-encoding", "content-length", "date", "server"})
_FORBIDDEN: Final = "access-control-"


def answer(aws: LocalAws, service: str, exchange: Exchange, caller: Caller) -> Reply:
    """Let moto answer a request that is signed for a service; raises ServiceError for what it does not play."""
    from botocore.awsrequest import AWSPreparedRequest, HeadersDict

    from stepsmith.integrations.clients.local_aws import LocalServiceError

    headers: Any = HeadersDict(dict(exchange.headers))
    host, path = address(service, exchange, caller)
    headers["host"] = host
    headers["x-moto-account-id"] = caller.account
    query = f"?{exchange.query}" if exchange.query else ""
    request: Any = AWSPreparedRequest(
        exchange.method, f"https://{host}{path}{query}", headers, exchange.body, stream_output=False
    )
    try:
        found: Any = aws.answer(request)
    except LocalServiceError as error:
        _logger.warning("%s", error, exc_info=error.__cause__)
        raise ServiceError("NotImplementedException", str(error).partition(":")[0], status=501) from None
    reply = [
        (str(name), str(value))
        for name, value in found.headers.items()
        if name.lower() not in _DROPPED and not name.lower().startswith(_FORBIDDEN)
    ]
    return Reply(int(found.status_code), reply, bytes(found.content))


def address(service: str, exchange: Exchange, caller: Caller) -> tuple[str, str]:
    """Give host and path at AWS; a bucket in the host goes into the path."""
    if service == "s3":
        bucket = _bucket(exchange.headers.get("host", ""))
        return "s3.amazonaws.com", exchange.path if bucket is None else f"/{bucket}{exchange.path}"
    prefix = _PREFIXES.get(service, service)
    if service == "dynamodb" and exchange.headers.get("x-amz-target", "").startswith("DynamoDBStreams"):
        prefix = "streams.dynamodb"
    if service == "iam":
        return "iam.amazonaws.com", exchange.path
    return f"{prefix}.{caller.region}.amazonaws.com", exchange.path


def _bucket(host: str) -> str | None:
    """Give the bucket in a host such as `photographs.localhost:4599` or `photographs.s3.localhost`."""
    name = host.partition(":")[0]
    if not name.endswith(".localhost"):
        return None
    before = name.removesuffix(".localhost").removesuffix(".s3")
    return None if before == "s3" else before


def tell(name: str, observer: Observer, exchange: Exchange, reply: Reply, caller: Caller) -> None:
    """Let somebody hear of what a service has done, as if a client of boto3 had asked."""
    from botocore.parsers import create_parser

    asked = read(name, exchange) if reply.status < 300 else None
    if asked is None:
        return
    response: Any = {"status_code": reply.status, "headers": dict(reply.headers), "body": reply.body}
    parser: Any = create_parser(asked.operation.service_model.protocol)
    parsed = parser.parse(response, asked.operation.output_shape)
    observer(str(asked.operation.name), asked.parameters, parsed, caller)
