"""The calls of Step Functions besides starting: tasks that ask about executions of this run, or stop one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias, cast

from stepsmith.asl import to_json
from stepsmith.engine.history.events import events
from stepsmith.engine.kernel.run import Run
from stepsmith.expressions.types import Json
from stepsmith.service.executions.started import describe, iso, with_iso_dates

if TYPE_CHECKING:
    from stepsmith.service.driving.live import Driving, LiveRun
    from stepsmith.service.executions.started import Startable

Answered: TypeAlias = "dict[str, Json] | None"
"""What the task gets; None where the call is about nothing that is here."""

_PAGE: Final = 100
_MOST: Final = 1000


class Known(Protocol):
    """The machines and executions that calls may be about."""

    machines: Mapping[str, Startable]

    def machine(self, arn: str) -> Startable | None:
        """Find a machine by its ARN or name."""
        ...

    def execution(self, arn: str) -> LiveRun | None:
        """Find an execution."""
        ...

    def executions(self, machine_arn: str) -> list[LiveRun]:
        """Give the executions of a machine, the newest first."""
        ...


@dataclass(frozen=True, slots=True)
class Call:
    """One call of Step Functions by a task."""

    local: Known
    driver: Driving
    caller: LiveRun
    parameters: Mapping[str, Json]

    def text(self, name: str) -> str | None:
        """Give a parameter that is a text."""
        value = self.parameters.get(name)
        return value if isinstance(value, str) else None

    def execution(self) -> LiveRun | None:
        """Give the execution that the call is about."""
        return self.local.execution(self.text("ExecutionArn") or "")


def _describe_execution(call: Call) -> Answered:
    live = call.execution()
    return None if live is None else with_iso_dates(describe(live.run))


def _stop_execution(call: Call) -> Answered:
    live = call.execution()
    if live is None or live.run.program.type != "STANDARD":
        return None
    if live.run.status == "RUNNING":
        call.driver.stop(live, call.text("Error"), call.text("Cause"))
    return {"StopDate": iso(live.run.now if live.run.stopped is None else live.run.stopped)}


def _get_execution_history(call: Call) -> Answered:
    live = call.execution()
    if live is None or live.run.program.type != "STANDARD":
        return None
    found = [cast("Json", _event(event)) for event in events(live.run.history)]
    if call.parameters.get("ReverseOrder") is True:
        found.reverse()
    return _page(call, "Events", found)


def _list_executions(call: Call) -> Answered:
    arn = call.text("StateMachineArn") or ""
    found = call.local.executions(arn)
    if not found and call.local.machine(arn) is None:
        return None
    wanted = call.text("StatusFilter")
    listed: list[Json] = [_listed(live.run) for live in found if wanted in (None, live.run.status)]
    return _page(call, "Executions", listed)


def _describe_state_machine(call: Call) -> Answered:
    arn = call.text("StateMachineArn") or ""
    machine = call.local.machine(arn)
    if machine is None:
        return None
    role = f"arn:aws:iam::{call.caller.run.settings.account}:role/{machine.name}"
    found = {**_listed_machine(call, machine), "Definition": to_json(machine.definition), "RoleArn": role}
    return dict(sorted({**found, "Status": "ACTIVE"}.items()))


def _list_state_machines(call: Call) -> Answered:
    named = {machine.name: machine for machine in call.local.machines.values()}
    return _page(call, "StateMachines", [_listed_machine(call, named[name]) for name in sorted(named)])


def _listed_machine(call: Call, machine: Startable) -> dict[str, Json]:
    caller = call.caller.run
    prefix = caller.settings.machine_arn.rpartition(":")[0]
    return {
        "CreationDate": iso(caller.started),
        "Name": machine.name,
        "StateMachineArn": f"{prefix}:{machine.name}",
        "Type": machine.type,
    }


def _listed(run: Run) -> Json:
    described = with_iso_dates(describe(run))
    names = ("ExecutionArn", "Name", "StartDate", "StateMachineArn", "Status", "StopDate")
    return {name: described[name] for name in names if name in described}


def _page(call: Call, name: str, found: list[Json]) -> dict[str, Json]:
    asked, token = call.parameters.get("MaxResults"), call.text("NextToken") or "0"
    most = min(asked, _MOST) if isinstance(asked, int) and asked > 0 else _PAGE
    first = int(token) if token.isdecimal() else 0
    page: dict[str, Json] = {name: found[first : first + most]}
    return {**page, "NextToken": str(first + most)} if first + most < len(found) else page


def _event(event: Mapping[str, object]) -> dict[str, Json]:
    """Return an event with the names and the time of AWS SDK integrations."""
    found: dict[str, Json] = {}
    for name, value in event.items():
        pascal = name[:1].upper() + name[1:]
        if isinstance(value, dict):
            found[pascal] = cast("Json", _event(cast("dict[str, object]", value)))
        else:
            found[pascal] = iso(cast("float", value)) if name == "timestamp" else cast("Json", value)
    return found


CALLS: Final[Mapping[str, Callable[[Call], Answered]]] = {
    "describeExecution": _describe_execution,
    "describeStateMachine": _describe_state_machine,
    "getExecutionHistory": _get_execution_history,
    "listExecutions": _list_executions,
    "listStateMachines": _list_state_machines,
    "stopExecution": _stop_execution,
}
"""Action of `aws-sdk:sfn` -> how it is answered."""
