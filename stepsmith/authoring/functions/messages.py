"""Requests and responses of HTTP functions, as an HTTP API hands them over: payload format 2.0."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, datetime
from typing import Any, Final, cast
from urllib.parse import parse_qsl

from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen

JSON: Final = "application/json"
TEXT: Final = "text/plain; charset=utf-8"
BYTES: Final = "application/octet-stream"
_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_VALUE: Final = re.compile(r"[\t\x20-\x7e\x80-\uffff]*")
MOST_PAIRS: Final = 1000
"""Parameters of a query that are read; API Gateway takes a request line of 10,240 bytes."""


class Refused(Exception):
    """Ends an HTTP function with a status and a message for the client: `raise Refused(404, "no such order")`."""

    def __init__(self, status: int, message: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        if not 400 <= status <= 599:
            raise ValueError(f"{status} is no status of a refusal: it is 400 to 599")
        self.status = status
        self.message = message
        self.headers = dict(headers or {})


@frozen(kw_only=True)
class Request:
    """What a client has sent; an HTTP function gets it by a parameter of this type."""

    method: str
    path: str
    route: str
    """The path as it was declared, such as `/orders/{id}`."""
    path_parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    query: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    """By their names in small letters; several of one name are joined by commas."""
    cookies: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""
    at: datetime = datetime.fromtimestamp(0, UTC)
    """When the API has taken it."""
    id: str = ""
    """What the API calls it; in its answer as `apigw-requestid`, and in its log."""

    @property
    def content_type(self) -> str:
        """The type of the body without its parameters, in small letters; empty where none is said."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def json(self) -> Json:
        """Read the body. Raises Refused with status 400 for one that is no JSON."""
        try:
            return cast("Json", json.loads(self.body.decode(), parse_constant=_no_json))
        except UnicodeDecodeError:
            raise Refused(400, "the body is no text in UTF-8") from None
        except (ValueError, RecursionError):
            raise Refused(400, "the body is no JSON") from None


def _no_json(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


@frozen
class Response:
    """What an HTTP function answers.

    A body of bytes or text is sent as it is, `None` is none, and anything else is sent as JSON.
    """

    body: object = None
    status: int = field(default=200, kw_only=True)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], kw_only=True)
    cookies: tuple[str, ...] = field(default=(), kw_only=True)
    """Each one as in a header `Set-Cookie`: `session=7; HttpOnly; Secure; SameSite=Strict`."""
    content_type: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        if not 200 <= self.status <= 599:
            raise ValueError(f"{self.status} is no status of a response: it is 200 to 599")
        for name, value in self.headers.items():
            if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
                raise ValueError(f"{name!r} with {value!r} can be no header")
        for each in (*self.cookies, self.content_type or ""):
            if not _VALUE.fullmatch(each):
                raise ValueError(f"{each!r} can be no header")

    @classmethod
    def redirect(cls, address: str, *, status: int = 303) -> Response:
        """Send the client elsewhere; with 303 it asks there by GET, with 307 and 308 as it has asked here."""
        if status not in (301, 302, 303, 307, 308):
            raise ValueError(f"{status} sends nobody elsewhere: it is 301, 302, 303, 307 or 308")
        return cls(status=status, headers={"location": address})


def request_of(event: Mapping[str, Any], route: str) -> Request:
    """Read the event that an HTTP API calls a function with."""
    http: Mapping[str, Any] = event["requestContext"]["http"]
    text = str(event.get("body") or "")
    query: dict[str, tuple[str, ...]] = {}
    pairs = parse_qsl(str(event.get("rawQueryString") or ""), keep_blank_values=True)
    for name, value in pairs[:MOST_PAIRS]:
        query[name] = (*query.get(name, ()), value)
    headers: Mapping[str, str] = event.get("headers") or {}
    cookies = [each.partition("=") for each in event.get("cookies") or ()]
    return Request(
        method=str(http["method"]),
        path=str(event.get("rawPath") or http["path"]),
        route=route,
        path_parameters=dict(event.get("pathParameters") or {}),
        query=query,
        headers={name.lower(): value for name, value in headers.items()},
        cookies={name.strip(): value.strip() for name, _, value in cookies},
        body=base64.b64decode(text) if event.get("isBase64Encoded") else text.encode(),
        at=datetime.fromtimestamp(float(event["requestContext"].get("timeEpoch", 0)) / 1000, UTC),
        id=str(event["requestContext"].get("requestId") or ""),
    )


def answered(response: Response, *, as_json: bool = False) -> dict[str, Json]:
    """Write a response as a function returns it; with `as_json` texts are sent as JSON, too."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    body, kind = response.body, None
    match body:
        case None:
            text, encoded = "", False
        case str() if not as_json:
            text, encoded, kind = body, False, TEXT
        case bytes():
            text, encoded, kind = base64.b64encode(body).decode(), True, BYTES
        case _:
            text, encoded, kind = _json_text(body), False, JSON
    if response.content_type is not None:
        headers["content-type"] = response.content_type
    elif kind is not None:
        headers.setdefault("content-type", kind)
    found: dict[str, Json] = {"statusCode": response.status, "headers": cast("Json", headers)}
    if response.cookies:
        found["cookies"] = list(response.cookies)
    return {**found, "body": text, "isBase64Encoded": encoded}


def said(status: int, message: str, headers: Mapping[str, str] | None = None) -> dict[str, Json]:
    """Write a refusal as a function returns it."""
    return answered(Response({"message": message}, status=status, headers=headers or {}))


def _json_text(value: object) -> str:
    from pydantic_core import to_jsonable_python

    return json.dumps(to_jsonable_python(value, by_alias=True), allow_nan=False, separators=(",", ":"))
