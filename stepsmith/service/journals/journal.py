"""A journal of executions, as its user sees it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from os import PathLike
from pathlib import Path
from typing import Any, Unpack

from stepsmith.engine.ports import TaskFailed, TaskHeartbeat, TaskSucceeded
from stepsmith.engine.values.payload import text_of
from stepsmith.expressions.json_text import read
from stepsmith.expressions.types import UNDEFINED, Json, Undefined
from stepsmith.integrations import ClientRegistry
from stepsmith.service.answers.tokens import check_failure, read_output
from stepsmith.service.durable.asking import answer_token
from stepsmith.service.durable.conductor import Conductor
from stepsmith.service.durable.execution import JournalExecution
from stepsmith.service.durable.live import Resolver
from stepsmith.service.durable.recorded import Origin
from stepsmith.service.durable.starting import find
from stepsmith.service.executions.declared import NOTHING_DECLARED, declared_by
from stepsmith.service.executions.options import RunOptions, check_options
from stepsmith.service.executions.search import Found, Search
from stepsmith.service.journals.resolving import WorkflowResolver, known_workflow, machines_of
from stepsmith.service.machines.machine import Machine
from stepsmith.service.machines.recorded_runs import start_recorded
from stepsmith.store import Reader, Start, Store, Summary, Synchronous, prune, verify


class Journal:
    """The file that durable executions are recorded in; whoever opens it can drive them on."""

    def __init__(self, path: str | PathLike[str], *, synchronous: Synchronous = "FULL") -> None:
        self.path = Path(path)
        self.synchronous: Synchronous = synchronous

    def executions(
        self, *, status: str | None = None, machine: str | None = None, most: int = -1
    ) -> list[JournalExecution[Any]]:
        """Return the executions, the newest first; raises NotFound where there is no journal."""
        reader = Reader(self.path)
        try:
            found = list(reader.executions(status=status, machine=machine, most=most))
            return [self._execution(reader.start(each.id), each.id) for each in found]
        finally:
            reader.close()

    def summaries(
        self, *, status: str | None = None, machine: str | None = None, most: int = -1
    ) -> list[Summary]:
        """Return name, status and times of executions, the newest first, without playing anything back."""
        reader = Reader(self.path)
        try:
            return list(reader.executions(status=status, machine=machine, most=most))
        finally:
            reader.close()

    def search(self, search: Search, *, machine: str | None = None) -> Iterator[Found]:
        """Give the executions that a search means, the newest first, as they are asked for.

        Raises NotFound where there is no journal.
        """
        reader = Reader(self.path)
        try:
            status = search.statuses[0] if len(search.statuses) == 1 else None
            for each in reader.executions(status=status, machine=machine):
                if search.fits_list(each.name, each.status, each.started):
                    found = self._looked_at(reader, each, search)
                    if found is not None:
                        yield found
        finally:
            reader.close()

    def _looked_at(self, reader: Reader, listed: Summary, search: Search) -> Found | None:
        error: str | None = None
        if search.asks_each:
            start = reader.start(listed.id)
            if listed.status not in ("RUNNING", "SUCCEEDED") and search.error is not None:
                error = self._execution(start, listed.id).error
            if not search.fits_details(read(start.input, repeated_keys=True), error):
                return None
        return Found(
            arn=listed.arn,
            name=listed.name,
            status=listed.status,
            started=listed.started,
            stopped=listed.stopped or None,
            error=error,
        )

    def execution(self, name: str) -> JournalExecution[Any]:
        """Return the execution of a name or an ARN.

        Raises NotFound, and InvalidInput where executions of several machines have the name.
        """
        reader = Reader(self.path)
        try:
            found = find(reader, name)
            return self._execution(reader.start(found.id), found.id)
        finally:
            reader.close()

    def start(
        self,
        machine: Machine,
        input: Json | Undefined = UNDEFINED,
        **options: Unpack[RunOptions],
    ) -> JournalExecution[Json]:
        """Record an execution of any machine, drive it in the background, and return it.

        Raises ExecutionAlreadyExists where its name is taken; the same name and input again is the same execution.
        """
        check_options(options)
        value: Json = {} if isinstance(input, Undefined) else input
        chosen: RunOptions = {**options, "journal": self.path}
        return start_recorded(machine, value, chosen, declared=NOTHING_DECLARED, origin=Origin())

    def resume(
        self,
        *,
        tasks: Mapping[str, object] | None = None,
        clients: ClientRegistry | Mapping[str, object] | None = None,
    ) -> list[JournalExecution[Any]]:
        """Drive every unfinished execution to its end and return them.

        Tasks are answered by `tasks`, and by those of the workflow that an execution was started from. What cannot be
        driven here raises what is wrong with it, after the others have ended.
        """
        ids = [each.id for each in self.summaries(status="RUNNING")]
        problems = self.drive(WorkflowResolver(tasks=tasks, clients=clients))
        for problem in problems.values():
            raise problem
        reader = Reader(self.path)
        try:
            return [self._execution(reader.start(id), id) for id in ids]
        finally:
            reader.close()

    def drive(self, resolver: Resolver) -> Mapping[int, Exception]:
        """Drive every unfinished execution to its end; gives what is wrong with those that cannot be driven."""
        store = Store(self.path, synchronous=self.synchronous)
        try:
            conductor = Conductor(store, resolver)
            conductor.run()
            return conductor.problems
        finally:
            store.close()

    def answer(self, token: str, output: Json = None) -> None:
        """Answer a waiting task; raises TokenError where no task waits with this token."""
        self.answer_text(token, text_of(output))

    def answer_text(self, token: str, output: str) -> None:
        """Answer a waiting task with JSON text; raises TokenError, also for what is no JSON."""
        value = read_output(output)
        answer_token(self.path, token, lambda id: TaskSucceeded(id=id, output=value))

    def fail(self, token: str, error: str | None = None, cause: str | None = None) -> None:
        """Let a waiting task fail; raises TokenError where no task waits with this token, and for what AWS refuses."""
        check_failure(error, cause)
        answer_token(self.path, token, lambda id: TaskFailed(id=id, error=error, cause=cause))

    def heartbeat(self, token: str) -> None:
        """Say that the work on a waiting task goes on; raises TokenError where no task waits with this token."""
        answer_token(self.path, token, lambda id: TaskHeartbeat(id=id))

    def verify(self) -> list[str]:
        """Look at everything and return what is not as it was written, one sentence a finding."""
        return list(verify(self.path))

    def prune(self, older_than: timedelta) -> int:
        """Forget executions that ended so long ago and return how many; their names are free again."""
        store = Store(self.path)
        try:
            return prune(store, time.time() - older_than.total_seconds())
        finally:
            store.close()

    def _execution(self, start: Start, id: int) -> JournalExecution[Any]:
        workflow = known_workflow(start)
        return JournalExecution(
            self.path, id, NOTHING_DECLARED if workflow is None else declared_by(workflow), machines_of
        )

    def __repr__(self) -> str:
        return f"<journal {self.path}>"
