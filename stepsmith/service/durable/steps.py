"""Steps: what an execution is told at one instant, and what comes of it; the same again when it is told again."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from zlib import crc32

from stepsmith.engine.history.records import WIDTH
from stepsmith.engine.kernel.run import Run
from stepsmith.engine.ports import Command, TaskSucceeded
from stepsmith.errors import InvalidInput, JournalError
from stepsmith.store import Begin, Input, Record, Redrive, Refuse, Start, Stop, Update


def tell(run: Run, at: float, inputs: Iterable[Input]) -> list[Command]:
    """Tell an execution all that is to be told at an instant, and give the commands that come of it.

    Comes back early where much follows, as `run.advance` does.
    """
    before: list[Command] = []
    for given in inputs:
        if type(given) is TaskSucceeded:  # the commonest by far
            run.apply(given, at)
        else:
            before += _tell(run, given, at)
    commands = run.advance(at)
    return [*before, *commands] if before else commands


def _tell(run: Run, given: Input, at: float) -> list[Command]:
    match given:
        case Stop(error=error, cause=cause):
            return run.stop(error, cause, at)
        case Redrive():
            with suppress(InvalidInput):  # meanwhile it has ended otherwise, or goes on already
                run.redrive(at)
        case Update(map_run=arn, concurrency=concurrency, count=count, percentage=percentage):
            for map_run in run.map_runs:
                if map_run.arn == arn:
                    map_run.update(concurrency, count, percentage)
        case Begin() | Refuse():
            pass
        case _:
            run.apply(given, at)
    return []


class Stepper:
    """Takes an execution from step to step and keeps a checksum of its events.

    The events themselves are let go of, so memory does not grow with a history, unless they are to be read.
    """

    def __init__(self, run: Run, *, keeps_events: bool = False) -> None:
        self.run = run
        self.digest = 0
        self._fresh: list[Any] = []
        if keeps_events:
            rows, fresh = run.history.rows, self._fresh

            def record(events: tuple[Any, ...]) -> None:
                rows.extend(events)
                fresh.extend(events)

            run.record = record
        else:
            run.record = self._fresh.extend

    def step(self, at: float, inputs: Iterable[Input]) -> list[Command]:
        """Tell the execution all that is to be told at an instant, and give the commands that come of it."""
        run, fresh = self.run, self._fresh
        commands = tell(run, at, inputs)
        while run.busy:
            commands += run.advance(at)
        if fresh:
            said = [*fresh[::WIDTH], *fresh[3::WIDTH], *fresh[4::WIDTH]]
            text = "\0".join([each if type(each) is str else repr(each) for each in said])
            self.digest = crc32(text.encode("utf-8", "surrogatepass"), self.digest)
            fresh.clear()
        run.forget_sizes()
        return commands

    def repeat(self, record: Record, number: int, start: Start) -> list[Command]:
        """Take a step that was recorded; raises JournalError where it leads elsewhere than it did."""
        commands = self.step(record.at, record.inputs)
        if (self.run.last, self.digest) != (record.last, record.digest):
            raise JournalError(
                f"execution {start.name} was recorded by stepsmith {start.options.get('version')}, and this one comes "
                f"to other events at record {number}: go on with the version that began it"
            )
        return commands
