"""Going back to a version that was published before: the alias leads to it at once, nothing is deployed."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from stepsmith.deploy.errors import DeploymentError
from stepsmith.deploy.stacks.definition_diff import definition_difference
from stepsmith.deploy.stacks.status import Stack
from stepsmith.expressions.types import Json
from stepsmith.integrations.clients.account import AwsAccount, AwsFailure, aws_failures

ALIAS: Final = "live"


@dataclass(frozen=True, slots=True)
class Version:
    """A published version of a state machine."""

    arn: str
    created: datetime

    @property
    def number(self) -> int:
        """Its number; later ones have greater ones."""
        return int(self.arn.rpartition(":")[2])

    def __str__(self) -> str:
        return f"version {self.number}, published {self.created.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True, slots=True)
class Rollback:
    """What going back would do."""

    alias: str
    """The ARN of the alias."""
    before: tuple[tuple[int, int], ...]
    """Versions that it leads to now, with their percentages."""
    to: Version
    difference: tuple[str, ...]
    """What changes in the definition."""

    def lines(self) -> list[str]:
        """Give it as text."""
        now = " and ".join(f"version {number} ({weight} %)" for number, weight in self.before)
        name = self.alias.split(":")[6]
        changes = self.difference or ("nothing: only what its functions do may differ",)
        return [
            f"alias {ALIAS} of {name} leads to {now}, and will lead to {self.to}",
            "Definition",
            *(f"  {line}" for line in changes),
            "Executions that have started go on as they are.",
        ]


def check_still(account: AwsAccount, stack: str) -> None:
    """Raise DeploymentError where a deployment is moving executions just now: it would move them again."""
    status = Stack(account, stack, sleep=time.sleep).status()
    if status is not None and status.endswith("IN_PROGRESS"):
        raise DeploymentError(
            f"stack {stack} is {status}; undo that instead: aws cloudformation cancel-update-stack --stack-name {stack}"
        )


def plan_rollback(account: AwsAccount, machine: str, *, to: int | None = None) -> Rollback:
    """Find the version before the one that a state machine's alias leads to, or the version `to`.

    While executions move from one version to another, that is the one they move from. Raises DeploymentError where
    there is no alias, no version before, or no version of that number.
    """
    client, alias, name = account.client("stepfunctions"), f"{machine}:{ALIAS}", machine.split(":")[6]
    try:
        with aws_failures(f"looking at alias {ALIAS} of {name}"):
            found = client.describe_state_machine_alias(stateMachineAliasArn=alias)
    except AwsFailure as failure:
        if failure.code != "ResourceNotFound":
            raise
        raise DeploymentError(
            f"{name} has no alias {ALIAS}: deploy it with stepsmith, which makes one"
        ) from None
    routes = [
        (int(each["stateMachineVersionArn"].rpartition(":")[2]), int(each["weight"]))
        for each in found["routingConfiguration"]
    ]
    versions = {version.number: version for version in _versions(client, machine)}
    wanted = _previous(versions, routes) if to is None else to
    if wanted is None:
        at = max(number for number, _ in routes)
        raise DeploymentError(f"there is no version of {name} before version {at}: nothing to go back to")
    if wanted not in versions:
        known = ", ".join(str(number) for number in sorted(versions))
        raise DeploymentError(f"{name} has no version {wanted}; its versions are {known}")
    if routes == [(wanted, 100)]:
        raise DeploymentError(f"alias {ALIAS} of {name} leads to version {wanted} already")
    most = max(routes, key=lambda route: route[1])[0]
    now = _definition(client, f"{machine}:{most}")
    then = _definition(client, versions[wanted].arn)
    return Rollback(alias, tuple(routes), versions[wanted], tuple(definition_difference(now, then)))


def roll_back(account: AwsAccount, rollback: Rollback) -> None:
    """Let the alias lead to the version. Raises AwsFailure."""
    with aws_failures(f"moving alias {ALIAS}"):
        account.client("stepfunctions").update_state_machine_alias(
            stateMachineAliasArn=rollback.alias,
            routingConfiguration=[{"stateMachineVersionArn": rollback.to.arn, "weight": 100}],
        )


def _previous(versions: dict[int, Version], routes: list[tuple[int, int]]) -> int | None:
    if len(routes) > 1:
        return min(number for number, _ in routes)
    return max((number for number in versions if number < routes[0][0]), default=None)


def _versions(client: Any, machine: str) -> list[Version]:
    found: list[Version] = []
    given: dict[str, Any] = {"stateMachineArn": machine, "maxResults": 1000}
    with aws_failures("listing the versions"):
        while True:
            page = client.list_state_machine_versions(**given)
            found += [
                Version(each["stateMachineVersionArn"], each["creationDate"])
                for each in page["stateMachineVersions"]
            ]
            if "nextToken" not in page:
                return found
            given["nextToken"] = page["nextToken"]


def _definition(client: Any, version: str) -> Json:
    with aws_failures("reading a definition"):
        text = client.describe_state_machine(stateMachineArn=version)["definition"]
    return json.loads(text)
