"""What a trigger says to the services that carry it out: the same in a template and in a local cloud."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from stepsmith.authoring.tasks.provisions import Policy, Provision, StateMachine
from stepsmith.authoring.workflows.triggers import (
    Event,
    QueueMessage,
    S3Upload,
    StreamRecord,
    TopicMessage,
    Trigger,
)
from stepsmith.errors import InvalidInput
from stepsmith.expressions.types import Json

if TYPE_CHECKING:
    from stepsmith.authoring.workflows.workflow import Workflow


def event_pattern_of(trigger: S3Upload | Event, bucket: Json) -> dict[str, Json]:
    """Give the pattern of the rule that starts executions; `bucket` is the name of an upload's bucket."""
    if isinstance(trigger, Event):
        return dict(trigger.pattern)
    keys: list[Json] = [{"wildcard": key} for key in trigger.keys]
    return {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": [bucket]}, "object": {"key": keys}},
    }


def input_transformer(input: Mapping[str, str]) -> dict[str, Json]:
    """Give the transformer that makes an execution's input of an event: parameter -> path."""
    return {
        "InputPathsMap": dict(sorted(input.items())),
        # EventBridge puts JSON in for <name>, quotes of texts included
        "InputTemplate": "{" + ", ".join(f'"{each}": <{each}>' for each in sorted(input)) + "}",
    }


def record_input(input: Mapping[str, str], record: Mapping[str, Json]) -> dict[str, Json]:
    """Make an execution's input of a record, as a pipe hands it over: parameter -> path such as `$.body.key`.

    Raises ValueError for a content that is no JSON where a member of it is asked for, and for a member that is not
    there.
    """
    return {name: _part(path, record) for name, path in input.items()}


def _part(path: str, record: Mapping[str, Json]) -> Json:
    _, first, *members = path.split(".")
    found: Json = record.get(first)
    if first == "data":
        found = base64.b64decode(str(found), validate=True).decode()
    if first in ("body", "data") and members:
        found = json.loads(str(found))
    for member in members:
        if not isinstance(found, dict) or member not in found:
            raise ValueError(f"{path} is not in the record")
        found = found[member]
    return found


def reached_by(chosen: Iterable[Workflow[..., Any]]) -> dict[str, Workflow[..., Any]]:
    """Give workflows with those that they start or that end their records; sorted by name.

    Raises InvalidInput for two of the same name.
    """
    found: dict[str, Workflow[..., Any]] = {}
    waiting = list(chosen)
    while waiting:
        workflow = waiting.pop()
        known = found.setdefault(workflow.name, workflow)
        if known is not workflow:
            raise InvalidInput(f"there are two workflows called {workflow.name!r}")
        ended = [] if workflow.ended is None else [workflow.ended]
        waiting += [each for each in [*workflow.children.values(), *ended] if each.name not in found]
    return dict(sorted(found.items()))


def named_in(policies: Iterable[Policy]) -> Iterator[Provision]:
    """Give the tables, queues, topics and buckets that policies name."""
    yield from (each.on for each in policies if not isinstance(each.on, str | StateMachine))


def machines_in(policies: Iterable[Policy]) -> set[str]:
    """Give the names of the workflows whose state machines policies name."""
    return {each.on.name for each in policies if isinstance(each.on, StateMachine)}


def provisions_of(workflow: Workflow[..., Any]) -> Iterator[Provision]:
    """Give the tables, queues, topics and buckets that a workflow, its tasks and its triggers name."""
    for task in workflow.tasks.values():
        yield from named_in(task.deployment.policies)
    yield from named_in(workflow.policies)
    for trigger in workflow.triggers:
        named = source_of(trigger)
        if named is not None and not isinstance(named, str):
            yield named


def source_of(trigger: Trigger) -> Provision | str | None:
    """Give what a trigger reads or hears of, declared or by its name; None for events, the clock and requests."""
    match trigger:
        case S3Upload(bucket=bucket):
            return bucket
        case QueueMessage(queue=queue):
            return queue
        case TopicMessage(topic=topic):
            return topic
        case StreamRecord(stream=stream):
            return stream
        case _:
            return None
