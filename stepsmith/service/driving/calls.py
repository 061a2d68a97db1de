"""Calls of task functions: on which thread each is made, and what is done about those that do not return.

A task that nothing could end is called on the driver's own thread, where a debugger and Ctrl-C find it. All others are
called on threads of their own, since no thread can be made to end: quick ones one after the other on one thread, as
long as they stay quick, the others side by side.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, TypeAlias, cast

from stepsmith.authoring.calls.attempts import attempt, caller
from stepsmith.authoring.calls.clients import using_clients
from stepsmith.engine.ports import Answer, StartTask, TaskFailed, TaskSubmitted, TaskSucceeded
from stepsmith.expressions.copies import Doubtful, copied, taken
from stepsmith.expressions.types import Json
from stepsmith.integrations import TaskError
from stepsmith.integrations.interrupts import is_from_outside
from stepsmith.integrations.resources import Activity, ServiceAction, parse_resource
from stepsmith.service.driving.live import Flight, LiveRun, Responder, called, for_task
from stepsmith.service.driving.workers import Workers

QUICK_SECONDS: Final = 0.002
"""What a task may take and have others wait for it."""
LOOK_SECONDS: Final = 0.01
"""After how long tasks that wait for others to be called get threads of their own."""

Kind: TypeAlias = tuple[str, str | None]
"""What is called: the resource, and the function where there is one."""
Post: TypeAlias = Callable[[Answer], None]


class Calls:
    """The calls of one driver; tells it by `told` when it should look.

    A thread that has carried quick tasks out asks `drive_on` for the next ones.
    """

    def __init__(
        self, told: Callable[[Flight | None], None], drive_on: Callable[[], list[Flight]] = list
    ) -> None:
        self._told = told
        self._drive_on = drive_on
        self._workers = Workers()
        self._together: deque[Flight] = deque()
        """Flights that no thread has taken; all of them go to one, as long as their tasks are quick."""
        self._aloft: dict[Flight, None] = {}
        """Flights that a thread has taken from there and has not ended."""
        self._seen: dict[Flight, StartTask] = {}
        """Where each of these was at the last look, and what was the first of those that wait for a thread."""
        self._stuck: set[Flight] = set()
        """Flights whose tasks others were seen to wait for; they wait no more."""
        self._slow: set[Kind] = set()

    def here(self, flight: Flight) -> None:
        """Call a task on this thread."""
        flight.begun = True
        _call(flight, flight.waiting.popleft(), flight.answers.append)
        flight.done = True

    def parted(self, live: LiveRun, commands: Sequence[StartTask], number: int) -> list[Flight]:
        """Return flights for tasks: one for all of them, if they have no limits and none is known to be slow."""
        for each in commands:  # not by a call for each, which would take three times as long
            if (
                each.token is not None
                or each.timeout_seconds is not None
                or each.heartbeat_seconds is not None
            ):
                break
        else:
            if not self._slow or not any(map(self._is_slow, commands)):
                return [Flight(live, commands, number)]
        return [Flight(live, (command,), number) for command in commands]

    def is_quick(self, flight: Flight) -> bool:
        """Say whether nothing is known of a flight's tasks that could keep others waiting."""
        command = flight.current
        return (
            command.token is None
            and command.timeout_seconds is None
            and command.heartbeat_seconds is None
            and not self._is_slow(command)
        )

    def _is_slow(self, command: StartTask) -> bool:
        return _kind(command) in self._slow

    def begin(self, flights: list[Flight]) -> None:
        """Call tasks on other threads; each flight is done when it has its answers."""
        quick: list[Flight] = []
        for flight in flights:
            if self._is_slow(flight.current):
                self._workers.do(partial(self._fly, flight))
            else:
                quick.append(flight)
        if quick:
            self._together.extend(quick)
            self._workers.do(self._fly_together)

    def begin_at_once(self, flight: Flight, post: Post) -> None:
        """Call a task on a thread of its own and hand its answers on as they come, for clocks that do not wait."""

        def say(answer: Answer) -> None:
            flight.answers.append(answer)
            post(answer)

        def fly() -> None:
            _call(flight, flight.waiting.popleft(), say)
            self._told(flight)

        self._workers.do(fly)

    @property
    def have_waiting(self) -> bool:
        """Whether tasks may wait for others that do not return."""
        return (
            bool(self._together)
            or self._workers.has_waiting
            or any(flight not in self._stuck for flight in list(self._aloft))
        )

    def help(self) -> bool:
        """See to it that tasks that wait are called, if the others have not got on since the last look.

        Tells whether a task was found that others have waited for.
        """
        looked_at = [*list(self._aloft), *list(self._together)[:1]]
        stuck = [flight for flight in looked_at if self._seen.get(flight) is flight.current]
        self._seen = {flight: flight.current for flight in looked_at}
        for flight in stuck:
            if flight in self._aloft:
                self._spread(flight)
                self._stuck.add(flight)
            else:
                self._spread_queue()
        self._workers.help()
        return bool(stuck)

    def cancel(self, flight: Flight, id: int) -> None:
        """Call a task of a flight no more; one that is under way may never end, and its answer is not heard."""
        flight.cancelled.add(id)
        if not flight.begun:
            flight.done = len(flight.cancelled) > flight.last - flight.first
        elif flight.current.id == id and not flight.done:
            self._spread(flight)
            self._aloft.pop(flight, None)
            self._workers.abandon_one()
            flight.done = True

    def close(self) -> None:
        """Let the threads end once they are idle."""
        self._together.clear()
        for flight in list(self._aloft):
            flight.waiting.clear()
        self._workers.close()

    def _fly_together(self) -> None:
        flights = self._together
        while flights:
            try:
                flight = flights.popleft()
            except IndexError:  # another thread was faster
                break
            self._aloft[flight] = None
            with using_clients(flight.live.dispatcher.clients):
                _call_each(flight, self._slowed)
            self._aloft.pop(flight, None)
            self._stuck.discard(flight)
            flight.done = True
            if not flights:
                flights.extend(self._drive_on())
        self._told(None)

    def _slowed(self, flight: Flight) -> None:
        """Tasks of a flight are not quick: others wait for them no longer."""
        self._slow.add(_kind(flight.current))
        self._spread(flight)
        self._spread_queue()

    def _spread(self, flight: Flight) -> None:
        """Give each task of a flight that has not been begun a thread of its own."""
        while flight.waiting:
            try:
                command = flight.waiting.popleft()
            except IndexError:  # another thread was faster
                return
            if command.id not in flight.cancelled:
                flight.last = min(flight.last, command.id - 1)
                other = Flight(flight.live, (command,), flight.number)
                other.limit = flight.limit
                flight.others.append(other)
                self._workers.do(partial(self._fly, other))

    def _spread_queue(self) -> None:
        """Give each of the flights that wait for others a thread of its own."""
        while self._together:
            try:
                flight = self._together.popleft()
            except IndexError:  # the thread was faster
                return
            self._workers.do(partial(self._fly, flight))

    def _fly(self, flight: Flight) -> None:
        begun = time.perf_counter()
        try:
            command = flight.waiting.popleft()
        except IndexError:  # it is no longer wanted
            return
        flight.begun = True
        self._spread(flight)
        if command.id not in flight.cancelled:
            _call(flight, command, flight.answers.append)
        if time.perf_counter() - begun < QUICK_SECONDS:
            self._slow.discard(_kind(command))
        flight.done = True
        self._told(None)


