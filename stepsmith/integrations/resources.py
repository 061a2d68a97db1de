"""What the Resource of a Task names: a function, an activity, or a service action and the way it is waited for."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, TypeAlias

from stepsmith.frozen import frozen

Pattern: TypeAlias = Literal["request", "sync", "sync:2", "waitForTaskToken"]
"""How a service integration is waited for."""

_PATTERNS: dict[str, Pattern] = {"sync": "sync", "sync:2": "sync:2", "waitForTaskToken": "waitForTaskToken"}


@frozen
class LambdaFunction:
    """A Lambda function named by its ARN, or by any text that is no ARN of a service."""

    arn: str
    name: str
    qualifier: str | None = None


@frozen
class Activity:
    """An activity, whose tasks workers fetch."""

    arn: str


@frozen
class ServiceAction:
    """An optimised integration such as `sqs:sendMessage`."""

    service: str
    action: str
    pattern: Pattern


@frozen
class SdkAction:
    """An AWS SDK integration such as `aws-sdk:s3:getObject`."""

    service: str
    action: str
    pattern: Pattern


Resource: TypeAlias = LambdaFunction | Activity | ServiceAction | SdkAction


@lru_cache(1024)
def parse_resource(text: str) -> Resource:
    """Return what `text` names; anything that is no ARN of AWS is the name of a function."""
    parts = text.split(":")
    if len(parts) < 6 or parts[0] != "arn":
        return LambdaFunction(text, text)
    service, region, rest = parts[2], parts[3], parts[5:]
    if service == "lambda" and rest[0] == "function" and len(rest) > 1:
        return LambdaFunction(text, rest[1], rest[2] if len(rest) > 2 else None)
    if service == "states" and rest[0] == "activity":
        return Activity(text)
    if service == "states" and not region and not parts[4] and len(rest) > 1:
        return _service_action(rest)
    return LambdaFunction(text, rest[-1])


def _service_action(rest: list[str]) -> ServiceAction | SdkAction:
    sdk = rest[0] == "aws-sdk" and len(rest) > 2
    service, *words = rest[1:] if sdk else rest
    action, _, pattern = ":".join(words).partition(".")
    kind = SdkAction if sdk else ServiceAction
    return kind(service, action, _PATTERNS.get(pattern, "request"))


def function_name(text: str) -> str:
    """Return the plain name in a FunctionName: a name, a `${placeholder}`, a partial or a whole ARN."""
    if text.startswith("${") and text.endswith("}"):
        return text[2:-1]
    parts = text.split(":")
    if "function" in parts[:-1]:
        return parts[parts.index("function") + 1]
    return text if parts[0] == "arn" else parts[0] or text
