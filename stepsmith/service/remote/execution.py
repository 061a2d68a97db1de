"""Executions on AWS: started, watched and stopped like those that run here."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast, overload

from stepsmith.asl import parse
from stepsmith.asl.model import StateMachine
from stepsmith.errors import NotFound
from stepsmith.expressions.typed.tree import Span
from stepsmith.expressions.types import Json
from stepsmith.integrations.clients.account import AwsAccount, AwsFailure, aws_failures
from stepsmith.service.executions.declared import NOTHING_DECLARED, Declared, awaited
from stepsmith.service.executions.history import Event
from stepsmith.service.executions.questions import child_arns, child_named
from stepsmith.views.histories.history_events import failed_state, name_in

if TYPE_CHECKING:
    from stepsmith.privacy import Marks

R = TypeVar("R")
MOST_EVENTS_A_PAGE = 1000
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 5.0
_MOST_LATE = 20.0
"""The seconds for which AWS may still not know what it has just been told: what it shows is eventually consistent."""
_GOES_ON = ("RUNNING", "PENDING_REDRIVE")
_LAST_EVENTS = ("ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut")


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
        declared: Declared[R],
        *,
        fresh: bool = False,
        ended: dict[str, Any] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.arn = arn
        """The ARN of the execution."""
        self._declared = declared
        self._account = account
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
        return self._declared.result_of(self.wait())

    def __await__(self) -> Generator[Any, None, R]:
        """Wait for the result without blocking the event loop."""
        return awaited(self.result).__await__()

    @property
    def children(self) -> list[AwsExecution[Json]]:
        """The executions that its tasks have started, in the order of their start."""
        return [
            AwsExecution(self._account, arn, NOTHING_DECLARED, sleep=self._sleep, now=self._now)
            for arn in child_arns(self.history)
        ]

    def child(self, name: str) -> AwsExecution[Json]:
        """Return the latest execution that it has started of a machine, or under a name; raises NotFound."""
        return child_named(name, self.children)

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
    def spans(self) -> Mapping[str, Span]:
        """State name -> the place in the source that the state stands for; empty for definitions without source."""
        return self._declared.spans

    def marks(self) -> Marks | None:
        """Give what is personal in it, which is masked where it is shown; None where nothing is known to be."""
        return None if self._declared.marks is None else self._declared.marks()

    @property
    def item_counts(self) -> dict[str, dict[str, int]]:
        """The items of each Map Run by their status: none, since its history does not say."""
        return {}

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
        from stepsmith.service.executions.shown import execution_bundle

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


def _is_whole(events: Sequence[Event]) -> bool:
    """Say whether a history has its last event: right after the end, AWS may not show it yet."""
    return bool(events) and events[-1]["type"] in _LAST_EVENTS
