"""Drives the executions of a simulation: one queue of what happens when, over all of them."""

from __future__ import annotations

import gc
import heapq
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from stepsmith.engine.kernel.frames import Program
from stepsmith.engine.kernel.run import Run
from stepsmith.engine.kernel.settings import ACCOUNT
from stepsmith.engine.ports import (
    Answer,
    CancelTask,
    Command,
    ItemsRead,
    MoreItems,
    ReadFailed,
    ReadItems,
    ResultsWritten,
    StartTask,
    TaskFailed,
    TaskStarted,
    TaskSubmitted,
    TaskSucceeded,
    WriteResults,
)
from stepsmith.expressions.types import Json
from stepsmith.integrations.clients.registry import DEFAULT_REGION
from stepsmith.integrations.resources import Activity, parse_resource
from stepsmith.service.executions.started import child_name, find_machine, input_of, outcome, started
from stepsmith.service.machines.machine import Machine
from stepsmith.simulation.answering import Behaviour
from stepsmith.simulation.chance import Chance, exponential
from stepsmith.simulation.limits import Allowance, Slots, Warmth
from stepsmith.simulation.model import ASSUMED_SECONDS, Arrivals, Limits
from stepsmith.simulation.remembering import Chancy, Follower, Memory, Step, is_repeated

TOO_MANY: Final = "Lambda.TooManyRequestsException"
LONGEST: Final = 366 * 86_400.0
"""Seconds after its start at which an execution is taken to go on for ever: Standard ones end after a year."""


@dataclass(slots=True)
class Spent:
    """Where the time of a state goes, in seconds over all executions."""

    running: float = 0.0
    waiting: float = 0.0
    retrying: float = 0.0
    visits: int = 0
    attempts: int = 0
    failures: Counter[str] = field(default_factory=Counter[str])


@dataclass(slots=True)
class Tally:
    """What is counted while executions run."""

    durations: list[float] = field(default_factory=list[float])
    """Seconds of those that have ended, in the order in which they were started."""
    statuses: Counter[str] = field(default_factory=Counter[str])
    errors: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    """Executions that did not succeed, by error and by the state that it came from."""
    spent: dict[str, Spent] = field(default_factory=lambda: defaultdict(Spent))
    transitions: int = 0
    calls: int = 0
    """Calls of Lambda functions."""
    memory_seconds: float = 0.0
    """What functions have used, in GB seconds."""
    throttled_functions: int = 0
    """Calls that Lambda refused."""
    cold_starts: int = 0
    throttled_starts: int = 0
    throttled_transitions: int = 0
    throttled_seconds: float = 0.0
    express_seconds: float = 0.0
    """Billed seconds of Express executions."""
    highest_functions: int = 0
    highest_executions: int = 0


@dataclass(slots=True, eq=False)
class _Live:
    run: Follower
    program: Program
    chance: Chance
    place: int
    parent: tuple[_Live, StartTask] | None = None
    asked: float = 0.0
    timer: float | None = None
    failed: dict[str, float] = field(default_factory=dict[str, float])
    """When the task of a state has failed last, until it is tried again."""
    cancelled: set[int] = field(default_factory=set[int])
    """Tasks that nobody waits for any more."""


