"""The protocols of the other services that the cloud plays itself, read and written by moto's own means."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from uuid import uuid4

from stepsmith.cloud.services import UNKNOWN, Caller, Service, ServiceError


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request as it came."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def url(self) -> str:
        """The address that was asked."""
        query = f"?{self.query}" if self.query else ""
        return f"http://{self.headers.get('host', 'localhost')}{self.path}{query}"


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks of a service."""

    operation: Any
    """moto's model of the operation."""
    protocol: str
    parameters: dict[str, Any]


def read(name: str, exchange: Exchange) -> Asked | None:
    """Read a request to a service, named as in boto3; None for an operation that its model does not have."""
    from moto.core import parse
    from moto.core.request import Request, determine_request_protocol
    from moto.core.routing import get_service_router
    from moto.core.utils import get_service_model
    from werkzeug.exceptions import HTTPException

    request: Any = Request.from_primitives(
        exchange.method, exchange.url, dict(exchange.headers), exchange.body
    )
    try:
        protocol = determine_request_protocol(get_service_model(name), request.content_type)
        operation, labels = get_service_router(name).match(request)
    except (HTTPException, NotImplementedError):
        return None
    given: Any = {
        "method": request.method,
        "values": request.values,
        "headers": request.headers,
        "body": request.data,
        "url_path": request.path,
        "url_params": labels,
    }
    parser = cast("Any", parse).PROTOCOL_PARSERS[protocol](operation)
    try:
        parsed = parser.parse(given)
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        raise ServiceError("SerializationException", "The request cannot be read") from None
    return Asked(operation, protocol, dict(parsed or {}))


def answer(name: str, service: Service, asked: Asked, caller: Caller) -> Reply | None:
    """Let a service of the cloud answer, named as in boto3; None for an operation that it leaves to moto."""
    try:
        answered = service.call(str(asked.operation.name), asked.parameters, caller)
        found: Any = {name: _whole(value) for name, value in answered.items()}
    except ServiceError as error:
        if error.code == UNKNOWN:
            return None
        found = error
    return _reply(name, asked, found)


def _reply(name: str, asked: Asked, found: Any) -> Reply:
    from moto.core.serialize import get_serializer_class

    request_id = str(uuid4())
    serializer: Any = get_serializer_class(name, asked.protocol)(asked.operation)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of codes that a model does not list
        made = serializer.serialize(found)
    headers = [(str(key), str(value)) for key, value in made["headers"].items()]
    status = found.status if isinstance(found, ServiceError) else int(made["status_code"])
    return Reply(status, [*headers, ("x-amzn-RequestId", request_id)], _bytes(made["body"]))


def _whole(value: Any) -> Any:
    """Return what a member that boto3 streams holds, and any other as it is."""
    return value.read() if hasattr(value, "read") else value


def _bytes(body: Any) -> bytes:
    return body if isinstance(body, bytes) else str(body or "").encode()
