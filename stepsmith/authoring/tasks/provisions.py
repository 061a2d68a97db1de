"""What tasks need around them on AWS: tables, queues, streams, buckets and topics, and what may be done with them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Final, Literal, TypeAlias

from stepsmith.frozen import frozen

Architecture: TypeAlias = Literal["arm64", "x86_64"]
View: TypeAlias = Literal["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"]
VIEWS: Final = ("KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES")

FIFO: Final = ".fifo"
"""What the name of a FIFO queue or topic ends with."""
_NAME: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}", re.ASCII)
_ACTION: Final = re.compile(r"[a-z0-9-]+:[A-Za-z0-9]+", re.ASCII)
_PACKAGE: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", re.ASCII)
_VARIABLE: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9_]+", re.ASCII)
_PARAMETER: Final = re.compile(r"[a-z][a-z0-9]*(?:-[a-z][a-z0-9]*)*", re.ASCII)
_RESERVED: Final = ("AWS_", "LAMBDA_", "STEPSMITH_")


@frozen(kw_only=True)
class Index:
    """A global secondary index of a table; its keys are texts, and it carries whole items."""

    name: str
    key: str
    sort: str | None = None


@frozen
class Table:
    """A DynamoDB table that is paid for by request; its keys are texts."""

    name: str
    key: str = field(default="pk", kw_only=True)
    sort: str | None = field(default=None, kw_only=True)
    indexes: tuple[Index, ...] = field(default=(), kw_only=True)
    expires: str | None = field(default=None, kw_only=True)
    """The attribute that says when DynamoDB deletes an item, in seconds since 1970; without it items stay."""
    stream: View | None = field(default=None, kw_only=True)
    """What the records of its stream show of a changed item; without it there is no stream."""

    def __post_init__(self) -> None:
        _check_name("table", self.name)
        if self.stream is not None and self.stream not in VIEWS:
            raise ValueError(f"stream is {self.stream!r}; it is one of {', '.join(VIEWS)}")


@frozen
class Queue:
    """An SQS queue; one whose name ends with `.fifo` is a FIFO queue."""

    name: str

    def __post_init__(self) -> None:
        _check_name("queue", self.name)

    @property
    def is_fifo(self) -> bool:
        """Whether it keeps the order of messages, and takes each one once."""
        return self.name.endswith(FIFO)


@frozen
class Topic:
    """An SNS topic; one whose name ends with `.fifo` is a FIFO topic."""

    name: str

    def __post_init__(self) -> None:
        _check_name("topic", self.name)

    @property
    def is_fifo(self) -> bool:
        """Whether it keeps the order of messages."""
        return self.name.endswith(FIFO)


@frozen
class Stream:
    """A Kinesis stream that has as many shards as it needs."""

    name: str

    def __post_init__(self) -> None:
        _check_name("stream", self.name)


@frozen
class Bucket:
    """An S3 bucket that sends its events to EventBridge.

    Bucket names are shared by everybody, so the bucket is called after stack, name, account and region.
    """

    name: str

    def __post_init__(self) -> None:
        _check_name("bucket", self.name)


@frozen
class StateMachine:
    """The state machine of a workflow of the same project, by the workflow's name: tasks import no workflows.

    Clients of tasks and functions that name it in a policy call it by that name: `stateMachineArn="orders"`.
    """

    name: str

    def __post_init__(self) -> None:
        _check_name("workflow", self.name)


Provision: TypeAlias = Table | Queue | Topic | Stream | Bucket
"""Something that is deployed together with the tasks that name it."""


@frozen
class Policy:
    """Actions that are allowed on one resource."""

    actions: tuple[str, ...]
    """IAM actions such as `dynamodb:PutItem`, without wildcards."""
    on: Provision | StateMachine | str
    """What they are allowed on: something deployed, an ARN, or `*` for actions that have no resources."""


def allow(*actions: str, on: Provision | StateMachine | str) -> Policy:
    """Allow IAM actions on one resource.

    An ARN may hold `${AWS::AccountId}` and the like. Raises ValueError for a wildcard in an action, and for text that
    is no ARN.
    """
    if not actions:
        raise ValueError("a policy allows at least one action")
    for action in actions:
        if not _ACTION.fullmatch(action):
            raise ValueError(
                f"{action!r} is no IAM action such as 'dynamodb:PutItem'; wildcards are not allowed"
            )
    if isinstance(on, str) and on != "*" and len(on.split(":")) < 6:
        raise ValueError(f"{on!r} is no ARN")
    return Policy(actions, on)


@frozen
class Parameter:
    """A value that each stage says: a parameter of the template, and a variable of the functions that name it."""

    name: str
    default: str = field(kw_only=True)
    """What it is where nobody says anything else, local runs included."""

    def __post_init__(self) -> None:
        if not _PARAMETER.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is no name of a parameter such as 'sender' or 'link-base'")

    @property
    def variable(self) -> str:
        """The environment variable that has it."""
        return self.name.upper().replace("-", "_")

    def value(self) -> str:
        """Give what it is here: what the environment says, or else the default."""
        return os.environ.get(self.variable, self.default)


@frozen(kw_only=True)
class FunctionOptions:
    """How the Lambda function of a task is deployed."""

    memory: int = 128
    """In MB, 128 to 10,240; processor time grows with it."""
    storage: int = 512
    """Of the folder /tmp in MB, 512 to 10,240."""
    architecture: Architecture = "arm64"
    environment: Mapping[str, str | Parameter] = field(default_factory=dict[str, "str | Parameter"])
    """Environment variables; no secrets, they are readable in the template."""
    policies: tuple[Policy, ...] = ()
    """What the function may do."""
    packages: tuple[str, ...] = ()
    """Distributions that it imports besides pydantic, as the lock names them."""
    loads: tuple[str, ...] = ()
    """Modules that it imports when it is called; they are loaded while Lambda starts it."""

    def __post_init__(self) -> None:
        for what, value, least in (("memory", self.memory, 128), ("storage", self.storage, 512)):
            if not least <= value <= 10_240:
                raise ValueError(f"{what} is {value}; it is {least} to 10240 MB")
        if self.architecture not in ("arm64", "x86_64"):
            raise ValueError(f"architecture is {self.architecture!r}; it is 'arm64' or 'x86_64'")
        for name in self.environment:
            if not _VARIABLE.fullmatch(name) or name.startswith(_RESERVED):
                raise ValueError(f"{name!r} is no environment variable that a function may have")
        for name, value in self.environment.items():
            if isinstance(value, Parameter) and name != value.variable:
                raise ValueError(
                    f"the parameter {value.name!r} is read from {value.variable}, not from {name}"
                )
        for name in self.packages:
            if not _PACKAGE.fullmatch(name):
                raise ValueError(f"{name!r} is no name of a distribution")
        for name in self.loads:
            if not all(part.isidentifier() for part in name.split(".")):
                raise ValueError(f"{name!r} is no name of a module")


def function_options(
    *,
    memory: int,
    storage: int,
    architecture: Architecture,
    environment: Mapping[str, str | Parameter] | None,
    policies: Sequence[Policy],
    packages: Sequence[str],
    loads: Sequence[str],
) -> FunctionOptions:
    """Give the options that a decorator was called with. Raises ValueError naming the one that is not possible."""
    return FunctionOptions(
        memory=memory,
        storage=storage,
        architecture=architecture,
        environment=dict(environment or {}),
        policies=tuple(policies),
        packages=tuple(packages),
        loads=tuple(loads),
    )


def creation(table: Table) -> dict[str, object]:
    """Give a table as the parameters of CreateTable, which CloudFormation shares."""
    names = [table.key, *([table.sort] if table.sort else [])]
    for index in table.indexes:
        names += [index.key, *([index.sort] if index.sort else [])]
    made: dict[str, object] = {
        "TableName": table.name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": "S"} for name in sorted(set(names))
        ],
        "KeySchema": _keys(table.key, table.sort),
    }
    if table.stream is not None:
        made["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": table.stream}
    if table.indexes:
        made["GlobalSecondaryIndexes"] = [
            {
                "IndexName": index.name,
                "KeySchema": _keys(index.key, index.sort),
                "Projection": {"ProjectionType": "ALL"},
            }
            for index in table.indexes
        ]
    return made


def _keys(key: str, sort: str | None) -> list[dict[str, str]]:
    keys = [{"AttributeName": key, "KeyType": "HASH"}]
    return [*keys, {"AttributeName": sort, "KeyType": "RANGE"}] if sort else keys


def _check_name(what: str, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a {what}")
