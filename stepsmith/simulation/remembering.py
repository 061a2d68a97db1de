"""Executions that go the same way are computed once: the engine is asked only where one goes a way that is new.

What an execution does depends on its input and on what it is told in which order. So what the engine says is kept in a
tree: one step for each thing that it was told, with the commands that came of it and the timers that were set. An
execution follows the tree as far as it goes, and is played to the engine where it leaves it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from stepsmith.engine.history.records import WIDTH, failed_state
from stepsmith.engine.kernel.run import Run
from stepsmith.engine.kernel.settings import Status
from stepsmith.engine.ports import Answer, CancelTask, Command, StartTask
from stepsmith.engine.values.randomness import Seeded
from stepsmith.expressions.types import Json

MOST_STEPS: Final = 20_000
"""Steps that are remembered."""
Key: TypeAlias = tuple[object, ...]
Begin: TypeAlias = Callable[[Json, float, str, "Chancy"], Run]
"""Begins an execution with an input, at a time, with its name and its own chance."""


class Chancy(Seeded):
    """The randomness of an execution, which knows whether it was asked for a number: then it goes a way of its own.

    Identifiers do not count: whoever reads one in an expression is not remembered to begin with.
    """

    __slots__ = ("asked",)

    def __init__(self, *seed: object) -> None:
        super().__init__(*seed)
        self.asked = False

    def random(self) -> float:
        """Give a number from 0 up to, but not including, 1."""
        self.asked = True
        return super().random()


class Step:
    """What came of one thing that an execution was told."""

    __slots__ = (
        "busy", "commands", "error", "failed", "followed", "is_shared", "next", "status", "timers", "transitions",
        "visits", "waits",
    )  # fmt: skip

    def __init__(self, *, is_shared: bool = True) -> None:
        self.next: dict[Key, Step] = {}
        self.is_shared = is_shared
        """Whether what follows is the same for all that come by."""
        self.followed = 0
        """How many executions have taken it."""
        self.commands: list[Command] = []
        self.busy = False
        self.status: Status = "RUNNING"
        self.error: str | None = None
        self.failed = ""
        """The state that made it fail."""
        self.timers: tuple[tuple[int, int, float], ...] = ()
        """Timers that will come: their numbers, the steps that set them, the seconds after those."""
        self.transitions = 0
        self.visits: tuple[str, ...] = ()
        self.waits: tuple[tuple[str, int], ...] = ()
        """Wait states that were entered (-1) or left (+1)."""


class Memory:
    """What is remembered of the executions of one machine, and how often it was."""

    def __init__(self, begin: Begin, *, remembers: bool) -> None:
        self.begin = begin
        self.transitions = 0
        self.visits = Counter[str]()
        self._remembers = remembers
        self._steps: list[Step] = []
        self._first: dict[int, tuple[Json, Step]] = {}

    def first(self, input: Json) -> Step:
        """Return where executions with an input begin; the same object is the same input."""
        found = self._first.get(id(input))
        if found is None:
            found = (input, self.step())
            if self._remembers:
                self._first[id(input)] = found
        return found[1]

    def step(self) -> Step:
        """Return a new step, to be remembered as long as there is room."""
        step = Step()
        if not self._remembers or len(self._steps) >= MOST_STEPS:
            step.is_shared = False
        else:
            self._steps.append(step)
        return step

    def count(self, step: Step, times: int) -> None:
        """Count what happens in a step that was taken so often."""
        self.transitions += step.transitions * times
        for name in step.visits:
            self.visits[name] += times

    def count_all(self) -> None:
        """Count the steps that are remembered, at the end."""
        for step in self._steps:
            self.count(step, step.followed)
            step.followed = 0


class Follower:
    """An execution: told what a run is told, it says what a run would say."""

    __slots__ = ("_input", "_memory", "_name", "_random", "_run", "_seen", "_set", "_step", "_times", "_told")

    def __init__(self, memory: Memory, input: Json, random: Chancy, now: float, name: str) -> None:
        self._memory, self._input, self._random, self._name = memory, input, random, name
        self._step = memory.first(input)
        self._times = [now]
        self._told: list[tuple[Key, Answer | None]] = []
        self._run: Run | None = None
        """What computes it, once it goes a way that nobody went before."""
        self._seen = 0
        """How much of the history of the run is counted."""
        self._set: dict[int, tuple[int, float]] = {}
        """Number of a timer of the run -> the step that set it, and the seconds after that."""
        if not self._step.is_shared:
            self._play()

    @property
    def step(self) -> Step:
        """What came of what it was told last."""
        return self._step

    @property
    def started(self) -> float:
        """When it started."""
        return self._times[0]

    @property
    def run(self) -> Run:
        """The run that it stands for."""
        return self._run or self._play()

    @property
    def next_timer(self) -> float | None:
        """When to advance if no answer comes before."""
        if self._run is not None:
            return self._run.next_timer
        times = self._times
        return min([times[base] + after for _, base, after in self._step.timers], default=None)

    def advance(self, now: float) -> Step:
        """Do all that can be done at a time."""
        timers = self._step.timers
        if not timers:
            return self._go(_ADVANCE, None, now)
        times = self._times
        due = [(at, number) for number, base, after in timers if (at := times[base] + after) <= now]
        return self._go((None, *[number for _, number in sorted(due)]) if due else _ADVANCE, None, now)

    def apply(self, answer: Answer, what: object, now: float) -> Step:
        """Take the answer to a command; `what` tells answers apart that are not the same."""
        return self._go((answer.id, answer.__class__, what), answer, now)

    def stop(self, error: str, cause: str, now: float) -> None:
        """Abort it."""
        run = self.run
        run.stop(error, cause, now)
        self._step = self._observed(run, Step(), [])
        self._memory.count(self._step, 1)

    def _go(self, key: Key, answer: Answer | None, now: float) -> Step:
        before = self._step
        step = before.next.get(key)
        run = self._run
        if step is None or run is not None:
            run = run or self._play()
            commands = self._tell(run, key, answer, now)
            if step is None:
                step = self._memory.step() if before.is_shared else Step(is_shared=False)
                self._observed(run, step, commands)
                if step.is_shared and (self._random.asked or not _are_repeated(commands)):
                    step.is_shared = False
                if step.is_shared:
                    before.next[key] = step
            self._seen = len(run.history.rows)
        self._times.append(now)
        self._told.append((key, answer))
        if step.is_shared:
            step.followed += 1
        else:
            self._memory.count(step, 1)
        self._step = step
        return step

    def _play(self) -> Run:
        """Tell a run all that this execution was told."""
        run = self._run = self._memory.begin(self._input, self._times[0], self._name, self._random)
        told, times = self._told, self._times
        self._told, self._times = [], times[:1]
        for (key, answer), now in zip(told, times[1:], strict=True):
            self._tell(run, key, answer, now)
            self._told.append((key, answer))
            self._times.append(now)
        self._seen = len(run.history.rows)
        return run

    def _tell(self, run: Run, key: Key, answer: Answer | None, now: float) -> list[Command]:
        commands: list[Command] = []
        if answer is None:
            if len(key) > 1:  # sums of times are not exact, and what is due has to come
                now = max(now, *(due for number, due in run.scheduler.timers() if number in key))
            commands = run.advance(now)
        else:
            run.apply(answer, now)
        place = len(self._times)
        for number, due in run.scheduler.timers():
            if number not in self._set:
                self._set[number] = place, round(due - now, 9)
        return commands

    def _observed(self, run: Run, step: Step, commands: list[Command]) -> Step:
        """Note what came of a step, from what is new in the history of the run."""
        step.commands, step.status, step.busy, step.error = commands, run.status, run.busy, run.error
        step.timers = tuple((number, *self._set[number]) for number, _ in run.scheduler.timers())
        if run.status not in ("RUNNING", "SUCCEEDED"):
            step.failed = failed_state(run.history) or ""
        rows = run.history.rows
        visits: list[str] = []
        waits: list[tuple[str, int]] = []
        for place in range(self._seen, len(rows), WIDTH):
            kind = rows[place]
            if kind.endswith("StateEntered"):
                visits.append(rows[place + 3])
                if kind == "WaitStateEntered":
                    waits.append((rows[place + 3], -1))
            elif kind == "WaitStateExited":
                subject = rows[place + 3]
                waits.append((subject if isinstance(subject, str) else subject[0], 1))
            elif kind == "WaitStateAborted":  # it has entered and not left
                name = _entered(rows, place)
                if name is not None:
                    waits.append((name, 1))
        step.visits, step.waits = tuple(visits), tuple(waits)
        step.transitions = len(visits)
        return step


_ADVANCE: Final[Key] = (None,)


def _are_repeated(commands: list[Command]) -> bool:
    return all(isinstance(each, StartTask | CancelTask) for each in commands)


def _entered(rows: list[Any], place: int) -> str | None:
    """Name the state that an event belongs to, by the events before it."""
    previous = rows[place + 2]
    while isinstance(previous, int) and previous:
        at = (previous - 1) * WIDTH
        if str(rows[at]).endswith("StateEntered"):
            return str(rows[at + 3])
        previous = rows[at + 2]
    return None


_VOLATILE: Final = (
    *("$now", "$millis", "$random", "$uuid", "$shuffle", "$eval", "$$"),
    *("States.UUID", "States.MathRandom", "startExecution", "TimestampPath", '"Timestamp"', '"DISTRIBUTED"'),
)
"""What makes one execution go otherwise than another that was told the same, or is nothing that is told."""
_STABLE_AFTER_STATES: Final = (".input", ".result", ".errorOutput")
_INNER: Final = frozenset({"Branches", "Comment", "Catch", "Retry"})


def is_repeated(definition: dict[str, Any], echoing: Mapping[str, str]) -> bool:
    """Say whether executions that are told the same go the same way, whenever they do.

    Time, names and tokens may be in what tasks are given, as long as they give nothing of it back: `echoing` says of
    some which member of it they give.
    """
    return all(
        _is_stable(field) for name, state in states_in(definition) for field in _fields(name, state, echoing)
    )


def _fields(name: str, state: dict[str, Any], echoing: Mapping[str, str]) -> Iterator[Any]:
    for key, value in state.items():
        if key in ("ItemProcessor", "Iterator"):
            yield value.get("ProcessorConfig")
        elif key == "Catch":
            yield value
        elif state.get("Type") == "Task" and key in ("Arguments", "Parameters"):
            payload = value.get("Payload", value) if isinstance(value, dict) else value  # pyright: ignore[reportUnknownMemberType,reportUnknownVariableType]  # any JSON
            if name in echoing:
                given = echoing[name]
                is_named = isinstance(payload, dict) and (given in payload or f"{given}.$" in payload)
                yield (payload.get(given) or payload.get(f"{given}.$")) if is_named else value  # pyright: ignore[reportUnknownMemberType]  # any JSON
        elif key not in _INNER:
            yield {key: value}


def _is_stable(field: Any) -> bool:
    text = json.dumps(field)
    return not any(each in text for each in _VOLATILE) and all(
        after.startswith(_STABLE_AFTER_STATES) for after in text.split("$states")[1:]
    )


def states_in(scope: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the states of a definition, at any depth, with their names."""
    for name, state in scope.get("States", {}).items():
        yield name, state
        for inner in (*state.get("Branches", ()), state.get("ItemProcessor"), state.get("Iterator")):
            if isinstance(inner, dict):
                yield from states_in(inner)
