"""Executions that are there again at the next start: what has ended is played back when somebody looks at it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

from stepsmith.cloud.actions.recorders import Refusals
from stepsmith.cloud.actions.resources import MOST_CLOSED, Execution, Revision, StateMachine
from stepsmith.cloud.actions.runner import Live
from stepsmith.cloud.journal.recording import Journal, Recorder
from stepsmith.cloud.journal.resuming import Stand, resume
from stepsmith.cloud.services import Caller
from stepsmith.engine.kernel.run import Run
from stepsmith.engine.kernel.settings import Status
from stepsmith.errors import StepsmithError
from stepsmith.service.durable.awaited import Awaited
from stepsmith.service.durable.recorded import run_of
from stepsmith.service.durable.steps import Stepper
from stepsmith.store import Reader, prune

if TYPE_CHECKING:
    from stepsmith.cloud.actions.service import StepFunctions

_ALL: Final = (
    "SELECT e.id, e.arn, e.machine, e.definition, e.input, e.options, h.status, h.stopped"
    " FROM executions e JOIN heads h ON h.execution = e.id ORDER BY e.id"
)
_OLDEST: Final = "SELECT stopped FROM heads WHERE status <> 'RUNNING' ORDER BY stopped DESC LIMIT 1 OFFSET ?"


class Recalled:
    """An execution of the journal that has not been played back."""

    __slots__ = ("_play", "arn", "status", "stopped")

    def __init__(
        self, arn: str, status: Status, stopped: float, play: Callable[[], tuple[Run, Recorder]]
    ) -> None:
        self.arn = arn
        self.status: Status = status
        self.stopped = None if status == "RUNNING" else stopped
        self._play = play

    def play(self) -> tuple[Run, Recorder]:
        """Play it back; raises StepsmithError where that cannot be done."""
        return self._play()


class Recalling:
    """Brings what a journal holds back into Step Functions."""

    def __init__(self, journal: Journal, service: StepFunctions) -> None:
        self._journal = journal
        self._service = service
        self._reader = Reader(journal.store.path)
        self._lock = threading.Lock()
        self._definitions: dict[bytes, str] = {}
        self._revisions: dict[str, Revision] = {}
        self._gone: dict[tuple[str, float], StateMachine] = {}

    def recall(self) -> list[StepsmithError]:
        """Have all executions again, and let go on what runs; gives why some cannot."""
        self._forget_old()
        self._definitions = dict(self._reader.query("SELECT hash, text FROM definitions"))
        problems: list[StepsmithError] = []
        closed: list[Execution] = []
        for execution, caller in self._executions():
            if execution.status != "RUNNING":
                closed.append(execution)
                continue
            try:
                self._go_on(execution, caller)
            except StepsmithError as problem:
                problems.append(problem)
        for execution in sorted(closed, key=lambda each: each.played.stopped or 0.0):
            _, _, _, region, account, *_ = execution.arn.split(":")
            self._service.account(Caller(region, account)).close(execution)
        self._service.runner.journal = self._journal
        return problems

    @property
    def latest(self) -> float:
        """The latest instant that the journal speaks of, in seconds since 1970."""
        (row,) = self._reader.query(
            "SELECT max(coalesce((SELECT max(at) FROM records), 0), coalesce((SELECT max(started) FROM executions), 0))"
        )
        return float(row[0])

    def close(self) -> None:
        """Let go of the file."""
        self._reader.close()

    def _forget_old(self) -> None:
        oldest = self._reader.query(_OLDEST, (MOST_CLOSED,))
        if oldest:
            prune(self._journal.store, oldest[0][0])

    def _executions(self) -> Iterator[tuple[Execution, Caller]]:
        rows = cast("list[tuple[int, str, str, bytes, str, str, Status, float]]", self._reader.query(_ALL))
        for id, arn, name, definition, text, written, status, stopped in rows:
            options = cast("dict[str, Any]", json.loads(written))
            caller = Caller(options["region"], options["account"])
            account, revision = self._service.account(caller), self._revision(definition, options)
            execution = Execution(
                Recalled(arn, status, stopped, partial(self._play_locked, id, account.refuse)),
                account.number(),
                self._machine(caller, name, options, revision),
                revision,
                text,
                options["of version"],
                options["alias"],
                options["trace"],
                options["depth"],
                kept=id,
            )
            account.add(execution)
            yield execution, caller

    def _revision(self, definition: bytes, options: dict[str, Any]) -> Revision:
        id, made, logging, tracing, encryption = given = options["revision"]
        key = f"{definition.hex()} {options['role']} {given}"
        found = self._revisions.get(key)
        if found is None:
            text = self._definitions.get(definition, "{}")
            found = Revision(id, "STANDARD", text, options["role"], logging, tracing, encryption, made)
            self._revisions[key] = found
        return found

    def _machine(
        self, caller: Caller, name: str, options: dict[str, Any], revision: Revision
    ) -> StateMachine:
        """Return the machine of an execution; one that was deleted is there for its executions only."""
        arn, made = caller.arn("states", f"stateMachine:{name}"), options["machine"]
        found = self._service.account(caller).machines.get(arn)
        if found is not None and found.made == made:
            return found
        gone = self._gone.get((arn, made))
        if gone is None:
            gone = self._gone[arn, made] = StateMachine(arn, name, 0, "STANDARD", made, revision)
        return gone

    def _go_on(self, execution: Execution, caller: Caller) -> None:
        account = self._service.account(caller)
        requests = self._reader.requests(execution.kept)
        run, recorder, stand = self._play(execution.kept, account.refuse)
        execution.played, execution.recorder = run, recorder
        stand.requests = requests

        def go(live: Live) -> None:
            resume(self._service.runner, live, recorder, stand)

        self._service.go_on(execution, caller, go)

    def _play_locked(self, id: int, ask: Callable[..., str | None]) -> tuple[Run, Recorder]:
        self._journal.flush()
        with self._lock:
            run, recorder, _ = self._play(id, ask)
        run.let_go()
        return run, recorder

    def _play(self, id: int, ask: Callable[..., str | None]) -> tuple[Run, Recorder, Stand]:
        """Play an execution back; raises JournalDamaged, and JournalError where the engine comes to other events."""
        reader, refusals = self._reader, Refusals(ask)
        with reader.snapshot():
            start, tail = reader.start(id), reader.tail(id)
            stepper, stand = Stepper(run_of(start, refusals), keeps_events=True), Stand(Awaited())
            for number, record in enumerate(reader.records(id), 1):
                refusals.repeat(record.inputs)
                commands = stepper.repeat(record, number, start)
                stand.take(record.inputs, commands)
        refusals.go_on()
        stand.has_begun = tail.count > 0
        return stepper.run, Recorder(self._journal, stepper, tail, refusals), stand
