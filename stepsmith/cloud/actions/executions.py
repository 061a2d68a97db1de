"""Executions: started, described, listed, stopped and run again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast
from uuid import UUID

from stepsmith.asl.checks.values import is_resource_name
from stepsmith.cloud.actions.arns import Arn
from stepsmith.cloud.actions.recorders import Refusals
from stepsmith.cloud.actions.refusals import (
    invalid,
    invalid_name,
    machine_is_going,
    no_execution,
    no_machine,
    no_resource,
    wrong_kind,
    wrong_type,
)
from stepsmith.cloud.actions.requests import Answer, Request, moment, present
from stepsmith.cloud.actions.resources import Alias, Execution, Revision, StateMachine
from stepsmith.cloud.services import ServiceError
from stepsmith.engine.history.events import iterate
from stepsmith.engine.kernel.children import Child, DescribedMapRun
from stepsmith.engine.kernel.run import Run
from stepsmith.engine.kernel.settings import EXPRESS_SECONDS, MOST_EVENTS, Settings
from stepsmith.engine.values.payload import text_of
from stepsmith.errors import InvalidInput
from stepsmith.expressions.json_text import InvalidJson, read
from stepsmith.expressions.types import UNDEFINED, Json

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_INPUT_BYTES: Final = 262_144
MOST_CAUSE: Final = 32_768
REDRIVABLE_SECONDS: Final = 14 * 86_400.0
"""How long after its end an execution may be run again."""
NAME_SECONDS: Final = 90 * 86_400.0
"""How long after its end an execution's name is taken."""
TOKEN_SECONDS: Final = 900.0
"""How long the client token of a redrive counts."""
MOST_TOKENS: Final = 10


@dataclass(frozen=True, slots=True)
class ChildExecution:
    """A child execution of a Map Run."""

    child: Child
    map_run: DescribedMapRun
    parent: Execution


def start_execution(request: Request) -> Answer:
    """StartExecution."""
    execution = begin(request)
    return {"executionArn": execution.arn, "startDate": moment(execution.run.started)}


def start_sync_execution(request: Request) -> Answer:
    """StartSyncExecution: answers when the execution has ended."""
    execution = begin(request, is_synchronous=True)
    request.runner.wait_for(execution, EXPRESS_SECONDS + 5)
    answer = synchronous_answer(execution)
    if request.get("includedData") == "METADATA_ONLY":
        for name in ("input", "output", "inputDetails", "outputDetails"):
            answer.pop(name, None)
    return answer


def begin(request: Request, *, depth: int = 0, is_synchronous: bool = False) -> Execution:
    """Start an execution, or return the one that runs with the same name and input."""
    arn = request.arn("stateMachineArn", "stateMachine")
    name, text = request.get("name"), request.get("input", "{}")
    if name is not None and not is_resource_name(name):
        raise invalid_name(name)
    with request.account.lock:
        machine, revision, version_arn, alias = _target(request, arn)
    if is_synchronous and machine.type != "EXPRESS":
        raise wrong_type()
    value = read_input(text)
    if name is None:
        name = str(UUID(int=request.random.getrandbits(128), version=4))
    journal = request.runner.journal if machine.type == "STANDARD" else None
    refusals = None if journal is None else Refusals(request.account.refuse)
    with request.account.lock:
        if machine.type == "STANDARD":
            taken = request.account.executions.get(f"{arn.prefix}:execution:{machine.name}:{name}")
            if taken is not None and taken.machine is machine and not _is_forgotten(taken, request.now):
                if taken.status == "RUNNING" and taken.input == text:
                    return taken
                message = f"Execution Already Exists: '{taken.arn}'"
                raise ServiceError("ExecutionAlreadyExists", message)
            if taken is not None and journal is not None:
                journal.forget(taken)
        execution = Execution(
            _run(request, machine, revision, value, name, text, version_arn, alias, refusals),
            request.account.number(),
            machine,
            revision,
            text,
            version_arn,
            None if alias is None else alias.arn,
            request.get("traceHeader"),
            depth,
        )
        if machine.type == "STANDARD":
            request.account.add(execution)
            if journal is not None and refusals is not None:
                execution.recorder = journal.begin(execution, refusals)
    request.runner.add(execution, request.dispatcher(request.caller))
    return execution


