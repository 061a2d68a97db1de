"""SdkHttpMetadata and SdkResponseMetadata: what optimised integrations add to a service's answer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from stepsmith.engine.ports import StartTask
from stepsmith.expressions.types import Json

_NAMESPACE_URL: Final = bytes.fromhex("6ba7b8119dad11d180b400c04fd430c8")
"""The namespace of URLs in RFC 4122."""
_VARIANTS: Final = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}
"""The digit that says which UUIDs these are, by the one of the digest in its place."""


def sdk_metadata(
    headers: Mapping[str, str], *, status: int = 200, request_id: str | None = None
) -> dict[str, Json]:
    """Return both members for an answer with these headers."""
    identifier = request_id or _random_id()
    seen: dict[str, Json] = {"connection": "keep-alive", **headers, "x-amzn-RequestId": identifier}
    http: dict[str, Json] = {
        "AllHttpHeaders": {name: [value] for name, value in seen.items()},
        "HttpHeaders": seen,
        "HttpStatusCode": status,
    }
    return {"SdkHttpMetadata": http, "SdkResponseMetadata": {"RequestId": identifier}}


def without_metadata(answer: Json) -> Json:
    """Return an answer as the service gave it."""
    if not isinstance(answer, dict):
        return answer
    return {
        name: value
        for name, value in answer.items()
        if name not in ("SdkHttpMetadata", "SdkResponseMetadata")
    }


def request_id(task: StartTask) -> str:
    """Return the id of the request that a task makes: the same again for the same attempt."""
    return name_uuid(task.idempotency_token or f"{task.execution_arn}:{task.id}")


def name_uuid(name: str) -> str:
    """Return `uuid5(NAMESPACE_URL, name)` as text, in a third of the time: each call of a function has one."""
    hashed = _begun().copy()
    hashed.update(name.encode())
    digest = hashed.hexdigest()
    variant = _VARIANTS[digest[16]]
    return f"{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"


@cache
def _begun() -> Any:
    from hashlib import sha1  # takes longer to import than an execution without functions

    return sha1(_NAMESPACE_URL, usedforsecurity=False)


def _random_id() -> str:
    from uuid import uuid4

    return str(uuid4())
