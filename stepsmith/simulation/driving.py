"""Drives the executions of a simulation: one queue of what happens when, over all of them."""

from __future__ import annotations

import gc
import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from stepsmith.engine.history.records import WIDTH
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
from stepsmith.simulation.limits import Allowance, Slots
from stepsmith.simulation.model import ASSUMED_SECONDS, Arrivals, Limits

LONGEST: Final = 366 * 86_400.0
"""Seconds after its start at which an execution is taken to go on for ever: Standard ones end after a year."""


@dataclass(slots=True)
class Spent:
    """Where the time of a state goes, in seconds over all executions."""

    running: float = 0.0
    waiting: float = 0.0
    retrying: float = 0.0
    queueing: float = 0.0
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
    throttled_starts: int = 0
    throttled_transitions: int = 0
    throttled_seconds: float = 0.0
    express_seconds: float = 0.0
    """Billed seconds of Express executions."""
    highest_functions: int = 0
    highest_executions: int = 0


@dataclass(slots=True, eq=False)
class _Live:
    run: Run
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
        self._slots: Slots[Callable[[float], None]] = Slots(limits.functions)
        standard = machine.type == "STANDARD"
        self._starts = Allowance(limits.starts) if limits.starts is not None and standard else None
        self._passing = Allowance(limits.transitions) if limits.transitions is not None and standard else None
        self._running = 0

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
        self.tally.highest_functions = self._slots.highest
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
        run = self._run(self._machine, self._inputs(chance), f"simulated-{place}", now)
        self._running += 1
        self.tally.highest_executions = max(self.tally.highest_executions, self._running)
        self._advance(_Live(run, chance, place, asked=asked), now)

    def _run(self, machine: Machine, input: Json, name: str, now: float) -> Run:
        return Run(
            machine.program, machine.settings(DEFAULT_REGION, self._seed, ACCOUNT), input, now=now, name=name
        )

    def _advance(self, live: _Live, now: float) -> None:
        """Take an execution as far as it goes by itself."""
        run = live.run
        while True:
            commands = run.advance(now)
            for command in commands:
                self._take(live, command, now)
            if run.status != "RUNNING" or not (commands or run.busy):
                break
        if run.status != "RUNNING":
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

    def _timed(self, live: _Live, due: float, now: float) -> None:
        if live.timer == due and live.run.status == "RUNNING":
            live.timer = None
            self._advance(live, now)

    def _answer(self, live: _Live, answer: Answer, now: float) -> None:
        if live.run.status != "RUNNING":
            return
        live.run.apply(answer, now)
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
        if live.run.status == "RUNNING":
            self._advance(live, now)

    def _ended(self, live: _Live, now: float) -> None:
        run, tally = live.run, self.tally
        self._count(run)
        if run.program.type == "EXPRESS":
            tally.express_seconds += _rounded(now - run.started)
        if live.parent is not None:
            parent, command = live.parent
            pattern = _pattern(command)
            if pattern:
                self._answer(parent, outcome(command.id, run, values=pattern == ".sync:2"), now)
            return
        self._running -= 1
        tally.durations[live.place] = round(now - live.asked, 6)  # sums of times are not exact
        tally.statuses[run.status] += 1
        if run.status != "SUCCEEDED":
            from stepsmith.engine.history.records import failed_state

            tally.errors[run.error or run.status, failed_state(run.history) or ""] += 1

    def _count(self, run: Run) -> None:
        """Count transitions, and sum up what passed in states that wait, from the events of a run."""
        rows, spent = run.history.rows, self.tally.spent
        self.tally.transitions += 1
        for place in range(0, len(rows), WIDTH):
            kind = rows[place]
            if kind.endswith("StateEntered"):
                self.tally.transitions += 1
                state = spent[rows[place + 3]]
                state.visits += 1
                if kind == "WaitStateEntered":
                    state.waiting -= rows[place + 1]
            elif kind == "WaitStateExited":
                subject = rows[place + 3]
                spent[subject if isinstance(subject, str) else subject[0]].waiting += rows[place + 1]
            elif kind == "WaitStateAborted":  # it has entered and not left
                name = _entered(rows, place)
                if name is not None:
                    spent[name].waiting += rows[place + 1]

    # -- tasks --------------------------------------------------------------------------

    def _take(self, live: _Live, command: Command, now: float) -> None:
        match command:
            case StartTask():
                self._call(live, command, now)
            case ReadItems() | MoreItems():
                self._read(live, command, now)
            case WriteResults():
                live.run.apply(ResultsWritten(id=command.id, details={} if command.last else None), now)
            case CancelTask():
                live.cancelled.add(command.id)

    def _read(self, live: _Live, command: ReadItems | MoreItems, now: float) -> None:
        state = command.state if isinstance(command, ReadItems) else ""
        behaviour = self._behaviours.get(state)
        items = None if behaviour is None else behaviour.items
        if items is None:
            cause = f"the model says no items for {state!r}: write tasks: {{{state}: {{items: [...]}}}}"
            live.run.apply(ReadFailed(id=command.id, cause=cause), now)
            return
        live.run.apply(ItemsRead(id=command.id, items=tuple(items), last=True, total=len(items)), now)

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
        if behaviour.is_function:
            asked = now

            def fly(later: float) -> None:
                self._fly(live, command, behaviour, asked, later)

            if self._slots.take(fly):
                fly(now)
        else:
            self._fly(live, command, behaviour, now, now)

    def _start_child(self, live: _Live, command: StartTask, machine: Machine, now: float) -> None:
        payload = command.payload
        given = payload.get("Input") if isinstance(payload, dict) else None
        run = self._run(machine, {} if given is None else input_of(given), child_name(command), now)
        answer = started(run.arn, now, command)
        kind = TaskSubmitted if _pattern(command) else TaskSucceeded
        self._at(now, lambda later: self._answer(live, kind(id=command.id, output=answer), later))
        child = _Live(run, live.chance, live.place, parent=(live, command), asked=now)
        self._at(now, lambda later: self._advance(child, later))

    def _fly(self, live: _Live, command: StartTask, behaviour: Behaviour, asked: float, now: float) -> None:
        """Carry a task out: draw what it gives and how long it takes."""
        spent = self.tally.spent[command.state]
        spent.queueing += now - asked
        if command.id in live.cancelled or live.run.status != "RUNNING":
            freed = self._slots.give_back() if behaviour.is_function else None
            if freed is not None:
                self._at(now, freed)
            return
        output, error, seen = behaviour.answer(live.chance, _payload(command))
        seconds = behaviour.seconds(live.chance) if seen is None else seen
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
            if live.run.status == "RUNNING":
                handed = (
                    TaskStarted(id=command.id) if is_activity else TaskSubmitted(id=command.id, output={})
                )
                live.run.apply(handed, later)
                self._advance(live, later)

        def answered(later: float) -> None:
            self.tally.spent[command.state].waiting += later - now
            self._say(live, command, behaviour, (output, error), later)

        self._at(now + call, asked)
        if live.chance.draw(f"{command.state} ignored") >= behaviour.ignored:
            self._at(now + call + seconds, answered)

    def _give_back(self, behaviour: Behaviour, seconds: float, now: float) -> None:
        """A function has ended: it is paid for, and whoever waits for a slot has it."""
        self.tally.calls += 1
        self.tally.memory_seconds += seconds * behaviour.memory_mb / 1024
        freed = self._slots.give_back()
        if freed is not None:
            self._at(now, freed)

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
            self._answer(live, TaskFailed(id=command.id, error=error, cause="simulated"), now)
            return
        wrapped: Json = {"ExecutedVersion": "$LATEST", "Payload": output, "StatusCode": 200}
        self._answer(
            live, TaskSucceeded(id=command.id, output=wrapped if behaviour.is_wrapped else output), now
        )


def _pattern(command: StartTask) -> str:
    """Give how a task waits for the execution that it starts: `.sync`, `.sync:2`, or not at all."""
    return command.resource.partition(":startExecution")[2]


def _payload(command: StartTask) -> Json:
    payload = command.payload
    return payload.get("Payload", payload) if isinstance(payload, dict) else payload


def _entered(rows: list[object], place: int) -> str | None:
    """Name the state that an event belongs to, by the events before it."""
    previous = rows[place + 2]
    while isinstance(previous, int) and previous:
        at = (previous - 1) * WIDTH
        if str(rows[at]).endswith("StateEntered"):
            return str(rows[at + 3])
        previous = rows[at + 2]
    return None


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
