"""State machines: created, described, changed, deleted and listed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, cast
from uuid import UUID

from stepsmith.asl.requests import RequestRefused, check_create_request, check_update_request
from stepsmith.cloud.actions.executions import ChildExecution, find
from stepsmith.cloud.actions.refusals import machine_is_going, no_machine
from stepsmith.cloud.actions.requests import Answer, Request, moment, present
from stepsmith.cloud.actions.resources import Revision, StateMachine
from stepsmith.cloud.actions.tags import read_tags
from stepsmith.cloud.actions.versions import publish
from stepsmith.cloud.services import ServiceError
from stepsmith.integrations.services.models import service_model

NO_LOGGING: Final[Mapping[str, Any]] = {"level": "OFF", "includeExecutionData": False}
NO_TRACING: Final[Mapping[str, Any]] = {"enabled": False}
_ROLE: Final = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/.+")
OWN_KEY: Final[Mapping[str, Any]] = {"type": "AWS_OWNED_KEY"}


def create_state_machine(request: Request) -> Answer:
    """CreateStateMachine; the same request again gives the same machine."""
    name, account = request.get("name"), request.account
    try:
        check_create_request(request.parameters, services=service_model)
    except RequestRefused as error:
        raise ServiceError(error.code, error.message) from None
    _check_role(request.get("roleArn"))
    check_encryption(request.get("encryptionConfiguration"))
    tags = read_tags(request.get("tags", ()), {})
    revision = Revision(
        None,
        "EXPRESS" if request.get("type") == "EXPRESS" else "STANDARD",
        request.get("definition"),
        request.get("roleArn"),
        _logging(request.get("loggingConfiguration")),
        _tracing(request.get("tracingConfiguration")),
        request.get("encryptionConfiguration") or OWN_KEY,
        request.now,
    )
    arn = request.caller.arn("states", f"stateMachine:{name}")
    with account.lock:
        machine = account.machines.get(arn)
        if machine is None:
            machine = StateMachine(arn, name, account.number(), revision.type, request.now, revision, tags)
            account.machines[arn] = machine
        elif machine.is_going:
            raise machine_is_going(arn)
        elif not _is_same(machine, revision, request):
            raise ServiceError("StateMachineAlreadyExists", f"State Machine Already Exists: '{arn}'")
        answer: Answer = {"stateMachineArn": arn, "creationDate": moment(machine.made)}
        if request.get("publish"):
            version = publish(machine, request.now, request.get("versionDescription"))
            answer["stateMachineVersionArn"] = version.arn
    return answer


def _is_same(machine: StateMachine, revision: Revision, request: Request) -> bool:
    """Say whether a request asks for the machine that is there; another role and other tags do not matter."""
    found = machine.revision
    return (
        found.definition == revision.definition
        and found.type == revision.type
        and found.logging == revision.logging
        and found.tracing == revision.tracing
        and found.encryption == revision.encryption
    )


def check_encryption(configuration: Mapping[str, Any] | None) -> None:
    """Refuse a key of one's own that is not named, or a name for AWS's."""
    if configuration is None:
        return
    has_key = configuration.get("kmsKeyId") is not None
    if has_key != (configuration["type"] == "CUSTOMER_MANAGED_KMS_KEY"):
        text = (
            "Invalid Encryption Configuration: kmsKeyId goes with type CUSTOMER_MANAGED_KMS_KEY, and no other"
        )
        raise ServiceError("InvalidEncryptionConfiguration", text)


def _check_role(arn: str | None) -> None:
    if arn is not None and _ROLE.fullmatch(arn) is None:
        raise ServiceError("InvalidArn", f"Invalid Role Arn: '{arn}'")


def _logging(given: Mapping[str, Any] | None) -> Mapping[str, Any]:
    return {**NO_LOGGING, **(given or {})}


def _tracing(given: Mapping[str, Any] | None) -> Mapping[str, Any]:
    return {**NO_TRACING, **(given or {})}


def update_state_machine(request: Request) -> Answer:
    """UpdateStateMachine; executions that run keep what they were started with."""
    arn = request.arn("stateMachineArn", "stateMachine")
    with request.account.lock:
        machine = request.machine(arn)
        if machine.is_going:
            raise machine_is_going(arn.text)
        if arn.qualifier is not None:
            raise no_machine(arn.text)
        try:
            check_update_request(request.parameters, type=machine.type, services=service_model)
        except RequestRefused as error:
            raise ServiceError(error.code, error.message) from None
        _check_role(request.get("roleArn"))
        check_encryption(request.get("encryptionConfiguration"))
        before, now = machine.revision, request.now
        logging, tracing = request.get("loggingConfiguration"), request.get("tracingConfiguration")
        after = Revision(
            str(UUID(int=request.random.getrandbits(128), version=4)),
            machine.type,
            request.get("definition", before.definition),
            request.get("roleArn", before.role_arn),
            before.logging if logging is None else _logging(logging),
            before.tracing if tracing is None else _tracing(tracing),
            request.get("encryptionConfiguration", before.encryption),
            now,
        )
        if not before.holds(after):
            machine.revision = after
        answer: Answer = {"updateDate": moment(now), **present(revisionId=machine.revision.id)}
        if request.get("publish"):
            answer["stateMachineVersionArn"] = publish(machine, now, request.get("versionDescription")).arn
    return answer


def describe_state_machine(request: Request) -> Answer:
    """DescribeStateMachine, also of a version, and of the part of a machine that a distributed Map is."""
    arn = request.arn("stateMachineArn", "stateMachine")
    machine = request.machine(arn, labelled=True)
    revision, made, description = machine.revision, machine.made, None
    if arn.label is not None:
        revision = _part(revision, arn.label, arn.text)
    if arn.version is not None:
        version = machine.versions.get(arn.version)
        if version is None:
            raise no_machine(arn.text)
        revision, made, description = version.revision, version.made, version.description
    elif arn.alias is not None:
        raise no_machine(arn.text)
    return {
        "stateMachineArn": arn.text,
        "name": machine.name,
        "status": "DELETING" if machine.is_going else "ACTIVE",
        "type": machine.type,
        "creationDate": moment(made),
        **present(label=arn.label, description=description),
        **_described(request, revision),
    }


def _part(revision: Revision, label: str, arn: str) -> Revision:
    """Return the part of a machine that a distributed Map with a label is; raises StateMachineDoesNotExist."""
    found = _labelled(json.loads(revision.definition), label)
    if found is None:
        raise no_machine(arn)
    return replace(revision, definition=json.dumps(found))


def _shown_part(definition: str, label: str) -> str:
    found = _labelled(json.loads(definition), label)
    return definition if found is None else json.dumps(found)


def _labelled(value: Any, label: str) -> dict[str, Any] | None:
    """Find the processor of the Map with a label in a definition."""
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        processor = members.get("ItemProcessor") or members.get("Iterator")
        if members.get("Label") == label and isinstance(processor, dict):
            return cast("dict[str, Any]", processor)
        value = list(members.values())
    if isinstance(value, list):
        for each in cast("list[Any]", value):
            found = _labelled(each, label)
            if found is not None:
                return found
    return None


def describe_state_machine_for_execution(request: Request) -> Answer:
    """DescribeStateMachineForExecution: the machine as it was when the execution began."""
    found = find(request)
    execution = found.parent if isinstance(found, ChildExecution) else found
    answer: Answer = {
        "stateMachineArn": execution.run.settings.machine_arn,
        "name": execution.machine.name,
        "updateDate": moment(execution.revision.made),
        **_described(request, execution.revision),
    }
    if isinstance(found, ChildExecution):
        map_run = found.map_run
        answer |= {
            "stateMachineArn": found.child.machine_arn, "mapRunArn": map_run.arn, "label": map_run.label,
            "definition": _shown_part(answer["definition"], map_run.label),
        }  # fmt: skip
    return answer


def _described(request: Request, revision: Revision) -> Answer:
    hides = request.get("includedData") == "METADATA_ONLY"
    references = {} if hides else revision.references
    return {
        "definition": "{}" if hides else revision.definition,
        "roleArn": revision.role_arn,
        "loggingConfiguration": dict(revision.logging),
        "tracingConfiguration": dict(revision.tracing),
        "encryptionConfiguration": dict(revision.encryption),
        **present(revisionId=revision.id, variableReferences=references or None),
    }


def delete_state_machine(request: Request) -> Answer:
    """DeleteStateMachine: it goes at once, or when its executions have been stopped."""
    arn = request.arn("stateMachineArn", "stateMachine")
    account = request.account
    if arn.label is not None:
        request.machine(arn)
    with account.lock:
        machine = account.machine(arn)
        if machine is None or arn.qualifier is not None:
            return {}
        machine.is_going = True
        running = [each for each in machine.executions.values() if each.status == "RUNNING"]
        if not running:
            account.machines.pop(machine.arn, None)
    for execution in running:
        request.runner.call(lambda each=execution: request.runner.stop(each, None, None))
    return {}


def list_state_machines(request: Request) -> Answer:
    """ListStateMachines, in the order in which they were created."""
    machines = [(each.number, _listed(each)) for each in list(request.account.machines.values())]
    return request.page("stateMachines", machines)


def _listed(machine: StateMachine) -> Answer:
    return {
        "stateMachineArn": machine.arn,
        "name": machine.name,
        "type": machine.type,
        "creationDate": moment(machine.made),
    }
