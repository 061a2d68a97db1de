"""Names of tables, queues, topics, streams and buckets: what a project calls them, and what a stack calls its own.

A project says `TableName="orders"` everywhere. On AWS each stack has an `orders` of its own, whose name CloudFormation
makes: definitions get it by DefinitionSubstitutions, and the clients of tasks put it into what they send.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias, cast

from stepsmith.authoring.tasks.provisions import Bucket, Provision, Queue, Stream, Table, Topic
from stepsmith.expressions.types import Json

VARIABLE: Final = "STEPSMITH_NAMES"
"""The environment variable of a function that has its names as JSON."""

Names: TypeAlias = Mapping[str, Mapping[str, str]]
"""Member of a request, such as `TableName` -> name in the project -> name on AWS."""

_BY_TABLE: Final = ("RequestItems", "Responses", "UnprocessedItems", "UnprocessedKeys")
"""Members of DynamoDB's batches whose own members are called like tables."""


def names_of(provisions: Mapping[str, Provision]) -> dict[str, dict[str, str]]:
    """Give the names of what is provided, by logical name, as Fn::Sub text."""
    found: dict[str, dict[str, str]] = {}
    for logical, provision in sorted(provisions.items()):
        for member, attribute in _members(provision):
            found.setdefault(member, {})[provision.name] = f"${{{logical}{attribute}}}"
    return found


def renamed(value: Any, names: Names) -> Any:
    """Give a request with the names of the project replaced; everything else is left as it is."""
    match value:
        case dict():
            members = cast("dict[str, Any]", value)
            return {name: _member(name, inner, names) for name, inner in members.items()}
        case list() | tuple():
            return [renamed(inner, names) for inner in cast("Iterable[Any]", value)]
        case _:
            return value


def renamed_calls(definition: Any, names: Names) -> Any:
    """Give a definition with the names replaced in what its states send to services themselves."""
    match definition:
        case dict():
            members = cast("dict[str, Any]", definition)
            resource = members.get("Resource")
            own = isinstance(resource, str) and ":::" in resource and ":::lambda:" not in resource
            return {
                name: renamed(inner, names)
                if own and name in ("Arguments", "Parameters")
                else renamed_calls(inner, names)
                for name, inner in members.items()
            }
        case list():
            return [renamed_calls(inner, names) for inner in cast("list[Any]", definition)]
        case _:
            return definition


def give_names(client: Any, names: Names) -> None:
    """Let a boto3 client put the names of a stack into what it sends, and take them out of DynamoDB's batches."""
    events, service = client.meta.events, client.meta.service_model.service_id.hyphenize()
    back = {"TableName": {deployed: name for name, deployed in names.get("TableName", {}).items()}}

    def sent(params: dict[str, Any], **_: object) -> dict[str, Any]:
        return cast("dict[str, Any]", renamed(params, names))

    def received(parsed: dict[str, Any], **_: object) -> None:
        parsed.update(renamed({key: parsed[key] for key in _BY_TABLE if key in parsed}, back))

    events.register(f"provide-client-params.{service}", sent)
    if service == "dynamodb":
        events.register("after-call.dynamodb", received)


def _members(provision: Provision) -> list[tuple[str, str]]:
    """Give the members of requests that name something, and what of its resource CloudFormation puts there."""
    match provision:
        case Table():
            return [("TableName", "")]
        case Queue():
            return [("QueueName", ".QueueName"), ("QueueUrl", "")]
        case Topic():
            return [("TopicArn", "")]
        case Stream():
            return [("StreamName", "")]
        case Bucket():
            return [("Bucket", "")]


def _member(name: str, value: Any, names: Names) -> Any:
    if isinstance(value, str):
        return names.get(name, {}).get(value, value)
    if name in _BY_TABLE and isinstance(value, dict):
        tables = names.get("TableName", {})
        return {
            tables.get(table, table): renamed(inner, names)
            for table, inner in cast("dict[str, Json]", value).items()
        }
    return renamed(value, names)
