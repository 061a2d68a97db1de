"""CloudFormation stacks: what state they are in, and their progress as events."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from stepsmith.deploy.errors import DeploymentError
from stepsmith.expressions.types import Json
from stepsmith.integrations.clients.account import AwsAccount, AwsFailure, aws_failures

DONE: Final = frozenset(("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE", "DELETE_COMPLETE"))
UNDONE: Final = frozenset(("UPDATE_ROLLBACK_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"))
"""The last change was undone; the next one can come."""
NEVER_MADE: Final = frozenset(("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"))
EMPTY: Final = "REVIEW_IN_PROGRESS"
BETWEEN_LOOKS: Final = 2.0
MOST_LOOKS: Final = 5400
"""Three hours of looks."""


@dataclass(frozen=True, slots=True)
class Event:
    """A step of a stack's progress."""

    name: str
    type: str
    status: str
    reason: str

    @property
    def failed(self) -> bool:
        """Whether it tells of a failure."""
        return self.status.endswith("FAILED")

    def line(self) -> str:
        """Give it as text."""
        reason = f"  {self.reason}" if self.reason else ""
        return f"{self.status:<28} {self.name}  {self.type}{reason}"


class Stack:
    """One stack of an account."""

    def __init__(self, account: AwsAccount, name: str, *, sleep: Callable[[float], None]) -> None:
        self.account = account
        self.name = name
        self._sleep = sleep
        self._seen: set[str] = set()

    @property
    def client(self) -> Any:
        """The client of CloudFormation."""
        return self.account.client("cloudformation")

    def status(self) -> str | None:
        """Give the status; None where there is no such stack, or one that was deleted."""
        found = self.describe(self.name)
        return (
            None if found is None or found["StackStatus"] == "DELETE_COMPLETE" else str(found["StackStatus"])
        )

    def describe(self, name: str) -> dict[str, Any] | None:
        """Give what CloudFormation says about a stack, by name or id; None where there is none."""
        try:
            with aws_failures(f"looking at stack {self.name}"):
                return cast("dict[str, Any]", self.client.describe_stacks(StackName=name)["Stacks"][0])
        except AwsFailure as failure:
            if failure.code == "ValidationError" and "does not exist" in str(failure):
                return None
            raise

    def template(self) -> dict[str, Json] | None:
        """Give the template that is deployed; None where nothing is. Raises DeploymentError for a stack of others."""
        status = self.status()
        if status is None or status == EMPTY:
            return None
        with aws_failures(f"reading the template of {self.name}"):
            body: object = self.client.get_template(StackName=self.name, TemplateStage="Original")[
                "TemplateBody"
            ]
        if isinstance(body, str):
            try:
                body = json.loads(body)
            except ValueError:
                body = None
        if not isinstance(body, Mapping) or not str(cast("Any", body).get("Description", "")).startswith(
            "stepsmith:"
        ):
            raise DeploymentError(
                f"stack {self.name} was not made by stepsmith; choose another name with --stack"
            )
        return cast("dict[str, Json]", json.loads(json.dumps(body)))

    def resources(self) -> dict[str, str]:
        """Give logical name -> physical id, of the resources that have one."""
        pages = self.client.get_paginator("list_stack_resources")
        with aws_failures(f"listing what is in {self.name}"):
            return {
                each["LogicalResourceId"]: each["PhysicalResourceId"]
                for page in pages.paginate(StackName=self.name)
                for each in page["StackResourceSummaries"]
                if each.get("PhysicalResourceId")
            }

    def forget_events(self) -> None:
        """Take the events so far as known."""
        for _ in self.new_events():
            pass

    def new_events(self, name: str | None = None) -> Iterator[Event]:
        """Give the events that are new, oldest first."""
        found: list[dict[str, Any]] = []
        try:
            with aws_failures(f"reading the events of {self.name}"):
                for page in self.client.get_paginator("describe_stack_events").paginate(
                    StackName=name or self.name
                ):
                    fresh = [each for each in page["StackEvents"] if each["EventId"] not in self._seen]
                    found += fresh
                    if len(fresh) < len(page["StackEvents"]):
                        break
        except AwsFailure as failure:
            if failure.code != "ValidationError":
                raise
        for each in reversed(found):
            self._seen.add(each["EventId"])
            reason = each.get("ResourceStatusReason") or ""
            yield Event(
                each.get("LogicalResourceId") or "?",
                each.get("ResourceType") or "?",
                each.get("ResourceStatus") or "?",
                reason,
            )

    def follow(self, say: Callable[[str], None], *, begun: bool = True) -> tuple[str, list[Event]]:
        """Say the events until the stack stands still; give the status it ends with and the failures on the way.

        With `begun=False` a change was only just asked for: the status counts from the stack's first event on.
        """
        described = self.describe(self.name)
        identity = self.name if described is None else str(described["StackId"])
        failures: list[Event] = []
        for _ in range(MOST_LOOKS):
            found = self.describe(identity)
            for event in self.new_events(identity):
                begun = begun or event.type == "AWS::CloudFormation::Stack"
                say(event.line())
                if event.failed:
                    failures.append(event)
            status = "DELETE_COMPLETE" if found is None else str(found["StackStatus"])
            if begun and not status.endswith("IN_PROGRESS"):
                return status, failures
            self._sleep(BETWEEN_LOOKS)
        raise DeploymentError(f"stack {self.name} still changes; call again to go on watching")
