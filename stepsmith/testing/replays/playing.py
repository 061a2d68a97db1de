"""Plays a recorded execution through a machine: each task answers what it answered, when it answered it."""

from __future__ import annotations

import heapq
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count, islice
from typing import Any, Final, cast

from stepsmith.engine.kernel.run import Run
from stepsmith.engine.kernel.settings import ACCOUNT
from stepsmith.engine.ports import (
    Answer,
    CancelTask,
    Command,
    MoreItems,
    ReadItems,
    StartTask,
    TaskFailed,
    TaskHeartbeat,
    TaskStarted,
    TaskSubmitted,
    TaskSucceeded,
    WriteResults,
)
from stepsmith.errors import InvalidInput
from stepsmith.expressions.types import Json
from stepsmith.integrations.clients.registry import DEFAULT_REGION
from stepsmith.integrations.resources import Activity, LambdaFunction, ServiceAction, parse_resource
from stepsmith.service.machines.machine import Machine, load
from stepsmith.testing.replays.alike import Difference, Unlike, identifiers, places
from stepsmith.testing.replays.paths import entered
from stepsmith.testing.replays.recorded import MAP_RUN, Attempt, Recorded

NAME: Final = "stepsmith-replayed-execution"
MACHINE_NAME: Final = "stepsmith-replayed-machine"
_MAP_RUN_RESOURCE: Final = f"arn:aws:states:{DEFAULT_REGION}:{ACCOUNT}:activity:{MACHINE_NAME}-map-run"
_KEPT_OF_MAP: Final = ("InputPath", "Next", "End", "Catch", "Retry", "QueryLanguage", "Comment")
_MOST_COMPARED: Final = 50
"""Attempts of one state that are looked at for the one most like a call."""
_MOST_PLACES: Final = 20
"""Places in which two payloads differ that are counted."""
_MOST_HEARTBEATS: Final = 1000
"""Signs of life that are given for one attempt; for longer ones they come less often than they could."""


@dataclass(frozen=True, slots=True)
class OtherInput:
    """A task was called with something else than recorded."""

    state: str
    places: tuple[Difference, ...]


@dataclass(slots=True)
class Played:
    """What came of a replay."""

    run: Run
    unlike: Unlike
    missing: StartTask | None = None
    """A call of which nothing was recorded; the replay ends there."""
    is_further_attempt: bool = False
    """Whether the missing one would be one attempt more than was recorded."""
    inputs: list[OtherInput] = field(default_factory=list[OtherInput])
    unheard: list[str] = field(default_factory=list[str])
    """States that would now wait longer than anybody has waited for their answer."""
    other_function: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    """State, what it called, what it would call."""
    unused: list[Attempt] = field(default_factory=list[Attempt])
    """What was called and is not any more."""


class Player:
    """A machine, made ready to play recordings: once for all of them."""

    def __init__(self, machine: Machine) -> None:
        definition = cast("dict[str, Any]", json.loads(machine.definition.to_json()))
        self.whole_maps = frozenset(_answered_whole(definition))
        self.machine = load(definition, name=MACHINE_NAME, type=machine.type)
        self.states = frozenset(name for name, _ in _states(definition))

    def play(self, recorded: Recorded) -> Played:
        """Play a recording as far as it goes."""
        settings = self.machine.settings(DEFAULT_REGION, 0, ACCOUNT)
        run = Run(self.machine.program, settings, recorded.input, now=recorded.started, name=NAME)
        given = [recorded.input, *(each.output for some in recorded.attempts.values() for each in some)]
        texts = (run.arn, run.machine_arn, settings.role_arn, NAME, MACHINE_NAME)
        unlike = Unlike(texts, frozenset(identifiers(given)))
        return _Play(Played(run, unlike), recorded, self.states).go()


