"""What HTTP tasks are allowed, and what their connections add."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import field

from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen

LIMIT_SECONDS = 60.0
"""How long AWS gives a whole exchange."""


@frozen
class HttpConnection:
    """What an EventBridge connection adds to a request; it wins over what the task gives."""

    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    body: Mapping[str, Json] = field(default_factory=dict[str, Json])


@frozen
class HttpAccess:
    """Where HTTP tasks may go, and the connections they may name."""

    allowed_hosts: Collection[str] = ()
    """Hosts that may have a private address and may be called over http."""
    connections: Mapping[str, HttpConnection] = field(default_factory=dict[str, HttpConnection])
    """Connections by ARN; one that is not here adds nothing."""
    limit_seconds: float = LIMIT_SECONDS
