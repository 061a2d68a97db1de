"""Drives the executions of a journal: from step to step, each on the disk before anything follows from it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from heapq import heappop, heappush
from queue import Empty, SimpleQueue
from typing import Final, TypeAlias

from stepsmith.engine.ports import Answer, CancelTask, Command, TaskFailed, TaskSucceeded
from stepsmith.errors import StepsmithError
from stepsmith.service.clock import WallClock
from stepsmith.service.durable.calls import Calls, Displaced
from stepsmith.service.durable.carrying import Carrier
from stepsmith.service.durable.deadlines import Deadlines
from stepsmith.service.durable.live import Flight, Live, Resolver
from stepsmith.service.durable.loading import load
from stepsmith.service.durable.outbox import Outbox
from stepsmith.service.durable.stepping import take_step
from stepsmith.store import NEVER, Input, Reader, Start, Store, Unit

POLL_SECONDS: Final = 0.05
"""How often to look whether another process has written: started an execution, answered a task, or ended."""
MOST_LOADED: Final = 1000
"""Executions in memory at a time; the others wait in the journal."""
MOST_WAITING: Final = 256
"""Executions that are kept in memory while they only wait."""
GRACE_SECONDS: Final = 4.5
"""How long running tasks may go on once it was asked to stop."""

Message: TypeAlias = Callable[[], None]


class Conductor:
    """Drives executions on the thread that calls `run`, and writes their steps; their tasks run on others.

    One that is direct does everything on that thread.
    """

    def __init__(
        self,
        store: Store,
        resolver: Resolver,
        *,
        clock: WallClock | None = None,
        is_direct: bool = False,
        only: set[int] | None = None,
    ) -> None:
        self.store = store
        self.clock = clock or WallClock()
        self.problems: dict[int, StepsmithError] = {}
        """Executions that cannot be driven here, and why."""
        self.on_end: Callable[[int], None] = lambda id: None
        """Called with the id of each execution that has ended."""
        self.lives: dict[int, Live] = {}
        self.is_stopping = False
        self.is_done = False
        """Whether it has come to an end with nothing left to do."""
        self._resolver = resolver
        self._only = only
        self._reader = Reader(store.path)
        self._inbox: SimpleQueue[Message] = SimpleQueue()
        self._outbox = Outbox(store, self._take_written, is_direct=is_direct)
        self._calls = Calls(self._inbox, self._take_answer, self._lead_on, is_direct=is_direct)
        self._carrier = Carrier(self)
        self._ready: dict[Live, None] = {}
        self._deadlines = Deadlines(self.clock.now)
        self._waiting: dict[Live, None] = {}
        self._wanted: set[int] = set()
        self._seen_changes = -1
        self._looked = 0.0
        self._stop_at: float | None = None
        self._ended = threading.Event()
        self._problem: BaseException | None = None
        self._may_end: Callable[[], bool] = lambda: True

    # -- for other threads --------------------------------------------------------------

    def call(self, action: Callable[[], None]) -> None:
        """Let the driving thread do something between two steps."""
        self._inbox.put(action)

    def stop(self, grace: float = GRACE_SECONDS) -> None:
        """Let no task begin any more, wait for the running ones as long as `grace` seconds, and end."""

        def stop() -> None:
            self.is_stopping = True
            self._stop_at = time.monotonic() + grace

        self.call(stop)

    def want(self, id: int) -> None:
        """Look at an execution soon."""
        self.call(lambda: self._wanted.add(id))

    # -- for the driving thread ---------------------------------------------------------

    @property
    def has_news(self) -> bool:
        """Whether somebody has asked for something that it has not looked at."""
        return not self._inbox.empty()

    def run(self, is_over: Callable[[], bool] = lambda: True) -> None:
        """Drive until nothing is left that can go on here, or until it is told to stop; `is_over` may say no to that.

        Raises JournalError when the journal cannot be written: nothing begins then any more.
        """
        self._may_end = is_over
        self._lead()
        try:
            self._ended.wait()
        except KeyboardInterrupt:
            self.stop()
            self._ended.wait(GRACE_SECONDS)
            raise
        if self._problem is not None:
            raise self._problem

    def _lead(self) -> None:
        """Drive on this thread, until another one does or everything is over."""
        try:
            while not (self._is_over() and self._may_end()):
                self._wait()
        except Displaced:
            return
        except BaseException as problem:
            self._problem = problem
        try:
            self.close()
        finally:
            self._ended.set()

    def _lead_on(self) -> None:
        threading.Thread(target=self._lead, name="stepsmith-conductor", daemon=True).start()

    def _is_over(self) -> bool:
        self.turn()
        if self.is_stopping:
            if not self._has_stopped():
                return False
        elif self.lives or not self._outbox.is_done or not self._is_empty():
            return False
        self.is_done = self._is_empty()
        return True

    def turn(self) -> None:
        """Do all that can be done now."""
        progress = True
        while progress or self._has_work:
            progress = self._take_messages()
            if not self.is_stopping:
                progress = self._look() or progress
                progress = self._fire_timers() or progress
            # what is quick is done before anything is written, so that more is written at a time
            progress = self._calls.make() or progress
            progress = self._take_steps() or progress
            progress = self._outbox.flush() or progress

    @property
    def _active(self) -> int:
        """How many executions are in memory that do not only wait."""
        return len(self.lives) - len(self._waiting)

    @property
    def _has_work(self) -> bool:
        wanted = self._wanted and not self.is_stopping
        return bool(self._ready or wanted or not self._outbox.is_done) or not self._inbox.empty()

    def close(self) -> None:
        """Let go of all executions; whoever comes next goes on with them."""
        for live in list(self.lives.values()):
            self.drop(live)
        self._calls.close()
        self._reader.close()

    def tell(self, live: Live, given: Input) -> None:
        """Let an execution be told something in its next step."""
        live.inputs.append(given)
        self._ready[live] = None

    def step(self, live: Live, at: float, inputs: list[Input], follows: Iterable[Command] = ()) -> None:
        """Take a step and let it be written; what follows from it, and `follows`, is carried out then."""
        unit, effects = take_step(live, at, inputs, follows)
        unit.written = partial(self._step_written, live, effects)
        if live.flights:
            self._cancel_flights(live, effects)
        live.unwritten += 1
        if live in self._waiting:
            del self._waiting[live]
        self._outbox.put(unit)

    def do(self, flight: Flight) -> None:
        """Let the work of a flight be done, and take its answers."""
        self._calls.add(flight)

    def find(self, arn: str) -> Start | None:
        """Return how the execution of an ARN began; None where there is none."""
        found = self._reader.find(arn)
        return self._reader.start(found[0].id) if found else None

    def put(self, unit: Unit) -> None:
        """Let a unit be written that is no step of an execution."""
        self._outbox.put(unit)

    def drop(self, live: Live) -> None:
        """Let go of an execution as it stands in the journal."""
        live.is_lost = True
        self.lives.pop(live.id, None)
        self._deadlines.forget(live.id)
        self._ready.pop(live, None)
        self._waiting.pop(live, None)
        for flight in list(live.flights.values()):
            self._abandon(flight)
        self.store.owners.release(live.id)

    # -- steps --------------------------------------------------------------------------

    def now(self, live: Live) -> float:
        """Return the time of an execution: its own, or that of the wall."""
        return live.run.now if live.is_virtual else self.clock.now()

    def _take_steps(self) -> bool:
        ready, self._ready = self._ready, {}
        if not ready:
            return False
        now = self.clock.now()
        for live in ready:
            if live.inputs and not live.is_lost:
                inputs, live.inputs = live.inputs, []
                self.step(live, live.run.now if live.is_virtual else now, inputs)
        return True

    def _cancel_flights(self, live: Live, commands: Iterable[Command]) -> None:
        """Hear no more of tasks that nobody waits for."""
        if live.run.status != "RUNNING":
            ids = list(live.flights)
        else:
            ids = [each.id for each in commands if type(each) is CancelTask]
        for id in ids:
            flight = live.flights.get(id)
            if flight is not None:
                self._abandon(flight)

    def _abandon(self, flight: Flight) -> None:
        del flight.live.flights[flight.command.id]
        self._calls.abandon()

    # -- messages -----------------------------------------------------------------------

    def _take_messages(self) -> bool:
        taken = False
        while not self._inbox.empty():
            self._inbox.get()()
            taken = True
        return taken

    def _take_answer(self, flight: Flight, answer: Answer | None) -> None:
        if not flight.is_up:
            return
        live, command = flight.live, flight.command
        if answer is None:
            del live.flights[command.id]
            if not live.inputs:
                self._settle(live)
            return
        live.inputs.append(answer)
        self._ready[live] = None
        if self._carrier.is_last(command, answer):
            del live.flights[command.id]
            self._carrier.landed(live, command, answer)

    def _take_written(self, units: list[Unit]) -> None:
        for unit in units:
            if unit.posted and not unit.refused:
                self._wanted.update(id for id, _ in unit.posted)
            if unit.start is not None and not unit.refused:
                self._adopt(unit.tail.execution)
            if unit.following and not unit.refused:
                self._adopt(unit.following)
            if unit.written is not None:
                unit.written(unit)

    def _adopt(self, child: int) -> None:
        """Drive an execution that one of these has started, or that ends the records of one."""
        if self._only is not None:
            self._only.add(child)
        self._wanted.add(child)

    def _accepts(self, id: int) -> bool:
        return self._only is None or id in self._only

    def _step_written(self, live: Live, effects: list[Command], unit: Unit) -> None:
        live.unwritten -= 1
        if live.is_lost:
            return
        if unit.refused:
            self.drop(live)
            self._wanted.add(live.id)
            return
        if live.means.watcher is not None:
            live.means.watcher.changed(live.run)
        if live.stepper.run.status != "RUNNING":
            for command in effects:
                if type(command) is CancelTask:  # jobs that it waited for are asked to stop
                    self._carrier.carry_out(live, command)
            self._finish(live)
        else:
            for command in effects:
                self._carrier.carry_out(live, command)
            self._settle(live)

    def _finish(self, live: Live) -> None:
        if live.unwritten:
            return
        self.drop(live)
        self.on_end(live.id)

    # -- time ---------------------------------------------------------------------------

    def _settle(self, live: Live) -> None:
        """Let time pass in an execution in which nothing is under way, or note when to go on with it."""
        if live.flights or not live.is_quiet or live.is_lost or live.run.status != "RUNNING":
            self._note_timer(live)
            return
        if live.is_virtual and not self.is_stopping:
            self._jump(live)
            return
        self._note_timer(live)
        self._waiting[live] = None
        while len(self._waiting) > MOST_WAITING:
            self.drop(next(iter(self._waiting)))

    def _note_timer(self, live: Live) -> None:
        if not live.is_virtual and (due := live.stepper.run.next_timer) is not None:
            self._deadlines.note(live.id, due)

    def _jump(self, live: Live) -> None:
        """Go to the next thing that happens in virtual time, unless somebody else is to answer first."""
        due = live.run.next_timer
        if live.arrivals and (due is None or live.arrivals[0][0] < due):
            at, request, given = heappop(live.arrivals)
            live.taken.append(request)
            self.step(live, at, [given])
        elif due is not None and not live.waits_for_others:
            self.step(live, due, [])

    def _fire_timers(self) -> bool:
        fired = False
        for id in self._deadlines.take():
            live = self.lives.get(id)
            if live is None:
                continue
            if live.tokens:
                self._take_requests(live)  # an answer that was taken before the deadline counts
            fired = self._fire(live) or fired
        return fired

    def _fire(self, live: Live) -> bool:
        """Let an execution go on whose time has come, and note when that is of another one."""
        due, now = live.run.next_timer, self.clock.now()
        if due is None or due > now:
            self._note_timer(live)
            return False
        inputs, live.inputs = live.inputs, []
        self.step(live, now, inputs)
        return True

    # -- what others have written -------------------------------------------------------

    def _look(self) -> bool:
        """Take up what is due, and what somebody asks; says whether there was something it was told to look at."""
        wanted, self._wanted = self._wanted, set()
        for id in wanted:
            self.take_up(id)
        now = time.monotonic()
        if now - self._looked < POLL_SECONDS:
            return bool(wanted)
        self._looked = now
        changes, due = self._reader.changes, self._reader.next_due
        if changes == self._seen_changes and (due is None or due > self.clock.now()):
            return bool(wanted)
        self._seen_changes = changes
        for id in self._reader.asked():
            self.take_up(id)
        self._take_due()
        return bool(wanted)

    def _take_due(self) -> None:
        place = (-1.0, 0)
        while self._active < MOST_LOADED:
            found = self._reader.due(self.clock.now(), after=place)
            if not found:
                return
            place = found[-1]
            for _, id in found:
                if id not in self.lives and self._active < MOST_LOADED:
                    self.take_up(id)

    def take_up(self, id: int) -> None:
        """Go on with an execution, if it is nobody else's, and tell it what it was asked."""
        live = self.lives.get(id)
        if live is None:
            if id in self.problems or not self._accepts(id) or not self.store.owners.take(id):
                return
            try:
                live = load(self._reader, id, self._resolver)
            except StepsmithError as error:
                self.problems[id] = error
                self.store.owners.release(id)
                return
            if live.run.status != "RUNNING" and not self._reader.requests(id):
                self.store.owners.release(id)
                return
            self.lives[id] = live
            outstanding = live.awaited.outstanding
            self._take_requests(live)
            if live.tail.count == 0 and not live.unwritten:
                self.step(live, self.now(live), [])
            self._carrier.take_up(live, outstanding)
        else:
            self._take_requests(live)
        # whose time has come is not let go of again in favour of others that wait
        if live.is_virtual or not self._fire(live):
            self._settle(live)

    def _take_requests(self, live: Live) -> None:
        for request in self._reader.requests(live.id):
            if request.id <= live.last_request:
                continue
            live.last_request = request.id
            given = request.input
            if isinstance(given, TaskSucceeded | TaskFailed):
                live.children.discard(given.id)
            if live.is_virtual and request.at > live.run.now:
                heappush(live.arrivals, (request.at, request.id, given))
                continue
            live.taken.append(request.id)
            self.step(live, request.at if request.at else self.now(live), [given])

    # -- its own time -------------------------------------------------------------------

    def _wait(self) -> None:
        seconds, due = POLL_SECONDS, self._deadlines.seconds
        if due is not None and not self.is_stopping:
            seconds = min(seconds, due)
        try:
            message = self._inbox.get(timeout=seconds)
            message()
        except Empty:
            self._end_flights()

    def _end_flights(self) -> None:
        """Give up tasks in virtual time that have had the time of their limit on the wall."""
        now = time.monotonic()
        for live in list(self.lives.values()):
            for flight in list(live.flights.values()):
                if flight.deadline is not None and flight.deadline <= now:
                    self._abandon(flight)
                    self._settle(live)

    def _has_stopped(self) -> bool:
        busy = any(live.flights or live.unwritten or live.inputs for live in self.lives.values())
        if not busy:
            return True
        return (
            self._stop_at is not None
            and time.monotonic() >= self._stop_at
            and not any(live.unwritten for live in self.lives.values())
        )

    def _is_empty(self) -> bool:
        """Say whether no execution is open that this may drive."""
        place = (-1.0, 0)
        while found := self._reader.due(NEVER, after=place):
            if any(self._accepts(id) and id not in self.problems for _, id in found):
                return False
            place = found[-1]
        return True
