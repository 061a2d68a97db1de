"""Versions of state machines: published, listed and deleted."""

from __future__ import annotations

from stepsmith.cloud.actions.refusals import conflict, machine_is_going, no_machine
from stepsmith.cloud.actions.requests import Answer, Request, moment
from stepsmith.cloud.actions.resources import StateMachine, Version
from stepsmith.cloud.services import ServiceError

MOST = 1000
INITIAL = "INITIAL"
"""How requests name the revision that a machine was created with."""


def publish(machine: StateMachine, now: float, description: str | None) -> Version:
    """Publish the machine as it is; what has been published already stays what it is."""
    for version in machine.versions.values():
        if version.revision is machine.revision:
            return version
    if len(machine.versions) >= MOST:
        text = f"A state machine has at most {MOST} versions"
        raise ServiceError("ServiceQuotaExceededException", text, status=402)
    machine.last_version = number = machine.last_version + 1
    arn = f"{machine.arn}:{number}"
    version = machine.versions[number] = Version(arn, number, machine.revision, now, description)
    return version


def publish_state_machine_version(request: Request) -> Answer:
    """PublishStateMachineVersion."""
    arn = request.arn("stateMachineArn", "stateMachine")
    with request.account.lock:
        machine = request.machine(arn)
        if arn.qualifier is not None:
            raise no_machine(arn.text)
        if machine.is_going:
            raise machine_is_going(arn.text)
        wanted, found = request.get("revisionId"), machine.revision.id or INITIAL
        if wanted is not None and wanted != found:
            raise conflict(
                f"Failed to publish the State Machine version for revision {wanted}. "
                f"The current State Machine revision is {found}."
            )
        version = publish(machine, request.now, request.get("description"))
    return {"stateMachineVersionArn": version.arn, "creationDate": moment(version.made)}


def list_state_machine_versions(request: Request) -> Answer:
    """ListStateMachineVersions, the newest first."""
    machine = request.account.machine(request.arn("stateMachineArn", "stateMachine"))
    versions = [] if machine is None else list(machine.versions.values())
    listed = [
        (each.number, {"stateMachineVersionArn": each.arn, "creationDate": moment(each.made)})
        for each in reversed(versions)
    ]
    return request.page("stateMachineVersions", listed, is_descending=True)


def delete_state_machine_version(request: Request) -> Answer:
    """DeleteStateMachineVersion; executions of it go on."""
    arn = request.arn("stateMachineVersionArn", "stateMachine")
    with request.account.lock:
        machine = request.account.machine(arn)
        if machine is None or arn.version not in machine.versions:
            return {}
        aliases = [
            alias.name
            for alias in machine.aliases.values()
            if any(entry["stateMachineVersionArn"] == arn.text for entry in alias.routing)
        ]
        if aliases:
            raise conflict(
                "Version to be deleted must not be referenced by an alias. "
                f"Current list of aliases referencing this version: [{', '.join(aliases)}]"
            )
        del machine.versions[arn.version]
    return {}