def _kind(command: StartTask) -> Kind:
    return command.resource, called(command)


def _call_each(flight: Flight, slowed: Callable[[Flight], None]) -> None:
    """Call the tasks of a flight, as long as they are quick; one that takes long may just have been unlucky."""
    waiting, cancelled, post = flight.waiting, flight.cancelled, flight.answers.append
    take = waiting.popleft
    dispatcher, state, work = flight.live.dispatcher, None, None
    begun_before, called_before = attempt.set(None), caller.set(dispatcher)
    flight.begun, was_slow = True, False
    ended, clock, set_attempt = time.perf_counter(), time.perf_counter, attempt.set
    while waiting:
        try:
            flight.current = command = take()
        except IndexError:  # another thread was faster
            break
        if command.token is not None:
            _call(flight, command, post)
        elif not cancelled or command.id not in cancelled:
            if command.state is not state:
                state, work = command.state, dispatcher.known(command)
            if work is None:
                dispatcher.start(command, post)
                state = None
            else:
                set_attempt(command)
                try:
                    post(work(command))
                except BaseException as error:
                    post(dispatcher.failure(command, error))
        begun, ended = ended, clock()
        if ended - begun > QUICK_SECONDS:
            if was_slow:
                slowed(flight)
            was_slow = True
        elif was_slow:
            was_slow = False
    caller.reset(called_before)
    attempt.reset(begun_before)


def _call(flight: Flight, command: StartTask, post: Post) -> None:
    """Carry a task out, and let its responder answer what it leaves open; every failure is an answer."""
    live = flight.live
    answers = live.responders and command.token is not None
    responder = for_task(live.responders, command) if answers else None
    if responder is not None and _is_out_of_reach(live, command):
        post(TaskSubmitted(id=command.id, output={}))
        post(response(responder, command))
        return
    live.dispatcher.start(command, post)
    if responder is not None and _is_open(flight, command):
        post(response(responder, command))


def _is_out_of_reach(live: LiveRun, command: StartTask) -> bool:
    """Say whether nothing here plays the service that a task calls, so that only its responder knows the answer."""
    resource = parse_resource(command.resource)
    if not isinstance(resource, ServiceAction) or live.dispatcher.stand_in(command) is not None:
        return False
    from stepsmith.integrations.services.optimised import SERVICES

    known = ("lambda", "http", "activity", *SERVICES)
    return resource.service not in known


def _is_open(flight: Flight, command: StartTask) -> bool:
    """Say whether somebody outside has to answer: the token is handed out, or the activity waits for a worker."""
    if flight.answers:
        return isinstance(flight.answers[-1], TaskSubmitted)
    return isinstance(parse_resource(command.resource), Activity)


def response(responder: Responder, command: StartTask) -> Answer:
    """Return what a responder answers to a task; what it raises is an answer, too."""
    try:
        return TaskSucceeded(id=command.id, output=_kept(responder(copied(_payload(command)))))
    except TaskError as error:
        return TaskFailed(id=command.id, error=error.error, cause=error.cause)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt) and is_from_outside():
            raise
        name = getattr(error, "error_name", None) or type(error).__name__
        return TaskFailed(id=command.id, error=name, cause=str(error))


def _kept(output: Json) -> Json:
    """Return an output that is not changed later; what is no JSON is for the engine to refuse."""
    try:
        return cast("Json", taken(output))
    except (Doubtful, RecursionError):
        return output


def _payload(command: StartTask) -> Json:
    resource = parse_resource(command.resource)
    payload = command.payload
    if isinstance(resource, ServiceAction) and resource.service == "lambda" and isinstance(payload, dict):
        return payload.get("Payload")
    return payload
