"""What a task that starts an execution asks for, what it is answered, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from stepsmith.asl.checks.values import is_resource_name
from stepsmith.asl.model import StateMachine
from stepsmith.engine.kernel.run import Run
from stepsmith.engine.ports import StartTask, TaskFailed, TaskSucceeded
from stepsmith.engine.values.payload import text_of
from stepsmith.expressions.json_text import InvalidJson, read
from stepsmith.expressions.types import UNDEFINED, Json
from stepsmith.frozen import frozen
from stepsmith.integrations.failures import v1_cause
from stepsmith.integrations.resources import ServiceAction, parse_resource
from stepsmith.integrations.services.calling import parsed
from stepsmith.integrations.services.sdk_metadata import sdk_metadata

if TYPE_CHECKING:
    from stepsmith.engine.kernel.settings import MachineType
    from stepsmith.service.driving.live import LiveRun
    from stepsmith.service.executions.declared import Declared

MOST_CAUSE: Final = 32_768
"""Characters of a cause that AWS keeps. Causes in causes would otherwise double with each level."""
MOST_NAME: Final = 80
"""Characters of an execution's name."""
DEEPEST: Final = 32
"""How many executions may be nested in each other."""


child_listeners: list[Callable[[Startable, Run], None]] = []
"""Are called with each execution that another one has started, when it has closed."""


@frozen
class Ending:
    """What begins when an execution has failed, timed out or been aborted."""

    machine: Startable
    parameter: str
    """The member of its input that takes what EventBridge says of the execution."""


class Startable(Protocol):
    """A state machine that an execution may start."""

    @property
    def name(self) -> str:
        """The name of the state machine."""
        ...

    @property
    def type(self) -> MachineType:
        """STANDARD or EXPRESS."""
        ...

    @property
    def definition(self) -> StateMachine:
        """The model of the state machine."""
        ...

    @property
    def ending(self) -> Ending | None:
        """What begins when an execution of it has not succeeded."""
        ...

    @property
    def declares(self) -> Callable[[], Declared[Any]]:
        """Gives what the source of the state machine says about its executions."""
        ...

    def child(
        self, value: Json, *, name: str, parent: LiveRun, now: float, on_closed: Callable[[Run], None]
    ) -> LiveRun:
        """Return a run of it that another execution has started."""
        ...


def ending_of(machine: Startable | None, run: Run) -> Ending | None:
    """Return what begins now that a run of a machine has ended; None where nothing does."""
    if machine is None or run.status in ("RUNNING", "SUCCEEDED"):
        return None
    return machine.ending


def ending_name(run: Run) -> str:
    """Return the name of the execution that ends the records of another: one for each time that it has ended."""
    suffix = f"-ended-{run.redrive_count}" if run.redrive_count else "-ended"
    return f"{run.name[: MOST_NAME - len(suffix)]}{suffix}"


def ending_input(ending: Ending, run: Run) -> dict[str, Json]:
    """Return what the execution is told that ends the records of another."""
    from stepsmith.authoring.workflows.ended import ended_detail  # few executions need it

    detail = ended_detail(
        execution=run.arn,
        machine=run.settings.machine_arn,
        name=run.name,
        status=run.status,
        started=run.started,
        stopped=run.now if run.stopped is None else run.stopped,
        input=text_of(run.input),
        error=run.error,
        cause=None if run.cause is None else run.cause[:MOST_CAUSE],
    )
    return {ending.parameter: detail}


def find_machine(machines: Mapping[str, Startable], command: StartTask) -> Startable | None:
    """Return the machine that a command asks to start an execution of; None where it asks for something else."""
    resource, payload = parse_resource(command.resource), command.payload
    if not isinstance(resource, ServiceAction) or not isinstance(payload, dict):
        return None
    if (resource.service, resource.action) != ("states", "startExecution"):
        return None
    arn = str(payload.get("StateMachineArn", ""))
    name = arn.rpartition(":")[2] if arn.startswith("arn:") else arn
    return machines.get(arn) or machines.get(name.removeprefix("${").removesuffix("}"))


