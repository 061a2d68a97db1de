"""Writes the executions of a cloud down: how they began, and what they were told when."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stepsmith.cloud.actions.recorders import Refusals
from stepsmith.engine.ports import Answer, Command
from stepsmith.errors import JournalError
from stepsmith.service.durable.steps import Stepper
from stepsmith.store import NEVER, Checkpoints, Input, Start, Store, Tail, Unit, encode, forget

if TYPE_CHECKING:
    from stepsmith.cloud.actions.resources import Execution, Revision
    from stepsmith.expressions.types import Json

MOST_FORGOTTEN: Final = 100
"""Executions that are taken from the journal at a time."""


class Journal:
    """The journal of one cloud; several threads may write to it.

    A commit waits until the system has it, and not for the disk: what the end of a process leaves is whole.
    """

    def __init__(self, path: Path) -> None:
        self.store = Store(path, synchronous="NORMAL", create=True)
        self._checkpoints = Checkpoints(self.store)
        self._version = version("stepsmith")
        self._units: list[Unit] = []
        self._forgotten: dict[str, int] = {}
        """Numbers of executions that are to be taken out, by their ARNs."""
        self._lock = threading.RLock()
        self._problem: JournalError | None = None

    def begin(self, execution: Execution, refusals: Refusals) -> Recorder:
        """Write down that an execution begins."""
        run, machine = execution.run, execution.machine
        settings = run.settings
        if run.arn in self._forgotten:
            self._take_out()
        recorder = Recorder(self, Stepper(run, keeps_events=True), Tail(), refusals)
        start = Start(
            arn=run.arn,
            name=run.name,
            machine=machine.name,
            definition=execution.revision.definition,
            input=execution.input,
            started=run.started,
            options={
                "seed": settings.seed,
                "account": settings.account,
                "region": settings.region,
                "version": self._version,
                "role": settings.role_arn,
                "alias": execution.alias_arn,
                "of version": execution.version_arn,
                "keeps children": True,
                "trace": execution.trace_header,
                "depth": execution.depth,
                "machine": machine.made,
                "revision": _revision(execution.revision),
            },
        )
        self.put(Unit(tail=recorder.tail, start=start, due=NEVER))
        return recorder

    def put(self, unit: Unit) -> None:
        """Write a unit with the next flush."""
        with self._lock:
            self._units.append(unit)

    def flush(self) -> None:
        """Let everything be on the disk that has come up; raises JournalError, and again ever after."""
        with self._lock:
            units, self._units = self._units, []
            if self._problem is not None:
                raise self._problem
            if not units:
                return
            try:
                self.store.commit(units)
                self._checkpoints.count()
                if any(each.refused for each in units):
                    raise JournalError(f"{self.store.path} was written by somebody else")
            except JournalError as problem:
                self._problem = problem
                raise

    def ask(self, recorder: Recorder, answer: Answer, at: float) -> int:
        """Keep an answer until a step of its execution takes it; gives its number."""
        self.flush()
        return self.store.ask(recorder.tail.execution, answer, at)

    def forget(self, execution: Execution) -> None:
        """Let go of an execution that has ended; its name may be taken again at once."""
        with self._lock:
            self._forgotten[execution.arn] = execution.kept
            if len(self._forgotten) >= MOST_FORGOTTEN:
                self._take_out()

    def _take_out(self) -> None:
        with self._lock:
            self.flush()
            forgotten, self._forgotten = self._forgotten, {}
            forget(self.store, list(forgotten.values()))

    def close(self) -> None:
        """Write what has come up, and let go of the file."""
        with self._lock:
            if self._problem is None:
                self._take_out()
                self._problem = JournalError(f"{self.store.path} is closed")
            self._checkpoints.close()
            self.store.close()


def _revision(revision: Revision) -> list[Json]:
    """Give what a revision is beside its definition and its role."""
    more = (revision.logging, revision.tracing, revision.encryption)
    return [revision.id, revision.made, *(dict(each) for each in more)]


class Recorder:
    """Writes down the steps of one execution."""

    __slots__ = ("_journal", "_refusals", "_taken", "stepper", "tail")

    def __init__(self, journal: Journal, stepper: Stepper, tail: Tail, refusals: Refusals) -> None:
        self._journal = journal
        self._refusals = refusals
        self._taken: list[int] = []
        self.stepper = stepper
        self.tail = tail
        """Where its records end."""

    @property
    def number(self) -> int:
        """The number of the execution in the journal; 0 until its beginning is written."""
        return self.tail.execution

    def step(self, at: float, inputs: Sequence[Input], told: Sequence[Input] = ()) -> list[Command]:
        """Tell the execution something and give what comes of it; `told` is what it has been told at this instant."""
        stepper, run = self.stepper, self.stepper.run
        at = max(at, run.now)
        commands = stepper.step(at, inputs)
        body = encode([*told, *inputs, *self._refusals.take()])
        unit = Unit(
            tail=self.tail,
            status=run.status,
            body=body,
            at=at,
            last=run.last,
            digest=stepper.digest,
            due=NEVER,
        )
        if run.status != "RUNNING":
            unit.stopped = at if run.stopped is None else run.stopped
        if self._taken:
            unit.taken, self._taken = tuple(self._taken), []
        self._journal.put(unit)
        return commands

    def ask(self, answer: Answer) -> int:
        """Keep an answer that somebody has sent until a step takes it; gives its number."""
        return self._journal.ask(self, answer, self.stepper.run.now)

    def take(self, asked: int) -> None:
        """Take an answer that was kept, with the next step."""
        self._taken.append(asked)
