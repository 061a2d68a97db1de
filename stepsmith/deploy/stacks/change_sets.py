"""Change sets: what CloudFormation would do, before it does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

from stepsmith.deploy.errors import DeploymentError
from stepsmith.deploy.stacks.plan import Plan
from stepsmith.deploy.stacks.status import EMPTY, Stack
from stepsmith.integrations.clients.account import AwsFailure, aws_failures

_NO_CHANGES: Final = ("didn't contain changes", "No updates are to be performed", "no changes")
_SOMEBODY_ELSE: Final = ("can not be updated", "InvalidChangeSetStatus", "ChangeSetNotFound", "OBSOLETE")
_MOST_LOOKS: Final = 1800


class ChangeSets:
    """The change sets of one stack."""

    def __init__(self, stack: Stack, *, sleep: Callable[[float], None], unique: Callable[[], str]) -> None:
        self._stack = stack
        self._sleep = sleep
        self._unique = unique

    def make(self, template: Mapping[str, str], parameters: Mapping[str, str]) -> str | None:
        """Make a change set and give its name; None where there is nothing to change.

        Raises DeploymentError where CloudFormation refuses the template, or somebody else is deploying. Whatever ends
        the call leaves no change set behind.
        """
        name, client = f"stepsmith-{self._unique()}", self._stack.client
        fresh = self._stack.status() in (None, EMPTY)
        try:
            with aws_failures(f"making a change set of {self._stack.name}"):
                client.create_change_set(
                    StackName=self._stack.name,
                    ChangeSetName=name,
                    ChangeSetType="CREATE" if fresh else "UPDATE",
                    **template,
                    Capabilities=["CAPABILITY_IAM"],
                    Parameters=[
                        {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
                    ],
                    Description="stepsmith deploy",
                )
                made, reason = self._made(name)
        except AwsFailure as failure:
            # AWS says it by a change set that failed, others by refusing to make one
            if _is_no_change(str(failure)):
                return None
            raise self.explained(failure) from failure
        except KeyboardInterrupt:
            self.abandon(name)
            raise
        if made:
            return name
        self.drop(name)
        if _is_no_change(reason):
            return None
        raise DeploymentError(f"CloudFormation refuses the template: {reason}")

    def surprises(self, name: str, plan: Plan) -> list[str]:
        """Give the replacements and removals in a change set that the plan did not say."""
        known = {change.name: change.kind for change in plan.changes}
        found: list[str] = []
        pages = self._stack.client.get_paginator("describe_change_set")
        with aws_failures("reading the change set"):
            for page in pages.paginate(StackName=self._stack.name, ChangeSetName=name):
                for each in page.get("Changes", []):
                    change = each["ResourceChange"]
                    resource, replaced = change["LogicalResourceId"], change.get("Replacement") == "True"
                    # the version of a state machine is a new one each time
                    if change.get("ResourceType") == "AWS::StepFunctions::StateMachineVersion":
                        continue
                    if replaced and known.get(resource) != "replace":
                        found.append(f"! {resource} is replaced")
                    if change["Action"] == "Remove" and known.get(resource) != "remove":
                        found.append(f"- {resource} is removed")
        return found

    def execute(self, name: str) -> None:
        """Have a change set carried out. Raises DeploymentError where somebody else has changed the stack since."""
        try:
            with aws_failures(f"changing {self._stack.name}"):
                self._stack.client.execute_change_set(StackName=self._stack.name, ChangeSetName=name)
        except AwsFailure as failure:
            raise self.explained(failure) from failure

    def drop(self, name: str) -> None:
        """Delete a change set, and the empty stack that it was made for."""
        stack = self._stack
        with aws_failures("deleting the change set"):
            stack.client.delete_change_set(StackName=stack.name, ChangeSetName=name)
        if stack.status() == EMPTY:
            with aws_failures("deleting the empty stack"):
                stack.client.delete_stack(StackName=stack.name)

    def abandon(self, name: str) -> None:
        """Delete a change set that may not have been made yet."""
        with suppress(AwsFailure):
            self.drop(name)

    def explained(self, failure: AwsFailure) -> DeploymentError:
        """Give a failure with what it means, where it means that somebody else is deploying."""
        text = str(failure)
        if any(each in text for each in _SOMEBODY_ELSE):
            text = f"somebody else is deploying to {self._stack.name}; call again, and the plan is made anew: {text}"
        return DeploymentError(text)

    def _made(self, name: str) -> tuple[bool, str]:
        """Wait for a change set; give whether it can be executed, and the reason where it cannot."""
        for _ in range(_MOST_LOOKS):
            found = self._stack.client.describe_change_set(StackName=self._stack.name, ChangeSetName=name)
            status = str(found["Status"])
            if not status.endswith(("PENDING", "IN_PROGRESS")):
                return status == "CREATE_COMPLETE", str(found.get("StatusReason") or status)
            self._sleep(1.0)
        return False, "CloudFormation has not made the change set in half an hour"


def _is_no_change(reason: str) -> bool:
    return any(text in reason for text in _NO_CHANGES)
