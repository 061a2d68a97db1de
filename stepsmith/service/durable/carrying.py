"""Carries out what an execution asks for, once the step that asks is on the disk."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Final

from stepsmith.engine.ports import (
    Answer,
    CancelTask,
    Command,
    MoreItems,
    ReadItems,
    StartTask,
    TaskFailed,
    TaskStarted,
    TaskSubmitted,
    WriteResults,
)
from stepsmith.service.driving.calls import response
from stepsmith.service.driving.live import called, for_task
from stepsmith.service.durable.awaited import open_again, write_again
from stepsmith.service.durable.children import Children
from stepsmith.service.durable.live import Driving, Flight, Live, Work
from stepsmith.service.durable.waits import is_job, runs_once, waits_for_worker
from stepsmith.store import Begin

INTERRUPTED: Final = "TaskInterrupted"


class Carrier:
    """Carries out the commands of executions."""

    def __init__(self, driving: Driving) -> None:
        self._driving = driving
        self._children = Children(driving)

    def take_up(self, live: Live, commands: list[Command]) -> None:
        """Go on with what was under way when whoever drove the execution ended."""
        awaited = live.awaited
        for command in commands:
            if not isinstance(command, StartTask):
                self.carry_out(live, command)
            elif command.id in awaited.submitted:
                self._follow(live, command, awaited.submitted[command.id])
            elif command.id in awaited.begun:
                cause = f"{command.state} was under way when the process that ran it ended"
                self._driving.tell(live, TaskFailed(id=command.id, error=INTERRUPTED, cause=cause))
            else:
                self.carry_out(live, command)

    def carry_out(self, live: Live, command: Command) -> None:
        """Begin with a command; its answers come later."""
        if type(command) is CancelTask:
            live.means.dispatcher.cancel(command)
        elif self._driving.is_stopping:
            return
        elif type(command) is StartTask:
            if command.id in live.awaited.tasks:
                self._begin(live, command)
        elif command.id in live.flights:
            live.backlog.append(command)
        else:
            self._fly(live, command, self._item_work(live, command), type(command))

    def is_last(self, command: Command, answer: Answer) -> bool:
        """Say whether no other answer follows from whoever carries out a command."""
        kind = type(answer)
        if kind is TaskSubmitted:
            return type(command) is not StartTask or not is_job(command)
        return kind is not TaskStarted

    def landed(self, live: Live, command: Command, answer: Answer) -> None:
        """See to what follows from the last answer: the next page, or somebody who answers a callback."""
        if type(command) is StartTask:
            if type(answer) is TaskSubmitted:
                self._respond(live, command)
        elif live.backlog:
            self.carry_out(live, live.backlog.pop(0))

    # -- tasks --------------------------------------------------------------------------

    def _begin(self, live: Live, command: StartTask) -> None:
        if live.means.machines and self._children.start(live, command):
            return
        if waits_for_worker(live, command):
            self._respond(live, command)  # a worker elsewhere sends its answer with the token
        elif command.id not in live.awaited.begun and runs_once(live, command):
            self._driving.step(live, self._driving.now(live), [Begin(command.id)], [command])
        else:
            kind = (command.resource, called(command))
            self._fly(live, command, partial(live.means.dispatcher.start, command), kind)

    def _follow(self, live: Live, command: StartTask, submitted: TaskSubmitted) -> None:
        """Wait on for a task whose start call was answered."""
        if self._children.waits(live, command):
            return
        if is_job(command):
            work = partial(live.means.dispatcher.follow, command, submitted.output)
            self._fly(live, command, work, ("follow", command.resource))
        else:
            self._respond(live, command)

    def _fly(self, live: Live, command: Command, work: Work, kind: object) -> None:
        flight = live.flights[command.id] = Flight(live, command, work, kind)
        if live.is_virtual and type(command) is StartTask and command.timeout_seconds is not None:
            flight.deadline = time.monotonic() + command.timeout_seconds
        self._driving.do(flight)

    def _respond(self, live: Live, command: StartTask) -> None:
        """Let a responder answer a callback that has just been handed out."""
        responder = for_task(live.means.responders, command)
        if responder is None:
            return

        def work(post: Callable[[Answer], None]) -> None:
            post(response(responder, command))

        self._fly(live, command, work, ("respond", command.resource, called(command)))

    # -- items --------------------------------------------------------------------------

    def _item_work(self, live: Live, command: Command) -> Work:
        def work(post: Callable[[Answer], None]) -> None:
            match command:
                case ReadItems() | MoreItems():
                    post(self._read(live, command))
                case WriteResults():
                    post(self._write(live, command))
                case _:
                    pass

        return work

    def _read(self, live: Live, command: ReadItems | MoreItems) -> Answer:
        """Read a page; a source that another process had opened is opened again and read up to it."""
        dispatcher, reading = live.means.dispatcher, live.awaited.readings.get(command.id)
        if reading is not None and command.id not in live.has_opened:
            live.has_opened.add(command.id)
            failed = open_again(dispatcher, reading)
            if failed is not None:
                return failed
        return dispatcher.read(command)

    def _write(self, live: Live, command: WriteResults) -> Answer:
        """Write a page; an export that another process had begun is written again up to it."""
        dispatcher, export = live.means.dispatcher, live.awaited.exports.get(command.id)
        if export is not None and not export.is_here:
            failed = write_again(dispatcher, export)
            if failed is not None:
                return failed
        return dispatcher.write(command)
