"""What a history says of an execution for a replay: each attempt of each task, what it gave and how long it took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from stepsmith.errors import InvalidInput
from stepsmith.expressions.json_text import InvalidJson, read
from stepsmith.expressions.types import Json
from stepsmith.testing.recordings import status_of
from stepsmith.testing.replays.paths import Lane, Paths
from stepsmith.views.histories.history_events import Event, Owner, details_of

MAP_RUN: Final = "a Map Run"
"""The resource of what a distributed Map did, which is answered as a whole."""
_ENDS: Final = ("Succeeded", "Failed", "TimedOut")
_TASKS: Final = ("Task", "LambdaFunction", "Activity")


@dataclass(slots=True, eq=False)
class Attempt:
    """One attempt of a task."""

    state: str
    resource: str
    """As `service:action` or an ARN."""
    payload: Json
    began: float
    ended: float | None = None
    """When it ended, in seconds since 1970; None where the history does not say that it did."""
    output: Json = None
    error: str | None = None
    cause: str | None = None
    failed: bool = False
    stage: str = "run"
    is_timeout: bool = False
    beside_failure: bool = False
    """Whether what is around it failed, so that it may as well not have begun."""

    @property
    def seconds(self) -> float:
        """How long it took."""
        return max(0.0, (self.ended or self.began) - self.began)


@dataclass(frozen=True, slots=True)
class Recorded:
    """An execution, as a replay needs it."""

    input: Json
    started: float
    until: float
    """When the last thing happened."""
    status: str
    is_open: bool
    """Whether it was not seen to come to an end of its own: it runs, was aborted, or its history is cut off."""
    output: Json
    error: str | None
    path: Lane
    attempts: Mapping[str, Sequence[Attempt]] = field(default_factory=dict[str, list[Attempt]])
    redriven: int = 0


def recorded(events: Sequence[Event]) -> Recorded:
    """Read what a replay needs; raises InvalidInput that says why a history cannot be replayed."""
    if not events or events[0]["type"] != "ExecutionStarted":
        raise InvalidInput("its history does not begin with ExecutionStarted")
    _check_data(events)
    given = details_of(events[0])
    status = status_of(events)
    end = details_of(events[-1])
    reading = _Reading()
    for event in events:
        reading.take(event)
    return Recorded(
        input=_json(given["input"]),
        started=float(events[0]["timestamp"]),
        until=float(events[-1]["timestamp"]),
        status=status,
        is_open=status in ("RUNNING", "ABORTED"),
        output=_json(end["output"]) if status == "SUCCEEDED" else None,
        error=_text(end, "error"),
        path=reading.paths.tree(),
        attempts=reading.attempts(),
        redriven=reading.redriven,
    )


def _check_data(events: Sequence[Event]) -> None:
    for event in events:
        details, kind = details_of(event), str(event["type"])
        for name in ("input", "output", "parameters"):
            more = details.get(f"{name}Details")
            if isinstance(more, dict) and more.get("truncated") is True:  # pyright: ignore[reportUnknownMemberType]  # any JSON object
                raise InvalidInput(f"event {event['id']} holds only a part of its {name}")
        wanted = {"ExecutionStarted": "input", "ExecutionSucceeded": "output"}.get(kind)
        if wanted is None and kind.endswith("StateEntered"):
            wanted = "input"
        if wanted is not None and not isinstance(details.get(wanted), str):
            raise InvalidInput(
                f"event {event['id']}, {kind}, has no {wanted}: the history was exported without data; get it with "
                "includeExecutionData"
            )


class _Reading:
    def __init__(self) -> None:
        self.paths = Paths()
        self.redriven = 0
        self._found: dict[str, list[tuple[Owner, Attempt]]] = {}
        self._under_way: dict[Owner, Attempt] = {}
        self._inputs: dict[Owner, Json] = {}
        self._left: set[Owner] = set()
        self._failed: set[Owner] = set()

    def attempts(self) -> dict[str, list[Attempt]]:
        """Give the attempts by state, in the order in which they began."""
        for each in self._found.values():
            for owner, attempt in each:
                attempt.beside_failure = any(
                    outer in self._failed for outer in owner.outwards() if outer is not owner
                )
        return {name: [attempt for _, attempt in each] for name, each in self._found.items()}

    def take(self, event: Event) -> None:
        kind, details = str(event["type"]), details_of(event)
        owner = self.paths.take(event)
        if kind == "ExecutionRedriven":
            self._forget()
        if owner is None:
            return
        at = float(event["timestamp"])
        if owner.entered == event["id"]:
            self._inputs[owner] = _json(details.get("input"))
        elif kind.endswith("StateExited"):
            self._left.add(owner)
            attempt = self._under_way.get(owner)
            if attempt is not None and attempt.resource == MAP_RUN:
                self._end(owner, at, output=_json(details.get("output")))
        elif kind == "MapRunStarted":
            self._begin(Attempt(owner.name, MAP_RUN, self._inputs.get(owner), at), owner)
        elif kind == "MapRunFailed":
            self._end(owner, at, details)
        elif kind.endswith(("ParallelStateFailed", "MapStateFailed")):
            self._failed.add(owner)
        elif kind.startswith(_TASKS):
            self._task(kind, details, owner, at)

    def _task(self, kind: str, details: Mapping[str, Any], owner: Owner, at: float) -> None:
        if kind.endswith("ScheduleFailed"):
            self._end(owner, at, details, stage="schedule")
        elif kind.endswith("Scheduled"):
            payload = _json(details.get("parameters", details.get("input")))
            self._begin(Attempt(owner.name, _resource(details), payload, at), owner)
        elif kind.endswith(_ENDS):
            if kind.endswith("Succeeded"):
                self._end(owner, at, output=_json(details.get("output", "null")))
                return
            stage = "start" if kind.endswith("StartFailed") else "submit" if "Submit" in kind else "run"
            self._end(owner, at, details, stage=stage, is_timeout=kind.endswith("TimedOut"))

    def _begin(self, attempt: Attempt, owner: Owner) -> None:
        self._found.setdefault(owner.name, []).append((owner, attempt))
        self._under_way[owner] = attempt

    def _end(
        self,
        owner: Owner,
        at: float,
        failure: Mapping[str, Any] | None = None,
        *,
        output: Json = None,
        stage: str = "run",
        is_timeout: bool = False,
    ) -> None:
        attempt = self._under_way.pop(owner, None)
        if attempt is None:  # a failure before anything was scheduled
            attempt = Attempt(owner.name, "", self._inputs.get(owner), at)
            self._found.setdefault(owner.name, []).append((owner, attempt))
        attempt.ended, attempt.output = at, output
        if failure is not None:
            attempt.failed, attempt.stage, attempt.is_timeout = True, stage, is_timeout
            attempt.error = _text(failure, "error") or ("States.Timeout" if is_timeout else None)
            attempt.cause = _text(failure, "cause")

    def _forget(self) -> None:
        """A redrive goes on where the execution failed, and begins to count anew: what failed there is forgotten."""
        self.redriven += 1
        for name, each in self._found.items():
            self._found[name] = [
                (owner, attempt)
                for owner, attempt in each
                if owner in self._left or owner.superseded or not (attempt.failed or attempt.ended is None)
            ]
        self._under_way.clear()
        self._failed.clear()


def _resource(details: Mapping[str, Any]) -> str:
    resource, service = details.get("resource"), details.get("resourceType")
    return f"{service}:{resource}" if isinstance(service, str) else str(resource)


def _text(details: Mapping[str, Any], key: str) -> str | None:
    value = details.get(key)
    if value is None or isinstance(value, str):
        return value
    raise InvalidInput(f"the history holds {type(value).__name__} as {key}, which is a text")


def _json(text: object) -> Json:
    try:
        return read(text) if isinstance(text, str) else None
    except InvalidJson as error:
        raise InvalidInput(f"a payload of the history is not JSON: {error}") from error