def refusal_of(execution: str, command: StartTask, *, is_taken: bool, depth: int) -> tuple[str, str] | None:
    """Return error and cause where AWS would not start an execution of this ARN; `depth` is that of its parent."""
    name = child_name(command)
    if not is_resource_name(name):
        code, text = "InvalidName", f"Invalid Name: '{name}'"
    elif is_taken:
        code, text = "ExecutionAlreadyExists", f"Execution Already Exists: '{execution}'"
    elif depth + 1 >= DEEPEST:
        code, text = "ExecutionLimitExceeded", f"More than {DEEPEST} executions are nested in each other"
    else:
        return None
    cause = v1_cause(
        text, service="AWSStepFunctions", status=400, code=code, request_id=request_id_of(command)
    )
    return f"StepFunctions.{code}Exception", cause


def started(execution: str, started: float, command: StartTask) -> dict[str, Json]:
    """Return what StartExecution answers."""
    return {
        "ExecutionArn": execution,
        **sdk_metadata({"Content-Type": "application/x-amz-json-1.0"}, request_id=request_id_of(command)),
        "StartDate": int(started * 1000),
    }


def child_name(command: StartTask) -> str:
    """Return the name of the execution that a command asks to start: the one it gives, or the same for each try."""
    from uuid import NAMESPACE_URL, uuid5

    payload = cast("Mapping[str, Json]", command.payload)
    return str(payload.get("Name") or uuid5(NAMESPACE_URL, f"child of {command.idempotency_token}"))


def request_id_of(command: StartTask) -> str:
    """Return the id of the request that starts an execution: the same for each try."""
    from uuid import NAMESPACE_URL, uuid5

    return str(uuid5(NAMESPACE_URL, command.idempotency_token))


def describe(run: Run) -> dict[str, Json]:
    """Return what DescribeExecution says about an execution, as `.sync` gives it of an ended one."""
    found: dict[str, Json] = {
        "ExecutionArn": run.arn,
        "Input": text_of(run.input),
        "InputDetails": {"Included": True},
        "Name": run.name,
        "RedriveCount": run.redrive_count,
        "RedriveStatus": "NOT_REDRIVABLE" if run.status == "SUCCEEDED" else "REDRIVABLE",
        "StartDate": int(run.started * 1000),
        "StateMachineArn": run.settings.machine_arn,
        "Status": run.status,
    }
    if run.status == "RUNNING":
        found["RedriveStatus"] = "NOT_REDRIVABLE"
        found["RedriveStatusReason"] = "Execution is RUNNING and cannot be redriven"
    else:
        found["StopDate"] = int((run.now if run.stopped is None else run.stopped) * 1000)
    if run.status == "SUCCEEDED" and run.output is not UNDEFINED:
        found["Output"] = text_of(cast("Json", run.output))
        found["OutputDetails"] = {"Included": True}
        found["RedriveStatusReason"] = "Execution is SUCCEEDED and cannot be redriven"
    if run.error is not None:
        found["Error"] = run.error
    if run.cause is not None:
        found["Cause"] = run.cause[:MOST_CAUSE]
    return dict(sorted(found.items()))


def iso(seconds: float) -> str:
    """Write an instant, in seconds since 1970, as AWS SDK integrations do."""
    from datetime import UTC, datetime

    from stepsmith.integrations.services.sdk_values import iso_time

    return iso_time(datetime.fromtimestamp(seconds, UTC))


def with_iso_dates(description: dict[str, Json]) -> dict[str, Json]:
    """Return a description of an execution with its dates as AWS SDK integrations write them."""
    return {
        name: iso(value / 1000) if name.endswith("Date") and isinstance(value, int | float) else value
        for name, value in description.items()
    }


def outcome(command_id: int, child: Run, *, values: bool) -> TaskSucceeded | TaskFailed:
    """Return the answer to a `.sync` task whose execution has ended."""
    description: Json = cast("Json", describe(child))
    if child.status != "SUCCEEDED":
        return TaskFailed(id=command_id, error="States.TaskFailed", cause=text_of(description)[:MOST_CAUSE])
    return TaskSucceeded(id=command_id, output=parsed(description) if values else description)


def input_of(given: Json) -> Json:
    """Return the value that an Input means: text is read as JSON where it is."""
    if not isinstance(given, str):
        return given
    try:
        return read(given, repeated_keys=True)
    except InvalidJson:
        return given
