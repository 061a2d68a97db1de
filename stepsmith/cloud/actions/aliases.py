"""Aliases of state machines: names for one version, or for two with weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from stepsmith.cloud.actions.arns import read_arn
from stepsmith.cloud.actions.refusals import conflict, invalid, machine_is_going, no_machine, no_reference
from stepsmith.cloud.actions.requests import Answer, Request, moment, present
from stepsmith.cloud.actions.resources import Alias, StateMachine
from stepsmith.cloud.services import ServiceError

MOST: Final = 100
_ROUTING: Final = "INVALID_ROUTING_CONFIGURATION"


def create_state_machine_alias(request: Request) -> Answer:
    """CreateStateMachineAlias; the same request again gives the same alias."""
    name, description = request.get("name"), request.get("description")
    routing = [dict(each) for each in request.get("routingConfiguration")]
    with request.account.lock:
        machine = _routed_machine(request, routing)
        alias = machine.aliases.get(name)
        if alias is None:
            if len(machine.aliases) >= MOST:
                text = f"A state machine has at most {MOST} aliases"
                raise ServiceError("ServiceQuotaExceededException", text, status=402)
            arn, now = f"{machine.arn}:{name}", request.now
            alias = Alias(arn, name, request.account.number(), routing, now, now, description)
            machine.aliases[name] = alias
        elif (alias.routing, alias.description) != (routing, description):
            raise conflict(
                "Failed to create alias because an alias with the same name and a different routing "
                "configuration already exists."
            )
    return {"stateMachineAliasArn": alias.arn, "creationDate": moment(alias.made)}


def _routed_machine(request: Request, routing: Sequence[Mapping[str, Any]]) -> StateMachine:
    """Return the machine whose versions a routing names; raises ValidationException for one that cannot be."""
    arns = [str(each["stateMachineVersionArn"]) for each in routing]
    shown, weights = f"[{', '.join(arns)}]", [each["weight"] for each in routing]
    read = [read_arn(each, "stateMachine") for each in arns]
    if any(each.version is None for each in read):
        text = f"Routing configuration must contain state machine version ARNs. Received: {shown}"
        raise invalid(text, _ROUTING)
    if len(set(arns)) < len(arns):
        text = f"Routing configuration must contain distinct state machine version ARNs. Received: {shown}"
        raise invalid(text, _ROUTING)
    if len({each.machine for each in read}) > 1:
        text = f"Routing configuration must contain versions of one state machine. Received: {shown}"
        raise invalid(text, _ROUTING)
    if sum(weights) != 100:
        raise invalid(f"Sum of routing configuration weights must equal 100. Received: {weights}", _ROUTING)
    machine = request.account.machine(read[0])
    if machine is None or any(each.version not in machine.versions for each in read):
        raise no_reference()
    if machine.is_going:
        raise machine_is_going(machine.arn)
    return machine


def _alias(request: Request) -> tuple[StateMachine, Alias]:
    arn = request.arn("stateMachineAliasArn", "stateMachine")
    machine = request.account.machine(arn)
    alias = None if machine is None or arn.alias is None else machine.aliases.get(arn.alias)
    if machine is None or alias is None:
        raise no_reference()
    return machine, alias


def describe_state_machine_alias(request: Request) -> Answer:
    """DescribeStateMachineAlias."""
    _, alias = _alias(request)
    return {
        "stateMachineAliasArn": alias.arn,
        "name": alias.name,
        "routingConfiguration": [dict(each) for each in alias.routing],
        "creationDate": moment(alias.made),
        "updateDate": moment(alias.updated),
        **present(description=alias.description),
    }


def update_state_machine_alias(request: Request) -> Answer:
    """UpdateStateMachineAlias."""
    routing, description = request.get("routingConfiguration"), request.get("description")
    with request.account.lock:
        machine, alias = _alias(request)
        if machine.is_going:
            raise machine_is_going(machine.arn)
        if routing is None and description is None:
            text = "Either the description or the routing configuration must be specified"
            raise invalid(text, "MISSING_REQUIRED_PARAMETER")
        if routing is not None:
            if _routed_machine(request, routing) is not machine:
                raise invalid("Routing configuration must contain versions of the alias's machine", _ROUTING)
            alias.routing = [dict(each) for each in routing]
        if description is not None:
            alias.description = description
        alias.updated = request.now
    return {"updateDate": moment(alias.updated)}


def delete_state_machine_alias(request: Request) -> Answer:
    """DeleteStateMachineAlias; its versions stay."""
    with request.account.lock:
        machine, alias = _alias(request)
        del machine.aliases[alias.name]
    return {}


def list_state_machine_aliases(request: Request) -> Answer:
    """ListStateMachineAliases, the oldest first as recorded; of a version those that lead to it."""
    arn = request.arn("stateMachineArn", "stateMachine")
    machine = request.machine(arn)
    if arn.version is not None and arn.version not in machine.versions:
        raise no_machine(arn.text)
    listed = [
        (each.number, {"stateMachineAliasArn": each.arn, "creationDate": moment(each.made)})
        for each in list(machine.aliases.values())
        if arn.version is None or any(entry["stateMachineVersionArn"] == arn.text for entry in each.routing)
    ]
    return request.page("stateMachineAliases", listed)
