"""Executions on AWS: started, watched and stopped like those that run here."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast, overload

from stepsmith.asl import parse
from stepsmith.asl.model import StateMachine
from stepsmith.errors import InvalidInput, NotFound
from stepsmith.expressions.tree import Span
from stepsmith.expressions.types import Json
from stepsmith.integrations.account import AwsAccount, AwsFailure, aws_failures
from stepsmith.service.execution import failure_of
from stepsmith.service.history import Event

if TYPE_CHECKING:
    from stepsmith.authoring.workflows import Workflow

R = TypeVar("R")
ALIAS = "live"
"""The alias that deployment gives each state machine; started where it is there."""
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 5.0


class RemoteEvents(Sequence[Event]):
    """The events of an execution on AWS, fetched once."""

    def __init__(self, events: list[Event]) -> None:
        self._events = events

    def __len__(self) -> int:
        return len(self._events)

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> list[Event]: ...
    def __getitem__(self, index: int | slice) -> Event | list[Event]:
        return self._events[index]

    def of(self, *types: str) -> list[Event]:
        """Return the events of these types, such as `TaskStateEntered`."""
        return [event for event in self._events if event["type"] in types]

    def __repr__(self) -> str:
        return f"<{len(self)} events>"


class AwsExecution(Generic[R]):
    """An execution on AWS; everything it shows is asked for, and kept once it has ended."""

    def __init__(
        self,
        account: AwsAccount,
        arn: str,
        *,
        convert: Callable[[Json], R],
        errors: Mapping[str, type[Exception]] | None = None,
        spans: Mapping[str, Span] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.arn = arn
        """The ARN of the execution."""
        self.spans: Mapping[str, Span] = spans or {}
        """State name -> the place in the source that the state stands for; empty for definitions without source."""
        self._account = account
        self._convert = convert
        self._errors = errors or {}
        self._sleep = sleep
        self._now = now
        self._ended: dict[str, Any] | None = None
        self._events: list[Event] | None = None
        self._definition: StateMachine | None = None

    @property
    def name(self) -> str:
        """The name of the execution."""
        return self.arn.rpartition(":")[2]

    @property
    def input(self) -> Json:
        """The input."""
        return cast("Json", json.loads(self._described().get("input", "null")))

    @property
    def status(self) -> str:
        """RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED or PENDING_REDRIVE."""
        return str(self._described()["status"])

    @property
    def output(self) -> Json:
        """The output as JSON; None unless it has succeeded."""
        text = self._described().get("output")
        return None if text is None else cast("Json", json.loads(text))

    @property
    def error(self) -> str | None:
        """The error name of an execution that did not succeed."""
        return cast("str | None", self._described().get("error"))

    @property
    def cause(self) -> str | None:
        """The cause of an execution that did not succeed."""
        return cast("str | None", self._described().get("cause"))

    @property
    def started(self) -> datetime:
        """When it started."""
        return cast("datetime", self._described()["startDate"]).astimezone(UTC)

    @property
    def elapsed(self) -> timedelta:
        """The time from its start to its end, or until now."""
        found = self._described()
        return cast("datetime", found.get("stopDate") or datetime.now(UTC)) - cast(
            "datetime", found["startDate"]
        )

    @property
    def history(self) -> RemoteEvents:
        """The events so far, timestamps in seconds since 1970."""
        if self._events is None:
            ended = self._described()["status"] != "RUNNING"
            events = list(self._fetch())
            if not ended:
                return RemoteEvents(events)
            self._events = events
        return RemoteEvents(self._events)

    @property
    def path(self) -> list[str]:
        """The states entered so far, in order."""
        return [_state(event) for event in self.history if str(event["type"]).endswith("StateEntered")]

    @property
    def failed_state(self) -> str | None:
        """The innermost state that made it fail."""
        events = {event["id"]: event for event in self.history}
        if not events or self.history[-1]["type"] != "ExecutionFailed":
            return None
        event = events.get(self.history[-1].get("previousEventId"))
        while event is not None:
            if str(event["type"]).endswith("StateEntered"):
                return _state(event)
            event = events.get(event.get("previousEventId"))
        return None

    def wait(self, timeout: float | None = None) -> AwsExecution[R]:
        """Wait until it has ended and return it; raises TimeoutError after `timeout` seconds."""
        began, pause = self._now(), _FIRST_WAIT
        while self.status == "RUNNING":
            if timeout is not None and self._now() - began >= timeout:
                raise TimeoutError(f"execution {self.name} still runs after {timeout} seconds")
            self._sleep(pause)
            pause = min(pause * 1.5, _LONGEST_WAIT)
        return self

    def result(self) -> R:
        """Wait for the output and return it as the type that the workflow declares.

        Raises the error that the workflow raised where its class is known, and ExecutionFailed otherwise.
        """
        self.wait()
        if self.status != "SUCCEEDED":
            raise failure_of(self.status, self.error, self.cause, self._errors)
        return self._convert(self.output)

    def __await__(self) -> Generator[Any, None, R]:
        """Wait for the result without blocking the event loop."""
        import asyncio

        return asyncio.to_thread(self.result).__await__()

    def events(self) -> Iterator[Event]:
        """Give the events one by one as they come, up to the last."""
        seen, pause = 0, _FIRST_WAIT
        while True:
            # asked before the events are fetched: what comes in between is seen the next time
            ended = self.status != "RUNNING"
            fresh = self.history[seen:]
            yield from fresh
            seen += len(fresh)
            if ended:
                return
            pause = _FIRST_WAIT if fresh else min(pause * 1.5, _LONGEST_WAIT)
            self._sleep(pause)

    def stop(self, error: str | None = None, cause: str | None = None) -> None:
        """Abort it."""
        given = {name: value for name, value in (("error", error), ("cause", cause)) if value is not None}
        with aws_failures(f"stopping {self.name}"):
            self._client.stop_execution(executionArn=self.arn, **given)

    def redrive(self) -> None:
        """Let it go on where it failed. Raises AwsFailure where AWS cannot."""
        with aws_failures(f"redriving {self.name}"):
            self._client.redrive_execution(executionArn=self.arn)
        self._ended = self._events = None

    @property
    def machine_name(self) -> str:
        """The name of the state machine it is an execution of."""
        return self.arn.split(":")[6]

    @property
    def definition(self) -> StateMachine:
        """The state machine it is an execution of, as it was when the execution started."""
        if self._definition is None:
            with aws_failures(f"reading the definition of {self.name}"):
                found = self._client.describe_state_machine_for_execution(executionArn=self.arn)
            self._definition = parse(str(found["definition"]))
        return self._definition

    def __repr__(self) -> str:
        return f"<execution {self.arn}>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Show a notebook status, data, graph, timeline and events, as of a local execution."""
        from stepsmith.service.shown import execution_bundle

        return execution_bundle(self)

    @property
    def _client(self) -> Any:
        return self._account.client("stepfunctions")

    def _described(self) -> dict[str, Any]:
        if self._ended is not None:
            return self._ended
        try:
            with aws_failures(f"looking at {self.name}"):
                found = cast("dict[str, Any]", self._client.describe_execution(executionArn=self.arn))
        except AwsFailure as failure:
            if failure.code == "ExecutionDoesNotExist":
                raise NotFound(f"there is no execution {self.arn}") from None
            raise
        if found["status"] not in ("RUNNING", "PENDING_REDRIVE"):
            self._ended = found
        return found

    def _fetch(self) -> Iterator[Event]:
        pages = self._client.get_paginator("get_execution_history")
        with aws_failures(f"reading the history of {self.name}"):
            for page in pages.paginate(executionArn=self.arn):
                for event in page["events"]:
                    yield {**event, "timestamp": event["timestamp"].timestamp()}