class _Play:
    def __init__(self, played: Played, recorded: Recorded, states: frozenset[str]) -> None:
        self._played, self._run, self._recorded = played, played.run, recorded
        self._left = {state: list(attempts) for state, attempts in recorded.attempts.items()}
        self._renamed = [state for state in self._left if state not in states]
        self._due: list[tuple[float, int, Callable[[float], None]]] = []
        self._numbers = count()
        self._cancelled: set[int] = set()
        self._entered = frozenset(entered(recorded.path))

    def go(self) -> Played:
        run, played, now = self._run, self._played, self._recorded.started
        while run.status == "RUNNING" and played.missing is None:
            commands = run.advance(now)
            for command in commands:
                self._take(command, now)
            if commands or run.busy:
                continue
            timer = run.next_timer
            due = self._due[0][0] if self._due else None
            instants = [each for each in (timer, due) if each is not None]
            if not instants or (self._recorded.is_open and min(instants) > self._recorded.until):
                break
            now = max(now, min(instants))
            if due is not None and due <= now:
                heapq.heappop(self._due)[2](now)
        played.unused = [each for some in self._left.values() for each in some if each.ended is not None]
        return played

    def _at(self, at: float, act: Callable[[float], None]) -> None:
        heapq.heappush(self._due, (at, next(self._numbers), act))

    def _take(self, command: Command, now: float) -> None:
        match command:
            case StartTask():
                if self._played.missing is None:
                    self._call(command, now)
            case CancelTask():
                self._cancelled.add(command.id)
            case (
                ReadItems() | MoreItems() | WriteResults()
            ):  # pragma: no cover - maps that read are answered whole
                raise InvalidInput("what a distributed Map reads and writes is in no history")

    def _call(self, command: StartTask, now: float) -> None:
        attempt = self._find(command)
        if attempt is None and command.resource == _MAP_RUN_RESOURCE and command.state in self._entered:
            raise InvalidInput(
                f"{command.state!r} is a distributed Map, and the history holds no Map Run of it: it ended before "
                "that, or its items are in the history"
            )
        if attempt is None:
            self._played.missing = command
            self._played.is_further_attempt = command.attempt > 0
            return
        self._note(command, attempt)
        if attempt.ended is None:
            return  # nobody knows what it would have said
        if attempt.failed and not attempt.is_timeout and attempt.stage != "run":
            stage = cast("Any", attempt.stage)
            failure = TaskFailed(id=command.id, error=attempt.error, cause=attempt.cause, stage=stage)
            self._at(now + attempt.seconds, lambda later: self._say(failure, later))
            return
        for handed in _handed_out(command):
            self._say(handed, now)
        self._beat(command, attempt, now)
        answer: Answer = (
            TaskFailed(id=command.id, error=attempt.error, cause=attempt.cause)
            if attempt.failed
            else TaskSucceeded(id=command.id, output=attempt.output)
        )
        self._at(now + attempt.seconds, lambda later: self._say(answer, later))

    def _note(self, command: StartTask, attempt: Attempt) -> None:
        unlike = self._played.unlike.and_(command.token)
        found = tuple(islice(places(attempt.payload, command.payload, unlike), _MOST_PLACES))
        if found:
            self._played.inputs.append(OtherInput(command.state, found))
        called = _called(command)
        if called is not None and not _same_call(attempt.resource, called):
            self._played.other_function.append((command.state, attempt.resource, called))
        function = _other_function(attempt.payload, command.payload)
        if function is not None:
            self._played.other_function.append((command.state, *function))
        limit = command.timeout_seconds
        if attempt.is_timeout and (limit is None or limit > attempt.seconds + 1):
            heartbeat = command.heartbeat_seconds
            if heartbeat is None or heartbeat > attempt.seconds + 1:
                self._played.unheard.append(command.state)

    def _beat(self, command: StartTask, attempt: Attempt, now: float) -> None:
        """Give signs of life: no history holds those that there were."""
        heartbeat = command.heartbeat_seconds
        if heartbeat is None or attempt.is_timeout or attempt.seconds < heartbeat:
            return
        pause = max(heartbeat * 0.9, 0.001)
        if attempt.seconds / pause > _MOST_HEARTBEATS:
            attempt.ended = attempt.began + pause * _MOST_HEARTBEATS
        for number in range(1, int(attempt.seconds / pause) + 1):
            self._at(now + number * pause, lambda later: self._say(TaskHeartbeat(id=command.id), later))

    def _say(self, answer: Answer, now: float) -> None:
        if answer.id not in self._cancelled:
            self._run.apply(answer, now)

    def _find(self, command: StartTask) -> Attempt | None:
        left = self._left.get(command.state)
        if left is None:
            return self._find_renamed(command)
        if not left:
            return None
        unlike = self._played.unlike.and_(command.token)
        place = 0
        if len(left) > 1:
            best = _MOST_PLACES + 1
            for at, each in enumerate(left[:_MOST_COMPARED]):
                differing = sum(
                    1 for _ in islice(places(each.payload, command.payload, unlike), _MOST_PLACES)
                )
                if differing < best:
                    best, place = differing, at
                if not differing:
                    break
        return left.pop(place)

    def _find_renamed(self, command: StartTask) -> Attempt | None:
        """Find the same call in a state that has another name now."""
        called = _called(command)
        unlike = self._played.unlike.and_(command.token)
        for state in self._renamed:
            for at, each in enumerate(self._left[state][:_MOST_COMPARED]):
                fits = called is not None and _same_call(each.resource, called)
                if fits and next(places(each.payload, command.payload, unlike), None) is None:
                    return self._left[state].pop(at)
        return None


