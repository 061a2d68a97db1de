"""One execution: takes answers and the time, gives commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from stepsmith.engine.answers import take
from stepsmith.engine.context import context_of
from stepsmith.engine.failures import (
    QUERY_EVALUATION,
    RUNTIME,
    TIMEOUT,
    StateFailure,
    as_failure,
    data_limit,
    locate,
)
from stepsmith.engine.frames import Frame, Node, Step
from stepsmith.engine.history import WIDTH, History, Large
from stepsmith.engine.payload import LIMIT, SAFE, fits, text_of, too_large
from stepsmith.engine.ports import Answer, Command
from stepsmith.engine.randomness import Seeded
from stepsmith.engine.retry import matches, next_delay
from stepsmith.engine.scheduler import SLICE, Scheduler
from stepsmith.engine.settings import (
    EXPRESS_SECONDS,
    MOST_EVENTS,
    MOST_EXPRESS_EVENTS,
    STANDARD_SECONDS,
    Settings,
    Status,
)
from stepsmith.engine.timers import Timer
from stepsmith.errors import ExpressionError
from stepsmith.expressions.jsonata.limits import SYSTEM, Environment
from stepsmith.expressions.scope import Randomness, Scope
from stepsmith.expressions.types import UNDEFINED, Json, Undefined

if TYPE_CHECKING:
    from stepsmith.engine.map_run import MapRun
    from stepsmith.engine.program import Program

NO_LIMIT: Final = 1 << 62
_COMPOSITE: Final = frozenset({"Map", "Parallel"})


class Run:
    """One execution of a program.

    Call `advance(now)`, carry out the commands it gives, bring answers with `apply(answer, now)`, and advance again;
    when there is neither command nor answer to come, `next_timer` says when to advance next. The same program,
    arguments, answers and times give the same history, byte for byte.
    """

    __slots__ = (
        "arn",
        "cause",
        "ceiling",
        "child_settings",
        "environment",
        "error",
        "events_allowed",
        "frame",
        "given_context",
        "heavy",
        "history",
        "input",
        "last",
        "machine_timer",
        "map_runs",
        "name",
        "now",
        "on_end",
        "output",
        "program",
        "random",
        "record",
        "redrive_count",
        "redriven",
        "root",
        "safe",
        "scheduler",
        "scope",
        "settings",
        "started",
        "status",
        "stopped",
        "variable_sizes",
    )

    def __init__(
        self,
        program: Program,
        settings: Settings,
        input: Json,
        *,
        now: float,
        name: str = "execution",
        arn: str | None = None,
        input_text: str | None = None,
        random: Randomness | None = None,
        scheduler: Scheduler | None = None,
        on_end: Callable[[Run], None] | None = None,
    ) -> None:
        self.program = program
        self.settings = settings
        self.input = input
        self.name = name
        self.random: Randomness = random or Seeded(f"{settings.seed}:{settings.machine_arn}:{name}")
        self.arn = arn or settings.execution_arn(
            program.type, name, self.random.uuid() if program.type == "EXPRESS" else ""
        )
        """The ARN of the execution."""
        self.started = now
        """When it started, in seconds since 1970."""
        self.stopped: float | None = None
        """When it ended; None while it runs."""
        self.now = now
        """The time as far as it has been told; never goes back."""
        self.status: Status = "RUNNING"
        self.output: Json | Undefined = UNDEFINED
        """The output of a succeeded execution."""
        self.error: str | None = None
        self.cause: str | None = None
        self.redrive_count = 0
        self.redriven: float | None = None
        self.history = History()
        self.record: Callable[[tuple[Any, ...]], None] = self.history.rows.extend
        """Adds records to the history; `last` has to be moved along."""
        self.last = 0
        """Id of the newest event."""
        self.scheduler = scheduler or Scheduler(now)
        self.on_end = on_end
        """Called when a child execution has ended; None in an execution of its own."""
        self.machine_timer: Timer | None = None
        self.map_runs: list[MapRun] = []
        """The Map Runs of distributed Maps, in the order of their start."""
        self.child_settings: dict[str, Settings] = {}
        self.environment: Environment = _environment(self) if program.uses_query else SYSTEM
        """What JSONata expressions see of the time and of chance."""
        self.given_context: dict[str, Json] | None = None
        """Stands in for the context object, in TestState."""
        self.heavy = False
        """True once a payload was large enough to be worth watching."""
        self.variable_sizes: dict[str, int] = {}
        self.safe = SAFE if settings.quotas else NO_LIMIT
        self._set_ceiling()
        self._start(input_text)

    def _set_ceiling(self) -> None:
        limit = MOST_EVENTS if self.program.type == "STANDARD" else MOST_EXPRESS_EVENTS
        self.events_allowed = limit if self.settings.quotas else NO_LIMIT
        self.ceiling = self.events_allowed

    def _start(self, input_text: str | None) -> None:
        settings, now = self.settings, self.now
        compact = text_of(self.input)
        raw = compact if input_text is None else input_text
        roles = (settings.role_arn, settings.alias_arn, settings.version_arn)
        self.record(("ExecutionStarted", now, 0, roles, raw))
        self.last = 1
        start = self.program.flow.start
        self.root = self.frame = frame = Frame(start, self.input, self.payload(self.input, compact), 0, {})
        self.scope = Scope(self.input, self.context, frame.variables, self.random)
        self.set_machine_timer()
        self.scheduler.ready.append(
            (self, frame, start.enter if raw == compact else self._enter_raw(start, raw))
        )

    def _enter_raw(self, start: Node, raw: str) -> Step:
        # The first entered event shows the caller's own spacing.
        def enter(run: Run, frame: Frame) -> Node | None:
            try:
                return start.enter(run, frame)
            finally:
                if len(run.history) > 1:
                    run.history.rows[2 * WIDTH - 1] = raw

        return enter

    def set_machine_timer(self) -> None:
        """Start the count of the machine's TimeoutSeconds."""
        limit: float | None = None
        if self.settings.quotas:
            limit = STANDARD_SECONDS if self.program.type == "STANDARD" else EXPRESS_SECONDS
        given = self.program.timeout_seconds
        if given is not None:
            limit = given if limit is None else min(given, limit)
        if limit is not None:
            self.machine_timer = self.scheduler.timers.at(self, self.now + limit, Run.time_out)

    # -- what the outside calls ---------------------------------------------------------

    def advance(self, now: float) -> list[Command]:
        """Do all that can be done at `now`; gives the commands that came up, in order.

        Comes back early after a few hundred thousand events, with `busy` true.
        """
        scheduler = self.scheduler
        scheduler.tell(now)
        self.now = scheduler.now
        return scheduler.advance(self)

    def apply(self, answer: Answer, now: float) -> None:
        """Take the answer to a command; an answer to a command that no one waits for is ignored."""
        scheduler = self.scheduler
        scheduler.tell(now)
        waiting = scheduler.waiting.get(answer.id)
        if waiting is not None:
            run, receiver = waiting
            run.now = scheduler.now
            take(run, receiver, answer)

    @property
    def busy(self) -> bool:
        """True if advance() has more to do right now."""
        return bool(self.scheduler.ready) and self.status == "RUNNING"

    @property
    def next_timer(self) -> float | None:
        """When to advance if no answer comes before, in seconds since 1970; None if nothing is timed."""
        return self.scheduler.timers.next if self.status == "RUNNING" else None

    def stop(self, error: str | None, cause: str | None, now: float) -> list[Command]:
        """Abort the execution, as StopExecution does; gives the commands that cancel its tasks."""
        self.scheduler.tell(now)
        self.now = self.scheduler.now
        if self.status == "RUNNING":
            self._close("ABORTED", "ExecutionAborted", 0, error, cause)
        return self.scheduler.take_commands()

    # -- what states call ---------------------------------------------------------------

    def context(self) -> dict[str, Json]:
        """Give the context object as the current state sees it."""
        return context_of(self)

    def event(self, kind: str, previous: int, subject: Any = None, payload: Any = None) -> int:
        """Record one event and give its id."""
        self.record((kind, self.now, previous, subject, payload))
        self.last += 1
        return self.last

    def payload(self, value: Json, text: str) -> str | Large:
        """Watch the size of a payload that is let in."""
        if len(text) > 4096:
            self.heavy = True
        return text

    def text(self, value: Json, what: str) -> Any:
        """Give the text of a value; raises States.DataLimitExceeded in the name of `what` if it is too long."""
        if self.heavy and self.settings.quotas and not fits(value, 2 * LIMIT):
            raise data_limit(what)
        text = text_of(value)
        if len(text) > 4096:
            self.heavy = True
            if len(text) > self.safe and too_large(text):
                raise data_limit(what)
        return text

    def drive(self, frame: Frame, step: Step) -> bool:
        """Take a frame as far as it goes without waiting; tells whether it was stopped on its way."""
        self.frame = frame
        self.ceiling = min(self.events_allowed, self.last + SLICE)
        node: Node | None = None
        started = False
        while True:
            try:
                if not started:
                    started = True
                    node = step(self, frame)
                while node is not None:
                    if self.last >= self.ceiling:
                        return self._pause(frame, node)
                    frame.node = node
                    node = node.enter(self, frame)
            except (StateFailure, ExpressionError) as problem:
                node = self.fail(frame, as_failure(problem))
            else:
                if self.last >= self.events_allowed and self.status == "RUNNING":
                    self._overflow(frame)
                return False

    def _pause(self, frame: Frame, node: Node) -> bool:
        if self.last >= self.events_allowed:
            self._overflow(frame)
        else:
            self.scheduler.ready.append((self, frame, lambda run, frame: node))
        return True

    def _overflow(self, frame: Frame) -> None:
        if self.program.type == "EXPRESS":
            self.time_out()
            return
        self.history.truncate(self.events_allowed - 1)
        self.last = self.events_allowed - 1
        cause = f"The execution reached the maximum number of history events ({self.events_allowed})."
        self._close("FAILED", "ExecutionFailed", min(frame.last, self.last), RUNTIME, cause)

    def fail(self, frame: Frame, failure: StateFailure, *, inner: bool = False) -> Node | None:
        """Let Retry, Catch or what is around the state take a failure; gives the state to go on with.

        `inner` says that the failure comes from a branch or iteration of the frame's state.
        """
        node = frame.node
        self.locate(failure, frame)
        if failure.error == QUERY_EVALUATION and not failure.recorded:
            failure.recorded = True
            frame.previous = self.event(
                "EvaluationFailed",
                frame.last if failure.after_entry else frame.previous,
                (node.name, failure.location),
                (failure.error, failure.cause),
            )
        if node.retriers:
            delay = next_delay(node.retriers, frame, failure, self.random.random)
            if delay is not None:
                self.wake(frame, self.now + delay, node.attempt)
                return None
        if node.kind in _COMPOSITE and (inner or failure.error != RUNTIME):
            frame.previous = self.event(f"{node.kind}StateFailed", frame.last)
        for catcher in node.catchers:
            if matches(catcher.errors, failure):
                try:
                    return catcher.leave(self, frame, failure)
                except (StateFailure, ExpressionError) as problem:
                    failure = as_failure(problem)
                    self.locate(failure, frame)
                break
        if frame.join is not None:
            frame.join.failed(self, frame, failure)
        else:
            self._close("FAILED", "ExecutionFailed", frame.last, failure.error, failure.cause)
        return None

    def locate(self, failure: StateFailure, frame: Frame) -> None:
        """Say in the cause of a failure where it happened."""
        if self.settings.locates_causes:
            locate(failure, frame.node.name, frame.entered)

    def finish(self, frame: Frame) -> None:
        """End a frame that has passed its last state."""
        if frame.join is not None:
            frame.join.done(self, frame)
            return
        self.record(("ExecutionSucceeded", self.now, frame.previous, None, frame.text))
        self.last += 1
        frame.live = False
        self.output = frame.value
        self._end("SUCCEEDED")

    def resume(self, frame: Frame, step: Step) -> None:
        """Let a frame that waited go on."""
        frame.work = None
        self.scheduler.ready.append((self, frame, step))

    def resume_failed(self, frame: Frame, failure: StateFailure, *, inner: bool = False) -> None:
        """Let a frame whose work failed go on with that failure."""

        def step(run: Run, frame: Frame) -> Node | None:
            return run.fail(frame, failure, inner=inner)

        frame.work = None
        if inner:  # what follows in the history follows at once
            self.scheduler.ready.appendleft((self, frame, step))
        else:
            self.scheduler.ready.append((self, frame, step))

    def time_out(self) -> None:
        """End the execution because its time is used up."""
        if self.status == "RUNNING":
            self._close("TIMED_OUT", "ExecutionTimedOut", 0, TIMEOUT, None)
            self.error = None

    def abandon(self) -> None:
        """Abort a child execution without a word to whoever started it."""
        self.on_end = _ignore
        if self.status == "RUNNING":
            self._close("ABORTED", "ExecutionAborted", 0, None, None)

    def wake(self, frame: Frame, due: float, step: Step) -> None:
        """Let a frame wait until an instant and then go on."""
        frame.work = self.scheduler.timers.at(self, due, lambda run: run.resume(frame, step))

    def _close(self, status: Status, kind: str, previous: int, error: str | None, cause: str | None) -> None:
        if self.root.work is not None:
            self.root.work.abort(self, 0)
        self.event(kind, previous, None, None if error is None and cause is None else (error, cause))
        self.error, self.cause = error, cause
        self._end(status)

    def _end(self, status: Status) -> None:
        self.status = status
        self.stopped = self.now
        if self.machine_timer is not None:
            self.machine_timer.cancel()
        if self.on_end is None:
            self.scheduler.clear()
        else:
            self.on_end(self)


def _environment(run: Run) -> Environment:
    return Environment(
        now=lambda: round(run.now * 1000),
        random=run.random.random,
        uuid=run.random.uuid,
        clock=None,
    )


def _ignore(run: Run) -> None:
    return None