class Driver:
    """All executions of one simulation."""

    def __init__(
        self,
        machine: Machine,
        machines: Mapping[str, Machine],
        behaviours: Mapping[str, Behaviour],
        limits: Limits,
        *,
        inputs: Callable[[Chance], Json],
        seed: int,
    ) -> None:
        self.tally = Tally()
        self._machine, self._machines, self._behaviours = machine, machines, behaviours
        self._inputs, self._seed = inputs, seed
        self._events: list[tuple[float, int, Callable[[float], None]]] = []
        self._numbers = count()
        self._slots = Slots(limits.functions)
        self._warmth = Warmth(limits.warm_seconds)
        standard = machine.type == "STANDARD"
        self._starts = Allowance(limits.starts) if limits.starts is not None and standard else None
        self._passing = Allowance(limits.transitions) if limits.transitions is not None and standard else None
        self._running = 0
        self._memories: dict[str, Memory] = {}

    def go(self, executions: int, arrivals: Arrivals) -> Tally:
        """Start executions as they arrive, and drive all to their ends."""
        self.tally.durations = [0.0] * executions
        for place, at in enumerate(_arriving(executions, arrivals, Chance(self._seed, -1))):
            self._at(at, lambda now, place=place, at=at: self._start(place, at, now))
        events = self._events
        with _rare_collections():
            while events:
                now, _, act = heapq.heappop(events)
                act(now)
        for memory in self._memories.values():
            memory.count_all()
            self.tally.transitions += memory.transitions
            for state, visits in memory.visits.items():
                self.tally.spent[state].visits += visits
        self.tally.highest_functions = self._slots.highest
        self.tally.throttled_functions = self._slots.refused
        return self.tally

    def _at(self, time: float, act: Callable[[float], None]) -> None:
        heapq.heappush(self._events, (time, next(self._numbers), act))

    # -- executions ---------------------------------------------------------------------

    def _start(self, place: int, asked: float, now: float) -> None:
        if self._starts is not None:
            late = self._starts.take(now)
            if late > 0:  # whoever starts it tries again until there is room
                self.tally.throttled_starts += 1
                self.tally.throttled_seconds += late
                self._at(now + late, lambda later: self._begin(place, asked, later))
                return
        self._begin(place, asked, now)

    def _begin(self, place: int, asked: float, now: float) -> None:
        chance = Chance(self._seed, place)
        run = self._follower(self._machine, self._inputs(chance), f"simulated-{place}", now)
        self._running += 1
        self.tally.highest_executions = max(self.tally.highest_executions, self._running)
        self._advance(_Live(run, self._machine.program, chance, place, asked=asked), now)

    def _follower(self, machine: Machine, input: Json, name: str, now: float) -> Follower:
        memory = self._memories.get(machine.name)
        if memory is None:
            memory = self._memories[machine.name] = self._memory(machine)
        return Follower(memory, input, Chancy(self._seed, machine.name, name), now, name)

    def _memory(self, machine: Machine) -> Memory:
        settings = machine.settings(DEFAULT_REGION, self._seed, ACCOUNT)

        def begin(input: Json, now: float, name: str, random: Chancy) -> Run:
            return Run(machine.program, settings, input, now=now, name=name, random=random)

        echoing = {state: each.echoes for state, each in self._behaviours.items() if each.echoes is not None}
        return Memory(begin, remembers=is_repeated(json.loads(machine.definition.to_json()), echoing))

    def _advance(self, live: _Live, now: float) -> None:
        """Take an execution as far as it goes by itself."""
        run = live.run
        while True:
            step = run.advance(now)
            self._wait(step, now)
            for command in step.commands:
                self._take(live, command, now)
            if step.status != "RUNNING" or not (step.commands or step.busy):
                break
        if run.step.status != "RUNNING":
            self._ended(live, now)
            return
        due = run.next_timer
        if due is not None and (live.timer is None or due < live.timer or live.timer <= now):
            if due - run.started > LONGEST:
                run.stop("Simulation.Endless", "it goes on for more than a year", now)
                self._ended(live, now)
                return
            live.timer = due
            self._at(due, lambda later: self._timed(live, due, later))

    def _wait(self, step: Step, now: float) -> None:
        for state, sign in step.waits:
            self.tally.spent[state].waiting += sign * now

    def _timed(self, live: _Live, due: float, now: float) -> None:
        if live.timer == due and live.run.step.status == "RUNNING":
            live.timer = None
            self._advance(live, now)

    def _answer(self, live: _Live, answer: Answer, now: float, what: object = None) -> None:
        if live.run.step.status != "RUNNING":
            return
        self._wait(live.run.apply(answer, what, now), now)
        late = 0.0
        if self._passing is not None:
            late = self._passing.take(now, 1.0)
        if late > 0:
            self.tally.throttled_transitions += 1
            self.tally.throttled_seconds += late
            self._at(now + late, lambda later: self._resume(live, later))
        else:
            self._advance(live, now)

    def _resume(self, live: _Live, now: float) -> None:
        if live.run.step.status == "RUNNING":
            self._advance(live, now)

    def _ended(self, live: _Live, now: float) -> None:
        run, step, tally = live.run, live.run.step, self.tally
        tally.transitions += 1
        if live.program.type == "EXPRESS":
            tally.express_seconds += _rounded(now - run.started)
        if live.parent is not None:
            parent, command = live.parent
            pattern = _pattern(command)
            if pattern:
                self._answer(parent, outcome(command.id, run.run, values=pattern == ".sync:2"), now)
            return
        self._running -= 1
        tally.durations[live.place] = round(now - live.asked, 6)  # sums of times are not exact
        tally.statuses[step.status] += 1
        if step.status != "SUCCEEDED":
            tally.errors[step.error or step.status, step.failed] += 1

    # -- tasks --------------------------------------------------------------------------

    def _take(self, live: _Live, command: Command, now: float) -> None:
        match command:
            case StartTask():
                self._call(live, command, now)
            case ReadItems() | MoreItems():
                self._read(live, command, now)
            case WriteResults():
                live.run.apply(ResultsWritten(id=command.id, details={} if command.last else None), None, now)
            case CancelTask():
                live.cancelled.add(command.id)

    def _read(self, live: _Live, command: ReadItems | MoreItems, now: float) -> None:
        state = command.state if isinstance(command, ReadItems) else ""
        behaviour = self._behaviours.get(state)
        items = None if behaviour is None else behaviour.items
        if items is None:
            cause = f"the model says no items for {state!r}: write tasks: {{{state}: {{items: [...]}}}}"
            live.run.apply(ReadFailed(id=command.id, cause=cause), None, now)
            return
        items_read = ItemsRead(id=command.id, items=tuple(items), last=True, total=len(items))
        live.run.apply(items_read, None, now)

    def _call(self, live: _Live, command: StartTask, now: float) -> None:
        spent = self.tally.spent[command.state]
        spent.attempts += 1
        before = live.failed.pop(command.state, None)
        if before is not None:
            spent.retrying += now - before
        if command.attempt:
            self.tally.transitions += 1
        machine = find_machine(self._machines, command) if "startExecution" in command.resource else None
        if isinstance(machine, Machine):
            self._start_child(live, command, machine, now)
            return
        behaviour = self._behaviours[command.state]
        if behaviour.is_function and not self._slots.take():
            self._refuse(live, command, now)
            return
        self._fly(live, command, behaviour, now)

    def _refuse(self, live: _Live, command: StartTask, now: float) -> None:
        """Lambda takes no more calls: the machine's retriers try again, as on AWS."""
        self.tally.spent[command.state].failures[TOO_MANY] += 1
        live.failed[command.state] = now
        failure = TaskFailed(id=command.id, error=TOO_MANY, cause="Rate Exceeded.")
        self._at(now, lambda later: self._answer(live, failure, later, TOO_MANY))

    def _start_child(self, live: _Live, command: StartTask, machine: Machine, now: float) -> None:
        payload = command.payload
        given = payload.get("Input") if isinstance(payload, dict) else None
        run = self._follower(machine, {} if given is None else input_of(given), child_name(command), now)
        answer = started(run.run.arn, now, command)
        kind = TaskSubmitted if _pattern(command) else TaskSucceeded
        self._at(now, lambda later: self._answer(live, kind(id=command.id, output=answer), later))
        child = _Live(run, machine.program, live.chance, live.place, parent=(live, command), asked=now)
        self._at(now, lambda later: self._advance(child, later))

    def _fly(self, live: _Live, command: StartTask, behaviour: Behaviour, now: float) -> None:
        """Carry a task out: draw what it gives and how long it takes."""
        spent = self.tally.spent[command.state]
        output, error, seen = behaviour.answer(live.chance, _payload(command))
        seconds = behaviour.seconds(live.chance) if seen is None else seen
        if behaviour.is_function and self._warmth.take(behaviour.state, now):
            self.tally.cold_starts += 1
            seconds += behaviour.cold_seconds(live.chance)
        if command.token is not None:
            self._hand_out(live, command, behaviour, (output, error, seconds), now)
            return
        limit = command.timeout_seconds
        if behaviour.is_function and limit is not None and seconds >= limit:
            # a function does not outlive who waits for it, and is not heard
            self._at(now + limit, lambda later: self._give_back(behaviour, later - now, later))
            spent.running += limit
            return
        self._at(
            now + seconds, lambda later: self._land(live, command, behaviour, (output, error), now, later)
        )

    def _hand_out(
        self,
        live: _Live,
        command: StartTask,
        behaviour: Behaviour,
        said: tuple[Json, str | None, float],
        now: float,
    ) -> None:
        """Hand a token out, and let somebody answer after a while, or never."""
        output, error, seconds = said
        is_activity = isinstance(parse_resource(command.resource), Activity)
        call = 0.0 if is_activity else ASSUMED_SECONDS

        def asked(later: float) -> None:
            if behaviour.is_function:
                self._give_back(behaviour, call, later)
            if live.run.step.status == "RUNNING":
                handed = (
                    TaskStarted(id=command.id) if is_activity else TaskSubmitted(id=command.id, output={})
                )
                live.run.apply(handed, None, later)
                self._advance(live, later)

        def answered(later: float) -> None:
            self.tally.spent[command.state].waiting += later - now
            self._say(live, command, behaviour, (output, error), later)

        self._at(now + call, asked)
        if live.chance.draw(f"{command.state} ignored") >= behaviour.ignored:
            self._at(now + call + seconds, answered)

    def _give_back(self, behaviour: Behaviour, seconds: float, now: float) -> None:
        """A function has ended: it is paid for, and its slot and environment are free."""
        self.tally.calls += 1
        self.tally.memory_seconds += seconds * behaviour.memory_mb / 1024
        self._slots.give_back()
        self._warmth.give_back(behaviour.state, now)

    def _land(
        self,
        live: _Live,
        command: StartTask,
        behaviour: Behaviour,
        said: tuple[Json, str | None],
        begun: float,
        now: float,
    ) -> None:
        if behaviour.is_function:
            self._give_back(behaviour, now - begun, now)
        self.tally.spent[command.state].running += now - begun
        self._say(live, command, behaviour, said, now)

    def _say(
        self, live: _Live, command: StartTask, behaviour: Behaviour, said: tuple[Json, str | None], now: float
    ) -> None:
        output, error = said
        if error is not None:
            self.tally.spent[command.state].failures[error] += 1
            live.failed[command.state] = now
            self._answer(live, TaskFailed(id=command.id, error=error, cause="simulated"), now, error)
            return
        wrapped: Json = {"ExecutedVersion": "$LATEST", "Payload": output, "StatusCode": 200}
        given = wrapped if behaviour.is_wrapped else output
        # what the model gives is the same object each time, and so is what is given of a payload
        self._answer(live, TaskSucceeded(id=command.id, output=given), now, id(output))


def _pattern(command: StartTask) -> str:
    """Give how a task waits for the execution that it starts: `.sync`, `.sync:2`, or not at all."""
    return command.resource.partition(":startExecution")[2]


def _payload(command: StartTask) -> Json:
    payload = command.payload
    return payload.get("Payload", payload) if isinstance(payload, dict) else payload


@contextmanager
def _rare_collections() -> Generator[None]:
    """Let the cyclic collector come seldom: it would look at thousands of executions again and again."""
    before = gc.get_threshold()
    gc.set_threshold(200_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _rounded(seconds: float) -> float:
    """Round a duration up to 100 ms, as Express executions are billed."""
    return max(1, -(-int(seconds * 1000) // 100)) / 10


def _arriving(executions: int, arrivals: Arrivals, chance: Chance) -> Iterator[float]:
    """Give the instants at which executions are asked for."""
    at, left = 0.0, executions
    while left:
        for _ in range(min(arrivals.burst, left)):
            yield at
        left -= min(arrivals.burst, left)
        if arrivals.pattern == "even":
            at += arrivals.burst / arrivals.per_second
        elif arrivals.pattern == "random":
            at += exponential(chance.draw("arrival"), arrivals.burst / arrivals.per_second)
