"""What the Resource of a Task state names."""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias, cast

from stepsmith.asl.integrations import ACTIONS, SDK_SERVICES, UNSUPPORTED
from stepsmith.asl.placeholders import PLACEHOLDER
from stepsmith.frozen import frozen

Pattern: TypeAlias = Literal["", "sync", "sync:2", "waitForTaskToken"]

_ARN: Final = re.compile(r"arn:(aws[a-z-]*):([a-z0-9-]+):([a-zA-Z0-9-]*):([a-zA-Z0-9_-]*):(.+)", re.ASCII)
_INTEGRATION: Final = re.compile(
    r"(?:(aws-sdk):)?([a-zA-Z0-9-]+):([a-zA-Z0-9]+)(?:\.(sync:2|sync|waitForTaskToken))?", re.ASCII
)
_FUNCTION: Final = re.compile(r"function:[a-zA-Z0-9_-]+(?::[a-zA-Z0-9$_-]+)?", re.ASCII)
_SDK_ACTION: Final = re.compile(r"[a-z][a-zA-Z0-9]*", re.ASCII)


@frozen
class Resource:
    """A resource that Step Functions recognises."""

    kind: Literal["lambda", "activity", "optimised", "sdk"]
    """A Lambda function, an activity, an action Step Functions knows by itself, or any call of the AWS SDK."""
    service: str
    """`lambda`, `states`, `s3`, ... as spelt in the ARN."""
    action: str = ""
    """The action, of integrations only."""
    pattern: Pattern = ""
    """How the integration waits."""


def recognise(arn: str) -> Resource | None:
    """Give what an ARN names; None where Step Functions would not recognise it."""
    found = _ARN.fullmatch(arn)
    if found is None:
        return None
    _, service, region, account, rest = found.groups()
    if service == "lambda" and _FUNCTION.fullmatch(rest):
        return Resource("lambda", "lambda")
    if service != "states":
        return None
    if rest.startswith("activity:") and region and account:
        return Resource("activity", "states")
    return _integration(rest)


def with_what_may_stand(arn: str) -> str | None:
    """Give a resource with what placeholders in it may stand for; None where they hide what it names."""
    marked = PLACEHOLDER.sub("\0", arn)
    if marked == arn:
        return arn
    parts = marked.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn" or "\0" in parts[2]:
        return None
    if parts[2] == "states" and "\0" in parts[5] and not parts[5].startswith("activity:"):
        return None
    known = (parts[0], "aws", parts[2], "us-east-1", "123456789012")
    return ":".join(
        [
            *(one if "\0" in part else part for part, one in zip(parts, known, strict=False)),
            parts[5].replace("\0", "x"),
        ]
    )


def _integration(rest: str) -> Resource | None:
    found = _INTEGRATION.fullmatch(rest)
    if found is None:
        return None
    sdk, service, action = found[1], found[2], found[3]
    pattern = cast(Pattern, found[4] or "")
    if sdk:
        known = (
            service in SDK_SERVICES
            and _SDK_ACTION.fullmatch(action)
            and f"{service}:{action.lower()}" not in UNSUPPORTED
            and pattern in ("", "waitForTaskToken")
        )
        return Resource("sdk", service, action, pattern) if known else None
    known_action = ACTIONS.get(f"{service}:{action}")
    if known_action is None or (pattern and pattern not in known_action.patterns):
        return None
    return Resource("optimised", service, action, pattern)
