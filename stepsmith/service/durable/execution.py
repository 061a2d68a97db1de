"""An execution in a journal, as its user sees it: whether it runs here, elsewhere or not at any place."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeVar

from stepsmith.engine.kernel.run import Run
from stepsmith.engine.ports import Answer, StartTask, TaskFailed, TaskHeartbeat, TaskSucceeded
from stepsmith.engine.values.payload import text_of
from stepsmith.expressions.types import Json
from stepsmith.service.answers.tokens import WaitingTask, check_failure, read_output
from stepsmith.service.durable.asking import Machines, answer_token, ask, no_machines
from stepsmith.service.durable.background import Background
from stepsmith.service.durable.endings import ending_start
from stepsmith.service.durable.playback import Playback
from stepsmith.service.executions import questions
from stepsmith.service.executions.declared import NOTHING_DECLARED, Declared, awaited
from stepsmith.service.executions.of_run import OfRun
from stepsmith.service.executions.questions import TaskCall
from stepsmith.store import Reader, Redrive, Stop

if TYPE_CHECKING:
    from stepsmith.authoring.tasks.task import Task
    from stepsmith.privacy import Marks

R = TypeVar("R")
_PULSE: Final = 0.02
"""Seconds between two looks at the journal while somebody waits."""


class JournalWatcher(Protocol):
    """Watches an execution in a journal while somebody waits for it."""

    def changed(self) -> None:
        """Take notice of new events."""
        ...

    def end(self) -> None:
        """Take notice of the end: of the execution, or of the waiting."""
        ...


observers: list[Callable[[JournalExecution[Any]], JournalWatcher | None]] = []
"""Are asked, for each execution in a journal that somebody begins to wait for, for somebody to watch it."""


class JournalExecution(OfRun, Generic[R]):
    """An execution in a journal; everything it shows is played back from what is recorded."""

    def __init__(
        self, journal: Path, id: int, declared: Declared[R], machines: Machines = no_machines
    ) -> None:
        self.journal = journal
        """The file of the journal."""
        self.id = id
        """Its id in the journal."""
        self._playback = Playback(journal, id)
        self._declared = declared
        self._machines = machines

    # -- what it is ---------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The name of the execution."""
        return self._playback.start.name

    @property
    def arn(self) -> str:
        """The ARN of the execution."""
        return self._playback.start.arn

    def task_calls(self, task: Task[..., Any] | str | None = None) -> list[TaskCall]:
        """Give the attempts of a task, itself or by the name of its state or function, or of every task, in order.

        Those of the executions that it has started are among them.
        """
        name = task if task is None or isinstance(task, str) else questions.name_of(task)
        return questions.calls_of_family(self, name)

    @property
    def waiting(self) -> list[WaitingTask]:
        """The tasks that somebody outside has to answer, with their tokens."""
        return [_waiting(self.journal, task) for task in self._playback.callbacks]

    def marks(self) -> Marks | None:
        """Give what is personal in it, which is masked where it is shown; None where nothing is known to be."""
        return None if self._declared.marks is None else self._declared.marks()

    @property
    def machine_name(self) -> str:
        """The name of the state machine it is an execution of."""
        return self._playback.start.machine

    # -- its outcome --------------------------------------------------------------------

    def wait(self, timeout: float | None = None) -> JournalExecution[R]:
        """Wait until it has ended and return it; raises TimeoutError after `timeout` seconds of the wall.

        Somebody has to drive it: the process that started it, `Journal.resume` or `stepsmith work`. In the process that
        started it, what ends its records has ended then, too.
        """
        found = [observer(self) for observer in list(observers)]
        watchers = [watcher for watcher in found if watcher is not None]
        try:
            self._wait(timeout, watchers)
        finally:
            for watcher in watchers:
                watcher.end()
        return self

    def _wait(self, timeout: float | None, watchers: list[JournalWatcher]) -> None:
        end = None if timeout is None else time.monotonic() + timeout
        seen = -1
        background = Background.of(self.journal)
        while self._playback.summary.status == "RUNNING":
            problem = background.problem(self.id)
            if problem is not None:
                raise problem
            if end is not None and time.monotonic() >= end:
                raise TimeoutError(f"execution {self.name} still runs after {timeout} seconds")
            if watchers and seen != (seen := len(self._run.history)):
                for watcher in watchers:
                    watcher.changed()
            time.sleep(_PULSE)
        ending = self.ending
        if ending is not None and background.drives(ending.id):
            ending._wait(None if end is None else max(0.0, end - time.monotonic()), [])

    @property
    def ending(self) -> JournalExecution[Json] | None:
        """The execution of what its workflow names as `ended`; None before it has begun, and where it has succeeded."""
        run, start = self._run, self._playback.start
        begun = ending_start(self.id, start, run, self._machines(start), at=run.now)
        if begun is None:
            return None
        reader = Reader(self.journal)
        try:
            found = reader.find(begun.arn)
        finally:
            reader.close()
        if not found:
            return None
        return JournalExecution(self.journal, found[0].id, NOTHING_DECLARED, self._machines)

    def result(self) -> R:
        """Wait for the output and return it as the type that the workflow declares.

        Raises the error that the workflow raised where its class is known, and ExecutionFailed otherwise.
        """
        return self._declared.result_of(self.wait())

    def __await__(self) -> Generator[Any, None, R]:
        """Wait for the result without blocking the event loop; it goes on where the waiting is cancelled."""
        return awaited(self.result).__await__()

    # -- those that it has started ------------------------------------------------------

    @property
    def children(self) -> list[JournalExecution[Any]]:
        """The executions that its tasks have started, in the order of their start."""
        machines = self._machines(self._playback.start).values()
        reader = Reader(self.journal)
        try:
            summaries = [each for arn in questions.child_arns(self.history) for each in reader.find(arn)]
        finally:
            reader.close()
        found: list[JournalExecution[Any]] = []
        for summary in summaries:
            machine = next((each for each in machines if each.name == summary.machine), None)
            declared: Declared[Any] = NOTHING_DECLARED if machine is None else machine.declares()
            found.append(JournalExecution(self.journal, summary.id, declared, self._machines))
        return found

    def child(self, name: str) -> JournalExecution[Any]:
        """Return the latest execution that it has started of a machine, or under a name; raises NotFound."""
        return questions.child_named(name, self.children)

    # -- what can be done to it ---------------------------------------------------------

    def stop(self, error: str | None = None, cause: str | None = None) -> None:
        """Abort it; returns when that is recorded, with the beginning of what ends its records."""
        ask(self.journal, self.id, Stop(error, cause), self._machines)

    def redrive(self) -> None:
        """Let it go on from the states that did not succeed, as RedriveExecution does, once somebody drives it.

        Raises InvalidInput for an execution that runs, has succeeded, or has no room left in its history.
        """
        ask(self.journal, self.id, Redrive(), self._machines)

    def send_task_success(self, token: str, output: Json = None) -> None:
        """Answer a waiting task; raises TokenError where no task waits with this token."""
        value = read_output(text_of(output))
        answer_token(self.journal, token, lambda id: TaskSucceeded(id=id, output=value))

    def send_task_failure(self, token: str, error: str | None = None, cause: str | None = None) -> None:
        """Answer a waiting task with a failure.

        Raises TokenError where no task waits with this token, and for what AWS refuses.
        """
        check_failure(error, cause)
        answer_token(self.journal, token, lambda id: TaskFailed(id=id, error=error, cause=cause))

    def send_task_heartbeat(self, token: str) -> None:
        """Say that the work on a waiting task goes on; raises TokenError where no task waits with this token."""
        answer_token(self.journal, token, lambda id: TaskHeartbeat(id=id))

    def __repr__(self) -> str:
        return f"<execution {self.name}: {self._playback.summary.status}>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Show a notebook status, data, graph, timeline and events."""
        from stepsmith.service.executions.shown import execution_bundle

        return execution_bundle(self)

    @property
    def _run(self) -> Run:  # pyright: ignore[reportIncompatibleVariableOverride] - played back to where it is now
        return self._playback.run


def _waiting(journal: Path, task: StartTask) -> WaitingTask:
    token = task.token or ""

    def answer(answer: Answer) -> None:
        answer_token(journal, token, lambda id: answer)

    return WaitingTask(token, task.state, task.execution_arn, task.id, task.payload, True, answer)
