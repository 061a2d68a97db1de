"""What a Task's Resource names, how its events are called, and which parameters AWS refuses before it schedules one."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from stepsmith.engine.values.payload import text_of
from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen

Kind: TypeAlias = Literal["LambdaFunction", "Activity", "Task"]
Pattern: TypeAlias = Literal["request", "sync", "token"]

_LISTS_OF_TEXTS: Final = {
    "arn:aws:states:::apigateway:invoke": ("Headers", "QueryParameters"),
    "arn:aws:states:::apigateway:invoke.waitForTaskToken": ("Headers", "QueryParameters"),
}
"""Fields whose values must be objects of arrays of texts, by resource."""


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


def is_limited(resource: str) -> bool:
    """Tell whether there is anything to check about the parameters of a resource."""
    return resource in _LISTS_OF_TEXTS


def unusable(resource: str, parameters: Json) -> str | None:
    """Say why parameters cannot start a task; None if nothing speaks against them."""
    fields = _LISTS_OF_TEXTS.get(resource)
    if fields is None or not isinstance(parameters, dict):
        return None
    problems = [
        f"The value of the field '{field}' has an invalid format"
        for field in fields
        if field in parameters and not _is_lists_of_texts(parameters[field])
    ]
    if not problems:
        return None
    return (
        f"The Parameters '{text_of(parameters)}' could not be used to start the Task: [{', '.join(problems)}]"
    )


def _is_lists_of_texts(value: Json) -> bool:
    return isinstance(value, dict) and all(
        isinstance(items, list) and all(isinstance(item, str) for item in items) for items in value.values()
    )