def _handed_out(command: StartTask) -> Iterator[Answer]:
    match parse_resource(command.resource):
        case Activity() if command.resource != _MAP_RUN_RESOURCE:
            yield TaskStarted(id=command.id)
        case Activity() | LambdaFunction():
            return
        case resource:
            if resource.pattern != "request":
                yield TaskSubmitted(id=command.id, output={})


def _called(command: StartTask) -> str | None:
    """Give what a task calls as histories have it; None where a placeholder stands for it."""
    if command.resource == _MAP_RUN_RESOURCE:
        return MAP_RUN
    if "${" in command.resource:
        return None
    match parse_resource(command.resource):
        case Activity() | LambdaFunction():
            return command.resource
        case ServiceAction() as resource:
            suffix = "" if resource.pattern == "request" else f".{resource.pattern}"
            return f"{resource.service}:{resource.action}{suffix}"
        case resource:
            suffix = "" if resource.pattern == "request" else f".{resource.pattern}"
            return f"aws-sdk:{resource.service}:{resource.action}{suffix}"


def _same_call(recorded: str, called: str) -> bool:
    """Whether both are the same service and action, or both functions: those have other ARNs in other stacks."""
    if not recorded or recorded == called:
        return True
    if recorded.startswith("arn:") and called.startswith("arn:"):
        return recorded.rpartition(":")[2] == called.rpartition(":")[2] or _name(recorded) == _name(called)
    return False


def _other_function(recorded: Json, payload: Json) -> tuple[str, str] | None:
    """Give the functions that are called before and now, where the one called now is known by its placeholder."""
    before = recorded.get("FunctionName") if isinstance(recorded, dict) else None
    now = payload.get("FunctionName") if isinstance(payload, dict) else None
    if not isinstance(before, str) or not isinstance(now, str) or not (now[:2] == "${" and now[-1] == "}"):
        return None
    placeholder = now[2:-1]
    # names of functions have the stack in front, and are cut where they are too long
    return None if _letters(placeholder)[:12] in _letters(before) else (before, placeholder)


def _letters(name: str) -> str:
    return "".join(each for each in name.lower() if each.isalnum())


def _name(arn: str) -> str:
    parts = arn.split(":")
    return parts[6] if len(parts) > 6 else arn


def _states(scope: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, state in scope.get("States", {}).items():
        yield name, state
        for inner in (*state.get("Branches", ()), state.get("ItemProcessor"), state.get("Iterator")):
            if isinstance(inner, dict):
                yield from _states(cast("dict[str, Any]", inner))


def _answered_whole(definition: dict[str, Any]) -> Iterator[str]:
    """Put a task in the place of each distributed Map: what its children did is in histories of their own."""
    for name, state in list(_states(definition)):
        if not _is_distributed(state):
            continue
        if "Assign" in state:
            raise InvalidInput(
                f"{name!r} is a distributed Map that assigns variables: its result before that is in no history"
            )
        kept = {key: state[key] for key in _KEPT_OF_MAP if key in state}
        state.clear()
        state.update(kept, Type="Task", Resource=_MAP_RUN_RESOURCE)
        yield name


def _is_distributed(state: Mapping[str, Any]) -> bool:
    processor: Any = state.get("ItemProcessor") or state.get("Iterator") or {}
    return state.get("Type") == "Map" and processor.get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED"
