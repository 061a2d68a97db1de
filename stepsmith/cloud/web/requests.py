"""A client's request as the event that Lambda gets (payload format 2.0), and the answer as a response."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from stepsmith.expressions.types import Json

_TEXTS: Final = ("application/json", "application/javascript", "application/xml")
"""Content types beside `text/*` whose bodies an HTTP API hands over as they are, not in Base64."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request of a client."""

    method: str
    target: str
    """Path and query, as they were sent."""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    client: str = "127.0.0.1"

    @property
    def path(self) -> str:
        """The path as it was sent."""
        return urlsplit(self.target).path or "/"


@dataclass(frozen=True, slots=True)
class Response:
    """What a request is answered with."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict[str, str])
    cookies: tuple[str, ...] = ()
    """What the headers `Set-Cookie` say."""

    def json(self) -> Any:
        """Read the body."""
        return json.loads(self.body)


def said(status: int, content: Json) -> Response:
    """Answer with JSON."""
    return Response(status, json.dumps(content).encode(), {"content-type": "application/json"})


def event_of(
    asked: Asked, route: str, parameters: Mapping[str, str], *, now: datetime, account: str, id: str
) -> dict[str, Any]:
    """Write the event of a request, as it is documented for payload format 2.0."""
    parts = urlsplit(asked.target)
    headers = _joined((name.lower(), value) for name, value in asked.headers if name.lower() != "cookie")
    cookies = [
        each.strip() for name, value in asked.headers if name.lower() == "cookie" for each in value.split(";")
    ]
    path = unquote(asked.path)
    body, is_encoded = _body(asked.body, headers.get("content-type", ""))
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": parts.query,
        "headers": headers,
        "requestContext": {
            "accountId": account,
            "apiId": "local",
            "domainName": headers.get("host", "localhost"),
            "domainPrefix": "local",
            "http": {
                "method": asked.method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": asked.client,
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": id,
            "routeKey": route,
            "stage": "$default",
            "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "timeEpoch": round(now.timestamp() * 1000),
        },
        "isBase64Encoded": is_encoded,
    }
    query = _joined(parse_qsl(parts.query, keep_blank_values=True))
    for name, value in (
        ("cookies", cookies),
        ("queryStringParameters", query),
        ("pathParameters", dict(parameters)),
    ):
        if value:
            event[name] = value
    if asked.body:
        event["body"] = body
    return event


def response_of(answer: Any) -> Response | None:
    """Read what a function has returned; None for what an HTTP API cannot read.

    Without a `statusCode` the whole of it is the body, as JSON, with status 200.
    """
    found = cast("dict[str, Any]", answer) if isinstance(answer, dict) else {}
    if "statusCode" not in found:
        return said(200, cast("Json", answer))
    text = found.get("body") or ""
    try:
        body = base64.b64decode(text, validate=True) if found.get("isBase64Encoded") else str(text).encode()
        given = cast("dict[str, Any]", found.get("headers") or {})
        headers = {name.lower(): str(value) for name, value in given.items()}
        status = int(found["statusCode"])
    except (TypeError, ValueError, AttributeError):
        return None
    headers.setdefault("content-type", "text/plain; charset=utf-8")
    return Response(status, body, headers, tuple(map(str, found.get("cookies") or ())))


def _body(body: bytes, content_type: str) -> tuple[str, bool]:
    kind = content_type.partition(";")[0].strip().lower()
    if kind.startswith("text/") or kind in _TEXTS:
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(body).decode(), True


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Put several of one name together with commas, as an HTTP API does."""
    found: dict[str, str] = {}
    for name, value in pairs:
        found[name] = f"{found[name]},{value}" if name in found else value
    return found