def _target(request: Request, arn: Arn) -> tuple[StateMachine, Revision, str | None, Alias | None]:
    """Return the machine and revision that an ARN names, by way of an alias or a version or neither."""
    machine = request.machine(arn)
    if machine.is_going:
        raise machine_is_going(arn.text)
    if arn.alias is not None:
        alias = machine.aliases.get(arn.alias)
        if alias is None:
            raise no_machine(arn.text)
        number = _routed(request, alias)
    elif arn.version is not None:
        alias, number = None, arn.version
    else:
        return machine, machine.revision, None, None
    version = machine.versions.get(number)
    if version is None:
        raise no_machine(arn.text)
    return machine, version.revision, version.arn, alias


def _routed(request: Request, alias: Alias) -> int:
    """Choose one of the versions of an alias, as often as its weight says."""
    weights = [entry["weight"] for entry in alias.routing]
    chosen = request.random.choices(alias.routing, weights)[0]
    return int(str(chosen["stateMachineVersionArn"]).rpartition(":")[2])


def _is_forgotten(execution: Execution, now: float) -> bool:
    stopped = execution.played.stopped
    return stopped is not None and now - stopped > NAME_SECONDS


def read_input(text: str) -> Json:
    """Return the value of an execution's input; raises InvalidExecutionInput."""
    if not text:
        reason = "Invalid execution input."
    elif len(text.encode(errors="surrogatepass")) > MOST_INPUT_BYTES:
        reason = f"The input is larger than {MOST_INPUT_BYTES} bytes"
    else:
        try:
            return read(text, repeated_keys=True)
        except InvalidJson as error:
            reason = error.message.partition("\n")[0]
    raise ServiceError("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{reason}'")


def _run(
    request: Request,
    machine: StateMachine,
    revision: Revision,
    value: Json,
    name: str,
    text: str,
    version_arn: str | None,
    alias: Alias | None,
    refusals: Refusals | None,
) -> Run:
    program, caller, account = revision.program, request.caller, request.account

    settings = Settings(
        state_machine_name=machine.name,
        account=caller.account,
        region=caller.region,
        role_arn=revision.role_arn,
        alias_arn=None if alias is None else alias.arn,
        version_arn=version_arn,
        seed=request.random.getrandbits(63),
        # a limit of time would end an evaluation at another place when it is played back
        clock=_processor_time() if program.uses_query and refusals is None else None,
        refuse=account.refuse if refusals is None else refusals,
        keeps_children=True,
    )
    arn: str | None = None
    if machine.type == "EXPRESS":
        unique = UUID(int=request.random.getrandbits(128), version=4)
        arn = settings.execution_arn("EXPRESS", name, str(unique))
    return Run(
        program, settings, value, now=request.now, name=name, arn=arn, input_text=text, text=text_of(value)
    )


def _processor_time() -> Callable[[], float]:
    from stepsmith.expressions.jsonata import PROCESSOR_TIME

    return PROCESSOR_TIME


