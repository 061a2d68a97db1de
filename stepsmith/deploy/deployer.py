"""Deploying: packages and template to S3, a change set, its execution, and the truth about how it ended."""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from stepsmith.deploy.drift import Drift, find_drift
from stepsmith.deploy.errors import DeploymentError
from stepsmith.deploy.package import Package, build
from stepsmith.deploy.plan import Plan, make_plan
from stepsmith.deploy.stacks import DONE, EMPTY, NEVER_MADE, UNDONE, Event, Stack
from stepsmith.deploy.template import template_text
from stepsmith.expressions.types import Json
from stepsmith.integrations.account import AwsAccount, AwsFailure, aws_failures

MOST_INLINE: Final = 51_200
"""The largest template, in characters, that a call may carry."""
_NO_CHANGES: Final = ("didn't contain changes", "No updates are to be performed", "no changes")


class Deployer:
    """Deploys to one stack of one account; safe to repeat and to interrupt."""

    def __init__(
        self,
        account: AwsAccount,
        stack: str,
        *,
        say: Callable[[str], None],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.account = account
        self.stack = Stack(account, stack, sleep=sleep)
        self._say = say
        self._sleep = sleep

    @property
    def bucket(self) -> str:
        """The bucket for packages and templates: one for each account and region."""
        return f"stepsmith-{self.account.id}-{self.account.region}"

    def plan(self, template: Mapping[str, Json]) -> Plan:
        """Give what deploying the template would change, what was changed by hand and would be put back included.

        A change of the stack that is under way, such as that of an interrupted call, is waited for. Raises
        DeploymentError for a stack that has to be repaired first.
        """
        self._settle()
        deployed = self.stack.template()
        plan = make_plan(self.stack.name, deployed, template)
        return plan if deployed is None else replace(plan, drift=tuple(self._drift(deployed)))

    def deploy(
        self,
        plan: Plan,
        template: Mapping[str, Json],
        packages: Iterable[Package],
        confirm: Callable[[list[str]], bool],
    ) -> dict[str, str]:
        """Deploy, and give the physical ids by logical name.

        `confirm` is asked where CloudFormation would replace or remove what the plan did not say. Raises
        DeploymentError where the deployment failed; the message says what is deployed now.
        """
        self.make_bucket()
        for package in packages:
            self.upload_package(package)
        text = template_text(template)
        change_set = self._make_change_set(text)
        if change_set is None:
            self._say("CloudFormation finds nothing to change")
        else:
            surprises = self._surprises(change_set, plan)
            if surprises and not confirm(surprises):
                self._drop(change_set)
                raise DeploymentError("stopped; nothing was changed")
            self._execute(change_set)
        if plan.drift:
            self._put_back(template, [drift.name for drift in plan.drift])
        return self.stack.resources()

    def destroy(self) -> None:
        """Delete the stack. Raises DeploymentError where something could not be deleted; the message names it."""
        self._settle(repair=False)
        self.stack.forget_events()
        with aws_failures(f"deleting {self.stack.name}"):
            described = self.stack.describe(self.stack.name)
            if described is None:
                raise DeploymentError(f"there is no stack {self.stack.name}")
            self.stack.client.delete_stack(StackName=described["StackId"])
        status, failures = self.stack.follow(self._say)
        if status != "DELETE_COMPLETE":
            raise DeploymentError(
                _explained(f"stack {self.stack.name} is {status} and still there", failures)
            )

    def _drift(self, template: Mapping[str, Json], only: Iterable[str] | None = None) -> list[Drift]:
        resources = self.stack.resources()
        return find_drift(self.account, self.stack.name, template, resources, say=self._say, only=only)

    def _put_back(self, template: Mapping[str, Json], names: list[str]) -> None:
        """Make again what the template says. Raises DeploymentError naming what is gone."""
        gone: list[str] = []
        for drift in self._drift(template, names):
            if drift.put_back is None:
                gone.append(drift.name)
                continue
            with aws_failures(f"putting back {drift.name}"):
                drift.put_back()
            self._say(f"put back {drift.name}: {'; '.join(drift.lines)}")
        if gone:
            raise DeploymentError(
                f"{', '.join(gone)} was deleted by hand, and CloudFormation makes only what a template newly has: "
                f"destroy the stack {self.stack.name} and deploy again; what holds data stays"
            )

    def make_bucket(self) -> None:
        """Make the bucket where there is none yet: private and encrypted."""
        s3, bucket = self.account.client("s3"), self.bucket
        try:
            with aws_failures(f"looking at bucket {bucket}"):
                s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=self.account.id)
            return
        except AwsFailure as failure:
            if failure.code not in ("404", "NoSuchBucket", "NotFound"):
                raise DeploymentError(f"the bucket {bucket} is not ours: {failure}") from failure
        where: dict[str, Any] = {}
        if self.account.region != "us-east-1":
            where["CreateBucketConfiguration"] = {"LocationConstraint": self.account.region}
        closed = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
        with aws_failures(f"making bucket {bucket}"):
            s3.create_bucket(Bucket=bucket, **where)
            s3.put_public_access_block(
                Bucket=bucket, PublicAccessBlockConfiguration=dict.fromkeys(closed, True)
            )
        self._say(f"made bucket {bucket}")

    def upload_package(self, package: Package) -> bool:
        """Build and upload a package unless it is there; give whether it was uploaded."""
        return self._upload(package.key, lambda path: build(package, path), "package")

    def _upload(self, key: str, write: Callable[[Path], object], what: str) -> bool:
        s3, place = self.account.client("s3"), {"Bucket": self.bucket, "Key": key}
        try:
            with aws_failures(f"looking at {key}"):
                s3.head_object(**place, ExpectedBucketOwner=self.account.id)
            return False
        except AwsFailure as failure:
            if failure.code not in ("404", "NoSuchKey", "NotFound"):
                raise
        with tempfile.TemporaryDirectory(prefix="stepsmith-") as folder:
            path = Path(folder) / "object"
            write(path)
            with aws_failures(f"uploading {key}"), path.open("rb") as file:
                s3.put_object(**place, Body=file, ExpectedBucketOwner=self.account.id)
            self._say(f"uploaded {what}: {key}, {path.stat().st_size:,} bytes")
        return True

    def _settle(self, *, repair: bool = True) -> None:
        """Wait for a change that is under way, and refuse a stack that has to be repaired first."""
        name, status = self.stack.name, self.stack.status()
        if status is not None and status.endswith("IN_PROGRESS") and status != EMPTY:
            self._say(f"stack {name} is {status}; waiting for that first")
            self.stack.forget_events()
            status, _ = self.stack.follow(self._say)
            self._say(f"stack {name} is {status}")
        if not repair or status is None or status in (EMPTY, *DONE, *UNDONE):
            return
        if status in NEVER_MADE:
            raise DeploymentError(
                f"stack {name} is {status}: it could not be created earlier; remove it first: "
                f"stepsmith destroy --stack {name}"
            )
        if status == "UPDATE_ROLLBACK_FAILED":
            raise DeploymentError(
                f"stack {name} is {status}: an update was half undone; repair what its events name, then: "
                f"aws cloudformation continue-update-rollback --stack-name {name}"
            )
        raise DeploymentError(f"stack {name} is {status} and cannot be updated")

    def _sent(self, text: str, digest: str) -> dict[str, str]:
        """Give a template as CloudFormation takes it: itself where it is small, from the bucket where it is not."""
        if len(text) <= MOST_INLINE:
            return {"TemplateBody": text}
        key = f"templates/{digest}.json"
        self._upload(key, lambda path: path.write_text(text, "utf-8"), "template")
        host = urlsplit(str(self.account.client("s3").meta.endpoint_url)).hostname
        if self.account.endpoint_url is not None:
            host = f"s3.{self.account.region}.amazonaws.com"  # stand-ins read the bucket from such a name
        return {"TemplateURL": f"https://{self.bucket}.{host}/{key}"}

    def _make_change_set(self, text: str) -> str | None:
        """Make a change set and give its name; None where there is nothing to change."""
        client, stack = self.stack.client, self.stack.name
        digest = hashlib.sha256(text.encode()).hexdigest()
        name, sent = f"stepsmith-{digest[:16]}", self._sent(text, digest)
        status = self.stack.status()
        fresh = status in (None, EMPTY)
        if status is not None:
            self._delete_leftover(name)
        try:
            with aws_failures(f"making a change set of {stack}"):
                client.create_change_set(
                    StackName=stack,
                    ChangeSetName=name,
                    ChangeSetType="CREATE" if fresh else "UPDATE",
                    **sent,
                    Capabilities=["CAPABILITY_IAM"],
                    Parameters=[{"ParameterKey": "PackageBucket", "ParameterValue": self.bucket}],
                    Description="stepsmith deploy",
                )
                made, reason = self._made(name)
        except AwsFailure as failure:
            # AWS says it by a change set that failed, others by refusing to make one
            if _is_no_change(str(failure)):
                return None
            raise
        if made:
            return name
        self._drop(name)
        if _is_no_change(reason):
            return None
        raise DeploymentError(f"CloudFormation refuses the template: {reason}")

    def _made(self, change_set: str) -> tuple[bool, str]:
        """Wait for a change set; give whether it can be executed, and the reason where it cannot."""
        while True:
            found = self.stack.client.describe_change_set(StackName=self.stack.name, ChangeSetName=change_set)
            status = str(found["Status"])
            if not status.endswith(("PENDING", "IN_PROGRESS")):
                return status == "CREATE_COMPLETE", str(found.get("StatusReason") or status)
            self._sleep(1.0)

    def _surprises(self, change_set: str, plan: Plan) -> list[str]:
        """Give the replacements and removals in a change set that the plan did not say."""
        known = {change.name: change.kind for change in plan.changes}
        found: list[str] = []
        pages = self.stack.client.get_paginator("describe_change_set")
        with aws_failures("reading the change set"):
            for page in pages.paginate(StackName=self.stack.name, ChangeSetName=change_set):
                for each in page.get("Changes", []):
                    change = each["ResourceChange"]
                    name, replaced = change["LogicalResourceId"], change.get("Replacement") == "True"
                    # the version of a state machine is a new one each time
                    if change.get("ResourceType") == "AWS::StepFunctions::StateMachineVersion":
                        continue
                    if replaced and known.get(name) != "replace":
                        found.append(f"! {name} is replaced")
                    if change["Action"] == "Remove" and known.get(name) != "remove":
                        found.append(f"- {name} is removed")
        return found

    def _execute(self, change_set: str) -> None:
        name = self.stack.name
        self.stack.forget_events()
        with aws_failures(f"changing {name}"):
            self.stack.client.execute_change_set(StackName=name, ChangeSetName=change_set)
        status, failures = self.stack.follow(self._say, begun=False)
        if status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            return
        if status in UNDONE:
            raise DeploymentError(
                _explained(f"the update of {name} failed and was undone: all is as it was", failures)
            )
        if status in NEVER_MADE:
            text = (
                f"stack {name} could not be created ({status}); remove it: stepsmith destroy --stack {name}"
            )
            raise DeploymentError(_explained(text, failures))
        raise DeploymentError(_explained(f"stack {name} is {status}: the change is half done", failures))

    def _drop(self, change_set: str) -> None:
        """Delete a change set, and the empty stack that it was made for."""
        self._delete_change_set(change_set)
        if self.stack.status() == EMPTY:
            with aws_failures("deleting the empty stack"):
                self.stack.client.delete_stack(StackName=self.stack.name)

    def _delete_leftover(self, name: str) -> None:
        """Delete the change set of this name that an interrupted call has left."""
        with aws_failures("looking for change sets"):
            pages = self.stack.client.get_paginator("list_change_sets").paginate(StackName=self.stack.name)
            names = [each["ChangeSetName"] for page in pages for each in page.get("Summaries", [])]
        if name in names:
            self._delete_change_set(name)

    def _delete_change_set(self, name: str) -> None:
        with aws_failures("deleting the change set"):
            self.stack.client.delete_change_set(StackName=self.stack.name, ChangeSetName=name)


def kept_resources(template: Mapping[str, Json]) -> list[str]:
    """Name what stays when a stack is deleted, with its type; versions go with their functions."""
    resources = template.get("Resources")
    found = resources if isinstance(resources, dict) else {}
    return [
        f"{name}  {value['Type']}"
        for name, value in sorted(found.items())
        if isinstance(value, dict)
        and value.get("DeletionPolicy") == "Retain"
        and value.get("Type") != "AWS::Lambda::Version"
    ]


def _is_no_change(reason: str) -> bool:
    return any(text in reason for text in _NO_CHANGES)


def _explained(text: str, failures: list[Event]) -> str:
    lines = [f"  {event.name}: {event.reason or event.status}" for event in failures[:5]]
    return "\n".join([text, *lines])
