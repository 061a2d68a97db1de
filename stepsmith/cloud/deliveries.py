"""Where one service hands something to another: by the ARN of the target."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is delivered; each way takes of it what it can carry."""

    text: str
    """The message, the body or the payload."""
    attributes: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Message attributes, as SQS and SNS have them."""
    group: str | None = None
    """The message group, for a FIFO queue or topic."""
    deduplication: str | None = None
    subject: str | None = None
    trace: str | None = None
    """The header `AWSTraceHeader`."""
    key: str | None = None
    """The partition key, for a stream."""
    sender: str | None = None
    """The ARN of what sends it, such as a rule, for an API."""


Way: TypeAlias = Callable[[str, Parcel], bool]
"""Takes a target's ARN and a parcel; False where there is no such target, or it does not take the parcel."""


class Deliveries:
    """The ways to the services; each service registers its own."""

    def __init__(self) -> None:
        self._ways: dict[str, Way] = {}

    def register(self, service: str, way: Way) -> None:
        """Let a service, named as in its ARNs, be delivered to."""
        self._ways[service] = way

    def knows(self, arn: str) -> bool:
        """Say whether something can be delivered to the service of an ARN."""
        return service_of(arn) in self._ways

    def send(self, arn: str, parcel: Parcel) -> bool:
        """Deliver a parcel; False where it could not be delivered."""
        way = self._ways.get(service_of(arn))
        return way is not None and way(arn, parcel)


def service_of(arn: str) -> str:
    """Give the service that an ARN names; an empty text for what is no ARN."""
    parts = arn.split(":", 5)
    return parts[2] if len(parts) == 6 and parts[0] == "arn" else ""
