"""Drives executions: carries commands out on threads where that helps, and lets time pass when nothing else can."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, SimpleQueue
from typing import Protocol, TypeAlias, TypeVar

from stepsmith.engine.history.records import WIDTH, History, path
from stepsmith.engine.kernel.run import Run
from stepsmith.engine.ports import (
    Answer,
    CancelTask,
    Command,
    MoreItems,
    ReadItems,
    StartTask,
    TaskFailed,
    TaskSubmitted,
    TaskSucceeded,
    WriteResults,
)
from stepsmith.errors import StepsmithError
from stepsmith.expressions.types import Json
from stepsmith.integrations import Dispatcher, TaskError
from stepsmith.integrations.failures import compact
from stepsmith.integrations.resources import Activity, ServiceAction, parse_resource
from stepsmith.service.answers.activities import ACTIVITIES, ActivityTask
from stepsmith.service.answers.tokens import TOKENS, WaitingTask
from stepsmith.service.clock import Clock
from stepsmith.service.driving.workers import Workers

T = TypeVar("T")
Responder: TypeAlias = Callable[[Json], Json]
"""Answers a callback: takes the payload of the task, returns what is sent back, raises to send a failure."""
QUICK_SECONDS = 0.0005
"""What a task may take to be called on the driver's own thread although others are ready."""


class Watcher(Protocol):
    """Is told what an execution does, as it does it."""

    def changed(self, run: Run) -> None:
        """Take notice of new events in the run's history."""
        ...


class Starter(Protocol):
    """Takes over the start of a nested execution."""

    def starts(self, command: StartTask) -> bool:
        """Say whether a command starts an execution, as far as its resource tells."""
        ...

    def start(self, driver: Driver, parent: LiveRun, command: StartTask) -> bool:
        """Start it and see to the answers; False when it is no business of the starter's."""
        ...

    def cancel(self, driver: Driver, parent: LiveRun, command_id: int) -> None:
        """Stop what a command has started and waits for, if it has started anything."""
        ...


@dataclass(slots=True, eq=False)
class LiveRun:
    """A run that is being driven."""

    run: Run
    dispatcher: Dispatcher
    responders: Mapping[str, Responder]
    delays: Mapping[str, float] = field(default_factory=dict[str, float])
    """Seconds that a task takes before it is carried out, by state name or function name."""
    depth: int = 0
    """How many executions this one is nested in."""
    on_closed: Callable[[Run], None] | None = None
    tokens: dict[int, str] = field(default_factory=dict[int, str])
    seen: int = 0


@dataclass(slots=True, eq=False)
class _Flight:
    """A task that is being carried out."""

    live: LiveRun
    command: StartTask
    post: Callable[[_Flight, Answer], None]
    kind: tuple[str, object]
    """What is called: the resource, and the function where there is one."""
    answers: list[Answer] = field(default_factory=list[Answer])
    done: bool = False
    deadline: float | None = None

    def take(self, answer: Answer) -> None:
        self.post(self, answer)


_Message: TypeAlias = "_Flight | Callable[[], None]"


