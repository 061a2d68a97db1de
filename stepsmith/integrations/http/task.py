"""HTTP tasks: `http:invoke` with the standard library, to addresses that were checked."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from typing import cast
from urllib.parse import quote

from stepsmith.expressions.json_text import InvalidJson, read
from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen
from stepsmith.integrations.failures import TaskError, compact, unusable_parameters
from stepsmith.integrations.http.access import HttpAccess, HttpConnection
from stepsmith.integrations.http.addresses import Target, find_target
from stepsmith.integrations.http.encoding import (
    form_text,
    header_values,
    is_forbidden_header,
    query_text,
)

MAX_RESPONSE_BYTES = 262_145
_METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD")
_FIELDS = frozenset(
    {
        "ApiEndpoint",
        "Method",
        "InvocationConfig",
        "Authentication",
        "Headers",
        "QueryParameters",
        "RequestBody",
        "Transform",
    }
)
_DEFAULT_TYPE = "application/json; charset=UTF-8"
_FORM_TYPE = "application/x-www-form-urlencoded"


@frozen
class Request:
    """One request, ready to be sent."""

    method: str
    endpoint: str
    headers: list[tuple[str, str]]
    query: str
    body: bytes | None


def invoke_http(parameters: Json, access: HttpAccess, region: str) -> Json:
    """Carry out `http:invoke` and return headers, body, status code and status text.

    Raises TaskError: States.Http.StatusCode.<code> for an answer that is no success, States.Http.Socket where none
    came in time, States.Runtime where the request cannot be made or the answer cannot be read.
    """
    request = build_request(parameters, access, region)
    target = find_target(request.endpoint, access.allowed_hosts)
    return _exchange(target, request, access.limit_seconds)


def build_request(parameters: Json, access: HttpAccess, region: str) -> Request:
    """Return the request that `parameters` describe; raises TaskError(States.Runtime) naming what is wrong."""
    parameters = check_request(parameters)
    connection = access.connections.get(_connection_arn(parameters) or "", HttpConnection())
    headers = _headers(parameters, connection, region)
    body = _body(parameters, connection, headers)
    query = "&".join(
        filter(None, [query_text(parameters.get("QueryParameters")), form_text(connection.query)])
    )
    return Request(
        cast("str", parameters["Method"]), cast("str", parameters["ApiEndpoint"]), headers, query, body
    )


def check_request(parameters: Json) -> dict[str, Json]:
    """Return the parameters of a request; raises TaskError in AWS's words for what cannot be sent."""
    if not isinstance(parameters, dict):
        raise unusable_parameters(parameters, ["The parameters must be an object"])
    problems = _problems(parameters)
    if problems:
        raise unusable_parameters(parameters, problems)
    return parameters


def _problems(parameters: Mapping[str, Json]) -> list[str]:
    found = [
        f'The field "{name}" is not supported by Step Functions' for name in parameters if name not in _FIELDS
    ]
    found += [
        f"The field '{name}' is required but was missing"
        for name in ("ApiEndpoint", "Method")
        if name not in parameters
    ]
    if _connection_arn(parameters) is None:
        found.append("The field 'ConnectionArn' is required but was missing")
    wrong: list[str] = []
    if "ApiEndpoint" in parameters and not isinstance(parameters["ApiEndpoint"], str):
        wrong.append("ApiEndpoint")
    if "Method" in parameters and parameters["Method"] not in _METHODS:
        wrong.append("Method")
    pairs = header_values(parameters.get("Headers"))
    if pairs is None:
        wrong.append("Headers")
    if query_text(parameters.get("QueryParameters")) is None:
        wrong.append("QueryParameters")
    if not isinstance(parameters.get("Transform", {}), dict):
        wrong.append("Transform")
    found += [f"The value of the field '{name}' has an invalid format" for name in wrong]
    return found + [
        f"The header '{name}' is not allowed" for name, _ in pairs or [] if is_forbidden_header(name)
    ]


def _connection_arn(parameters: Mapping[str, Json]) -> str | None:
    for name in ("InvocationConfig", "Authentication"):
        config = parameters.get(name)
        if isinstance(config, dict) and isinstance(config.get("ConnectionArn"), str):
            return cast("str", config["ConnectionArn"])
    return None


def _headers(
    parameters: Mapping[str, Json], connection: HttpConnection, region: str
) -> list[tuple[str, str]]:
    replaced = {name.lower() for name in connection.headers}
    given = header_values(parameters.get("Headers")) or []
    headers = [pair for pair in given if pair[0].lower() not in replaced]
    headers.extend(connection.headers.items())
    present = {name.lower() for name, _ in headers}
    if "user-agent" not in present:
        headers.append(("User-Agent", f"Amazon|StepFunctions|HttpInvoke|{region}"))
    if "range" not in present:
        headers.append(("Range", f"bytes=0-{MAX_RESPONSE_BYTES - 1}"))
    if "content-type" not in present:
        headers.append(
            ("Content-Type", _FORM_TYPE if _encoding(parameters) == "URL_ENCODED" else _DEFAULT_TYPE)
        )
    return headers


def _encoding(parameters: Mapping[str, Json]) -> Json:
    transform = cast("dict[str, Json]", parameters.get("Transform") or {})
    return transform.get("RequestBodyEncoding", "NONE")


