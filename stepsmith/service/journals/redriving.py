"""Redrives many executions of a journal; whoever works on it drives them on."""

from __future__ import annotations

import time
from collections.abc import Iterator

from stepsmith.errors import InvalidInput
from stepsmith.service.durable.asking import check_redrive
from stepsmith.service.durable.recorded import is_attended, is_virtual, origin_of, start_of
from stepsmith.service.durable.starting import begin, find
from stepsmith.service.executions.redriving import FAILURES, Anew, Step, decided, name_again
from stepsmith.service.executions.search import Search
from stepsmith.service.journals.journal import Journal
from stepsmith.store import Reader, Store


class JournalPlace:
    """The executions of a journal, or of one machine in it."""

    def __init__(self, journal: Journal, machine: str | None = None) -> None:
        self._journal, self._machine = journal, machine

    def plan(self, search: Search, anew: Anew) -> Iterator[Step]:
        """Say what would be done with each execution that a search means, newest first."""
        for found in self._journal.search(search, machine=self._machine):
            reason = self._reason(found.arn) if found.status in FAILURES and anew != "all" else ""
            yield decided(found.arn, found.status, reason, anew)

    def redrive(self, arn: str) -> None:
        """Let one go on where it failed. Raises InvalidInput."""
        self._journal.execution(arn).redrive()

    def restart(self, arn: str) -> str:
        """Record an execution with the same definition and input as another had. Raises ExecutionAlreadyExists."""
        store, reader = (
            Store(self._journal.path, synchronous=self._journal.synchronous),
            Reader(self._journal.path),
        )
        try:
            before = reader.start(find(reader, arn).id)
            start = start_of(
                before.definition,
                before.input,
                machine=before.machine,
                name=name_again(before.name),
                started=time.time(),
                virtual=is_virtual(before),
                attended=is_attended(before),
                origin=origin_of(before),
            )
            begin(store, reader, start)
            return start.arn
        finally:
            reader.close()
            store.close()

    def _reason(self, arn: str) -> str:
        try:
            check_redrive(self._journal.path, self._journal.execution(arn).id)
        except InvalidInput as error:
            return str(error)
        return ""
