"""Versions that nobody needs any more: those of state machines beyond a number, and of functions that no machine calls.

AWS keeps each version until somebody deletes it, and they count against what an account may store. An execution goes on
with the version that it was started with, so what one that is under way may still call is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, cast

from stepsmith.expressions.types import Json
from stepsmith.integrations.clients.account import AwsAccount, AwsFailure, aws_failures

_FUNCTION: Final = re.compile(r"arn:[a-z-]+:lambda:[a-z0-9-]+:[0-9]{12}:function:([A-Za-z0-9_-]+):([0-9]+)")
_IN_USE: Final = frozenset(("ConflictException", "ResourceConflictException"))


def prune_versions(
    account: AwsAccount,
    template: Mapping[str, Json],
    resources: Mapping[str, str],
    *,
    keep: int,
    say: Callable[[str], None],
) -> None:
    """Delete the versions of a stack's state machines and functions that are not needed.

    Of each state machine the newest `keep` versions stay, those that an alias leads to, and those that an execution
    runs with; of each function those that such a version calls, and the newest one. Raises AwsFailure.
    """
    needed: set[str] = set()
    for name in _of_type(template, resources, "AWS::StepFunctions::StateMachine"):
        needed |= _prune_machine(account, resources[name], keep, say)
    for name in _of_type(template, resources, "AWS::Lambda::Function"):
        _prune_function(account, resources[name], needed, say)


def _prune_machine(account: AwsAccount, machine: str, keep: int, say: Callable[[str], None]) -> set[str]:
    """Delete versions of one machine, and give the versions of functions that it and those that stay call."""
    client = account.client("stepfunctions")
    with aws_failures("listing versions"):
        found = list(
            _pages(client.list_state_machine_versions, "stateMachineVersions", stateMachineArn=machine)
        )
        routed = {
            route["stateMachineVersionArn"]
            for alias in _pages(
                client.list_state_machine_aliases, "stateMachineAliases", stateMachineArn=machine
            )
            for route in client.describe_state_machine_alias(
                stateMachineAliasArn=alias["stateMachineAliasArn"]
            )["routingConfiguration"]
        }
    versions = sorted((each["stateMachineVersionArn"] for each in found), key=_number, reverse=True)
    gone = 0
    calls = _calls(client, machine)
    for number, version in enumerate(versions):
        if number >= keep and version not in routed and not _is_running(client, version):
            gone += _delete(
                lambda version=version: client.delete_state_machine_version(stateMachineVersionArn=version)
            )
        else:
            calls |= _calls(client, version)
    if gone:
        say(f"deleted {gone} old versions of {machine.rpartition(':')[2]}")
    return calls


def _prune_function(account: AwsAccount, function: str, needed: set[str], say: Callable[[str], None]) -> None:
    client = account.client("lambda")
    with aws_failures("listing versions"):
        pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=function)
        numbers = sorted(
            (
                int(each["Version"])
                for page in pages
                for each in page["Versions"]
                if each["Version"] != "$LATEST"
            ),
            reverse=True,
        )
    gone = 0
    for number in numbers[1:]:
        if f"{function}:{number}" not in needed:
            gone += _delete(
                lambda number=number: client.delete_function(FunctionName=function, Qualifier=str(number))
            )
    if gone:
        say(f"deleted {gone} old versions of {function}")


def _calls(client: Any, machine: str) -> set[str]:
    """Give the versions of functions that a definition calls, as NAME:VERSION."""
    with aws_failures("reading a definition"):
        text = str(client.describe_state_machine(stateMachineArn=machine)["definition"])
    return {f"{found[1]}:{found[2]}" for found in _FUNCTION.finditer(text)}


def _is_running(client: Any, version: str) -> bool:
    try:
        with aws_failures("looking for executions that run"):
            found = client.list_executions(stateMachineArn=version, statusFilter="RUNNING", maxResults=1)
    except AwsFailure as failure:
        if failure.code != "StateMachineTypeNotSupported":
            raise
        return False  # Express executions are not listed, and have ended after five minutes
    return bool(found["executions"])


def _delete(call: Callable[[], object]) -> bool:
    """Delete something, unless somebody needs it since it was looked at."""
    try:
        with aws_failures("deleting an old version"):
            call()
    except AwsFailure as failure:
        if failure.code not in _IN_USE:
            raise
        return False
    return True


def _pages(call: Callable[..., Mapping[str, Any]], member: str, **given: Any) -> Iterator[Mapping[str, Any]]:
    page = call(**given)
    yield from page[member]
    while "nextToken" in page:
        page = call(**given, nextToken=page["nextToken"])
        yield from page[member]


def _number(version: str) -> int:
    return int(version.rpartition(":")[2])


def _of_type(template: Mapping[str, Json], resources: Mapping[str, str], kind: str) -> Iterable[str]:
    parts = cast("Mapping[str, Mapping[str, Json]]", template.get("Resources", {}))
    return [name for name, part in sorted(parts.items()) if part.get("Type") == kind and name in resources]
