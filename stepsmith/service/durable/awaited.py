"""What an execution waits for, folded from its commands and what it was told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from stepsmith.engine.ports import (
    CancelTask,
    Command,
    ItemsRead,
    MoreItems,
    ReadFailed,
    ReadItems,
    ResultsWritten,
    StartTask,
    TaskFailed,
    TaskSubmitted,
    TaskSucceeded,
    TaskTimedOut,
    WriteFailed,
    WriteResults,
)
from stepsmith.store import Begin, Input


class Items(Protocol):
    """What reads the items of Map Runs and writes their results."""

    def read(self, command: ReadItems | MoreItems) -> ItemsRead | ReadFailed:
        """Give the first or the next page of a source of items."""
        ...

    def write(self, command: WriteResults) -> ResultsWritten | WriteFailed:
        """Export a page of results."""
        ...


@dataclass(slots=True)
class Reading:
    """A source of items that is being read."""

    command: ReadItems
    pages: list[int] = field(default_factory=list[int])
    """How much was asked for in each page that has come."""
    asked: int | None = None
    """How much is asked for now."""


@dataclass(slots=True)
class Exporting:
    """An export of results that is not closed."""

    pages: list[WriteResults] = field(default_factory=list[WriteResults])
    """All pages up to now, or those that are not written where the export was begun by this process."""
    written: int = 0
    """How many of the pages are written."""
    is_here: bool = False
    """Whether this process has written all pages that are."""


def open_again(dispatcher: Items, reading: Reading) -> ReadFailed | None:
    """Open a source that another process had opened, and read up to where it was; gives what has gone wrong."""
    for place, limit in enumerate(reading.pages):
        first = reading.command
        page = dispatcher.read(first if place == 0 else MoreItems(id=first.id, limit=limit))
        if isinstance(page, ReadFailed):
            return page
        if page.last:
            return ReadFailed(id=first.id, cause="The source has fewer items than it had before")
    return None


def write_again(dispatcher: Items, export: Exporting) -> WriteFailed | None:
    """Begin an export that another process had begun, and write what was written; gives what has gone wrong."""
    export.is_here = True
    before, export.pages = export.pages[: export.written], export.pages[export.written :]
    for page in before:
        answer = dispatcher.write(page)
        if isinstance(answer, WriteFailed):
            return answer
    return None


@dataclass(slots=True)
class Awaited:
    """The tasks, sources and exports of an execution that have not come to their end."""

    tasks: dict[int, StartTask] = field(default_factory=dict[int, StartTask])
    submitted: dict[int, TaskSubmitted] = field(default_factory=dict[int, TaskSubmitted])
    """The answers to the calls that started jobs or handed out tokens."""
    begun: set[int] = field(default_factory=set[int])
    """Tasks that must not run twice and have been called."""
    readings: dict[int, Reading] = field(default_factory=dict[int, Reading])
    exports: dict[int, Exporting] = field(default_factory=dict[int, Exporting])

    @property
    def callbacks(self) -> list[StartTask]:
        """The tasks that end by an answer only; a `.sync` task with a token also ends by itself."""
        return [
            task
            for task in self.tasks.values()
            if task.token and not task.resource.endswith((".sync", ".sync:2"))
        ]

    @property
    def outstanding(self) -> list[Command]:
        """What it waits for and nobody carries out, if nobody has gone on with it since."""
        found: list[Command] = list(self.tasks.values())
        for id, reading in self.readings.items():
            if reading.asked is not None:
                found.append(MoreItems(id=id, limit=reading.asked) if reading.pages else reading.command)
        for export in self.exports.values():
            found.extend(export.pages[export.written :])
        return found

    def take(self, inputs: Iterable[Input], commands: Iterable[Command]) -> None:
        """Take notice of a step."""
        for given in inputs:
            if type(given) is TaskSucceeded:  # the commonest by far
                self._forget(given.id)
            else:
                self._take_input(given)
        for command in commands:
            if type(command) is StartTask:
                self.tasks[command.id] = command
            else:
                self._take_command(command)

    def clear(self) -> None:
        """Wait for nothing any more."""
        for each in (self.tasks, self.submitted, self.begun, self.readings, self.exports):
            each.clear()

    def _take_input(self, given: Input) -> None:
        match given:
            case TaskFailed(id=id) | TaskTimedOut(id=id):
                self._forget(id)
            case TaskSubmitted(id=id):
                if id in self.tasks:
                    self.submitted[id] = given
            case Begin(id=id):
                self.begun.add(id)
            case ItemsRead(id=id, last=last):
                reading = self.readings.get(id)
                if reading is not None and reading.asked is not None:
                    reading.pages.append(reading.asked)
                    reading.asked = None
                if last:
                    self.readings.pop(id, None)
            case ReadFailed(id=id):
                self.readings.pop(id, None)
            case ResultsWritten(id=id):
                self._take_written(id)
            case WriteFailed(id=id):
                self.exports.pop(id, None)
            case _:
                pass

    def _take_command(self, command: Command) -> None:
        match command:
            case CancelTask(id=id):
                self._forget(id)
                self.readings.pop(id, None)
            case ReadItems(id=id, limit=limit):
                self.readings[id] = Reading(command, asked=limit)
            case MoreItems(id=id, limit=limit):
                if id in self.readings:
                    self.readings[id].asked = limit
            case WriteResults(id=id):
                self.exports.setdefault(id, Exporting()).pages.append(command)
            case _:
                pass

    def _take_written(self, id: int) -> None:
        export = self.exports.get(id)
        if export is None:
            return
        if export.is_here:
            page = export.pages.pop(0)
        else:
            page = export.pages[export.written]
            export.written += 1
        if page.last:
            del self.exports[id]

    def _forget(self, id: int) -> None:
        self.tasks.pop(id, None)
        if self.submitted:
            self.submitted.pop(id, None)
        if self.begun:
            self.begun.discard(id)
