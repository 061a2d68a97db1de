"""Events on an event bus."""

from __future__ import annotations

from collections.abc import Sequence

from stepsmith.events.records.instants import iso_seconds
from stepsmith.expressions.types import Json


def bus_event(
    *,
    id_: str,
    source: str,
    detail_type: str,
    detail: Json,
    at: float,
    account: str,
    region: str,
    resources: Sequence[str] = (),
) -> dict[str, Json]:
    """Build an event as rules see it; its time is cut to seconds."""
    return {
        "version": "0",
        "id": id_,
        "detail-type": detail_type,
        "source": source,
        "account": account,
        "time": iso_seconds(at),
        "region": region,
        "resources": list(resources),
        "detail": detail,
    }


def scheduled_event(*, id_: str, rule_arn: str, at: float, account: str, region: str) -> dict[str, Json]:
    """Build the event that a rule with a schedule sends to its targets."""
    return bus_event(
        id_=id_,
        source="aws.events",
        detail_type="Scheduled Event",
        detail={},
        at=at,
        account=account,
        region=region,
        resources=[rule_arn],
    )
