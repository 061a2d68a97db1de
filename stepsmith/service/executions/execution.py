"""One execution of a state machine, as its user sees it: while it runs and afterwards."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast

from stepsmith.engine.kernel.run import Run
from stepsmith.engine.values.payload import text_of
from stepsmith.expressions.types import Json
from stepsmith.integrations import ClientRegistry
from stepsmith.integrations.lambda_functions import TaskFunctions
from stepsmith.service.answers.tokens import TOKENS, WaitingTask
from stepsmith.service.driving.driver import Driver
from stepsmith.service.driving.live import LiveRun
from stepsmith.service.executions.declared import LAST_WORDS, NOTHING_DECLARED, Declared, awaited
from stepsmith.service.executions.history import Event
from stepsmith.service.executions.of_run import OfRun

if TYPE_CHECKING:
    from stepsmith.authoring.tasks.task import Task
    from stepsmith.privacy import Marks
    from stepsmith.service.executions.options import RunOptions
    from stepsmith.service.executions.questions import TaskCall
    from stepsmith.service.executions.started import Ending

__tracebackhide__ = True  # pytest shows the frames of tests, workflows and tasks, not those in between

R = TypeVar("R")


class Home(Protocol):
    """The machine of an execution."""

    @property
    def ending(self) -> Ending | None:
        """What begins when an execution of it has not succeeded."""
        ...

    def crew(self, run: Run, options: RunOptions) -> tuple[LiveRun, Driver]:
        """Return what drives an execution that does not end by itself."""
        ...

    def tell(self, execution: Execution[Any]) -> None:
        """Tell the listeners that an execution has ended, before anybody who waits for it goes on."""
        ...


class Execution(OfRun, Generic[R]):
    """An execution; everything it shows is read from its history and its outcome."""

    def __init__(
        self,
        run: Run,
        home: Home,
        options: RunOptions,
        declared: Declared[R],
    ) -> None:
        self._run = run
        self._home = home
        self._options = options
        self._declared = declared
        self._problem: BaseException | None = None
        self._waiters: threading.Condition | None = None
        """For whoever waits for it; there is none as long as nobody else has seen it."""
        self._finished = False

    # -- what it is ---------------------------------------------------------------------

    @property
    def clients(self) -> ClientRegistry:
        """The clients that its tasks have used."""
        return self._live.dispatcher.clients

    @property
    def name(self) -> str:
        """The name of the execution."""
        return self._run.name

    @property
    def arn(self) -> str:
        """The ARN of the execution."""
        return self._run.arn

    def task_calls(self, task: Task[..., Any] | str | None = None) -> list[TaskCall]:
        """Give the attempts of a task, itself or by the name of its state or function, or of every task, in order.

        Those of the executions that it has started are among them. Raises NotFound for a task that no definition
        of these calls.
        """
        from stepsmith.service.definitions.task_names import check_functions
        from stepsmith.service.executions.questions import calls_of_family, name_of, offspring

        name = task if task is None or isinstance(task, str) else name_of(task)
        found = calls_of_family(self, name)
        if name is not None and not found:
            definitions = [self.definition, *(each.definition for each in offspring(self))]
            check_functions([name], definitions, "task_calls")
        return found

    def retries(self, task: Task[..., Any] | str) -> int:
        """Count how often a task was called again after it had failed; raises NotFound like `task_calls`."""
        return sum(1 for call in self.task_calls(task) if call.attempt > 1)

    @property
    def waiting(self) -> list[WaitingTask]:
        """The tasks that somebody outside has to answer, with their tokens."""
        found = [TOKENS.find(token) for token in list(self._live.tokens.values())]
        return [task for task in found if task is not None and task.is_expected]

    # -- its outcome --------------------------------------------------------------------

    def wait(self, timeout: float | None = None) -> Execution[R]:
        """Wait until it has ended and return it; raises TimeoutError after `timeout` seconds of the wall.

        An interrupt, by Ctrl-C or of a kernel, stops it.
        """
        try:
            if not self._wait(timeout):
                raise TimeoutError(f"execution {self.name} still runs after {timeout} seconds")
        except KeyboardInterrupt:
            self.stop("Interrupted")
            self._wait(LAST_WORDS)
            raise
        if self._problem is not None:
            raise self._problem
        return self

    def _wait(self, timeout: float | None) -> bool:
        waiters = self._waiters
        if waiters is None:
            return True
        with waiters:
            return waiters.wait_for(lambda: self._finished, timeout)

    def result(self) -> R:
        """Wait for the output and return it as the type that the workflow declares.

        Raises the error that the workflow raised where its class is known, and ExecutionFailed otherwise.
        """
        self.wait()
        raised = None if self.status == "SUCCEEDED" else self._live.dispatcher.raised.get(self.cause or "")
        return self._declared.result_of(self, raised=raised)

    def __await__(self) -> Generator[Any, None, R]:
        """Wait for the result without blocking the event loop; what is cancelled while it waits stops the execution."""
        return awaited(self.result, stop=lambda: self.stop("Interrupted")).__await__()

    def events(self) -> Iterator[Event]:
        """Give the events one by one as they come, up to the last."""
        seen = 0
        while True:
            ended = self._wait_for_more(seen)
            for event in self.history[seen:]:
                seen += 1
                yield event
            if ended and seen >= len(self._run.history):
                return

    def _wait_for_more(self, seen: int) -> bool:
        waiters = self._waiters
        if waiters is None:
            return True
        with waiters:
            waiters.wait_for(lambda: self._finished or len(self._run.history) > seen)
            return self._finished

    @property
    def ending(self) -> Execution[Json] | None:
        """The execution of what its workflow names as `ended`; None before it has begun, and where it has succeeded."""
        ended_by = self._live.ended_by
        if ended_by is None or self._home.ending is None:
            return None
        found: Execution[Json] = Execution(ended_by.run, self._home, self._options, NOTHING_DECLARED)
        found.show((ended_by, self._driver))
        if self._finished:
            found._finish()
        return found

    # -- those that it has started ------------------------------------------------------

    @property
    def children(self) -> list[Execution[Any]]:
        """The executions that its tasks have started, in the order of their start; of very many, the latest."""
        machines = (self._options.get("machines") or {}).values()
        found: list[Execution[Any]] = []
        for live in self._driver.children(self._live):
            machine = next(each for each in machines if each.definition is live.run.program.machine)
            child: Execution[Any] = Execution(
                live.run, cast("Home", machine), self._options, machine.declares()
            )
            child.show((live, self._driver))
            if self._finished:
                child._finish()
            found.append(child)
        return found

    def child(self, name: str) -> Execution[Any]:
        """Return the latest execution that it has started of a machine, or under a name; raises NotFound."""
        from stepsmith.service.executions.questions import child_named

        return child_named(name, self.children)

    # -- what can be done to it ---------------------------------------------------------

    def stop(self, error: str | None = None, cause: str | None = None) -> None:
        """Abort it; returns when that has happened, and `wait` when its `ending` has ended, too."""
        if self._finished:
            return
        done = threading.Event()

        def stop() -> None:
            self._driver.stop(self._live, error, cause)
            done.set()

        self._driver.call(stop)
        while not done.wait(0.05):
            if self._finished:
                return

    def redrive(self, *, tasks: Mapping[str, object] | None = None) -> Execution[R]:
        """Run it again from the states that did not succeed, as RedriveExecution does, and return it when it has ended.

        `tasks` replaces the functions of the run, by ARN, state name or function name. Raises InvalidInput for an
        execution that runs, has succeeded, or has no room left in its history.
        """
        self._run.redrive(self._driver.clock.now())
        if tasks is not None:
            self._live.dispatcher.functions = TaskFunctions(tasks)
        self._finished = False
        self._driver.reopen()
        self.drive()
        return self

    def advance(self, duration: timedelta) -> None:
        """Let virtual time pass while it waits for somebody to answer."""
        clock = self._driver.clock
        self._driver.call(lambda: clock.move_to(clock.now() + duration.total_seconds()))

    def send_task_success(self, token: str, output: Json = None) -> None:
        """Answer a waiting task; raises TokenError where no task waits with this token."""
        TOKENS.send_success(token, text_of(output))

    def send_task_failure(self, token: str, error: str | None = None, cause: str | None = None) -> None:
        """Answer a waiting task with a failure; raises TokenError where no task waits with this token."""
        TOKENS.send_failure(token, error, cause)

    def send_task_heartbeat(self, token: str) -> None:
        """Say that the work on a waiting task goes on; raises TokenError where no task waits with this token."""
        TOKENS.send_heartbeat(token)

    def marks(self) -> Marks:
        """Give what is personal in it, which is masked where it is shown."""
        declared = self._declared.marks
        from stepsmith.service.personal import task_marks

        return (
            task_marks(self._options.get("tasks") or {}, self.definition) if declared is None else declared()
        )

    @property
    def machine_name(self) -> str:
        """The name of the state machine it is an execution of."""
        return self._run.settings.state_machine_name

    def __repr__(self) -> str:
        return f"<execution {self.name}: {self.status}>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Show a notebook status, data, graph, timeline and events."""
        from stepsmith.service.executions.shown import execution_bundle

        return execution_bundle(self)

    # -- for whoever drives it ----------------------------------------------------------

    def show(self, crew: tuple[LiveRun, Driver]) -> None:
        """Let others see it before it begins, with what drives it."""
        self._crew = crew
        self._waiters = threading.Condition()

    def drive(self) -> None:
        """Drive it to its end on this thread; what goes wrong is raised here or, from another thread, by `wait`."""
        try:
            if self._waiters is None:
                self._begin()
            else:
                live, driver = self._crew
                driver.add(live)
                driver.drive()
        except BaseException as problem:
            self._problem = problem
            raise
        finally:
            try:
                self._home.tell(self)
            finally:
                self._finish()

    def _begin(self) -> None:
        """Take it as far as it goes without its tasks; only what is left needs a driver."""
        run = self._run
        try:
            commands = run.advance(run.now)
        except KeyboardInterrupt as interrupt:
            live, driver = self._crew
            driver.add(live)
            driver.interrupt(interrupt)
            raise
        if run.status == "RUNNING" or (run.status != "SUCCEEDED" and self._home.ending is not None):
            live, driver = self._crew
            driver.take(live, commands)
            driver.drive()

    def _finish(self) -> None:
        waiters = self._waiters
        if waiters is None:
            self._finished = True
            return
        with waiters:
            self._finished = True
            waiters.notify_all()

    def drive_in_background(self) -> None:
        """Drive it on a thread of its own."""

        def drive() -> None:
            with suppress(Exception):  # kept for wait()
                self.drive()

        threading.Thread(target=drive, name=f"stepsmith {self.name}", daemon=True).start()

    def changed(self, run: Run) -> None:
        """Wake up whoever waits for events."""
        waiters = self._waiters
        if waiters is not None:
            with waiters:
                waiters.notify_all()

    @cached_property
    def _crew(self) -> tuple[LiveRun, Driver]:
        return self._home.crew(self._run, self._options)

    @property
    def _live(self) -> LiveRun:
        return self._crew[0]

    @property
    def _driver(self) -> Driver:
        return self._crew[1]
