"""State machines and activities as JSON: with revisions, versions, aliases and tags, and the instants of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final, cast

from stepsmith.cloud.actions.resources import Account, Activity, Alias, Revision, StateMachine, Version

CHANGES: Final = frozenset(
    {
        "CreateActivity", "CreateStateMachine", "CreateStateMachineAlias", "DeleteActivity", "DeleteStateMachine",
        "DeleteStateMachineAlias", "DeleteStateMachineVersion", "PublishStateMachineVersion", "TagResource",
        "UntagResource", "UpdateStateMachine", "UpdateStateMachineAlias",
    }
)  # fmt: skip
"""Actions that change one of them."""
_ARNS: Final = (
    "stateMachineArn", "stateMachineAliasArn", "stateMachineVersionArn", "activityArn", "resourceArn",
)  # fmt: skip


def changed_by(operation: str, parameters: Mapping[str, Any], prefix: str) -> str:
    """Give the ARN of the machine or activity that an action has changed; `prefix` is that of the caller's ARNs."""
    if operation in ("CreateActivity", "CreateStateMachine"):
        kind = "activity" if operation == "CreateActivity" else "stateMachine"
        return f"{prefix}:{kind}:{parameters['name']}"
    if operation == "CreateStateMachineAlias":
        arn = str(parameters["routingConfiguration"][0]["stateMachineVersionArn"])
    else:
        arn = next(str(parameters[name]) for name in _ARNS if name in parameters)
    return ":".join(arn.split(":")[:7])


def entry_of(account: Account, arn: str) -> dict[str, Any]:
    """Return the machine or activity of an ARN as it is now; with None where it is gone."""
    if ":activity:" in arn:
        activity = account.activities.get(arn)
        return {"activity": arn, "state": None if activity is None else _written(activity)}
    machine = account.machines.get(arn)
    return {"machine": arn, "state": None if machine is None else _machine(machine)}


def is_resource(entry: Mapping[str, Any]) -> bool:
    """Say whether this is a machine or an activity as it is kept."""
    arn = entry.get("machine", entry.get("activity"))
    return isinstance(arn, str) and arn.count(":") == 6 and isinstance(entry.get("state"), dict | None)


def put(account: Account, entry: Mapping[str, Any]) -> None:
    """Put a machine or an activity where it was, or take it away where it was gone."""
    state = cast("dict[str, Any] | None", entry["state"])
    if "activity" in entry:
        account.activities.pop(entry["activity"], None)
        if state is not None:
            number: dict[str, Any] = {"number": account.number()}
            account.activities[entry["activity"]] = Activity(**{**state, **number})
        return
    account.machines.pop(entry["machine"], None)
    if state is not None:
        account.machines[entry["machine"]] = _read_machine(account, state)


def sweep(account: Account) -> None:
    """Let machines go that were being deleted, and whose executions have ended since."""
    for arn, machine in list(account.machines.items()):
        if machine.is_going and not machine.has_running:
            del account.machines[arn]


def _written(value: Any) -> dict[str, Any]:
    return asdict(value)


def _machine(machine: StateMachine) -> dict[str, Any]:
    revisions: list[Revision] = [machine.revision]
    versions: list[dict[str, Any]] = []
    for version in machine.versions.values():
        place = next((at for at, each in enumerate(revisions) if each is version.revision), None)
        if place is None:
            place = len(revisions)
            revisions.append(version.revision)
        written = {name: getattr(version, name) for name in ("arn", "number", "made", "description")}
        versions.append({**written, "revision": place})
    names = ("arn", "name", "type", "made", "tags", "last_version", "is_going")
    return {
        **{name: getattr(machine, name) for name in names},
        "revisions": [_written(each) for each in revisions],
        "versions": versions,
        "aliases": [_written(each) for each in machine.aliases.values()],
    }


def _read_machine(account: Account, state: dict[str, Any]) -> StateMachine:
    revisions = [Revision(**each) for each in state["revisions"]]
    versions = [Version(**(each | {"revision": revisions[each["revision"]]})) for each in state["versions"]]
    aliases = [Alias(**(each | {"number": account.number()})) for each in state["aliases"]]
    return StateMachine(
        arn=state["arn"],
        name=state["name"],
        number=account.number(),
        type=state["type"],
        made=state["made"],
        revision=revisions[0],
        tags=dict(state["tags"]),
        versions={each.number: each for each in versions},
        last_version=state["last_version"],
        aliases={each.name: each for each in aliases},
        is_going=state["is_going"],
    )