def _body(
    parameters: Mapping[str, Json], connection: HttpConnection, headers: list[tuple[str, str]]
) -> bytes | None:
    value = parameters.get("RequestBody")
    if connection.body:
        if isinstance(value, dict | None):
            value = {**(value or {}), **connection.body}
        else:
            raise unusable_parameters(
                dict(parameters), ["A RequestBody that is no object cannot be joined with the connection's"]
            )
    if value is None:
        return None
    if _encoding(parameters) == "URL_ENCODED":
        return _form_body(parameters, value)
    kind = next((text for name, text in headers if name.lower() == "content-type"), _DEFAULT_TYPE)
    raw = isinstance(value, str) and "json" not in kind.lower()
    return (cast("str", value) if raw else compact(value)).encode()


def _form_body(parameters: Mapping[str, Json], value: Json) -> bytes:
    if not isinstance(value, dict):
        raise unusable_parameters(
            dict(parameters), ["The value of the field 'RequestBody' has an invalid format"]
        )
    transform = cast("dict[str, Json]", parameters.get("Transform") or {})
    options = transform.get("RequestEncodingOptions")
    arrays = options.get("ArrayFormat", "INDICES") if isinstance(options, dict) else "INDICES"
    if arrays not in ("INDICES", "REPEAT", "COMMAS", "BRACKETS"):
        problem = "The value of the field 'ArrayFormat' has an invalid format"
        raise unusable_parameters(dict(parameters), [problem])
    return form_text(value, arrays).encode()


def _exchange(target: Target, request: Request, limit_seconds: float) -> Json:
    """Send and read under one limit for everything: the timer closes the connection under slow servers."""
    connection = http.client.HTTPConnection(target.host, target.port, timeout=limit_seconds)
    timer = threading.Timer(limit_seconds, lambda: _close(connection))
    timer.daemon = True
    timer.start()
    try:
        connection.sock = _connect(target, limit_seconds)
        _send(connection, target, request)
        with connection.getresponse() as response:
            return _read(response)
    except (OSError, http.client.HTTPException, ValueError, AttributeError) as error:
        # closing the connection from the timer shows as one of these, depending on where the exchange was
        raise TaskError("States.Http.Socket", f"{target.host}: {error or type(error).__name__}") from None
    finally:
        timer.cancel()
        connection.close()


def _close(connection: http.client.HTTPConnection) -> None:
    # http.client leaves the attribute at None until there is a connection
    opened = cast("socket.socket | None", connection.sock)
    if opened is not None:
        try:
            opened.shutdown(socket.SHUT_RDWR)
        except OSError:
            opened.close()


def _connect(target: Target, limit_seconds: float) -> socket.socket:
    plain = socket.create_connection((target.address, target.port), timeout=limit_seconds)
    if not target.secure:
        return plain
    try:
        return ssl.create_default_context().wrap_socket(plain, server_hostname=target.host)
    except OSError:
        plain.close()
        raise


def _send(connection: http.client.HTTPConnection, target: Target, request: Request) -> None:
    query = "&".join(filter(None, [target.query, request.query]))
    path = quote(target.path, safe="/%:@!$&'()*+,;=~-._")
    connection.putrequest(request.method, f"{path}?{query}" if query else path, skip_accept_encoding=True)
    for name, text in request.headers:
        connection.putheader(name, text)
    if request.body is not None:
        connection.putheader("Content-Length", str(len(request.body)))
    connection.endheaders(request.body)


def _read(response: http.client.HTTPResponse) -> Json:
    if response.headers.defects:
        raise ConnectionError("the answer ended within its headers")
    if not 200 <= response.status < 300:
        raise TaskError(f"States.Http.StatusCode.{response.status}", response.reason or "")
    headers: dict[str, Json] = {}
    for name, text in response.getheaders():
        cast("list[Json]", headers.setdefault(name.lower(), [])).append(text)
    data = response.read(MAX_RESPONSE_BYTES)
    if response.length and len(data) < MAX_RESPONSE_BYTES:
        # http.client says nothing of an answer that ends early when it is asked for a number of bytes
        raise ConnectionError(
            f"the answer ended after {len(data)} bytes; {response.length} more were announced"
        )
    body = _decode(data, response.getheader("Content-Type", "") or "")
    return {
        "Headers": headers,
        "ResponseBody": body,
        "StatusCode": response.status,
        "StatusText": response.reason or "",
    }


def _decode(data: bytes, content_type: str) -> Json:
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/octet-stream" or kind.partition("/")[0] in ("image", "video", "audio"):
        raise TaskError(
            "States.Runtime", f"The response has the content type {kind}, which is not supported."
        )
    charset = _charset(content_type)
    try:
        text = data.decode(charset)
    except (UnicodeDecodeError, LookupError):
        raise TaskError("States.Runtime", f"The response cannot be read as text in {charset}.") from None
    if kind == "application/json" or kind.endswith("+json"):
        return _parse(text)
    return text


def _charset(content_type: str) -> str:
    for part in content_type.split(";")[1:]:
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"') or "utf-8"
    return "utf-8"


def _parse(text: str) -> Json:
    if not text.strip():
        return ""
    try:
        return read(text, repeated_keys=True)
    except InvalidJson:
        return text
