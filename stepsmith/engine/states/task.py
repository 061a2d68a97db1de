"""Task: asks the outside for work and waits for the answer."""

from __future__ import annotations

from typing import Any

from stepsmith.asl.model import Task
from stepsmith.engine.fields.assign import compile_assign
from stepsmith.engine.fields.catching import compile_catchers
from stepsmith.engine.fields.data_flow import Input, compile_input, compile_output, read
from stepsmith.engine.fields.linking import Linking, compile_entry, compile_leave
from stepsmith.engine.fields.numbers import compile_number
from stepsmith.engine.fields.query import compile_input_value, compile_value
from stepsmith.engine.kernel.frames import Execution, Frame, Node, Step
from stepsmith.engine.ports import starting
from stepsmith.engine.states.attempts import Attempt, TaskKind
from stepsmith.engine.states.resources import is_limited, parse_resource, unusable
from stepsmith.engine.values.failures import runtime
from stepsmith.engine.values.randomness import token
from stepsmith.expressions.templates import compile_template
from stepsmith.expressions.types import Json, Undefined


def compile_task(node: Node, state: Task, linking: Linking) -> None:
    """Compile a Task state into its node."""
    name = node.name
    query = linking.is_query(state)
    resource = parse_resource(state.resource)
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

    def succeed(run: Execution, frame: Frame) -> Node:
        result, text = frame.result
        frame.result = frame.token = None
        return leave(run, frame, result, text)

    attempt = _compile_attempt(name, TaskKind(resource, succeed), payload_of, options)
    node.enter = compile_entry(node, attempt)
    node.attempt = attempt


def _compile_attempt(name: str, kind: TaskKind, payload_of: Any, options: Any) -> Step:
    resource = kind.resource
    arn, service, has_token = resource.arn, resource.service, resource.has_token
    subject = arn if service is None else service
    scheduled = kind.scheduled
    is_checked, is_refusable = is_limited(arn), resource.kind != "LambdaFunction"

    def attempt(run: Execution, frame: Frame) -> None:
        scheduler, settings, execution = run.scheduler, run.settings, run.arn
        if has_token:
            frame.token = token(run.random.uuid(), run.random.uuid())
        value = frame.value if payload_of is None else payload_of(run, frame)
        text = frame.text if value is frame.value else run.text(value, name)
        timeout = heartbeat = role = None
        if options is not None:
            timeout, heartbeat, role = options(run, frame)
        if is_checked:
            _refuse(unusable(arn, value))
        if is_refusable and settings.refuse is not None:
            _refuse(settings.refuse(arn, value))
        scheduler.last_command = id = scheduler.last_command + 1
        work = frame.work = Attempt(run, id, frame, kind)
        scheduler.waiting[id] = work
        if service is not None:
            text = (text, timeout, heartbeat, role, settings.region)
        elif options is not None:
            text = (text, timeout, heartbeat, role, None)
        previous, entered, join = frame.previous, frame.entered, frame.join
        run.record((scheduled, run.now, previous if previous > entered else entered, subject, text))
        frame.previous = run.last = run.last + 1
        if timeout is not None or heartbeat is not None:
            work.count(run, timeout, heartbeat)
        place = "" if join is None else f"{join.place}{frame.index}"
        scheduler.commands.append(
            starting(
                id,
                name,
                arn,
                value,
                execution,
                frame.token,
                (timeout, heartbeat),
                role,
                frame.retry_count,
                f"{execution}{place}/{name}:{frame.visits}.{frame.retry_count}",
            )
        )

    return attempt


def _refuse(detail: str | None) -> None:
    """Fail the state if something speaks against scheduling its task."""
    if detail is not None:
        raise runtime(detail)


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

    def options(run: Execution, frame: Frame) -> tuple[Any, Any, Any]:
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

    def role(run: Execution, frame: Frame) -> str:
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
