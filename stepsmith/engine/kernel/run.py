"""One execution: takes answers and the time, gives commands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from stepsmith.engine.history.packing import Packing
from stepsmith.engine.history.records import WIDTH, History, Recorder
from stepsmith.engine.kernel.aborting import abort_frame, revive_frame
from stepsmith.engine.kernel.answers import take
from stepsmith.engine.kernel.children import DescribedMapRun
from stepsmith.engine.kernel.context import context_of
from stepsmith.engine.kernel.frames import Execution, Frame, Node, Program, Step
from stepsmith.engine.kernel.retry import matches, next_delay
from stepsmith.engine.kernel.scheduler import SLICE, Scheduler
from stepsmith.engine.kernel.settings import (
    EXPRESS_SECONDS,
    MOST_EVENTS,
    MOST_EXPRESS_EVENTS,
    STANDARD_SECONDS,
    Settings,
    Status,
)
from stepsmith.engine.kernel.timers import Timer
from stepsmith.engine.ports import Answer, Command, TaskSucceeded
from stepsmith.engine.values.failures import (
    DATA_LIMIT,
    QUERY_EVALUATION,
    RUNTIME,
    TIMEOUT,
    StateFailure,
    as_failure,
    data_limit,
    locate,
    runtime,
    writable,
)
from stepsmith.engine.values.payload import DEEPEST, LARGE, LIMIT, Large, Sizes, is_deep, size_of, text_of
from stepsmith.engine.values.randomness import Seeded
from stepsmith.errors import ExpressionError, InvalidInput
from stepsmith.expressions.scope import Randomness, Scope
from stepsmith.expressions.types import UNDEFINED, Json, Undefined

if TYPE_CHECKING:
    from stepsmith.expressions.jsonata import Environment

NO_LIMIT: Final = 1 << 62
MOST_SIZES: Final = 256
"""Large values of which an execution that keeps no history knows the sizes."""
_COMPOSITE: Final = frozenset({"Map", "Parallel"})
_REDRIVABLE: Final = frozenset({"FAILED", "TIMED_OUT", "ABORTED"})


class Run:
    """One execution of a program.

    Call `advance(now)`, carry out the commands it gives, bring answers with `apply(answer, now)`, and advance again;
    when there is neither command nor answer to come, `next_timer` says when to advance next. The same program,
    arguments, answers and times give the same history, byte for byte.
    """

    __slots__ = (
        "_arn", "_machine_timer", "_packing", "_sizes", "_timed", "cause", "ceiling", "environment", "error",
        "events_allowed", "frame", "given_context", "history", "input", "last", "map_runs", "name", "now",
        "on_end", "output", "program", "random", "record", "redrive_count", "redriven", "root", "scheduler",
        "scope", "settings", "started", "status", "stopped", "stored",
    )  # fmt: skip

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
        text: str | None = None,
        random: Randomness | None = None,
        scheduler: Scheduler | None = None,
        on_end: Callable[[Run], None] | None = None,
    ) -> None:
        self.program = program
        self.settings = settings
        self.input = input
        self.name = name
        self._arn = arn
        self.random: Randomness = random or Seeded(settings.seed, settings.state_machine_name, name)
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
        """When it was redriven last, in seconds since 1970."""
        self.history = History()
        self.record: Recorder = self.history.rows.extend
        """Adds records to the history; `last` has to be moved along."""
        self.last = 0
        """Id of the newest event."""
        self.scheduler = scheduler or Scheduler(now)
        self.on_end = on_end
        """Called when a child execution has ended; None in an execution of its own."""
        self.map_runs: tuple[DescribedMapRun, ...] = ()
        """The Map Runs of distributed Maps, in the order of their start."""
        self.environment = _environment(self) if program.uses_query else None
        """What JSONata expressions see of the time and of chance."""
        self.given_context: dict[str, Json] | None = None
        """Stands in for the context object, in TestState."""
        self.stored: dict[str, int] | None = None
        """Bytes of each variable, once there are large ones."""
        self._sizes: Sizes | None = Sizes() if program.is_wide else None
        self._packing: Packing | None = None
        self._machine_timer: Timer | None = None
        self._timed = False
        limit = MOST_EVENTS if program.type == "STANDARD" else MOST_EXPRESS_EVENTS
        self.events_allowed = limit if settings.quotas else NO_LIMIT
        self.ceiling = min(self.events_allowed, SLICE)
        """The event id at which to look up: the limit, or the end of the slice."""
        self._start(text_of(input) if text is None else text, input_text)

    def _start(self, text: str, input_text: str | None) -> None:
        settings = self.settings
        raw = text if input_text is None else input_text
        roles = (settings.role_arn, settings.alias_arn, settings.version_arn)
        self.record(("ExecutionStarted", self.now, 0, roles, raw))
        self.last = 1
        start = self.program.flow.start
        enter = start.enter if raw == text else _raw_entry(start, raw, self.history)
        shown = self._learn(self.input, text) if len(text) > LARGE else text
        self.root = self.frame = Frame(start, self.input, shown, 0, {})
        self.scope = Scope(self.input, self.context, self.root.variables, self.random)
        self.scheduler.ready.append((self, self.root, enter))
        if self.on_end is not None:
            self._set_machine_timer()

    @property
    def arn(self) -> str:
        """The ARN of the execution."""
        if self._arn is None:
            unique = ""
            if self.program.type == "EXPRESS":
                unique = Seeded(self.settings.seed, self.settings.state_machine_name, self.name, "arn").uuid()
            self._arn = self.settings.execution_arn(self.program.type, self.name, unique)
        return self._arn

    @property
    def machine_arn(self) -> str:
        """The ARN of the state machine."""
        return self.settings.machine_arn

    def _set_machine_timer(self) -> None:
        """Start the count of the machine's TimeoutSeconds, or of the longest duration there is."""
        self._timed = True
        limit: float | None = None
        if self.settings.quotas:
            limit = STANDARD_SECONDS if self.program.type == "STANDARD" else EXPRESS_SECONDS
        given = self.program.timeout_seconds
        if given is not None:
            limit = given if limit is None else min(given, limit)
        if limit is not None:
            since = self.started if self.redriven is None else self.redriven
            self._machine_timer = self.scheduler.at(self, since + limit, Run.time_out)

    # -- what the outside calls ---------------------------------------------------------

    def advance(self, now: float) -> list[Command]:
        """Do all that can be done at `now`; gives the commands that came up, in order.

        Comes back early after a few hundred thousand events, with `busy` true.
        """
        scheduler = self.scheduler
        if now > scheduler.now:
            scheduler.now = now
        self.now = scheduler.now
        commands = scheduler.advance(self)
        if (
            not self._timed and self.status == "RUNNING"
        ):  # no timer is worth its price in an execution that never waits
            self._set_machine_timer()
        return commands

    def apply(self, answer: Answer, now: float) -> None:
        """Take the answer to a command; an answer to a command that no one waits for is ignored."""
        scheduler = self.scheduler
        if now > scheduler.now:
            scheduler.now = now
        receiver = scheduler.waiting.get(answer.id)
        if receiver is not None:
            run = receiver.run
            run.now = scheduler.now
            if type(answer) is TaskSucceeded:  # the commonest by far
                receiver.succeed(run, answer.output, answer.text)
            else:
                take(run, receiver, answer)

    def apply_all(self, answers: Sequence[Answer], now: float) -> None:
        """Take answers that came at one instant, as `apply` takes each."""
        scheduler = self.scheduler
        if now > scheduler.now:
            scheduler.now = now
        waiting = scheduler.waiting
        for answer in answers:
            receiver = waiting.get(answer.id)
            if receiver is not None:
                run = receiver.run
                run.now = scheduler.now
                if type(answer) is TaskSucceeded:
                    receiver.succeed(run, answer.output, answer.text)
                else:
                    take(run, receiver, answer)

    @property
    def busy(self) -> bool:
        """True if advance() has more to do right now."""
        return bool(self.scheduler.ready) and self.status == "RUNNING"

    @property
    def next_timer(self) -> float | None:
        """When to advance if no answer comes before, in seconds since 1970; None if nothing is timed."""
        return self.scheduler.next_timer if self.status == "RUNNING" else None

    @property
    def ends_at(self) -> float | None:
        """When its time is used up, in seconds since 1970; None where nothing bounds it, or nothing does yet."""
        return None if self._machine_timer is None else self._machine_timer.due

    def stop(self, error: str | None, cause: str | None, now: float) -> list[Command]:
        """Abort the execution, as StopExecution does; gives the commands that cancel its tasks."""
        self._tell(now)
        if self.status == "RUNNING":
            self._close("ABORTED", "ExecutionAborted", 0, writable(error), writable(cause))
        return self.scheduler.take_commands()

    def redrive(self, now: float) -> None:
        """Run an execution that did not succeed again, from the states that did not; raises InvalidInput."""
        if self.status not in _REDRIVABLE or self.program.type != "STANDARD":
            raise InvalidInput(f"an execution that is {self.status} cannot be redriven")
        if self.last >= self.events_allowed - 1:
            raise InvalidInput("an execution without room in its history cannot be redriven")
        self._tell(now)
        self.redrive_count += 1
        self.redriven = self.now
        self.status = "RUNNING"
        self.error = self.cause = self.stopped = None
        redriven = self.event("ExecutionRedriven", self.last, None, self.redrive_count)
        self._set_machine_timer()
        revive_frame(self, self.root, redriven)

    def let_go(self) -> None:
        """Keep what is told of an execution that has succeeded, and nothing that it ran with: it never runs again."""
        if self.status == "SUCCEEDED":
            self.scheduler = _ENDED
            del self.root, self.frame, self.scope, self.random, self.environment

    def _tell(self, now: float) -> None:
        self.scheduler.now = self.now = max(now, self.scheduler.now)

    # -- what states call ---------------------------------------------------------------

    def context(self) -> dict[str, Json]:
        """Give the context object as the current state sees it."""
        return context_of(self)

    def event(self, kind: str, previous: int, subject: Any = None, payload: Any = None) -> int:
        """Record one event and give its id."""
        self.record((kind, self.now, previous, subject, payload))
        self.last += 1
        return self.last

    def text(self, value: Json, what: str) -> Any:
        """Give the text of a value, or a Large; raises States.DataLimitExceeded in the name of `what`."""
        if self._sizes is not None and is_deep(value):
            # What may be too large is measured before its text is made: data that doubles never is.
            most = LIMIT if self.settings.quotas else NO_LIMIT
            size, depth, fresh = self._sizes.measure(value, most)
            if size > most:
                raise data_limit(what)
            if depth > DEEPEST:
                raise runtime("The payload is nested too deeply")
            if size > LARGE:
                self._sizes.keep(value, size, depth)
                return self._keep(Large(value, size, fresh))
            return text_of(value)
        text = text_of(value)
        if len(text) > LARGE:
            if self.settings.quotas and size_of(text) > LIMIT:
                raise data_limit(what)
            return self._learn(value, text)
        return text

    def forget_sizes(self) -> None:
        """Let go of the large values whose sizes are known, once they are many; for whoever keeps no history."""
        if self._sizes is not None and len(self._sizes) > MOST_SIZES:
            self._sizes = Sizes()
            self._packing = None

    def _learn(self, value: Json, text: str) -> Large:
        if not isinstance(value, dict | list):
            size = size_of(text)
        else:
            if self._sizes is None:
                self._sizes = Sizes()
            size = self._sizes.learn(value, text)
        return self._keep(Large(value, size, size))

    def _keep(self, payload: Large) -> Large:
        if self._packing is None:
            self._packing = Packing()
        self._packing.add(payload)
        return payload

    def drive(self, frame: Frame, step: Step) -> bool:
        """Take a frame as far as it goes without waiting; tells whether it was stopped on its way."""
        self.frame = frame
        node: Node | None = None
        going: Step | None = step
        while True:
            try:
                if going is not None:
                    node = going(self, frame)
                    going = None
                while node is not None:
                    if self.last >= self.ceiling:
                        return self._pause(frame, node)
                    frame.node = node
                    node = node.enter(self, frame)
            except (StateFailure, ExpressionError) as problem:
                going = None
                node = self.fail(frame, as_failure(problem))
                if node is not None:
                    continue
            if self.last >= self.ceiling:
                self._look_up(frame)
            return False

    def _pause(self, frame: Frame, node: Node) -> bool:
        self._look_up(frame)
        self.scheduler.ready.append((self, frame, lambda run, frame: node))
        return True

    def _look_up(self, frame: Frame) -> None:
        """End the execution at its limit of events, or begin the next slice."""
        if self.last >= self.events_allowed and self.status == "RUNNING":
            self._overflow(frame)
        self.ceiling = min(self.events_allowed, self.last + SLICE)

    def _overflow(self, frame: Frame) -> None:
        if self.program.type == "EXPRESS":
            self.time_out()
            return
        self.history.truncate(self.events_allowed - 1)
        self.last = self.events_allowed - 1
        cause = f"The execution reached the maximum number of history events ({self.events_allowed})."
        self._close("FAILED", "ExecutionFailed", min(frame.last, self.last), RUNTIME, cause)

    def fail(self, frame: Frame, failure: StateFailure) -> Node | None:
        """Let Retry, Catch or what is around the state take a failure; gives the state to go on with."""
        node = frame.node
        self._tell_of(frame, failure, frame.last if failure.after_entry else frame.previous)
        if failure.error == RUNTIME:
            self._give_up(frame, failure)
            return None
        if node.retriers:
            delay = next_delay(node.retriers, frame, failure, self.random.random)
            if delay is not None:
                frame.redo = None
                self.wake(frame, self.now + delay, node.attempt)
                return None
        if node.kind in _COMPOSITE:
            frame.previous = self.event(f"{node.kind}StateFailed", frame.last)
        for catcher in node.catchers:
            if matches(catcher.errors, failure):
                try:
                    following = catcher.leave(self, frame, failure)
                except (StateFailure, ExpressionError) as problem:
                    failure = as_failure(problem)
                    self._tell_of(frame, failure, frame.last)
                    if failure.error == RUNTIME:
                        self._give_up(frame, failure)
                        return None
                    if node.kind in _COMPOSITE:  # once more (machines/floci/history-catcher-output-failure)
                        frame.previous = self.event(f"{node.kind}StateFailed", frame.last)
                    break
                frame.redo = None
                return following
        if failure.error == DATA_LIMIT:
            frame.redo = None  # a redrive starts such a state from its beginning
        if frame.join is not None:
            frame.join.failed(self, frame, failure)
        else:
            self._close("FAILED", "ExecutionFailed", frame.last, failure.error, failure.cause)
        return None

    def _tell_of(self, frame: Frame, failure: StateFailure, previous: int) -> None:
        """Say where a failure happened, and record that an expression could not be evaluated."""
        self.locate(failure, frame)
        if failure.error == QUERY_EVALUATION and not failure.recorded:
            failure.recorded = True
            subject = (frame.node.name, failure.location)
            frame.previous = self.event("EvaluationFailed", previous, subject, (failure.error, failure.cause))

    def _give_up(self, frame: Frame, failure: StateFailure) -> None:
        """End the execution because of a States.Runtime, which nothing catches: not a word of what is around the state.

        Read off AWS in machines/floci/history-runtime-error-in-branch.
        """
        frame.redo = None  # a redrive starts such a state from its beginning
        self._close("FAILED", "ExecutionFailed", frame.last, failure.error, failure.cause)

    def locate(self, failure: StateFailure, frame: Frame) -> None:
        """Say in the cause of a failure where it happened."""
        if self.settings.locates_causes:
            locate(failure, frame.node.name, frame.entered)

    def finish(self, frame: Frame) -> None:
        """End the execution well."""
        self.record(("ExecutionSucceeded", self.now, frame.previous, None, frame.text))
        self.last += 1
        frame.live = False
        self.output = frame.value
        self._end("SUCCEEDED")

    def resume_failed(self, frame: Frame, failure: StateFailure, *, inner: bool = False) -> None:
        """Let a frame whose work failed go on with that failure."""

        def step(run: Execution, frame: Frame) -> Node | None:
            return self.fail(frame, failure)

        frame.work = None
        if inner:  # what follows in the history follows at once
            self.scheduler.ready.appendleft((self, frame, step))
        else:
            self.scheduler.ready.append((self, frame, step))

    def wake(self, frame: Frame, due: float, step: Step) -> None:
        """Let a frame wait until an instant and then go on."""

        def go_on(run: Run) -> None:
            frame.work = None
            run.scheduler.ready.append((run, frame, step))

        frame.work = self.scheduler.at(self, due, go_on)

    def time_out(self) -> None:
        """End the execution because its time is used up."""
        if self.status == "RUNNING":
            self._close("TIMED_OUT", "ExecutionTimedOut", 0, TIMEOUT, None)
            self.error = None  # AWS names it in the event only

    # -- what Map Runs call -------------------------------------------------------------

    def child(self, program: Program, settings: Settings, input: Json, on_end: Callable[[Run], None]) -> Run:
        """Start a child execution, which shares queue and chance with this one."""
        name = self.random.uuid()
        unique = self.random.uuid() if program.type == "EXPRESS" else ""
        return Run(
            program,
            settings,
            input,
            now=self.now,
            name=name,
            arn=settings.execution_arn(program.type, name, unique),
            random=self.random,
            scheduler=self.scheduler,
            on_end=on_end,
        )

    def redo(self, now: float, on_end: Callable[[Run], None]) -> None:
        """Run a child execution that did not succeed again, and say when it has ended."""
        self.on_end = on_end
        self.redrive(now)

    def abandon(self) -> None:
        """Abort a child execution without a word to whoever started it."""
        self.on_end = _ignore
        if self.status == "RUNNING":
            self._close("ABORTED", "ExecutionAborted", 0, None, None)

    def _close(self, status: Status, kind: str, previous: int, error: str | None, cause: str | None) -> None:
        abort_frame(self, self.root, 0)
        self.event(kind, previous, None, None if error is None and cause is None else (error, cause))
        self.error, self.cause = error, cause
        self._end(status)

    def _end(self, status: Status) -> None:
        self.status = status
        self.stopped = self.now
        if self._machine_timer is not None:
            self._machine_timer.cancel()
        if self.on_end is None:
            self.scheduler.clear()
        else:
            self.on_end(self)


def _raw_entry(start: Node, raw: str, history: History) -> Step:
    """Enter the first state with the caller's own spacing in the history."""

    def enter(run: Execution, frame: Frame) -> Node | None:
        try:
            return start.enter(run, frame)
        finally:
            if len(history) > 1:
                history.rows[2 * WIDTH - 1] = raw

    return enter


def _environment(run: Run) -> Environment:
    from stepsmith.expressions.jsonata import Environment  # imported by machines with JSONata only

    return Environment(
        now=lambda: round(run.now * 1000),
        random=run.random.random,
        uuid=run.random.uuid,
        clock=run.settings.clock,
    )


def _ignore(run: Run) -> None:
    return None


_ENDED: Final[Scheduler] = Scheduler(0.0)
"""The scheduler of executions that have let go of theirs: nothing is ever ready or awaited there."""
