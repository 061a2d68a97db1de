"""Drives the executions of a journal: from step to step, each on the disk before anything follows from it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial
from heapq import heappop, heappush
from itertools import count
from queue import Empty, SimpleQueue
from typing import Final, TypeAlias

from stepsmith.engine.ports import Answer, CancelTask, Command, StartTask, TaskFailed, TaskSucceeded
from stepsmith.errors import JournalError, StepsmithError
from stepsmith.service.clock import WallClock
from stepsmith.service.driving.workers import Workers
from stepsmith.service.durable.carrying import Carrier, begins_work
from stepsmith.service.durable.live import Flight, Live, Resolver, Work
from stepsmith.service.durable.loading import load
from stepsmith.service.executions.started import outcome
from stepsmith.store import NEVER, Direct, Input, Reader, Start, Store, Token, Unit, Writer, encode

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
    """Drives executions on the thread that calls `run`; their tasks run on others, and so do the commits.

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
        self._workers = Workers()
        self.lives: dict[int, Live] = {}
        self.is_stopping = False
        self.is_done = False
        """Whether it has come to an end with nothing left to do."""
        self._resolver = resolver
        self._is_direct = is_direct
        self._only = only
        self._reader = Reader(store.path)
        self._inbox: SimpleQueue[Message] = SimpleQueue()
        self._writer = (Direct if is_direct else Writer)(store, self._written)
        self._carrier = Carrier(self)
        self._ready: dict[Live, None] = {}
        self._count = count()
        self._timers: list[tuple[float, int, Live]] = []
        self._waiting: dict[Live, None] = {}
        self._wanted: set[int] = set()
        self._seen_changes = -1
        self._looked = 0.0
        self._stop_at: float | None = None

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

    def _written(self, units: list[Unit], error: JournalError | None) -> None:
        self._inbox.put(partial(self._take_written, units, error))

    # -- for the driving thread ---------------------------------------------------------

    @property
    def has_news(self) -> bool:
        """Whether somebody has asked for something that it has not looked at."""
        return not self._inbox.empty()

    def run(self, is_over: Callable[[], bool] = lambda: True) -> None:
        """Drive until nothing is left that can go on here, or until it is told to stop; `is_over` may say no to that.

        Raises JournalError when the journal cannot be written: nothing begins then any more.
        """
        try:
            while not (self._is_over() and is_over()):
                self._wait()
        finally:
            self.close()

    def _is_over(self) -> bool:
        self.turn()
        if self.is_stopping:
            if not self._has_stopped():
                return False
        elif self.lives or not self._is_empty():
            return False
        self.is_done = self._is_empty()
        return True

    def turn(self) -> None:
        """Do all that can be done now."""
        progress = True
        while progress or not self._inbox.empty():
            progress = self._take_messages()
            if not self.is_stopping:
                self._look()
                progress = self._fire_timers() or progress
            progress = self._take_steps() or progress

    def close(self) -> None:
        """Let go of all executions; whoever comes next goes on with them."""
        self._writer.close()
        for live in list(self.lives.values()):
            self.drop(live)
        self._workers.close()
        self._reader.close()

    def tell(self, live: Live, given: Input) -> None:
        """Let an execution be told something in its next step."""
        live.inputs.append(given)
        self._ready[live] = None

    def step(self, live: Live, at: float, inputs: list[Input], follows: Iterable[Command] = ()) -> None:
        """Take a step and let it be written; what follows from it, and `follows`, is carried out then."""
        run = live.run
        at = max(at, run.now)
        commands = live.stepper.step(at, inputs)
        live.awaited.take(inputs, commands)
        taken, live.taken = tuple(live.taken), []
        has_ended = run.status != "RUNNING"
        if has_ended:
            live.awaited.clear()
            live.arrivals.clear()
            live.children.clear()
        self._cancel_flights(live, commands, everything=has_ended)
        effects = [*follows, *commands]
        unit = Unit(
            tail=live.tail,
            status=run.status,
            stopped=(run.stopped or at) if has_ended else 0.0,
            body=encode(inputs),
            at=at,
            last=run.last,
            digest=live.stepper.digest,
            opened=self._opened(live, commands),
            taken=taken,
            posted=self._outcome(live) if has_ended else (),
            written=partial(self._step_written, live, effects),
        )
        if live.tokens:
            self._close_tokens(live, unit, inputs if taken else ())
        unit.due = self._due(live, effects)
        live.unwritten += 1
        self._waiting.pop(live, None)
        self._writer.put(unit)

    def do(self, flight: Flight, work: Work) -> None:
        """Let work be done beside, and take its answers."""
        put, take = self._inbox.put, self._take_answer

        def do() -> None:
            work(lambda answer: put(partial(take, flight, answer)))
            put(partial(take, flight, None))

        if self._is_direct:
            do()
        else:
            self._workers.do(do)

    def find(self, arn: str) -> Start | None:
        """Return how the execution of an ARN began; None where there is none."""
        found = self._reader.find(arn)
        return self._reader.start(found[0].id) if found else None

    def put(self, unit: Unit) -> None:
        """Let a unit be written that is no step of an execution."""
        self._writer.put(unit)

    def drop(self, live: Live) -> None:
        """Let go of an execution as it stands in the journal."""
        live.is_lost = True
        self.lives.pop(live.id, None)
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
        for live in ready:
            if live.inputs and not live.is_lost:
                inputs, live.inputs = live.inputs, []
                self.step(live, self.now(live), inputs)
        return bool(ready)

    def _cancel_flights(self, live: Live, commands: Iterable[Command], *, everything: bool) -> None:
        """Hear no more of tasks that nobody waits for."""
        if everything:
            ids = list(live.flights)
        else:
            ids = [each.id for each in commands if type(each) is CancelTask]
        for id in ids:
            flight = live.flights.get(id)
            if flight is not None:
                self._abandon(flight)

    def _abandon(self, flight: Flight) -> None:
        del flight.live.flights[flight.command.id]
        self._workers.abandon_one()

    def _opened(self, live: Live, commands: Iterable[Command]) -> tuple[Token, ...]:
        opened: list[Token] = []
        for command in commands:
            if (
                isinstance(command, StartTask)
                and command.token is not None
                and command.id in live.awaited.tasks
            ):
                live.tokens[command.id] = token = command.token
                opened.append(
                    Token(
                        token=token, execution=live.id, command=command.id, state=command.state, is_open=True
                    )
                )
        return tuple(opened)

    def _close_tokens(self, live: Live, unit: Unit, answers: Iterable[Input]) -> None:
        """Let tokens take no answers that nobody waits for; those that were answered are closed by their answers."""
        answered = {getattr(each, "id", None) for each in answers}
        over = [id for id in live.tokens if id not in live.awaited.tasks]
        unit.answered = tuple(live.tokens[id] for id in over if id in answered)
        unit.closed = tuple(live.tokens[id] for id in over if id not in answered)
        for id in over:
            del live.tokens[id]

    def _outcome(self, live: Live) -> tuple[tuple[int, Input], ...]:
        parent = live.parent
        if parent is None or parent.pattern == "request":
            return ()
        return ((parent.execution, outcome(parent.command, live.run, values=parent.pattern == "sync:2")),)

    def _due(self, live: Live, follows: Iterable[Command]) -> float:
        """Say when an execution has to be looked at again, should this process end now."""
        if live.flights or any(begins_work(live, command) for command in follows):
            return 0.0
        if live.is_virtual:
            return NEVER if live.waits_for_others else 0.0
        timer = live.run.next_timer
        return NEVER if timer is None else timer

    # -- messages -----------------------------------------------------------------------

    def _take_messages(self) -> bool:
        taken = False
        while not self._inbox.empty():
            self._inbox.get()()
            taken = True
        return taken

    def _take_answer(self, flight: Flight, answer: Answer | None) -> None:
        live = flight.live
        if live.flights.get(flight.command.id) is not flight:
            return
        is_last = answer is None or self._carrier.is_last(flight.command, answer)
        if is_last:
            del live.flights[flight.command.id]
        if answer is not None:
            self.tell(live, answer)
        if is_last and answer is not None:
            self._carrier.landed(live, flight.command, answer)
        self._settle(live)

    def _take_written(self, units: list[Unit], error: JournalError | None) -> None:
        if error is not None:
            raise error
        for unit in units:
            if not unit.refused:
                self._wanted.update(id for id, _ in unit.posted)
                if unit.start is not None:
                    self._adopt(unit.tail.execution)
            if unit.written is not None:
                unit.written(unit)

    def _adopt(self, child: int) -> None:
        """Drive an execution that one of these has started."""
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
        if live.run.status != "RUNNING":
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
        if not live.is_quiet or live.is_lost or live.run.status != "RUNNING":
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
        due = live.run.next_timer
        if not live.is_virtual and due is not None and due != live.timer:
            live.timer = due
            heappush(self._timers, (due, next(self._count), live))

    def _jump(self, live: Live) -> None:
        """Go to the next thing that happens in virtual time, unless somebody else is to answer first."""
        due = live.run.next_timer
        if live.arrivals and (due is None or live.arrivals[0][0] <= due):
            at, request, given = heappop(live.arrivals)
            live.taken.append(request)
            self.step(live, at, [given])
        elif due is not None and not live.waits_for_others:
            self.step(live, due, [])

    def _fire_timers(self) -> bool:
        fired, now = False, self.clock.now()
        while self._timers and self._timers[0][0] <= now:
            due, _, live = heappop(self._timers)
            if live.timer == due:
                live.timer = None
            next_timer = live.run.next_timer
            if live.is_lost or next_timer is None:
                continue
            if live.tokens:
                self._take_requests(live)  # an answer that was taken before the deadline counts
                next_timer = live.run.next_timer
            if next_timer is None:
                continue
            if next_timer <= now:
                inputs, live.inputs = live.inputs, []
                self.step(live, now, inputs)
                fired = True
            else:
                self._note_timer(live)
        return fired

    # -- what others have written -------------------------------------------------------

    def _look(self) -> None:
        """Take up what is due, and what somebody asks."""
        wanted, self._wanted = self._wanted, set()
        for id in wanted:
            self.take_up(id)
        now = time.monotonic()
        if now - self._looked < POLL_SECONDS:
            return
        self._looked = now
        changes, due = self._reader.changes, self._reader.next_due
        if changes == self._seen_changes and (due is None or due > self.clock.now()):
            return
        self._seen_changes = changes
        for id in self._reader.asked():
            self.take_up(id)
        self._take_due()

    def _take_due(self) -> None:
        place = (-1.0, 0)
        while len(self.lives) - len(self._waiting) < MOST_LOADED:
            found = self._reader.due(self.clock.now(), after=place)
            if not found:
                return
            place = found[-1]
            for _, id in found:
                if id not in self.lives and len(self.lives) - len(self._waiting) < MOST_LOADED:
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
            outstanding = self._carrier.outstanding(live)
            self._take_requests(live)
            if live.tail.count == 0 and not live.unwritten:
                self.step(live, self.now(live), [])
            self._carrier.take_up(live, outstanding)
        else:
            self._take_requests(live)
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
        seconds = POLL_SECONDS
        if self._timers and not self.is_stopping:
            seconds = min(seconds, max(0.0, self._timers[0][0] - self.clock.now()))
        try:
            self._inbox.get(timeout=seconds)()
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
