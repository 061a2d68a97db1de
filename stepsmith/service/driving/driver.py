"""Drives executions: has commands carried out, and lets time pass when nothing else can.

In virtual time a task takes no time, however long it runs; and no thread can be made to end. So a task that does not
return is given as many seconds of the wall as the definition gives it: its TimeoutSeconds or HeartbeatSeconds, or what
the machine's TimeoutSeconds leaves. For a task without such a limit the others wait LONG_SECONDS of the wall, or
SHORT_SECONDS once one of them has failed, which may end it; then the execution goes on as if it took its time.
"""

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
from stepsmith.service.driving.live import Flight, LiveRun, Starter, Watcher, for_task

LONG_SECONDS: Final = 10.0
"""How long what is beside tasks without a limit waits for them in virtual time."""
SHORT_SECONDS: Final = 1.0
"""How long it waits once another task has failed."""
ENDLESS_SECONDS: Final = 30 * 86_400.0
"""A limit that nobody waits for: Standard executions have one of a year."""

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
        self._flights: dict[Flight, None] = {}
        self._number = 0
        self._is_split = False
        """Whether tasks of one flight have been taken over by others."""
        self._stirred = False
        self._moved = 0.0
        """When something happened last, as `time.monotonic` counts."""

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
        for command in commands:
            self._carry_out(live, command)

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
                    self._limit(begun)
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
        tasks = {state for flight in self._flights if not flight.done for state in flight.states()}
        if tasks:
            return f"running: {', '.join(sorted(tasks))}"
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
        if commands:
            if not live.delays and set(map(type, commands)) == _STARTS:  # the commonest by far
                self._ready.append((live, cast("list[StartTask]", commands)))
            else:
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
        if live.on_failed is not None and live.run.status != "SUCCEEDED":
            live.ended_by = live.on_failed(live, self.clock.now())
            self.add(live.ended_by)
            self._stirred = True

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
        for flight in self._flights:
            if flight.live is live and flight.first <= command.id <= flight.last:
                self._calls.cancel(flight, command.id)
                return

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
            self._limit(begun)
            self._calls.begin(begun)

    def _board(self) -> list[Flight]:
        """Make flights of the tasks that are ready."""
        ready, self._ready = self._ready, []
        if self._starter is not None:
            ready = self._without_executions(self._starter, ready)
        begun: list[Flight] = []
        for live, commands in ready:
            if live.run.status == "RUNNING" and commands:
                self._number += 1
                begun += self._flights_of(live, commands)
        for flight in begun:
            self._flights[flight] = None
        return begun

    def _flights_of(self, live: LiveRun, commands: list[StartTask]) -> list[Flight]:
        if self.clock.is_virtual:
            flights = self._calls.parted(live, commands, self._number)
        else:
            flights = [Flight(live, (command,), self._number) for command in commands]
        for flight in flights:
            if flight.current.token is not None and flight.current.id not in live.tokens:
                self._open_token(live, flight.current)
        return flights

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

    def _limit(self, flights: list[Flight]) -> None:
        """Say until when tasks may keep others waiting: their own limits, or what is left of the machine's time."""
        self._moved = wall = time.monotonic()
        now = self.clock.now()
        run, left = None, None
        for flight in flights:
            if flight.live.run is not run:
                run = flight.live.run
                end = run.ends_at
                left = None if end is None or end - now > ENDLESS_SECONDS else end - now
            command, limit = flight.current, left
            if command.timeout_seconds is not None:
                limit = command.timeout_seconds if limit is None else min(limit, command.timeout_seconds)
            if command.heartbeat_seconds is not None and command.token is None:
                # with a token it counts from where the token is handed out
                limit = command.heartbeat_seconds if limit is None else min(limit, command.heartbeat_seconds)
            if limit is not None:
                flight.limit = wall + limit

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
        return self._land_all() or taken

    def _take_message(self, message: _Message) -> None:
        if isinstance(message, Flight):
            if message in self._flights:
                del self._flights[message]
                self._finish(message)
        elif message is not None:
            message()

    def _land_all(self) -> bool:
        """In virtual time, take the answers of all tasks once none is under way, in the order of the commands."""
        if not self._flights or not self.clock.is_virtual:
            return False
        for flight in self._flights:
            if not flight.done:
                return False
        return self._land_all() if self._unfold() else self._land_done()

    def _unfold(self) -> bool:
        """Put the flights that took over tasks of others beside them; tells whether there were any."""
        others: list[Flight] = []
        for flight in self._flights:
            while flight.others:
                others.append(flight.others.popleft())
        self._flights.update(dict.fromkeys(others))
        self._is_split = self._is_split or bool(others)
        return bool(others)

    def _land_done(self) -> bool:
        """Take the answers of the tasks that have ended; tells whether there were any such tasks."""
        landed = [flight for flight in self._flights if flight.is_landing]
        now = self.clock.now()
        split: list[tuple[int, Answer, LiveRun]] = []
        for flight in landed:
            live = flight.live
            answers, is_done = flight.take_answers()
            if self._is_split:
                split.extend((flight.number, answer, live) for answer in answers)
            elif live.tokens:
                for answer in answers:
                    self.answer(live, answer)
            else:
                for answer in answers:
                    live.run.apply(answer, now)
            if is_done and not flight.others:
                self._flights.pop(flight, None)
        # two threads may have taken tasks of one flight in turns
        for _, answer, live in sorted(split, key=lambda each: (each[0], each[1].id)):
            self.answer(live, answer)
        for flight in landed:
            if flight.live.tokens:
                self._finish(flight)
        self._is_split = self._is_split and bool(self._flights)
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
                self._moved = time.monotonic()
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
        self._unfold()
        patience = self._patience()
        if patience is None or patience > 0:
            self._wait_for_message(patience)
            return
        self._moved = time.monotonic()
        self._unfold()
        if not self._land_done():
            self._jump()

    def _patience(self) -> float | None:
        """Return for how many seconds of the wall tasks in virtual time are still waited for; None for ever."""
        now, wall = self.clock.now(), time.monotonic()
        waits = [
            flight.limit - wall for flight in self._flights if flight.limit is not None and not flight.done
        ]
        since = self._moved - wall
        answers = [flight.answers for flight in self._flights if flight.is_landing]
        due = self._next_timer()
        if answers:
            failed = any(isinstance(each[-1], TaskFailed) for each in answers if each)
            waits.append(since + (SHORT_SECONDS if failed else LONG_SECONDS))
        elif due is not None and not (self._attended and self.waiting_for_tokens()):
            waits.append(since + max(due - now, LONG_SECONDS))
        return max(0.0, min(waits)) if waits else None

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
