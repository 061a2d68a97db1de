"""Who calls a REST API: a service of AWS, and what CloudFront and the gateway add to every request."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Final

_EDGE: Final[Mapping[str, str]] = {
    "CloudFront-Forwarded-Proto": "https",
    "CloudFront-Is-Desktop-Viewer": "true",
    "CloudFront-Is-Mobile-Viewer": "false",
    "CloudFront-Is-SmartTV-Viewer": "false",
    "CloudFront-Is-Tablet-Viewer": "false",
    "CloudFront-Viewer-ASN": "64512",
    "CloudFront-Viewer-Country": "US",
    "Via": "1.1 local.cloudfront.net (CloudFront)",
    "X-Amz-Cf-Id": "local",
}
"""What CloudFront adds, for a viewer with a private number and no country of its own."""
_LOCAL: Final = "127.0.0.1"


def service_address(arn: str) -> tuple[str, str]:
    """Give method and address of what an ARN names, `…:API/STAGE/METHOD/PATH`."""
    region, resource = arn.split(":")[3], arn.split(":", 5)[5]
    api, stage, method, *path = resource.split("/")
    # recorded: a service asks for the path with a slash behind it, targets test_put_events_with_target_api_gateway
    return (
        method,
        f"https://{api}.execute-api.{region}.amazonaws.com/{stage}/{''.join(f'{each}/' for each in path)}",
    )


def service_headers(sender: str, now: datetime) -> dict[str, str]:
    """Give the headers of a request that EventBridge makes for a rule, a schedule or a pipe, as recorded."""
    return {
        "amz-sdk-invocation-id": str(uuid.uuid4()),
        "amz-sdk-request": "attempt=1; max=1",
        "amz-sdk-retry": "0/0/500",
        "Content-Type": "application/json",
        "User-Agent": "AmazonEventBridge",
        "x-amz-date": f"{now:%Y%m%dT%H%M%SZ}",
        "X-Amz-Security-Token": "local",
        "X-Amz-Source-Account": sender.split(":")[4],
        "X-Amz-Source-Arn": sender,
    }


def arrived(headers: Mapping[str, str], host: str, *, is_at_edge: bool) -> dict[str, str]:
    """Give the headers of a request as integrations see them."""
    there = {name.lower() for name in headers}
    added = {
        **(_EDGE if is_at_edge else {}),
        "Host": host,
        "X-Amzn-Trace-Id": f"Root=1-{uuid.uuid4().hex[:8]}-{uuid.uuid4().hex[:24]}",
        "X-Forwarded-For": f"{_LOCAL}, {_LOCAL}" if is_at_edge else _LOCAL,
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
    }
    return {**{name: value for name, value in added.items() if name.lower() not in there}, **headers}
