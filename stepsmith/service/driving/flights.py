"""The tasks that are under way: in which order their answers are taken, and how long others wait for them.

In virtual time a task takes no time, however long it runs; and no thread can be made to end. So a task that does not
return is given as many seconds of the wall as the definition gives it: its TimeoutSeconds or HeartbeatSeconds, or what
the machine's TimeoutSeconds leaves. For a task without such a limit the others wait LONG_SECONDS of the wall, or
SHORT_SECONDS once one of them has failed, which may end it; then the execution goes on as if it took its time.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from stepsmith.engine.ports import Answer, StartTask, TaskFailed
from stepsmith.service.driving.calls import Calls
from stepsmith.service.driving.live import Flight, LiveRun

LONG_SECONDS: Final = 10.0
"""How long what is beside tasks without a limit waits for them in virtual time."""
SHORT_SECONDS: Final = 1.0
"""How long it waits once another task has failed."""
ENDLESS_SECONDS: Final = 30 * 86_400.0
"""A limit that nobody waits for: Standard executions have one of a year."""


class Flights:
    """The flights of one driver, in the order in which they began; used by the thread that drives."""

    def __init__(self) -> None:
        self._flights: dict[Flight, None] = {}
        self._number = 0
        self._is_split = False
        """Whether tasks of one flight have been taken over by others."""
        self._moved = 0.0
        """When something happened last, as `time.monotonic` counts."""

    def __len__(self) -> int:
        return len(self._flights)

    def __iter__(self) -> Iterator[Flight]:
        return iter(self._flights)

    def __contains__(self, flight: Flight) -> bool:
        return flight in self._flights

    def add(self, live: LiveRun, commands: list[StartTask], calls: Calls, *, together: bool) -> list[Flight]:
        """Make flights of tasks that are ready at one instant, as few as possible if they may fly together."""
        self._number += 1
        if together:
            added = calls.parted(live, commands, self._number)
        else:
            added = [Flight(live, (command,), self._number) for command in commands]
        for flight in added:
            self._flights[flight] = None
        return added

    def remove(self, flight: Flight) -> None:
        """Forget a flight."""
        self._flights.pop(flight, None)

    def forget(self, live: LiveRun) -> None:
        """Forget the flights of a run that has ended."""
        self._flights = {flight: None for flight in self._flights if flight.live is not live}

    def find(self, live: LiveRun, id: int) -> Flight | None:
        """Find the flight of a task."""
        for flight in self._flights:
            if flight.live is live and flight.first <= id <= flight.last:
                return flight
        return None

    def states(self) -> list[str]:
        """Name the states of the tasks that have not ended."""
        return sorted({state for flight in self._flights if not flight.done for state in flight.states()})

    def moved(self) -> None:
        """Something has happened: the patience with tasks begins anew."""
        self._moved = time.monotonic()

    # -- landing ------------------------------------------------------------------------

    @property
    def are_done(self) -> bool:
        """Whether there are flights, and all have said all."""
        if not self._flights:
            return False
        for flight in self._flights:
            if not flight.done:
                return False
        return self.are_done if self.unfold() else True

    def unfold(self) -> bool:
        """Put the flights that took over tasks of others beside them; tells whether there were any."""
        others: list[Flight] = []
        for flight in self._flights:
            while flight.others:
                others.append(flight.others.popleft())
        if not others:
            return False
        self._flights.update(dict.fromkeys(others))
        self._is_split = True
        return True

    def land(self) -> tuple[list[Flight], list[tuple[Flight, list[Answer]]]]:
        """Take the answers of the tasks that have ended, in the order of the commands; also gives the flights."""
        landed = [flight for flight in self._flights if flight.is_landing]
        taken: list[tuple[Flight, list[Answer]]] = []
        for flight in landed:
            answers, is_done = flight.take_answers()
            taken.append((flight, answers))
            if is_done and not flight.others:
                del self._flights[flight]
        if self._is_split:  # two threads may have taken tasks of one flight in turns
            single = [(flight, [answer]) for flight, answers in taken for answer in answers]
            taken = sorted(single, key=lambda each: (each[0].number, each[1][0].id))
            self._is_split = bool(self._flights)
        return landed, taken

    # -- patience -----------------------------------------------------------------------

    def limit(self, flights: list[Flight], now: float) -> None:
        """Say until when tasks may keep others waiting: their own limits, or what is left of the machine's time."""
        self._moved = wall = time.monotonic()
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

    def patience(self, until_timer: float | None) -> float | None:
        """Return for how many seconds of the wall tasks are still waited for; None for ever.

        `until_timer` is how long it is until something else happens; None where nothing is awaited.
        """
        wall = time.monotonic()
        waits = [
            flight.limit - wall for flight in self._flights if flight.limit is not None and not flight.done
        ]
        since = self._moved - wall
        answers = [flight.answers for flight in self._flights if flight.is_landing]
        if answers:
            failed = any(isinstance(each[-1], TaskFailed) for each in answers if each)
            waits.append(since + (SHORT_SECONDS if failed else LONG_SECONDS))
        elif until_timer is not None:
            waits.append(since + max(until_timer, LONG_SECONDS))
        return max(0.0, min(waits)) if waits else None
