"""Executions on AWS: started, watched and stopped like those that run here."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast, overload

from stepsmith.asl import parse
from stepsmith.asl.model import StateMachine
from stepsmith.errors import InvalidInput, NotFound
from stepsmith.expressions.tree import Span
from stepsmith.expressions.types import Json
from stepsmith.integrations.account import AwsAccount, AwsFailure, aws_failures
from stepsmith.service.execution import failure_of
from stepsmith.service.history import Event
from stepsmith.service.personal import workflow_marks
from stepsmith.views.history_events import failed_state, name_in

if TYPE_CHECKING:
    from stepsmith.authoring.workflows import Workflow
    from stepsmith.privacy import Marks

R = TypeVar("R")
ALIAS = "live"
"""The alias that deployment gives each state machine; started where it is there."""
WORKFLOW_TAG = "stepsmith:workflow"
"""The tag by which deployment says which workflow a state machine is."""
MOST_EVENTS_A_PAGE = 1000
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 5.0
_MOST_LATE = 20.0
"""The seconds for which AWS may still not know what it has just been told: what it shows is eventually consistent."""
_GOES_ON = ("RUNNING", "PENDING_REDRIVE")
_LAST_EVENTS = ("ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut")
_NO_ALIAS = ("ResourceNotFound", "StateMachineDoesNotExist", "UnknownOperationException")


class RemoteWatcher(Protocol):
    """Is told of an execution on AWS while somebody waits for it."""

    def changed(self) -> None:
        """Take notice of what may be new."""
        ...

    def end(self) -> None:
        """Take notice of the end: of the execution, or of the waiting."""
        ...


observers: list[Callable[[AwsExecution[Any]], RemoteWatcher | None]] = []
"""Are asked, for each execution on AWS that somebody begins to wait for, for somebody to watch it."""


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
        marks: Callable[[], Marks] | None = None,
        fresh: bool = False,
        ended: dict[str, Any] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.arn = arn
        """The ARN of the execution."""
        self.spans: Mapping[str, Span] = spans or {}
        """State name -> the place in the source that the state stands for; empty for definitions without source."""
        self.marks = marks
        """Gives what is personal in it, which is masked where it is shown; None where nothing is known to be."""
        self._account = account
        self._convert = convert
        self._errors = errors or {}
        self._sleep = sleep
        self._now = now
        self._fresh_until = now() + _MOST_LATE if fresh else None
        self._redrives = 0
        self._ended = ended
        self._events: list[Event] | None = None
        self._definition: StateMachine | None = None

    @property
    def name(self) -> str:
        """The name of the execution."""
        return self.arn.rpartition(":")[2]

    @property
    def is_express(self) -> bool:
        """Whether it is one of an Express state machine, which only its log remembers."""
        return self.arn.split(":")[5] == "express"

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
        if self.is_express:
            return RemoteEvents([])  # Step Functions keeps no history of it
        if self._events is None:
            ended = self._described()["status"] not in _GOES_ON
            events = list(self._fetch())
            if not ended or not _is_whole(events):
                return RemoteEvents(events)
            self._events = events
        return RemoteEvents(self._events)

    @property
    def path(self) -> list[str]:
        """The states entered so far, in order."""
        return [name_in(event) for event in self.history if str(event["type"]).endswith("StateEntered")]

    @property
    def failed_state(self) -> str | None:
        """The innermost state that made it fail."""
        return failed_state(self.history)

    def wait(self, timeout: float | None = None) -> AwsExecution[R]:
        """Wait until it has ended and return it; raises TimeoutError after `timeout` seconds.

        An interrupt ends the waiting only: it goes on, until it ends or `stop()` is called.
        """
        found = [observer(self) for observer in list(observers)]
        watchers = [watcher for watcher in found if watcher is not None]
        try:
            self._wait(timeout, watchers)
        finally:
            for watcher in watchers:
                watcher.end()
        return self

    def _wait(self, timeout: float | None, watchers: list[RemoteWatcher]) -> None:
        began, pause = self._now(), _FIRST_WAIT
        while self.status in _GOES_ON:
            for watcher in watchers:
                watcher.changed()
            if timeout is not None and self._now() - began >= timeout:
                raise TimeoutError(f"execution {self.name} still runs after {timeout} seconds")
            self._sleep(pause)
            pause = min(pause * 1.5, _LONGEST_WAIT)

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
        seen, pause, give_up = 0, _FIRST_WAIT, None
        while True:
            # asked before the events are fetched: what comes in between is seen the next time
            ended = self.status not in _GOES_ON
            history = self.history
            fresh = history[seen:]
            yield from fresh
            seen += len(fresh)
            if ended and give_up is None:
                give_up = self._now() + _MOST_LATE
            if ended and (_is_whole(history) or self._now() >= (give_up or 0)):
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
        before = int(self._described().get("redriveCount") or 0)
        with aws_failures(f"redriving {self.name}"):
            self._client.redrive_execution(executionArn=self.arn)
        self._ended = self._events = None
        self._redrives, self._fresh_until = before + 1, self._now() + _MOST_LATE

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
        while True:
            found = self._asked()
            if found is not None and int(found.get("redriveCount") or 0) >= self._redrives:
                break
            if self._fresh_until is None or self._now() >= self._fresh_until:
                break
            self._sleep(_FIRST_WAIT)
        if found is None:
            raise NotFound(f"there is no execution {self.arn}")
        self._fresh_until = None
        if found["status"] not in _GOES_ON:
            self._ended = found
        return found

    def _asked(self) -> dict[str, Any] | None:
        """Give what AWS says about it; None where AWS does not know it."""
        try:
            with aws_failures(f"looking at {self.name}"):
                return cast("dict[str, Any]", self._client.describe_execution(executionArn=self.arn))
        except AwsFailure as failure:
            if failure.code == "ExecutionDoesNotExist":
                return None
            raise

    def _fetch(self) -> Iterator[Event]:
        pages = self._client.get_paginator("get_execution_history")
        with aws_failures(f"reading the history of {self.name}"):
            for page in pages.paginate(
                executionArn=self.arn, PaginationConfig={"PageSize": MOST_EVENTS_A_PAGE}
            ):
                for event in page["events"]:
                    yield {**event, "timestamp": event["timestamp"].timestamp()}


class AwsBackend:
    """The state machines of an account, as somewhere to run workflows."""

    def __init__(self, account: AwsAccount, *, stack: str | None = None) -> None:
        self.account = account
        self.stack = stack
        self._types: dict[str, str] = {}

    def start(
        self, workflow: Workflow[..., Any], input: Mapping[str, Json], *, name: str | None = None
    ) -> AwsExecution[Any]:
        """Start an execution of a deployed workflow; one of an Express state machine has ended when it is given.

        Raises NotFound where it is not deployed.
        """
        from stepsmith.service.workflow_runs import error_classes

        machine = self.machine_arn(workflow.name)
        if self.is_express(machine):
            ended = self.run_express(machine, json.dumps(input), name=name)
            arn = str(ended["executionArn"])
        else:
            ended, arn = None, self.start_machine(machine, json.dumps(input), name=name)
        return AwsExecution(
            self.account,
            arn,
            ended=ended,
            convert=workflow.boundary.result.from_json,
            errors=error_classes(workflow),
            spans=workflow.spans,
            fresh=True,
            marks=lambda: workflow_marks(workflow),
        )

    def start_machine(self, arn: str, input: str, *, name: str | None = None) -> str:
        """Start an execution of a state machine, by its alias where it has ours, and give the execution's ARN."""
        given = {} if name is None else {"name": name}
        with aws_failures("starting an execution"):
            started = self._client.start_execution(stateMachineArn=self._aliased(arn), input=input, **given)
        return str(started["executionArn"])

    def run_express(self, arn: str, input: str, *, name: str | None = None) -> dict[str, Any]:
        """Run an execution of an Express state machine to its end, and give what AWS says about it."""
        given = {} if name is None else {"name": name}
        with aws_failures("running an execution"):
            return cast(
                "dict[str, Any]",
                self._client.start_sync_execution(stateMachineArn=self._aliased(arn), input=input, **given),
            )

    def is_express(self, arn: str) -> bool:
        """Say whether a state machine is an Express one."""
        if arn in self._types:
            return self._types[arn] == "EXPRESS"
        with aws_failures("looking at the state machine"):
            return self._client.describe_state_machine(stateMachineArn=arn)["type"] == "EXPRESS"

    def execution(
        self,
        arn: str,
        *,
        workflow: Workflow[..., Any] | None = None,
        fresh: bool = False,
        ended: dict[str, Any] | None = None,
    ) -> AwsExecution[Json]:
        """Give an execution by its ARN; of a workflow that is known, what is personal in it is known too.

        A fresh one is one that AWS may not know for another moment; `ended` is what AWS said at its end. Raises
        InvalidInput for text that is no such ARN, and for an execution in another region.
        """
        parts = arn.split(":")
        if len(parts) < 8 or parts[5] not in ("execution", "express"):
            raise InvalidInput(f"{arn!r} is no ARN of an execution")
        self._check_region(arn)
        marks = None if workflow is None else lambda: workflow_marks(workflow)
        return AwsExecution(self.account, arn, convert=_same, marks=marks, fresh=fresh, ended=ended)

    def executions(self, machine: str, *, status: str | None = None, most: int = 20) -> list[dict[str, Any]]:
        """Give the executions of a state machine as ListExecutions has them, newest first."""
        given = {} if status is None else {"statusFilter": status}
        pages = self._client.get_paginator("list_executions")
        with aws_failures("listing the executions"):
            found = pages.paginate(stateMachineArn=machine, PaginationConfig={"MaxItems": most}, **given)
            return [each for page in found for each in page["executions"]]

    def machine_arn(self, name: str) -> str:
        """Give the ARN of a deployed workflow's state machine, or an ARN back.

        Without a stack, that is the one state machine called so, or the one that some stack has of a workflow of this
        name. Raises NotFound where there is none, and InvalidInput where several stacks have one.
        """
        if name.startswith("arn:"):
            self._check_region(name)
            return name
        machines = self._machines()
        if self.stack is not None:
            if f"{self.stack}-{name}" in machines:
                return machines[f"{self.stack}-{name}"]
            raise NotFound(f"{name} is not deployed in stack {self.stack}{self._elsewhere(name, machines)}")
        if name in machines:
            return machines[name]
        found = self._stacks_with(name, machines)
        if not found:
            raise NotFound(
                f"{name} is not deployed in {self.account.region}; deploy it with: stepsmith deploy {name}"
            )
        if len(found) > 1:
            raise InvalidInput(f"{name} is deployed in the stacks {', '.join(found)}; name one with --stack")
        return machines[f"{found[0]}-{name}"]

    def _machines(self) -> dict[str, str]:
        with aws_failures("listing the state machines"):
            pages = self._client.get_paginator("list_state_machines").paginate(
                PaginationConfig={"PageSize": 1000}
            )
            found = [each for page in pages for each in page["stateMachines"]]
        self._types = {each["stateMachineArn"]: each["type"] for each in found}
        return {each["name"]: each["stateMachineArn"] for each in found}

    def _elsewhere(self, name: str, machines: Mapping[str, str]) -> str:
        """Say where else a workflow is deployed, or how to deploy it."""
        others = self._stacks_with(name, machines)
        if others:
            return f", but in {', '.join(others)}; name it with --stack"
        return f" in {self.account.region}; deploy it with: stepsmith deploy {name} --stack {self.stack}"

    def _stacks_with(self, name: str, machines: Mapping[str, str]) -> list[str]:
        """Give the stacks that have a workflow of this name, as the tags of their state machines say."""
        return [
            each.removesuffix(f"-{name}")
            for each, arn in sorted(machines.items())
            if each.endswith(f"-{name}") and self._workflow_of(arn) == name
        ]

    def _workflow_of(self, machine: str) -> str | None:
        with aws_failures("reading tags"):
            tags = self._client.list_tags_for_resource(resourceArn=machine)["tags"]
        return next((each["value"] for each in tags if each["key"] == WORKFLOW_TAG), None)

    def _check_region(self, arn: str) -> None:
        region = arn.split(":")[3] if arn.count(":") > 3 else ""
        if self.account.endpoint_url is None and region not in ("", self.account.region):
            raise InvalidInput(
                f"{arn} is in {region}, and this call goes to {self.account.region}; say --region {region}"
            )

    def _aliased(self, arn: str) -> str:
        alias = f"{arn}:{ALIAS}"
        if len(arn.split(":")) != 7:
            return arn
        try:
            with aws_failures("looking for the alias"):
                self._client.describe_state_machine_alias(stateMachineAliasArn=alias)
        except AwsFailure as failure:
            if failure.code not in _NO_ALIAS:
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


def _is_whole(events: Sequence[Event]) -> bool:
    """Say whether a history has its last event: right after the end, AWS may not show it yet."""
    return bool(events) and events[-1]["type"] in _LAST_EVENTS


def _same(value: Json) -> Json:
    return value
