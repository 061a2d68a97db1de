"""Batch functions: Python functions that take the records of a queue, a topic or a stream, each on its own."""

from __future__ import annotations

import functools
import json
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, Generic, ParamSpec, Protocol, cast, overload

from stepsmith.authoring.calls.awaiting import finished
from stepsmith.authoring.calls.boundary import Boundary
from stepsmith.authoring.source.names import sentence
from stepsmith.authoring.tasks.provisions import Architecture, FunctionOptions, Policy, function_options
from stepsmith.authoring.workflows.starting import record_input
from stepsmith.authoring.workflows.triggers import PipeTrigger
from stepsmith.errors import InvalidInput
from stepsmith.expressions.typed.static_types import STR
from stepsmith.expressions.types import Json

P = ParamSpec("P")
LONGEST: Final = timedelta(minutes=15)
_logger: Final = logging.getLogger("stepsmith.batches")


class BatchFunction(Generic[P]):
    """A function that takes records one after another; called like the function it was made from. `@batch` makes it."""

    __name__: str
    kind: Final = "batch"

    def __init__(
        self,
        function: Callable[..., Any],
        source: PipeTrigger,
        *,
        timeout: timedelta = timedelta(minutes=1),
        deployment: FunctionOptions | None = None,
    ) -> None:
        functools.update_wrapper(self, function)
        if not timedelta(seconds=1) <= timeout <= LONGEST:
            raise ValueError(f"timeout is {timeout}; a function runs for 1 second to 15 minutes")
        self.function = function
        """The function itself."""
        self.source = source
        """What it reads, and what of a record each parameter gets."""
        self.function_name = function.__name__
        """The name of the Lambda function."""
        self.name = sentence(function.__name__)
        """The name that people read."""
        self.timeout = timeout
        """How long a whole batch may take."""
        self.deployment = deployment or FunctionOptions()
        """How its Lambda function is deployed."""
        self.boundary = Boundary(function)
        """Its signature as JSON sees it."""
        _check_input(function.__name__, self.boundary, source)

    @property
    def clients(self) -> Mapping[str, str]:
        """Parameters that take a client -> the service."""
        return self.boundary.clients

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Call the function directly, for one record, with clients from the source in use."""
        finished(self.function(**self.boundary.with_clients(self.boundary.bind(args, kwargs))))

    def prepare(self) -> None:
        """Make ready what reads records, which otherwise the first call does."""
        self.boundary.prepare()

    def handle(self, event: Json, **clients: object) -> Json:
        """Take a batch as Lambda hands it over, and name the records that failed: the Lambda entry point.

        Records of a stream and messages of a FIFO queue keep their order: after one that fails none is tried, and all
        of them come again. Other messages are tried each, and those that fail come again. Raises InvalidInput for
        what is no batch, and what the first of several records of a stream raises: Lambda halves the batch then, until
        a record that cannot be worked on is alone, and is given up without the others.
        """
        records = event.get("Records") if isinstance(event, dict) else None
        if not isinstance(records, list) or not all(isinstance(each, dict) for each in records):
            raise InvalidInput(f"{self.function_name} takes a batch: an object with a list of Records")
        failed: list[Json] = []
        for place, each in enumerate(cast("list[dict[str, Json]]", records)):
            try:
                self._take(each, clients)
            except Exception:
                is_of_stream = "messageId" not in each
                if is_of_stream and place == 0 and len(records) > 1:
                    raise
                _logger.exception("%s: a record has failed: %s", self.function_name, _identifier(each))
                failed.append(_identifier(each))
                if _is_ordered(each):
                    # Lambda goes on behind a message of a FIFO queue that is not named, and tries again a stream from
                    # the first that is: "Implementing partial batch responses" in its guide
                    rest = [] if is_of_stream else records[place + 1 :]
                    failed += [_identifier(other) for other in cast("list[dict[str, Json]]", rest)]
                    break
        return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}

    def _take(self, record: dict[str, Json], clients: Mapping[str, object]) -> None:
        flat = record
        kinesis = record.get("kinesis")
        if isinstance(kinesis, dict):
            flat = {**kinesis, **record}
        given = record_input(self.source.input, flat)
        payload = {name: self._read(name, value) for name, value in given.items()}
        arguments = self.boundary.with_clients({**self.boundary.from_json(payload), **clients})
        finished(self.function(**arguments))

    def _read(self, name: str, value: Json) -> Json:
        """Read the JSON in a text, for a parameter that is none."""
        (parameter,) = (each for each in self.boundary.parameters if each.name == name)
        whole = self.source.input[name] in ("$.body", "$.data")
        return json.loads(value) if whole and isinstance(value, str) and parameter.type != STR else value

    def __repr__(self) -> str:
        return f"<batch function {self.function_name}>"


class BatchDecorator(Protocol):
    """Makes functions batch functions."""

    @overload
    def __call__(self, function: Callable[P, Coroutine[Any, Any, object]], /) -> BatchFunction[P]: ...
    @overload
    def __call__(self, function: Callable[P, object], /) -> BatchFunction[P]: ...


def batch(
    source: PipeTrigger,
    *,
    timeout: timedelta = timedelta(minutes=1),
    memory: int = 128,
    storage: int = 512,
    architecture: Architecture = "arm64",
    environment: Mapping[str, str] | None = None,
    policies: Sequence[Policy] = (),
    packages: Sequence[str] = (),
    loads: Sequence[str] = (),
) -> BatchDecorator:
    """Make a function take the records of a queue, a topic or a stream: `@batch(QueueMessage(queue=..., input=...))`.

    It is called for each record; what it raises lets that record come again, and not the whole batch. A parameter that
    is no text gets the JSON that `$.body` or `$.data` holds. `timeout` is that of a batch; the options from `memory` on
    are those of `task`. Raises ValueError for an option that is not possible, or an input that the function has not.
    """
    deployment = function_options(
        memory=memory,
        storage=storage,
        architecture=architecture,
        environment=environment,
        policies=policies,
        packages=packages,
        loads=loads,
    )

    def decorate(function: Callable[..., Any]) -> BatchFunction[...]:
        return BatchFunction(function, source, timeout=timeout, deployment=deployment)

    return cast("BatchDecorator", decorate)


def _check_input(function: str, boundary: Boundary, source: PipeTrigger) -> None:
    names = {parameter.name: parameter.required for parameter in boundary.parameters}
    for name in source.input:
        if name not in names:
            raise ValueError(f"{function}() has no parameter {name!r}, which the records are to give")
    for name, required in names.items():
        if required and name not in source.input:
            raise ValueError(
                f"{function}() has a parameter {name!r}, and no part of a record is named for it"
            )


def _identifier(record: Mapping[str, Json]) -> Json:
    """Give what Lambda knows a record by."""
    if "messageId" in record:
        return record["messageId"]
    for name, member in (("kinesis", "sequenceNumber"), ("dynamodb", "SequenceNumber")):
        inner = record.get(name)
        if isinstance(inner, dict):
            return inner.get(member)
    return None


def _is_ordered(record: Mapping[str, Json]) -> bool:
    return "messageId" not in record or str(record.get("eventSourceARN", "")).endswith(".fifo")
