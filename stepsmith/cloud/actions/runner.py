"""Drives all executions of a cloud together, on one clock: none of them needs a thread while it waits.

Where tasks are called is the difference between the two ways to use it. In virtual time whoever lets things happen
(`turn`) also calls the tasks, one after the other, so that everything comes out the same each time. Beside a server,
tasks have threads of their own, and a thread turns whenever something has come in or is due.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from heapq import heappop, heappush
from typing import Final, Protocol, TypeAlias

from stepsmith.cloud.actions.recorders import Recorder, Refusals
from stepsmith.cloud.actions.resources import Execution
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
from stepsmith.errors import JournalError, StepsmithError
from stepsmith.integrations import Dispatcher
from stepsmith.integrations.failures import compact
from stepsmith.integrations.resources import Activity, parse_resource
from stepsmith.service.answers.activities import Activities, ActivityTask
from stepsmith.service.answers.tokens import TaskTokens, WaitingTask
from stepsmith.service.clock import Clock
from stepsmith.service.driving.workers import Workers
from stepsmith.service.durable.steps import tell
from stepsmith.store import Input, Redrive, Stop

MOST_UNWRITTEN: Final = 64
"""Steps that are written at a time."""
Wait: TypeAlias = Callable[[float, Callable[[], bool]], None]
"""Lets time pass until an instant, or until something is so."""


class Live:
    """An execution that is driven."""

    __slots__ = (
        "awaited", "dispatcher", "due", "execution", "inputs", "is_ready", "on_end", "recorder", "resumed", "run",
        "tokens",
    )  # fmt: skip

    def __init__(self, execution: Execution, dispatcher: Dispatcher) -> None:
        self.execution = execution
        self.run = execution.run
        self.recorder = execution.recorder
        self.dispatcher = dispatcher
        self.inputs: list[Input] = []
        """What it is told in its next step."""
        self.tokens: dict[int, str] = {}
        """Task tokens by the ids of their commands."""
        self.resumed: set[int] = set()
        """Tasks that begin once more after an interruption, by the ids of their commands."""
        self.awaited: dict[int, Live] = {}
        """Executions that tasks wait for, by the ids of their commands."""
        self.on_end: list[Callable[[], None]] = []
        self.due: float | None = None
        """The timer that is noted."""
        self.is_ready = False


class Nested(Protocol):
    """Plays Step Functions for the tasks that start executions."""

    def start(self, live: Live, command: StartTask) -> bool:
        """Do what a command asks of Step Functions; False where it asks for something else."""
        ...

    def follow(self, live: Live, command: StartTask, child: str) -> bool:
        """Let a task wait on for the execution of an ARN; False where that is none of the task's."""
        ...


class Journal(Protocol):
    """Keeps executions on the disk."""

    def begin(self, execution: Execution, refusals: Refusals) -> Recorder:
        """Write down that an execution begins."""
        ...

    def forget(self, execution: Execution) -> None:
        """Let go of an execution that has ended."""
        ...

    def flush(self) -> None:
        """Let everything be on the disk that has come up; raises JournalError."""
        ...


