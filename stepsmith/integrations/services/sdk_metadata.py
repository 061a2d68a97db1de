"""SdkHttpMetadata and SdkResponseMetadata: what optimised integrations add to a service's answer."""

from __future__ import annotations

from collections.abc import Mapping

from stepsmith.engine.ports import StartTask
from stepsmith.expressions.types import Json


def sdk_metadata(
    headers: Mapping[str, str], *, status: int = 200, request_id: str | None = None
) -> dict[str, Json]:
    """Return both members for an answer with these headers."""
    from uuid import uuid4

    identifier = request_id or str(uuid4())
    seen: dict[str, str] = {"connection": "keep-alive", **headers, "x-amzn-RequestId": identifier}
    http: dict[str, Json] = {
        "AllHttpHeaders": {name: [value] for name, value in seen.items()},
        "HttpHeaders": dict(seen),
        "HttpStatusCode": status,
    }
    return {"SdkHttpMetadata": http, "SdkResponseMetadata": {"RequestId": identifier}}


def request_id(task: StartTask) -> str:
    """Return the id of the request that a task makes: the same again for the same attempt."""
    from uuid import NAMESPACE_URL, uuid5

    return str(uuid5(NAMESPACE_URL, task.idempotency_token or f"{task.execution_arn}:{task.id}"))
