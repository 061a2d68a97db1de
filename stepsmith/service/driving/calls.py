"""Calls of task functions: on which thread each is made, and what is done about those that do not return.

A task that nothing could end is called on the driver's own thread, where a debugger and Ctrl-C find it. All others are
called on threads of their own, since no thread can be made to end: quick ones one after the other on one thread, as
long as they stay quick, the others side by side.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Final, TypeAlias, cast

from stepsmith.authoring.calls.clients import using_clients
from stepsmith.engine.ports import Answer, StartTask, TaskFailed, TaskSubmitted, TaskSucceeded
from stepsmith.expressions.types import Json
from stepsmith.integrations import TaskError
from stepsmith.integrations.copies import Doubtful, copied, taken
from stepsmith.integrations.interrupts import is_from_outside
from stepsmith.integrations.resources import Activity, ServiceAction, parse_resource
from stepsmith.service.driving.live import Flight, Responder, called, for_task
from stepsmith.service.driving.workers import Workers

QUICK_SECONDS: Final = 0.002
"""What a task may take and have others wait for it."""
LOOK_SECONDS: Final = 0.01
"""After how long tasks that wait for others to be called get threads of their own."""

Kind: TypeAlias = tuple[str, str | None]
"""What is called: the resource, and the function where there is one."""
Post: TypeAlias = Callable[[Answer], None]


class Calls:
    """The calls of one driver; tells it by `told` when it should look."""

    def __init__(self, told: Callable[[Flight | None], None]) -> None:
        self._told = told
        self._workers = Workers()
        self._together: deque[Flight] = deque()
        """Quick tasks that one thread calls one after the other; others may take them away from it."""
        self._slow: set[Kind] = set()
        self._head: Flight | None = None

    def here(self, flight: Flight) -> None:
        """Call a task on this thread."""
        _call(flight, flight.answers.append)
        flight.done = True

    def begin(self, flights: list[Flight]) -> None:
        """Call tasks on other threads; each flight is done when it has its answers."""
        slow = frozenset(self._slow)  # as it is now: threads change it as they get to know their tasks
        quick: list[Flight] = []
        for flight in flights if slow else ():
            if _kind(flight.command) in slow:
                self._workers.do(partial(self._fly, flight))
            else:
                quick.append(flight)
        if quick or not slow:
            self._together.extend(quick if slow else flights)
            self._workers.do(self._fly_together)

    def begin_at_once(self, flight: Flight, post: Post) -> None:
        """Call a task on a thread of its own and hand its answers on as they come, for clocks that do not wait."""

        def say(answer: Answer) -> None:
            flight.answers.append(answer)
            post(answer)

        def fly() -> None:
            _call(flight, say)
            self._told(flight)

        self._workers.do(fly)

    @property
    def have_waiting(self) -> bool:
        """Whether there are tasks that no thread has called yet."""
        return bool(self._together) or self._workers.has_waiting

    def help(self) -> None:
        """See to it that tasks that wait are called, if the others have not got on since the last look."""
        head = self._together[0] if self._together else None
        if head is not None and head is self._head:
            self._spread()
        self._head = head
        self._workers.help()

    def abandon(self, flight: Flight) -> None:
        """Wait no longer for a task that may never end; what it still says is not heard."""
        try:
            self._together.remove(flight)
        except ValueError:
            self._workers.abandon_one()

    def close(self) -> None:
        """Let the threads end once they are idle."""
        self._together.clear()
        self._workers.close()

    def _fly_together(self) -> None:
        together = self._together
        try:
            flight = together.popleft()
        except IndexError:
            return
        begun = time.perf_counter()
        with using_clients(flight.live.dispatcher.clients):
            while True:
                _call(flight, flight.answers.append)
                flight.done = True
                ended = time.perf_counter()
                if ended - begun > QUICK_SECONDS:
                    self._slow.add(_kind(flight.command))
                    self._spread()
                begun = ended
                try:
                    flight = together.popleft()
                except IndexError:
                    break
        self._told(None)

    def _spread(self) -> None:
        """Give each of the tasks that wait for others a thread of its own."""
        while self._together:
            try:
                flight = self._together.popleft()
            except IndexError:  # the thread was faster
                return
            self._workers.do(partial(self._fly, flight))

    def _fly(self, flight: Flight) -> None:
        begun = time.perf_counter()
        _call(flight, flight.answers.append)
        if time.perf_counter() - begun < QUICK_SECONDS:
            self._slow.discard(_kind(flight.command))
        flight.done = True
        self._told(None)


def _kind(command: StartTask) -> Kind:
    return command.resource, called(command)


def _call(flight: Flight, post: Post) -> None:
    """Carry a task out, and let its responder answer what it leaves open; every failure is an answer."""
    live, command = flight.live, flight.command
    live.dispatcher.start(command, post)
    if live.responders and command.token is not None:
        responder = for_task(live.responders, command)
        if responder is not None and _is_open(flight):
            post(response(responder, command))


def _is_open(flight: Flight) -> bool:
    """Say whether somebody outside has to answer: the token is handed out, or the activity waits for a worker."""
    if flight.answers:
        return isinstance(flight.answers[-1], TaskSubmitted)
    return isinstance(parse_resource(flight.command.resource), Activity)


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
