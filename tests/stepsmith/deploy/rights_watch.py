"""Clients that let a task make only the calls that its policies allow."""

from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

import pytest

from stepsmith.authoring.tasks.provisions import Bucket, Policy, Queue, Table, Topic
from stepsmith.authoring.tasks.task import Task

CURRENT: ContextVar[Task[..., Any] | None] = ContextVar("task", default=None)
ACTIONS = {
    "s3:ListObjectVersions": ["s3:ListBucketVersions"],
    "s3:HeadObject": ["s3:GetObject", "s3:ListBucket"],
    "s3:GetObject": ["s3:GetObject", "s3:ListBucket"],
    "s3:GeneratePresignedUrl": ["s3:GetObject"],
    "s3:ListObjectsV2": ["s3:ListBucket"],
    "lambda:Invoke": ["lambda:InvokeFunction"],
    "lambda:GetWaiter": ["lambda:GetFunction", "lambda:GetFunctionConfiguration"],
}
ITEMS = {
    "Put": "dynamodb:PutItem",
    "Update": "dynamodb:UpdateItem",
    "Delete": "dynamodb:DeleteItem",
    "ConditionCheck": "dynamodb:ConditionCheckItem",
}


class Watched:
    """A client whose calls are compared with the policies of the task that makes them."""

    def __init__(self, client: Any, service: str, seen: set[str]) -> None:
        self._client, self._service, self._seen = client, service, seen

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        task = CURRENT.get()
        if task is None or not callable(found) or name == "exceptions":
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            for action, thing in needed(self._service, name, kwargs):
                self._seen.add(f"{task.function_name} {action}")
                assert is_allowed(task.deployment.policies, action, thing), (
                    f"{task.function_name} calls {action} on {thing}, and no policy allows it"
                )
            return found(*args, **kwargs)

        return call


def needed(service: str, method: str, arguments: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    """What a call of boto3 needs: actions, and the plain names of the things they are on."""
    operation = "".join(word.capitalize() for word in method.split("_"))
    if operation == "TransactWriteItems":
        for item in arguments["TransactItems"]:
            for kind, content in item.items():
                yield ITEMS[kind], content["TableName"]
        return
    thing = arguments.get("TableName") or arguments.get("QueueName") or None
    if operation == "GetObject" and "VersionId" in arguments:
        yield "s3:GetObjectVersion", None
    for action in ACTIONS.get(f"{service}:{operation}", [f"{service}:{operation}"]):
        yield action, thing


def is_allowed(policies: tuple[Policy, ...], action: str, thing: str | None) -> bool:
    return any(action in policy.actions and (thing is None or fits(policy.on, thing)) for policy in policies)


def fits(on: Any, thing: str) -> bool:
    return on.name == thing if isinstance(on, Table | Queue | Topic | Bucket) else True


def remember_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the clients know which task is running."""
    for name in ("handle", "submit"):
        original = getattr(Task, name)

        def watched(self: Any, *args: Any, _original: Any = original, **kwargs: Any) -> Any:
            token = CURRENT.set(self)
            try:
                return _original(self, *args, **kwargs)
            finally:
                CURRENT.reset(token)

        monkeypatch.setattr(Task, name, watched)
