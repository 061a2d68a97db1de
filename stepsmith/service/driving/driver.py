"""Drives executions: has commands carried out, and lets time pass when nothing else can."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from queue import Empty, SimpleQueue
from typing import Final, TypeAlias, cast

from stepsmith.engine.history.records import WIDTH, History, path
from stepsmith.engine.ports import (
    Answer,
    CancelTask,
    Command,
    MoreItems,
    ReadItems,
    StartTask,
    TaskFailed,
    TaskSucceeded,
    WriteResults,
)
from stepsmith.errors import StepsmithError
from stepsmith.integrations.failures import compact
from stepsmith.integrations.interrupts import listening
from stepsmith.integrations.resources import Activity, parse_resource
from stepsmith.service.answers.activities import ACTIVITIES, ActivityTask
from stepsmith.service.answers.tokens import TOKENS, WaitingTask
from stepsmith.service.clock import Clock
from stepsmith.service.driving.calls import LOOK_SECONDS, Calls
from stepsmith.service.driving.flights import ENDLESS_SECONDS, Flights
from stepsmith.service.driving.live import Flight, LiveRun, Starter, Watcher, for_task

_STARTS: Final[set[type]] = {StartTask}
_Message: TypeAlias = "Flight | Callable[[], None] | None"
"""A task that has ended, something to be done between two steps, or nothing but a reason to look."""


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
        self._inbox: SimpleQueue[_Message] = SimpleQueue()
        self._calls = Calls(self._inbox.put, self._drive_on)
        self._baton = threading.RLock()
        """Is held by the thread that drives, while it does not wait."""
        self._problem: BaseException | None = None
        self._lives: list[LiveRun] = []
        self._ready: list[tuple[LiveRun, list[StartTask]]] = []
        self._delayed: list[tuple[float, LiveRun, StartTask]] = []
        self._flights = Flights()
        self._stirred = False

    # -- for other threads --------------------------------------------------------------

    def call(self, action: Callable[[], None]) -> None:
        """Let the driving thread do something between two steps."""
        self._inbox.put(action)

    # -- for the driving thread ---------------------------------------------------------

    def add(self, live: LiveRun) -> None:
        """Take a run in."""
        self._lives.append(live)

    def take(self, live: LiveRun, commands: list[Command]) -> None:
        """Take a run in that has begun, with the commands it gave."""
        self.add(live)
        self._carry_out_all(live, commands)

    def children(self, live: LiveRun) -> list[LiveRun]:
        """Give the executions that one has started, as far as they are remembered, in the order of their start."""
        return [] if self._starter is None else self._starter.children(live)

    def reopen(self) -> None:
        """Be ready to drive once more."""
        self._calls = Calls(self._inbox.put, self._drive_on)

    def drive(self) -> None:
        """Drive until every execution has ended.

        Raises StepsmithError when nothing can happen any more; KeyboardInterrupt passes, with a note that says what
        was running, after the executions were stopped and what ends their records has ended.
        """
        with self._baton:
            try:
                self._go()
            except KeyboardInterrupt as interrupt:
                self.interrupt(interrupt)
                raise
            finally:
                self._calls.close()

    def _go(self) -> None:
        with listening():
            while self._lives:
                if not self._step() and self._lives:
                    self._wait()

    def _drive_on(self) -> list[Flight]:
        """Take steps on a thread that has just carried tasks out, and return quick tasks for it to carry out next.

        To hand them over would take longer than they do. Whatever else comes up is left for the thread in `drive`.
        """
        if self._attended or self._watcher is not None or self._starter is not None:
            return []
        if not self._baton.acquire(blocking=False):
            return []
        try:
            while self._lives and self._problem is None:
                progress = self._look()
                if len(self._ready) > 1 or (self._ready and len(self._ready[0][1]) > 1):
                    begun = self._board()
                    self._flights.limit(begun, self.clock.now())
                    if all(map(self._calls.is_quick, begun)):
                        return begun
                    self._calls.begin(begun)
                elif self._ready or not progress:
                    break
        except BaseException as problem:
            self._problem = problem
        finally:
            self._baton.release()
        return []

    def interrupt(self, interrupt: KeyboardInterrupt) -> None:
        """Stop the executions, note what was running, and drive on what ends their records."""
        interrupt.add_note(self._running())
        # a watcher that is behind would take its time to show all the rest
        self._watcher = None
        with self._baton:
            self.stop_all("Interrupted", None)
            if self._lives:
                self._go()

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
        if live.tokens and isinstance(answer, TaskSucceeded | TaskFailed):
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
        tasks = self._flights.states()
        if tasks:
            return f"running: {', '.join(tasks)}"
        waiting = self.waiting_for_tokens()
        if waiting:
            return f"waiting for an answer: {', '.join(waiting)}"
        histories = [live.run.history for live in self._lives]
        states = [name for each in histories for name in open_states(each) or path(each)[-1:]]
        return f"in state {', '.join(states)}" if states else "before its first state"

    def _step(self) -> bool:
        progress = self._look()
        if self._ready:
            self._begin()
            return True
        return progress

    def _look(self) -> bool:
        """Take what has come in and have the executions do all they can do now; tells whether that was anything."""
        if self._problem is not None:
            problem, self._problem = self._problem, None
            raise problem
        progress = self._take_messages()
        for live in list(self._lives):
            progress = self._advance(live) or progress
        if self._delayed:
            self._queue_due()
        stirred, self._stirred = self._stirred, False
        return progress or stirred

    def _advance(self, live: LiveRun) -> bool:
        commands = live.run.advance(self.clock.now())
        self._carry_out_all(live, commands)
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
        self._flights.forget(live)
        if live.on_closed is not None:
            live.on_closed(live.run)
        if live.on_failed is not None and live.run.status != "SUCCEEDED":
            live.ended_by = live.on_failed(live, self.clock.now())
            self.add(live.ended_by)
            self._stirred = True

    def _carry_out_all(self, live: LiveRun, commands: list[Command]) -> None:
        if not live.delays and set(map(type, commands)) == _STARTS:  # the commonest by far
            self._ready.append((live, cast("list[StartTask]", commands)))
            return
        for command in commands:
            self._carry_out(live, command)

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
            self._ready.append((live, [command]))

    def _queue_due(self) -> None:
        """Let tasks begin whose delay is over."""
        now = self.clock.now()
        self._ready.extend((live, [command]) for due, live, command in self._delayed if due <= now)
        self._delayed = [each for each in self._delayed if each[0] > now]

    def _cancel(self, live: LiveRun, command: CancelTask) -> None:
        live.dispatcher.cancel(command)
        if self._starter is not None:
            self._starter.cancel(self, live, command.id)
        self._close_token(live, command.id)
        for run, starts in self._ready:
            if run is live:
                starts[:] = [each for each in starts if each.id != command.id]
        self._delayed = [each for each in self._delayed if (each[1], each[2].id) != (live, command.id)]
        flight = self._flights.find(live, command.id)
        if flight is not None:
            self._calls.cancel(flight, command.id)

    # -- tasks --------------------------------------------------------------------------

    def _begin(self) -> None:
        """Have all tasks called that are ready."""
        begun = self._board()
        if not self.clock.is_virtual:
            for flight in begun:
                self._calls.begin_at_once(flight, partial(self._pass_on, flight))
        elif len(begun) == 1 and self._is_alone(begun[0]):
            self._calls.here(begun[0])
        elif begun:
            self._flights.limit(begun, self.clock.now())
            self._calls.begin(begun)

    def _board(self) -> list[Flight]:
        """Make flights of the tasks that are ready."""
        ready, self._ready = self._ready, []
        if self._starter is not None:
            ready = self._without_executions(self._starter, ready)
        begun: list[Flight] = []
        for live, commands in ready:
            if live.run.status == "RUNNING" and commands:
                begun += self._flights.add(live, commands, self._calls, together=self.clock.is_virtual)
        for flight in begun:
            if flight.current.token is not None and flight.current.id not in flight.live.tokens:
                self._open_token(flight.live, flight.current)
        return begun

    def _without_executions(
        self, starter: Starter, ready: list[tuple[LiveRun, list[StartTask]]]
    ) -> list[tuple[LiveRun, list[StartTask]]]:
        """Let the starter start executions, and return the other tasks.

        Of several executions that start others, the newest of the deepest does now, and the others later: an execution
        that starts itself more than once so comes to the greatest depth before it fills the memory.
        """
        places = {id(live): place for place, live in enumerate(self._lives)}
        starting = [live for live, commands in ready if any(map(starter.starts, commands))]
        first = max(starting, key=lambda live: (live.depth, places.get(id(live), -1)), default=None)
        left: list[tuple[LiveRun, list[StartTask]]] = []
        for live, commands in ready:
            tasks: list[StartTask] = []
            for command in commands:
                if live is not first and starter.starts(command):
                    self._ready.append((live, [command]))
                elif live.run.status == "RUNNING":
                    if command.token is not None:
                        self._open_token(live, command)
                    if not starter.start(self, live, command):
                        tasks.append(command)
            left.append((live, tasks))
        return left

    def _is_alone(self, flight: Flight) -> bool:
        """Say whether nothing can happen before a task returns, so that it may have the driving thread."""
        live, command = flight.live, flight.current
        if self._attended or len(self._flights) > 1 or len(self._lives) > 1 or self._delayed:
            return False
        if len(flight.waiting) > 1:
            return False
        if command.timeout_seconds is not None or command.heartbeat_seconds is not None:
            return False
        if any(id != command.id for id in live.tokens):
            return False
        due = live.run.next_timer
        return due is None or due - self.clock.now() > ENDLESS_SECONDS

    def _pass_on(self, flight: Flight, answer: Answer) -> None:
        self._inbox.put(partial(self._land, flight, answer))

    def _land(self, flight: Flight, answer: Answer) -> None:
        if flight in self._flights:
            self.answer(flight.live, answer)

    def _finish(self, flight: Flight) -> None:
        """A task has been carried out; what it leaves open is for others to answer."""
        live, command = flight.live, flight.current
        token = live.tokens.get(command.id)
        if token is None:
            return
        resource = parse_resource(command.resource)
        if isinstance(resource, Activity):
            ACTIVITIES.offer(resource.arn, ActivityTask(token, compact(command.payload)))

    # -- messages and time --------------------------------------------------------------

    def _take_messages(self) -> bool:
        taken = False
        while not self._inbox.empty():
            self._take_message(self._inbox.get())
            taken = True
        if self.clock.is_virtual and self._flights.are_done:
            return self._land_done()
        return taken

    def _take_message(self, message: _Message) -> None:
        if isinstance(message, Flight):
            if message in self._flights:
                self._flights.remove(message)
                self._finish(message)
        elif message is not None:
            message()

    def _land_done(self) -> bool:
        """Take the answers of the tasks that have ended; tells whether there were any such tasks."""
        landed, taken = self._flights.land()
        now = self.clock.now()
        for flight, answers in taken:
            live = flight.live
            if not live.tokens:
                live.run.apply_all(answers, now)
                continue
            for answer in answers:
                self.answer(live, answer)
        for flight in landed:
            if flight.live.tokens:
                self._finish(flight)
        self._stirred = self._stirred or bool(landed)
        return bool(landed)

    def _wait(self) -> None:
        if self._flights and self.clock.is_virtual:
            self._wait_for_tasks()
        elif self.clock.is_virtual and not (self._attended and self.waiting_for_tokens()):
            self._jump()
        else:
            due = None if self.clock.is_virtual else self._next_timer()
            self._wait_for_message(None if due is None else max(0.0, due - self.clock.now()))

    def _wait_for_message(self, seconds: float | None) -> None:
        """Wait for a message, but not for ever; see to it that tasks do not wait for each other in vain."""
        until = None if seconds is None else time.monotonic() + seconds
        while True:
            left = None if until is None else max(0.0, until - time.monotonic())
            if self._calls.have_waiting:
                left = LOOK_SECONDS if left is None else min(left, LOOK_SECONDS)
            try:
                self._take_message(self._next_message(left))
                self._flights.moved()
                return
            except Empty:
                if until is not None and time.monotonic() >= until:
                    return
                if self._calls.help():
                    return

    def _next_message(self, seconds: float | None) -> _Message:
        """Wait for a message, and let others drive meanwhile; raises Empty."""
        self._baton.release()
        try:
            return self._inbox.get(timeout=seconds)
        finally:
            self._baton.acquire()

    def _wait_for_tasks(self) -> None:
        """Wait until a task ends, or until the patience with those under way is used up."""
        self._flights.unfold()
        due = None if self._attended and self.waiting_for_tokens() else self._next_timer()
        patience = self._flights.patience(None if due is None else due - self.clock.now())
        if patience is None or patience > 0:
            self._wait_for_message(patience)
            return
        self._flights.moved()
        if not self._land_done():
            self._jump()

    def _next_timer(self) -> float | None:
        timers = [live.run.next_timer for live in self._lives]
        timers.extend(due for due, live, _ in self._delayed if live in self._lives)
        return min((timer for timer in timers if timer is not None), default=None)

    def _jump(self) -> None:
        due = self._next_timer()
        if due is None:
            waiting = ", ".join(self.waiting_for_tokens()) or "nothing that is known"
            self.stop_all("States.Runtime", "Nothing can happen any more.")
            self._go()
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