class AwsBackend:
    """The state machines of an account, as somewhere to run workflows."""

    def __init__(self, account: AwsAccount, *, stack: str | None = None) -> None:
        self.account = account
        self.stack = stack

    def start(
        self, workflow: Workflow[..., Any], input: Mapping[str, Json], *, name: str | None = None
    ) -> AwsExecution[Any]:
        """Start an execution of a deployed workflow. Raises NotFound where it is not deployed."""
        from stepsmith.service.workflow_runs import error_classes

        arn = self.start_machine(self.machine_arn(workflow.name), json.dumps(input), name=name)
        return AwsExecution(
            self.account,
            arn,
            convert=workflow.boundary.result.from_json,
            errors=error_classes(workflow),
            spans=workflow.spans,
        )

    def start_machine(self, arn: str, input: str, *, name: str | None = None) -> str:
        """Start an execution of a state machine, by its alias where it has ours, and give the execution's ARN."""
        given = {} if name is None else {"name": name}
        with aws_failures("starting an execution"):
            started = self._client.start_execution(stateMachineArn=self._aliased(arn), input=input, **given)
        return str(started["executionArn"])

    def execution(self, arn: str) -> AwsExecution[Json]:
        """Give an execution by its ARN. Raises InvalidInput for text that is no such ARN."""
        if len(arn.split(":")) < 8 or arn.split(":")[5] not in ("execution", "express"):
            raise InvalidInput(f"{arn!r} is no ARN of an execution")
        return AwsExecution(self.account, arn, convert=_same)

    def executions(self, machine: str, *, status: str | None = None, most: int = 20) -> list[dict[str, Any]]:
        """Give the executions of a state machine as ListExecutions has them, newest first."""
        given = {} if status is None else {"statusFilter": status}
        pages = self._client.get_paginator("list_executions")
        with aws_failures("listing the executions"):
            found = pages.paginate(stateMachineArn=machine, PaginationConfig={"MaxItems": most}, **given)
            return [each for page in found for each in page["executions"]]

    def machine_arn(self, name: str) -> str:
        """Give the ARN of a deployed workflow's state machine, or an ARN back.

        Raises NotFound where there is none, and InvalidInput where several stacks have one.
        """
        if name.startswith("arn:"):
            return name
        with aws_failures("listing the state machines"):
            pages = self._client.get_paginator("list_state_machines").paginate()
            machines = {
                each["name"]: each["stateMachineArn"] for page in pages for each in page["stateMachines"]
            }
        if self.stack is not None:
            found = [f"{self.stack}-{name}"] if f"{self.stack}-{name}" in machines else []
        else:
            found = [each for each in machines if each == name or each.endswith(f"-{name}")]
        if not found:
            where = f"stack {self.stack}" if self.stack else self.account.region
            raise NotFound(f"{name} is not deployed in {where}; deploy it with: stepsmith deploy {name}")
        if len(found) > 1:
            raise InvalidInput(
                f"{name} is deployed more than once: {', '.join(sorted(found))}; name the stack"
            )
        return str(machines[found[0]])

    def _aliased(self, arn: str) -> str:
        alias = f"{arn}:{ALIAS}"
        if len(arn.split(":")) != 7:
            return arn
        try:
            with aws_failures("looking for the alias"):
                self._client.describe_state_machine_alias(stateMachineAliasArn=alias)
        except AwsFailure as failure:
            if failure.code.startswith("AccessDenied"):
                raise
            return arn  # deployed by others, or an endpoint that knows no aliases
        return alias

    @property
    def _client(self) -> Any:
        return self.account.client("stepfunctions")


def aws(
    *,
    region: str | None = None,
    profile: str | None = None,
    endpoint_url: str | None = None,
    stack: str | None = None,
) -> AwsBackend:
    """Return AWS as the place to run deployed workflows: `workflow.start(..., backend=aws(region="eu-west-1"))`."""
    return AwsBackend(AwsAccount(region, profile, endpoint_url), stack=stack)


def _state(event: Event) -> str:
    details = event.get("stateEnteredEventDetails")
    return str(details.get("name")) if isinstance(details, dict) else ""


def _same(value: Json) -> Json:
    return value
