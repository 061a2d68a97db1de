"""Which kind of thing a Task's Resource names, and how its events are called."""

from __future__ import annotations

from typing import Literal, TypeAlias

from stepsmith.frozen import frozen

Kind: TypeAlias = Literal["LambdaFunction", "Activity", "Task"]
Pattern: TypeAlias = Literal["request", "sync", "token"]


@frozen
class Resource:
    """A Resource, taken apart."""

    arn: str
    kind: Kind
    """What the names of its events begin with."""
    pattern: Pattern
    """Whether the state waits for the answer to a call, for the job it started, or for a callback."""
    service: tuple[str, str] | None
    """`resourceType` and `resource` of the events of a service integration."""

    @property
    def shown(self) -> str:
        """The name that AWS uses where a result is too large."""
        return self.arn if self.service is None else self.service[0]

    @property
    def has_token(self) -> bool:
        """Whether the context object has a Task.Token."""
        return self.pattern != "request" or self.kind == "Activity"


def parse_resource(arn: str) -> Resource:
    """Take a Resource apart; an ARN of no known form counts as a function's."""
    _, integration, rest = arn.partition(":states:::")
    if integration:
        if rest.startswith("aws-sdk:"):
            service, _, action = rest.removeprefix("aws-sdk:").partition(":")
            kind = f"aws-sdk:{service}"
        else:
            kind, _, action = rest.partition(":")
        suffix = action.partition(".")[2]
        return Resource(arn, "Task", _pattern(suffix), (kind, action))
    if ":activity:" in arn:
        return Resource(arn, "Activity", "request", None)
    return Resource(arn, "LambdaFunction", "request", None)


def _pattern(suffix: str) -> Pattern:
    if suffix.startswith("sync"):
        return "sync"
    return "token" if suffix == "waitForTaskToken" else "request"
