"""Task: asks the outside for work and waits for the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from stepsmith.asl.model import Task
from stepsmith.engine.data_flow import Input, compile_input, compile_output, read
from stepsmith.engine.failures import TIMEOUT, StateFailure, data_limit, runtime
from stepsmith.engine.frames import Frame, Node
from stepsmith.engine.leave import compile_leave
from stepsmith.engine.numbers import compile_number
from stepsmith.engine.ports import CancelTask, StartTask
from stepsmith.engine.query import compile_input_value, compile_value
from stepsmith.engine.randomness import token
from stepsmith.engine.resources import Resource, parse_resource
from stepsmith.engine.states.catching import compile_catchers
from stepsmith.engine.states.linking import Linking, compile_assign
from stepsmith.engine.task_parameters import unusable
from stepsmith.engine.timers import Timer
from stepsmith.expressions.templates import compile_template
from stepsmith.expressions.types import Json, Undefined

if TYPE_CHECKING:
    from stepsmith.engine.run import Run

MOST_SECONDS: Final = 99_999_999


class Events:
    """The names of the events of one kind of resource."""

    __slots__ = (
        "failed", "schedule_failed", "scheduled", "start_failed", "started", "submit_failed", "submitted",
        "succeeded", "timed_out",
    )  # fmt: skip

    def __init__(self, kind: str) -> None:
        self.scheduled = f"{kind}Scheduled"
        self.schedule_failed = f"{kind}ScheduleFailed"
        self.started = f"{kind}Started"
        self.start_failed = f"{kind}StartFailed"
        self.submitted = f"{kind}Submitted"
        self.submit_failed = f"{kind}SubmitFailed"
        self.succeeded = f"{kind}Succeeded"
        self.failed = f"{kind}Failed"
        self.timed_out = f"{kind}TimedOut"


_EVENTS: Final = {kind: Events(kind) for kind in ("LambdaFunction", "Activity", "Task")}


class Attempt:
    """One call of a task that has not ended."""

    __slots__ = (
        "events", "frame", "heartbeat", "heartbeat_timer", "id", "node", "resource", "started", "step",
        "subject", "timeout", "timer",
    )  # fmt: skip

    def __init__(self, id: int, frame: Frame, node: Node, resource: Resource, step: Any) -> None:
        self.id = id
        self.frame = frame
        self.node = node
        self.resource = resource
        self.subject = resource.service
        """What the events of this attempt are about."""
        self.events = _EVENTS[resource.kind]
        self.step = step
        """Goes on with the result."""
        self.started = False
        self.timeout: int | None = None
        self.heartbeat: int | None = None
        self.timer: Timer | None = None
        self.heartbeat_timer: Timer | None = None

    def start(self, run: Run, worker: str | None = None) -> None:
        """Record that the work has begun."""
        self.started = True
        payload = worker if self.resource.kind == "Activity" else None
        self.frame.previous = run.event(self.events.started, self.frame.previous, self.subject, payload)
        if self.resource.kind == "Activity" and self.timeout is not None:
            self.set_timeout(run, self.timeout)
        self.beat(run)

    def set_timeout(self, run: Run, seconds: int) -> None:
        """Start the count of TimeoutSeconds."""
        if self.timer is not None:
            self.timer.cancel()
        self.timeout = seconds
        self.timer = run.scheduler.timers.at(run, run.now + seconds, self._timed_out)

    def beat(self, run: Run) -> None:
        """Start the count of HeartbeatSeconds anew."""
        if self.heartbeat is not None:
            if self.heartbeat_timer is not None:
                self.heartbeat_timer.cancel()
            self.heartbeat_timer = run.scheduler.timers.at(run, run.now + self.heartbeat, self._silent)

    def close(self, run: Run) -> None:
        """Take no more answers and stop the clocks."""
        run.scheduler.waiting.pop(self.id, None)
        self.frame.work = None
        for timer in (self.timer, self.heartbeat_timer):
            if timer is not None:
                timer.cancel()

    def abort(self, run: Run, cause: int) -> None:
        """Tell the outside to forget the attempt because of an event elsewhere."""
        self.cancel(run)

    def cancel(self, run: Run) -> None:
        """Tell the outside to forget the attempt."""
        self.close(run)
        run.scheduler.commands.append(CancelTask(id=self.id))

    def fail(self, run: Run, kind: str, failure: StateFailure) -> None:
        """Record the failure of the attempt and let the state deal with it."""
        self.close(run)
        shown = None if failure.error is None and failure.cause is None else (failure.error, failure.cause)
        self.frame.previous = run.event(kind, self.frame.previous, self.subject, shown)
        run.resume_failed(self.frame, failure)

    def time_out(self, run: Run, error: str, cause: str | None, *, heartbeat: bool = False) -> None:
        """Record that the attempt took too long."""
        if not self.started and self.resource.kind != "Activity":
            self.start(run)
        self.fail(run, self.events.timed_out, StateFailure(error, cause, heartbeat=heartbeat))

    def _timed_out(self, run: Run) -> None:
        run.scheduler.commands.append(CancelTask(id=self.id))
        self.time_out(run, TIMEOUT, None)

    def _silent(self, run: Run) -> None:
        run.scheduler.commands.append(CancelTask(id=self.id))
        self.time_out(run, TIMEOUT, None, heartbeat=True)


def compile_task(node: Node, state: Task, linking: Linking) -> None:
    """Compile a Task state into its node."""
    name = node.name
    query = linking.is_query(state)
    resource = parse_resource(state.resource)
    events = _EVENTS[resource.kind]
    payload_of = _compile_payload(state, query=query)
    options = _compile_options(state, query=query)
    assign, names = compile_assign(state.assign, query=query, extra="result")
    if query:
        output = (
            None if isinstance(state.output, Undefined) else compile_value(state.output, "Output", "result")
        )
    else:
        output = compile_output(state.result_selector, state.result_path, state.output_path)
    leave = compile_leave("Task", name, output, assign, names, node.following)
    node.catchers = compile_catchers(node, state.catch, linking, query=query)
    scheduled_subject = resource.arn if resource.service is None else resource.service
    arn, service = resource.arn, resource.service

    def enter(run: Run, frame: Frame) -> None:
        run.record(("TaskStateEntered", run.now, frame.previous, name, frame.text))
        frame.entered = run.last = run.last + 1
        frame.retries = None
        frame.retry_count = 0
        frame.visits += 1
        attempt(run, frame)

    def attempt(run: Run, frame: Frame) -> None:
        if resource.has_token:
            frame.token = token(run.random.uuid(), run.random.uuid())
        value = frame.value if payload_of is None else payload_of(run, frame)
        text = frame.text if value is frame.value else run.text(value, name)
        timeout, heartbeat, role = (None, None, None) if options is None else options(run, frame)
        detail = unusable(arn, value) or (run.settings.refuse and run.settings.refuse(arn, value))
        if detail:
            raise runtime(detail)
        id = run.scheduler.next_id()
        work = Attempt(id, frame, node, resource, succeed)
        run.scheduler.waiting[id] = (run, work)
        frame.work = work
        shown = text
        if service is not None:
            shown = (text, timeout, heartbeat, role, run.settings.region)
        elif timeout is not None or heartbeat is not None or role is not None:
            shown = (text, timeout, heartbeat, role, None)
        run.record((events.scheduled, run.now, frame.last, scheduled_subject, shown))
        frame.previous = run.last = run.last + 1
        if timeout is not None:
            work.set_timeout(run, timeout)
        if heartbeat is not None:
            work.heartbeat = heartbeat
            work.beat(run)
        run.scheduler.commands.append(
            StartTask(
                id=id,
                state=name,
                resource=arn,
                payload=value,
                execution_arn=run.arn,
                token=frame.token,
                timeout_seconds=timeout,
                heartbeat_seconds=heartbeat,
                role_arn=role,
                attempt=frame.retry_count,
                idempotency_token=f"{run.arn}{frame.path}/{name}:{frame.visits}.{frame.retry_count}",
            )
        )

    def succeed(run: Run, frame: Frame) -> Node:
        result, text = frame.result
        frame.result = None
        following = leave(run, frame, result, text)
        frame.token = None
        return following

    node.enter = enter
    node.attempt = attempt


def _compile_payload(state: Task, *, query: bool) -> Any:
    if query:
        given = state.arguments
        return None if isinstance(given, Undefined) else compile_input_value(given, "Arguments")
    return compile_input(state.input_path, state.parameters)


def _compile_options(state: Task, *, query: bool) -> Any:
    """Compile timeout, heartbeat and role; None where the state has none of them."""
    timeout = compile_number("TimeoutSeconds", state.timeout_seconds, state.timeout_seconds_path, query=query)
    heartbeat = compile_number(
        "HeartbeatSeconds", state.heartbeat_seconds, state.heartbeat_seconds_path, query=query
    )
    role = _compile_role(state, query=query)
    if timeout is None and heartbeat is None and role is None:
        return None

    def options(run: Run, frame: Frame) -> tuple[Any, Any, Any]:
        return (
            None if timeout is None else timeout(run, frame),
            None if heartbeat is None else heartbeat(run, frame),
            None if role is None else role(run, frame),
        )

    return options


def _compile_role(state: Task, *, query: bool) -> Any:
    if state.credentials is None:
        return None
    credentials = _compile_credentials(dict(state.credentials), query=query)

    def role(run: Run, frame: Frame) -> str:
        return _role_of(credentials(run, frame))

    return role


def _compile_credentials(credentials: dict[str, Json], *, query: bool) -> Input:
    if query:
        return compile_input_value(credentials, "Credentials")
    template = compile_template(credentials).evaluate
    return lambda run, frame: read(run, frame, frame.value, template)


def _role_of(credentials: Json) -> str:
    role = credentials.get("RoleArn") if isinstance(credentials, dict) else None
    if not isinstance(role, str):
        raise runtime("The field 'RoleArn' of Credentials must be a string")
    return role


def too_large_failure(resource: Resource) -> StateFailure:
    """Make the failure of a task whose result is over the payload limit."""
    return data_limit(resource.shown)