class Driver:
    """Drives one execution, and those it starts, on the thread that calls `drive`.

    In virtual time, the tasks that are ready at one instant are carried out side by side and their answers are taken
    in the order of the commands, so that a history does not depend on which thread was faster.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        attended: bool = False,
        starter: Starter | None = None,
        watcher: Watcher | None = None,
    ) -> None:
        self.clock = clock
        self._attended = attended
        self._starter = starter
        self._watcher = watcher
        self._workers = Workers()
        self._lives: list[LiveRun] = []
        self._ready: list[tuple[LiveRun, StartTask]] = []
        self._delayed: list[tuple[float, LiveRun, StartTask]] = []
        self._flights: dict[_Flight, None] = {}
        self._inbox: SimpleQueue[_Message] = SimpleQueue()
        self._costs: dict[tuple[str, object], float] = {}
        self._stirred = False

    # -- for other threads --------------------------------------------------------------

    def call(self, action: Callable[[], None]) -> None:
        """Let the driving thread do something between two steps."""
        self._inbox.put(action)

    # -- for the driving thread ---------------------------------------------------------

    def add(self, live: LiveRun) -> None:
        """Take a run in."""
        self._lives.append(live)

    def resume(self, live: LiveRun) -> None:
        """Take a run in again that had ended, to be driven once more."""
        self._workers = Workers()
        self.add(live)

    def drive(self) -> None:
        """Drive until every execution has ended.

        Raises StepsmithError when nothing can happen any more; KeyboardInterrupt passes, with a note that says what
        was running, after the executions were stopped.
        """
        try:
            while self._lives:
                if not self._step() and self._lives:
                    self._wait()
        except KeyboardInterrupt as interrupt:
            interrupt.add_note(self._running())
            # a watcher that is behind would take its time to show all the rest
            self._watcher = None
            self.stop_all("Interrupted", None)
            raise
        finally:
            self._workers.close()

    def stop_all(self, error: str | None, cause: str | None) -> None:
        """Abort every execution."""
        for live in list(self._lives):
            self.stop(live, error, cause)

    def stop(self, live: LiveRun, error: str | None, cause: str | None) -> None:
        """Abort one execution; its tasks are cancelled."""
        for command in live.run.stop(error, cause, self.clock.now()):
            self._carry_out(live, command)
        self._after(live)

    def answer(self, live: LiveRun, answer: Answer) -> None:
        """Hand an answer to a run."""
        live.run.apply(answer, self.clock.now())
        self._stirred = True
        if isinstance(answer, TaskSucceeded | TaskFailed):
            self._close_token(live, answer.id)

    def waiting_for_tokens(self) -> list[str]:
        """Name the states that wait for somebody to answer."""
        found: list[str] = []
        for live in self._lives:
            for token in live.tokens.values():
                task = TOKENS.find(token)
                if task is not None and task.is_expected:
                    found.append(task.state)
        return found

    def _running(self) -> str:
        tasks = sorted({flight.command.state for flight in self._flights if not flight.done})
        if tasks:
            return f"running: {', '.join(tasks)}"
        waiting = self.waiting_for_tokens()
        if waiting:
            return f"waiting for an answer: {', '.join(waiting)}"
        histories = [live.run.history for live in self._lives]
        states = [name for each in histories for name in open_states(each) or path(each)[-1:]]
        return f"in state {', '.join(states)}" if states else "before its first state"

    def _step(self) -> bool:
        progress = self._take_messages()
        for live in list(self._lives):
            progress = self._advance(live) or progress
        if self._delayed:
            self._queue_due()
        starts, self._ready = self._ready, []
        if self._starter is not None and len(starts) > 1:
            starts, self._ready = self._deepest_first(self._starter, starts)
        for live, command in starts:
            self._begin(live, command, alone=len(starts) == 1 and not self._flights)
        stirred, self._stirred = self._stirred, False
        return progress or stirred or bool(starts)

    def _deepest_first(
        self, starter: Starter, ready: list[tuple[LiveRun, StartTask]]
    ) -> tuple[list[tuple[LiveRun, StartTask]], list[tuple[LiveRun, StartTask]]]:
        """Give what begins now and what later: of several executions that start others, the newest of the deepest.

        An execution that starts itself more than once so comes to the greatest depth before it fills the memory.
        """
        starting = [live for live, command in ready if starter.starts(command)]
        if not starting:
            return ready, []
        places = {id(live): place for place, live in enumerate(self._lives)}
        first = max(starting, key=lambda live: (live.depth, places.get(id(live), -1)))
        later = [each for each in ready if each[0] is not first and starter.starts(each[1])]
        return [each for each in ready if each[0] is first or not starter.starts(each[1])], later

    def _advance(self, live: LiveRun) -> bool:
        commands = live.run.advance(self.clock.now())
        for command in commands:
            self._carry_out(live, command)
        self._after(live)
        return bool(commands) or live.run.busy

    def _after(self, live: LiveRun) -> None:
        if self._watcher is not None and len(live.run.history) > live.seen:
            live.seen = len(live.run.history)
            self._watcher.changed(live.run)
        if live.run.status == "RUNNING" or live not in self._lives:
            return
        self._lives.remove(live)
        for command_id in list(live.tokens):
            self._close_token(live, command_id)
        self._flights = {flight: None for flight in self._flights if flight.live is not live}
        if live.on_closed is not None:
            live.on_closed(live.run)

    def _carry_out(self, live: LiveRun, command: Command) -> None:
        match command:
            case StartTask():
                self._queue(live, command)
            case CancelTask():
                self._cancel(live, command)
            case ReadItems() | MoreItems():
                self.answer(live, live.dispatcher.read(command))
            case WriteResults():
                self.answer(live, live.dispatcher.write(command))

    def _queue(self, live: LiveRun, command: StartTask) -> None:
        delay = for_task(live.delays, command) if live.delays else None
        if delay:
            self._delayed.append((self.clock.now() + delay, live, command))
        else:
            self._ready.append((live, command))

    def _queue_due(self) -> None:
        """Let tasks begin whose delay is over."""
        now = self.clock.now()
        self._ready.extend((live, command) for due, live, command in self._delayed if due <= now)
        self._delayed = [each for each in self._delayed if each[0] > now]

    def _cancel(self, live: LiveRun, command: CancelTask) -> None:
        live.dispatcher.cancel(command)
        if self._starter is not None:
            self._starter.cancel(self, live, command.id)
        self._close_token(live, command.id)
        self._ready = [each for each in self._ready if (each[0], each[1].id) != (live, command.id)]
        self._delayed = [each for each in self._delayed if (each[1], each[2].id) != (live, command.id)]
        for flight in list(self._flights):
            if flight.live is live and flight.command.id == command.id:
                self._abandon(flight)
                return

    def _abandon(self, flight: _Flight) -> None:
        """Wait no longer for a task that may never end; what it still says is not heard."""
        del self._flights[flight]
        self._workers.abandon_one()

    # -- tasks --------------------------------------------------------------------------

    def _begin(self, live: LiveRun, command: StartTask, *, alone: bool) -> None:
        if live.run.status != "RUNNING":
            return
        if command.token is not None:
            self._open_token(live, command)
        if self._starter is not None and self._starter.start(self, live, command):
            return
        post = _keep if self.clock.is_virtual else self._pass_on
        flight = _Flight(live, command, post, _kind(command))
        self._flights[flight] = None
        if self._belongs_here(flight, alone=alone):
            self._call(flight)
        else:
            if self.clock.is_virtual and command.timeout_seconds is not None:
                flight.deadline = time.monotonic() + command.timeout_seconds
            self._workers.do(partial(self._fly, flight))

    def _belongs_here(self, flight: _Flight, *, alone: bool) -> bool:
        """Say whether a task may keep the driving thread: nothing else can happen, or it is known to be quick.

        A task with a time limit never may, since no thread can be made to end.
        """
        if not self.clock.is_virtual or self._attended or flight.command.timeout_seconds is not None:
            return False
        return alone or self._costs.get(flight.kind, 1.0) < QUICK_SECONDS

    def _fly(self, flight: _Flight) -> None:
        self._call(flight)
        self._inbox.put(flight)

    def _call(self, flight: _Flight) -> None:
        begun = time.perf_counter()
        flight.live.dispatcher.start(flight.command, flight.take)
        self._costs[flight.kind] = time.perf_counter() - begun
        flight.done = True

    def _pass_on(self, flight: _Flight, answer: Answer) -> None:
        self._inbox.put(partial(self._land, flight, [answer]))

    def _land(self, flight: _Flight, answers: list[Answer]) -> None:
        if flight not in self._flights:
            return
        for answer in answers:
            self.answer(flight.live, answer)
        if answers and isinstance(answers[-1], TaskSubmitted):
            self._respond(flight)

    def _finish(self, flight: _Flight) -> None:
        """A task has been carried out; what it leaves open is for others to answer."""
        if flight not in self._flights:
            return
        del self._flights[flight]
        token = flight.live.tokens.get(flight.command.id)
        if token is None:
            return
        resource = parse_resource(flight.command.resource)
        if isinstance(resource, Activity):
            ACTIVITIES.offer(resource.arn, ActivityTask(token, compact(flight.command.payload)))
            self._respond(flight)

    # -- messages and time --------------------------------------------------------------

    def _take_messages(self) -> bool:
        taken = False
        while not self._inbox.empty():
            self._take_message(self._inbox.get())
            taken = True
        return self._land_all() or taken

    def _take_message(self, message: _Message) -> None:
        if not isinstance(message, _Flight):
            message()
        elif not self.clock.is_virtual:
            self._finish(message)

    def _land_all(self) -> bool:
        """In virtual time, take the answers of all tasks once none is under way, in the order of the commands."""
        flights = self._flights
        if not self.clock.is_virtual or not flights or not all(flight.done for flight in flights):
            return False
        for flight in list(flights):
            self._land(flight, flight.answers)
            self._finish(flight)
        return True

    def _wait(self) -> None:
        if self._flights:
            self._wait_for_message(self._patience())
        elif self.clock.is_virtual and not (self._attended and self.waiting_for_tokens()):
            self._jump()
        else:
            due = None if self.clock.is_virtual else self._next_timer()
            self._wait_for_message(None if due is None else max(0.0, due - self.clock.now()))

    def _wait_for_message(self, seconds: float | None) -> None:
        try:
            self._take_message(self._inbox.get(timeout=seconds))
        except Empty:
            now = time.monotonic()
            for flight in list(self._flights):
                if flight.deadline is not None and flight.deadline <= now and not flight.done:
                    self._abandon(flight)

    def _patience(self) -> float | None:
        """Return how long to wait for a task: to the first time limit, or the next timer on the wall."""
        if not self.clock.is_virtual:
            due = self._next_timer()
            return None if due is None else max(0.0, due - self.clock.now())
        deadlines = [each.deadline for each in self._flights if each.deadline is not None and not each.done]
        return max(0.0, min(deadlines) - time.monotonic()) if deadlines else None

    def _next_timer(self) -> float | None:
        timers = [live.run.next_timer for live in self._lives]
        timers.extend(due for due, live, _ in self._delayed if live in self._lives)
        return min((timer for timer in timers if timer is not None), default=None)

    def _jump(self) -> None:
        due = self._next_timer()
        if due is None:
            waiting = ", ".join(self.waiting_for_tokens()) or "nothing that is known"
            self.stop_all("States.Runtime", "Nothing can happen any more.")
            raise StepsmithError(f"nothing can happen any more: the execution waits for {waiting}")
        self.clock.move_to(due)

    # -- callbacks ----------------------------------------------------------------------

    def _open_token(self, live: LiveRun, command: StartTask) -> None:
        token = command.token
        if token is None:
            return
        live.tokens[command.id] = token

        def hand_over(answer: Answer) -> None:
            self.call(partial(self.answer, live, answer))

        expected = not command.resource.endswith((".sync", ".sync:2"))
        task = WaitingTask(
            token, command.state, command.execution_arn, command.id, command.payload, expected, hand_over
        )
        TOKENS.open(task)

    def _close_token(self, live: LiveRun, command_id: int) -> None:
        token = live.tokens.pop(command_id, None)
        if token is not None:
            TOKENS.close(token)

    def _respond(self, flight: _Flight) -> None:
        """Let a responder answer a callback that has just been handed out."""
        command = flight.command
        responder = for_task(flight.live.responders, command)
        if responder is None:
            return
        try:
            self.answer(flight.live, TaskSucceeded(id=command.id, output=responder(payload_of(command))))
        except TaskError as error:
            self.answer(flight.live, TaskFailed(id=command.id, error=error.error, cause=error.cause))
        except Exception as error:
            name = getattr(error, "error_name", None) or type(error).__name__
            self.answer(flight.live, TaskFailed(id=command.id, error=name, cause=str(error)))


def _keep(flight: _Flight, answer: Answer) -> None:
    flight.answers.append(answer)


def payload_of(command: StartTask) -> Json:
    """Return what a task is given: of `lambda:invoke`, the Payload."""
    resource = parse_resource(command.resource)
    payload = command.payload
    if isinstance(resource, ServiceAction) and resource.service == "lambda" and isinstance(payload, dict):
        return payload.get("Payload")
    return payload


def _kind(command: StartTask) -> tuple[str, object]:
    payload = command.payload
    name = payload.get("FunctionName") if isinstance(payload, dict) else None
    return command.resource, name if isinstance(name, str) else None


def for_task(given: Mapping[str, T], command: StartTask) -> T | None:
    """Find what is given for a task by the name of its state or of its function."""
    payload = command.payload
    name = payload.get("FunctionName") if isinstance(payload, dict) else None
    for key in (command.state, str(name), str(name).removeprefix("${").removesuffix("}")):
        if key in given:
            return given[key]
    return None


def open_states(history: History) -> list[str]:
    """Return the states that were entered and not left, in the order in which they were entered."""
    found: list[str] = []
    rows = history.rows
    for kind, subject in zip(rows[::WIDTH], rows[3::WIDTH], strict=True):
        if kind.endswith("StateEntered"):
            found.append(str(subject))
        elif kind.endswith("StateExited"):
            name = subject if isinstance(subject, str) else subject[0]
            if name in found:
                found.remove(name)
    return found