def synchronous_answer(execution: Execution) -> Answer:
    """Return what StartSyncExecution says of an execution that has ended."""
    run = execution.run
    stopped = run.now if run.stopped is None else run.stopped
    lasted = int((stopped - run.started) * 1000)
    return {
        **_ends(execution, run),
        "executionArn": run.arn,
        "name": run.name,
        "stateMachineArn": run.settings.machine_arn,
        "startDate": moment(run.started),
        "stopDate": moment(stopped),
        "status": run.status,
        "billingDetails": {
            "billedDurationInMilliseconds": max(1, -(-lasted // 100)) * 100,
            "billedMemoryUsedInMB": 64,
        },
        **present(traceHeader=execution.trace_header),
    }


def _ends(execution: Execution | None, run: Run | Child) -> Answer:
    """Give input and output, or error and cause."""
    found: Answer = {
        "input": text_of(run.input) if execution is None else execution.input,
        "inputDetails": {"included": True},
    }
    if run.status == "SUCCEEDED" and run.output is not UNDEFINED:
        found["output"] = text_of(cast("Json", run.output))
        found["outputDetails"] = {"included": True}
    elif run.status != "SUCCEEDED":
        cause = None if run.cause is None else run.cause[:MOST_CAUSE]
        found |= present(error=run.error, cause=cause)
    return found


def describe_execution(request: Request) -> Answer:
    """DescribeExecution."""
    found = find(request)
    if isinstance(found, Execution):
        run = found.run
        status, reason = redrivable(request, found)
        answer = {
            **_ends(found, run),
            "stateMachineArn": run.settings.machine_arn,
            "redriveCount": run.redrive_count,
            "redriveStatus": status,
            **present(
                stateMachineVersionArn=found.version_arn,
                stateMachineAliasArn=found.alias_arn,
                traceHeader=found.trace_header,
                redriveDate=None if run.redriven is None else moment(run.redriven),
                redriveStatusReason=reason,
            ),
        }
    else:
        run = found.child
        answer = {
            **_ends(None, run),
            "stateMachineArn": run.machine_arn,
            "mapRunArn": found.map_run.arn,
            "redriveCount": run.redrive_count,
            **_redrivable_child(run),
        }
    answer |= {
        "executionArn": run.arn,
        "name": run.name,
        "status": run.status,
        "startDate": moment(run.started),
    }
    if run.stopped is not None:
        answer["stopDate"] = moment(run.stopped)
    if request.get("includedData") == "METADATA_ONLY":
        for name in ("input", "output", "error", "cause", "inputDetails", "outputDetails"):
            answer.pop(name, None)
    return answer


def _redrivable_child(child: Child) -> Answer:
    if child.status in ("RUNNING", "SUCCEEDED"):
        reason = f"Execution is {child.status} and cannot be redriven"
        return {"redriveStatus": "NOT_REDRIVABLE", "redriveStatusReason": reason}
    return {"redriveStatus": "REDRIVABLE_BY_MAP_RUN"}


def find(request: Request) -> Execution | ChildExecution:
    """Return the execution that a request names, be it a child of a Map Run."""
    arn = request.arn("executionArn", "execution", "express")
    found = request.account.executions.get(arn.text)
    if found is not None:
        return found
    machine = request.account.machine(arn) if arn.label is not None else None
    for execution in () if machine is None else reversed(list(machine.executions.values())):
        for map_run in execution.map_runs:
            for child in map_run.known_children:
                if child.arn == arn.text:
                    return ChildExecution(child, map_run, execution)
    if arn.kind == "express":
        raise wrong_kind("express")
    raise no_execution(arn.text)


def redrivable(request: Request, execution: Execution) -> tuple[str, str | None]:
    """Say whether an execution can be run again, and why not."""
    run = execution.run
    reason: str | None = None
    if run.status in ("RUNNING", "SUCCEEDED"):
        reason = f"Execution is {run.status} and cannot be redriven"
    elif execution.machine.is_going or execution.machine.arn not in request.account.machines:
        reason = "State machine is in DELETING status"
    elif run.stopped is not None and request.now - run.stopped > REDRIVABLE_SECONDS:
        reason = "Execution redrivable period exceeded"
    elif len(run.history) >= MOST_EVENTS - 1:
        reason = "Execution history event limit exceeded"
    return ("REDRIVABLE", None) if reason is None else ("NOT_REDRIVABLE", reason)


def redrive_execution(request: Request) -> Answer:
    """RedriveExecution."""
    execution, token, now = request.execution(), request.get("clientToken"), request.now
    with request.account.lock:
        recent = {each: at for each, at in execution.redrives.items() if now - at <= TOKEN_SECONDS}
        if token is not None and token in recent:
            return {"redriveDate": moment(recent[token])}
        status, reason = redrivable(request, execution)
        if status != "REDRIVABLE":
            raise ServiceError("ExecutionNotRedrivable", str(reason))
        try:
            request.runner.revive(execution, request.dispatcher(request.caller))
        except InvalidInput as error:
            raise ServiceError("ExecutionNotRedrivable", str(error)) from None
        if token is not None:
            recent[token] = now
        execution.redrives = dict(list(recent.items())[-MOST_TOKENS:])
    return {"redriveDate": moment(now)}


def stop_execution(request: Request) -> Answer:
    """StopExecution; for one that has ended it changes nothing."""
    execution = request.execution()
    request.runner.stop(execution, request.get("error"), request.get("cause"))
    run = execution.run
    return {"stopDate": moment(run.now if run.stopped is None else run.stopped)}


def list_executions(request: Request) -> Answer:
    """ListExecutions, the newest first."""
    if (request.get("stateMachineArn") is None) == (request.get("mapRunArn") is None):
        raise invalid("Must provide State Machine ARN or Map Run ARN")
    if request.get("mapRunArn") is not None:
        return _children_of_map_run(request)
    if request.get("statusFilter") == "PENDING_REDRIVE" or request.get("redriveFilter") is not None:
        raise invalid("This filter is only supported when a Map Run ARN is specified")
    arn = request.arn("stateMachineArn", "stateMachine")
    machine = request.machine(arn)
    if machine.type == "EXPRESS":
        raise wrong_type()
    wanted = request.get("statusFilter")
    listed = (
        (each.number, _listed(each))
        for each in reversed(list(machine.executions.values()))
        if wanted in (None, each.status)
        and (arn.qualifier is None or arn.text in (each.version_arn, each.alias_arn))
    )
    return request.page("executions", listed, is_descending=True)


def _listed(execution: Execution) -> Answer:
    run = execution.run
    return {
        "executionArn": run.arn,
        "stateMachineArn": run.settings.machine_arn,
        "name": run.name,
        "status": run.status,
        "startDate": moment(run.started),
        "redriveCount": run.redrive_count,
        **present(
            stopDate=None if run.stopped is None else moment(run.stopped),
            stateMachineVersionArn=execution.version_arn,
            stateMachineAliasArn=execution.alias_arn,
            redriveDate=None if run.redriven is None else moment(run.redriven),
        ),
    }


def _children_of_map_run(request: Request) -> Answer:
    _, map_run = find_map_run(request)
    wanted, redriven = request.get("statusFilter"), request.get("redriveFilter")
    listed: list[tuple[int, Answer]] = []
    for number, child in enumerate(map_run.known_children):
        if wanted not in (None, child.status):
            continue
        if redriven is not None and (redriven == "REDRIVEN") != (child.redrive_count > 0):
            continue
        listed.append((number, _listed_child(child, map_run)))
    return request.page("executions", reversed(listed), is_descending=True)


def _listed_child(child: Child, map_run: DescribedMapRun) -> Answer:
    return {
        "executionArn": child.arn,
        "stateMachineArn": child.machine_arn,
        "name": child.name,
        "status": child.status,
        "startDate": moment(child.started),
        "mapRunArn": map_run.arn,
        "itemCount": map_run.items_of(child),
        "redriveCount": child.redrive_count,
        **present(stopDate=None if child.stopped is None else moment(child.stopped)),
    }


def find_map_run(request: Request) -> tuple[Execution, DescribedMapRun]:
    """Return the Map Run that a request names, with its execution; raises ResourceNotFound."""
    arn = request.arn("mapRunArn", "mapRun")
    machine = request.account.machine(arn)
    for execution in () if machine is None else reversed(list(machine.executions.values())):
        for map_run in execution.map_runs:
            if map_run.arn == arn.text:
                return execution, map_run
    raise no_resource(arn.text)


def get_execution_history(request: Request) -> Answer:
    """GetExecutionHistory."""
    found = find(request)
    history = found.run.history if isinstance(found, Execution) else found.child.history
    length, last = len(history), request.pages.last(request.operation, request.parameters)
    includes = request.get("includeExecutionData", True)
    most = (request.get("maxResults") or 100) + 1

    def shown(start: int, stop: int) -> list[tuple[int, dict[str, Any]]]:
        events = iterate(history, start=start, stop=stop, include_data=includes)
        return [(int(cast("int", each["id"])), _event(each)) for each in events]

    if request.get("reverseOrder"):
        stop = length + 1 if last is None else last
        page = reversed(shown(max(1, stop - most), stop))
    else:
        start = 1 if last is None else last + 1
        page = iter(shown(start, min(length + 1, start + most)))
    return request.page("events", page, is_descending=bool(request.get("reverseOrder")))


def _event(event: dict[str, Any]) -> dict[str, Any]:
    return {**event, "timestamp": moment(event["timestamp"])}