class Runner:
    """All executions of one cloud that run."""

    def __init__(self, clock: Clock, *, has_threads: bool = False, wait: Wait | None = None) -> None:
        self.clock = clock
        self.tokens = TaskTokens()
        self.activities = Activities(self.tokens)
        self.nested: Nested | None = None
        self.journal: Journal | None = None
        """Where steps are written down, before anything follows from them."""
        self.begun: Callable[[Execution], None] = lambda execution: None
        """Is called with each execution that begins, or begins again."""
        self.ended: Callable[[Execution], None] = lambda execution: None
        """Is called with each execution that has ended."""
        self.wake: Callable[[], None] = lambda: None
        """Is called when something has come in, from any thread."""
        self.has_threads = has_threads
        self._wait: Wait = wait or self._let_pass
        self._workers = Workers()
        self._under_way: set[object] = set()
        self._lives: dict[Execution, Live] = {}
        self._inbox: deque[Callable[[], None]] = deque()
        self._ready: deque[Live] = deque()
        self._unwritten: list[tuple[Live, list[Command]]] = []
        self._tasks: deque[tuple[Live, StartTask]] = deque()
        self._timers: list[tuple[float, int, Live]] = []
        self._count = 0
        self._lock = threading.RLock()

    # -- for any thread -----------------------------------------------------------------

    def add(self, execution: Execution, dispatcher: Dispatcher) -> Live:
        """Take an execution in."""
        live = self._lives[execution] = Live(execution, dispatcher)
        self.begun(execution)
        self.call(partial(self.stir, live))
        return live

    def find(self, execution: Execution) -> Live | None:
        """Return an execution that is driven."""
        return self._lives.get(execution)

    def call(self, action: Callable[[], None]) -> None:
        """Let something be done at the next turn."""
        self._inbox.append(action)
        self.wake()

    def stop(self, execution: Execution, error: str | None, cause: str | None) -> None:
        """Abort an execution."""
        self.tell(execution, Stop(error, cause))

    def tell(self, execution: Execution, given: Input) -> None:
        """Tell an execution that runs something at once, after all that it was told before."""
        with self._lock:
            live = self._lives.get(execution)
            if live is not None and live.run.status == "RUNNING":
                live.inputs.append(given)
                self._take_step(live)
                self._write()
        self.wake()

    def revive(self, execution: Execution, dispatcher: Dispatcher) -> None:
        """Run an execution again from the states that did not succeed; raises InvalidInput."""
        with self._lock:
            now = self.clock.now()
            self._write()  # its end is told before its second beginning
            execution.run.redrive(now)
            execution.awaited = None
            live = self._lives[execution] = Live(execution, dispatcher)
            self.begun(execution)
            self._take_step(live, now, (Redrive(),))
        self.wake()

    def go_on(self, execution: Execution, dispatcher: Dispatcher, resume: Callable[[Live], None]) -> None:
        """Take an execution in that has run before, and `resume` what was under way at the next turn."""
        live = self._lives[execution] = Live(execution, dispatcher)

        def go() -> None:
            resume(live)
            self._after(live)

        self.call(go)

    def wait_for(self, execution: Execution, seconds: float) -> None:
        """Wait until an execution has ended; where nobody else lets things happen, let them."""
        if self.has_threads:
            with self._lock:
                ended = execution.awaited = execution.awaited or threading.Event()
                if execution not in self._lives:
                    return
            ended.wait(seconds)
            return
        while execution in self._lives and self.turn():
            pass
        if execution in self._lives:
            self._wait(self.clock.now() + seconds, lambda: execution not in self._lives)

    def _let_pass(self, end: float, is_so: Callable[[], bool]) -> None:
        """Let time pass until an instant, or until something is so, where nothing else happens in it."""
        while not is_so():
            if not self.turn():
                due = self.next_due
                if due is None or due > end:
                    return
                self.clock.move_to(due)

    @property
    def count(self) -> int:
        """How many executions run."""
        return len(self._lives)

    @property
    def is_busy(self) -> bool:
        """Whether tasks are under way on other threads, or what they have answered has not been taken."""
        return bool(self._under_way or self._inbox or self._ready or self._unwritten or self._tasks)

    # -- for whoever lets things happen ---------------------------------------------------

    def turn(self) -> bool:
        """Do all that can be done at this instant; say whether there was anything."""
        progress = False
        while self._step():
            progress = True
        return progress

    @property
    def next_due(self) -> float | None:
        """The instant of the next timer, in seconds since 1970."""
        with self._lock:
            timers = self._timers
            while timers and timers[0][2].due != timers[0][0]:
                heappop(timers)
            return timers[0][0] if timers else None

    def _step(self) -> bool:
        with self._lock:
            if self._inbox:
                self._inbox.popleft()()
            elif self._ready:
                live = self._ready.popleft()
                live.is_ready = False
                self._advance(live)
            elif self._unwritten:
                self._write()
            elif self._tasks:
                self._begin(*self._tasks.popleft())
            else:
                return self._fire()
            return True

    def _fire(self) -> bool:
        due = self.next_due
        if due is None or due > self.clock.now():
            return False
        live = heappop(self._timers)[2]
        live.due = None
        self.stir(live)
        return True

    def stir(self, live: Live) -> None:
        """Let an execution take its next step at this turn."""
        if not live.is_ready:
            live.is_ready = True
            self._ready.append(live)

    def _advance(self, live: Live) -> None:
        if live.run.status == "RUNNING":
            self._take_step(live)
        if len(self._unwritten) >= MOST_UNWRITTEN:
            self._write()

    def _take_step(self, live: Live, now: float | None = None, told: tuple[Input, ...] = ()) -> None:
        """Tell an execution what has come for it; what follows from that follows once it is on the disk."""
        inputs, live.inputs = live.inputs, []
        now = self.clock.now() if now is None else now
        try:
            if live.recorder is None:
                commands = tell(live.run, now, inputs)
            else:
                commands = live.recorder.step(now, inputs, told)
        except JournalError:
            raise
        except Exception as error:  # one execution does not stop the others
            stop = [Stop("States.Runtime", repr(error))]
            commands = tell(live.run, now, stop) if live.recorder is None else live.recorder.step(now, stop)
        if live.recorder is not None:
            self._unwritten.append((live, commands))
            return
        self._follow(live, commands)
        if live.run.busy:
            self.stir(live)

    def _write(self) -> None:
        written, self._unwritten = self._unwritten, []
        if written and self.journal is not None:
            self.journal.flush()
        for live, commands in written:
            self._follow(live, commands)

    def _follow(self, live: Live, commands: list[Command]) -> None:
        self._carry_out(live, commands)
        self._after(live)

    def _after(self, live: Live) -> None:
        run = live.run
        if run.status == "RUNNING":
            due = run.next_timer
            if due != live.due:
                live.due = due
                if due is not None:
                    self._count += 1
                    heappush(self._timers, (due, self._count, live))
        elif self._lives.pop(live.execution, None) is not None:
            live.due = None
            for id in list(live.tokens):
                self._close(live, id)
            if live.execution.awaited is not None:
                live.execution.awaited.set()
            if live.recorder is not None:
                live.execution.kept = live.recorder.number
                if run.status == "SUCCEEDED":  # it never runs again
                    live.execution.recorder = None
            self.ended(live.execution)
            for action in live.on_end:
                action()
            run.let_go()

    def answer(self, live: Live, answer: Input) -> None:
        """Hand an answer to an execution, on the thread that turns."""
        live.inputs.append(answer)
        if live.tokens and isinstance(answer, TaskSucceeded | TaskFailed):
            self._close(live, answer.id)
        self.stir(live)

    # -- commands -----------------------------------------------------------------------

    def _carry_out(self, live: Live, commands: Iterable[Command]) -> None:
        for command in commands:
            match command:
                case StartTask():
                    self._tasks.append((live, command))
                case CancelTask():
                    self._cancel(live, command)
                case _:
                    self._do(live, partial(self._items, live, command))

    def _cancel(self, live: Live, command: CancelTask) -> None:
        live.dispatcher.cancel(command)
        self._close(live, command.id)
        child = live.awaited.pop(command.id, None)
        if child is not None:
            self.stop(child.execution, None, None)
        self._tasks = deque(each for each in self._tasks if each[0] is not live or each[1].id != command.id)

    def _begin(self, live: Live, command: StartTask) -> None:
        if live.run.status != "RUNNING":
            return
        if command.token is not None:
            self._open(live, command)
        if self.nested is not None and self.nested.start(live, command):
            return
        resource = parse_resource(command.resource)
        if isinstance(resource, Activity) and live.dispatcher.stand_in(command) is None:
            if command.token is not None:
                self.activities.offer(resource.arn, ActivityTask(command.token, compact(command.payload)))
            return
        self._do(live, partial(self._call, live, command), _limit(command))

    def _do(self, live: Live, work: Callable[[], None], seconds: float | None = None) -> None:
        """Do what may take its time: on a thread, or here; a task with a limit of time is left to itself after it."""
        if self.has_threads:
            self._fly(work)
        elif seconds is None:
            work()
        else:
            done = threading.Event()

            def work_aside() -> None:
                work()
                done.set()

            self._workers.do(work_aside)
            done.wait(seconds)

    def _fly(self, work: Callable[[], None]) -> None:
        self._under_way.add(work)

        def fly() -> None:
            try:
                work()
            finally:
                self._under_way.discard(work)
                self.wake()

        self._workers.do(fly)

    def _call(self, live: Live, command: StartTask) -> None:
        try:
            live.dispatcher.start(command, partial(self._post, live))
        except KeyboardInterrupt:
            self._post(live, TaskFailed(id=command.id, error="KeyboardInterrupt", cause=None))
            raise

    def _items(self, live: Live, command: Command) -> None:
        match command:
            case ReadItems() | MoreItems():
                self._post(live, live.dispatcher.read(command))
            case WriteResults():
                self._post(live, live.dispatcher.write(command))
            case _:
                pass

    def _post(self, live: Live, answer: Answer) -> None:
        self.call(partial(self.answer, live, answer))

    # -- callbacks ----------------------------------------------------------------------

    def _take_sent(self, live: Live, answer: Answer) -> None:
        """Take an answer that somebody sends who relies on its being kept."""
        recorder = live.recorder
        if recorder is None or not isinstance(answer, TaskSucceeded | TaskFailed):
            self._post(live, answer)
            return
        asked = recorder.ask(answer)

        def take() -> None:
            recorder.take(asked)
            self.answer(live, answer)

        self.call(take)

    def open(self, live: Live, command: StartTask) -> None:
        """Make the token of a task known."""
        if command.token is not None:
            self._open(live, command)

    def begin_again(self, live: Live, command: StartTask) -> None:
        """Begin once more with a task that was interrupted."""
        live.resumed.add(command.id)
        self._tasks.append((live, command))

    def do(self, live: Live, work: Callable[[Callable[[Answer], None]], None]) -> None:
        """Do what may take its time, and take the answers that it hands over."""
        self._do(live, partial(work, partial(self._post, live)))

    def _open(self, live: Live, command: StartTask) -> None:
        token = str(command.token)
        expected = not command.resource.endswith((".sync", ".sync:2"))
        task = WaitingTask(
            token, command.state, command.execution_arn, command.id, command.payload, expected,
            partial(self._take_sent, live),
        )  # fmt: skip
        try:
            self.tokens.open(task)
        except StepsmithError as error:
            self._post(live, TaskFailed(id=command.id, error="States.Runtime", cause=str(error)))
        else:
            live.tokens[command.id] = token

    def _close(self, live: Live, command_id: int) -> None:
        token = live.tokens.pop(command_id, None)
        if token is not None:
            self.tokens.close(token)

    def close(self) -> None:
        """Let the threads of tasks end once they are idle."""
        self._workers.close()


def _limit(command: StartTask) -> float | None:
    limits = [each for each in (command.timeout_seconds, command.heartbeat_seconds) if each is not None]
    return min(limits, default=None)
