"""AWS JSON 1.0 as Step Functions speaks it: requests read, answers and refusals written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, cast
from xml.sax.saxutils import escape

from stepsmith.cloud.services import ServiceError

CONTENT_TYPE: Final = b"application/x-amz-json-1.0"
CONTENT_TYPES: Final = frozenset(
    {"application/x-amz-json-1.0", "application/x-amz-json-1.1", "application/json"}
)
_XML: Final = frozenset({"cloudfront", "route53"})
"""Services whose requests are not forms, and whose answers are XML."""
DEEPEST: Final = 60
"""How deep the JSON of a request may be nested; payloads are texts inside it."""


def read_body(body: bytes) -> dict[str, Any]:
    """Return the members of a request; raises SerializationException."""
    if body.count(b"[") + body.count(b"{") > DEEPEST and _depth(body) > DEEPEST:
        raise _unreadable("The request is nested too deeply")
    try:
        found: Any = json.loads(body.decode() or "{}", parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise _unreadable("The request is not JSON in UTF-8") from None
    if not isinstance(found, dict):
        raise _unreadable("The request is not a JSON object")
    return cast("dict[str, Any]", found)


def _unreadable(text: str) -> ServiceError:
    return ServiceError("SerializationException", text)


def _refuse(text: str) -> None:
    raise ValueError(text)


def _depth(body: bytes) -> int:
    """Return how deep brackets are nested at most, those in strings aside."""
    depth = most = 0
    is_text = is_escaped = False
    for byte in body:
        if is_escaped:
            is_escaped = False
        elif byte == 0x5C:
            is_escaped = is_text
        elif byte == 0x22:
            is_text = not is_text
        elif is_text:
            continue
        elif byte in b"[{":
            depth += 1
            most = max(most, depth)
        elif byte in b"]}":
            depth -= 1
    return most


def write(answer: Mapping[str, object]) -> bytes:
    """Return the body of an answer; instants are seconds since 1970, to the millisecond."""
    return json.dumps(answer, default=_plain, ensure_ascii=False, separators=(",", ":")).encode(
        errors="surrogatepass"
    )


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        seconds = value.timestamp()
        return round(seconds, 3)
    raise TypeError(f"{type(value).__name__} is no JSON")


def write_refusal(error: ServiceError) -> bytes:
    """Return the body of a refusal."""
    return write({"__type": error.code, "message": error.message, **error.more})


def write_refusal_of(
    error: ServiceError, service: str | None, content_type: str, request_id: str
) -> tuple[bytes, bytes]:
    """Return content type and body of a refusal as clients of a service read it; the name is that of signatures."""
    if service == "s3":
        text = f"<Error><Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
        text += f"<RequestId>{request_id}</RequestId></Error>"
    elif content_type.startswith("application/x-www-form-urlencoded") or service in _XML:
        text = f"<ErrorResponse><Error><Type>Sender</Type><Code>{escape(error.code)}</Code>"
        text += f"<Message>{escape(error.message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    else:
        return CONTENT_TYPE, write_refusal(error)
    return b"application/xml", f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode(errors="replace")
