"""Deploying: packages and template to S3, a change set, its execution, and the truth about how it ended."""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import urlsplit
from uuid import uuid4

from stepsmith.deploy.errors import DeploymentError
from stepsmith.deploy.packaging.package import Package, build
from stepsmith.deploy.stacks.change_sets import ChangeSets
from stepsmith.deploy.stacks.drift import Drift, find_drift, partition_of
from stepsmith.deploy.stacks.page_files import upload_pages
from stepsmith.deploy.stacks.plan import Plan, is_kept, make_plan
from stepsmith.deploy.stacks.status import DONE, EMPTY, NEVER_MADE, UNDONE, Event, Stack
from stepsmith.deploy.template.assembly import template_text, workflows_of
from stepsmith.deploy.template.pages import PAGES
from stepsmith.expressions.types import Json
from stepsmith.integrations.clients.account import AwsAccount, AwsFailure, aws_failures
from stepsmith.service.pages import Page

MOST_INLINE: Final = 51_200
"""The largest template, in characters, that a call may carry."""
LONGEST_NAME: Final = 80
GOES_ON: Final = (
    "What AWS has begun goes on: call again to watch stack {stack}, or undo an update with "
    "aws cloudformation cancel-update-stack --stack-name {stack}"
)


class Deployer:
    """Deploys to one stack of one account; safe to repeat and to interrupt."""

    def __init__(
        self,
        account: AwsAccount,
        stack: str,
        *,
        say: Callable[[str], None],
        sleep: Callable[[float], None] = time.sleep,
        unique: Callable[[], str] = lambda: uuid4().hex[:12],
    ) -> None:
        self.account = account
        self.stack = Stack(account, stack, sleep=sleep)
        self.changes = ChangeSets(self.stack, sleep=sleep, unique=unique)
        self.begun = False
        """Whether CloudFormation is changing the stack for this call."""
        self._say = say

    @property
    def bucket(self) -> str:
        """The bucket for packages and templates: one for each account and region."""
        return f"stepsmith-{self.account.id}-{self.account.region}"

    def plan(self, template: Mapping[str, Json]) -> Plan:
        """Give what deploying the template would change, what was changed by hand and would be put back included.

        A change of the stack that is under way, such as that of an interrupted call, is waited for. Raises
        DeploymentError for a stack that has to be repaired first.
        """
        self._check_names(template)
        self._settle()
        deployed = self.stack.template()
        plan = make_plan(self.stack.name, deployed, template)
        drift = () if deployed is None else tuple(self._drift(deployed))
        if drift and self.account.endpoint_url is not None:
            self._say(f"what {self.account.endpoint_url} does not keep is said to be changed by hand")
        return replace(plan, drift=drift)

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
        change_set = self.changes.make(self._sent(template_text(template)), self._parameters(template))
        if change_set is None:
            self._say("CloudFormation finds nothing to change")
        else:
            try:
                surprises = self.changes.surprises(change_set, plan)
                agreed = not surprises or confirm(surprises)
            except KeyboardInterrupt:
                self.changes.abandon(change_set)
                raise
            if not agreed:
                self.changes.drop(change_set)
                raise DeploymentError("stopped; nothing was changed")
            self._execute(change_set)
        if self.account.endpoint_url is not None:
            # stand-ins leave out of templates what they do not know, and no hand has changed that
            self._put_back(template, None)
        elif plan.drift:
            self._put_back(template, [drift.name for drift in plan.drift])
        return self.stack.resources()

    def destroy(self, *, keep: Sequence[str] = ()) -> None:
        """Delete the stack, without the resources to `keep`, which only a stack takes that could not be deleted.

        Raises DeploymentError where something could not be deleted; the message names it.
        """
        self._settle(repair=False)
        self.stack.forget_events()
        with aws_failures(f"deleting {self.stack.name}"):
            described = self.stack.describe(self.stack.name)
            if described is None:
                raise DeploymentError(f"there is no stack {self.stack.name}")
            if keep and described["StackStatus"] != "DELETE_FAILED":
                raise DeploymentError(
                    f"stack {self.stack.name} is {described['StackStatus']}; resources can be kept only once a "
                    "deletion has failed"
                )
            retained = {"RetainResources": list(keep)} if keep else {}
            self.stack.client.delete_stack(StackName=described["StackId"], **retained)
        status, failures = self.stack.follow(self._say)
        if status != "DELETE_COMPLETE":
            text = (
                f"stack {self.stack.name} is {status} and still there; repair what is named here and call again, "
                "or leave it behind with --keep NAME,..."
            )
            raise DeploymentError(_explained(text, failures))

    def _check_names(self, template: Mapping[str, Json]) -> None:
        for workflow in workflows_of(template):
            name = f"{self.stack.name}-{workflow}"
            if len(name) > LONGEST_NAME:
                raise DeploymentError(
                    f"{name!r} has {len(name)} characters, and a state machine's name has {LONGEST_NAME} at most; "
                    "name a shorter stack with --stack"
                )

    def _drift(self, template: Mapping[str, Json], only: Iterable[str] | None = None) -> list[Drift]:
        resources = self.stack.resources()
        return find_drift(self.account, self.stack.name, template, resources, say=self._say, only=only)

    def _put_back(self, template: Mapping[str, Json], names: list[str] | None) -> None:
        """Make again what the template says, of the resources named, or of all.

        Raises DeploymentError naming what is gone.
        """
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
        """Make the bucket where there is none yet: private, encrypted, versioned, and reached with TLS only."""
        s3, bucket = self.account.client("s3"), self.bucket
        try:
            with aws_failures(f"looking at bucket {bucket}"):
                s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=self.account.id)
            return
        except AwsFailure as failure:
            if failure.code not in ("404", "NoSuchBucket", "NotFound"):
                raise DeploymentError(
                    f"the bucket {bucket} is somebody else's, or these credentials lack s3:ListBucket on it: {failure}"
                ) from failure
        where: dict[str, Any] = {}
        if self.account.region != "us-east-1":
            where["CreateBucketConfiguration"] = {"LocationConstraint": self.account.region}
        closed = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
        with aws_failures(f"making bucket {bucket}"):
            s3.create_bucket(Bucket=bucket, **where)
            s3.put_public_access_block(
                Bucket=bucket, PublicAccessBlockConfiguration=dict.fromkeys(closed, True)
            )
            s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
            if self.account.endpoint_url is None:  # stand-ins take the refusal for one of everything
                s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(self._bucket_policy()))
        self._say(f"made bucket {bucket}")

    def _parameters(self, template: Mapping[str, Json]) -> dict[str, str]:
        """Give the parameters, each with its default: an update would keep what it was before."""
        found = cast("Mapping[str, Mapping[str, Json]]", template.get("Parameters", {}))
        given = {name: str(each["Default"]) for name, each in found.items() if "Default" in each}
        return {**given, "PackageBucket": self.bucket}

    def _bucket_policy(self) -> dict[str, Json]:
        arn = f"arn:{partition_of(self.account.region)}:s3:::{self.bucket}"
        refusal: dict[str, Json] = {
            "Sid": "OnlyWithTls",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [arn, f"{arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        return {"Version": "2012-10-17", "Statement": [refusal]}

    def upload_package(self, package: Package) -> bool:
        """Build and upload a package unless it is there; give whether it was uploaded."""
        return self._upload(package.key, lambda path: build(package, path), "package")

    def upload_pages(self, pages: Sequence[Page]) -> None:
        """Let the stack's bucket of pages hold their files, and nothing else."""
        if pages:
            upload_pages(self.account, self.stack.resources()[f"{PAGES}Bucket"], pages, self._say)

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
        if status == "DELETE_FAILED":
            raise DeploymentError(
                f"stack {name} is {status}: it could not be deleted; go on: stepsmith destroy --stack {name}"
            )
        raise DeploymentError(f"stack {name} is {status} and cannot be updated")

    def _sent(self, text: str) -> dict[str, str]:
        """Give a template as CloudFormation takes it: itself where it is small, from the bucket where it is not."""
        if len(text) <= MOST_INLINE:
            return {"TemplateBody": text}
        key = f"templates/{hashlib.sha256(text.encode()).hexdigest()}.json"
        self._upload(key, lambda path: path.write_text(text, "utf-8"), "template")
        host = urlsplit(str(self.account.client("s3").meta.endpoint_url)).hostname
        if self.account.endpoint_url is not None:
            host = f"s3.{self.account.region}.amazonaws.com"  # stand-ins read the bucket from such a name
        return {"TemplateURL": f"https://{self.bucket}.{host}/{key}"}

    def _execute(self, change_set: str) -> None:
        name = self.stack.name
        self.stack.forget_events()
        self.changes.execute(change_set)
        self.begun = True
        try:
            status, failures = self.stack.follow(self._say, begun=False)
        except AwsFailure as failure:
            raise DeploymentError(f"{failure}\n{GOES_ON.format(stack=name)}") from failure
        self.begun = False
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


def kept_resources(template: Mapping[str, Json], resources: Mapping[str, str]) -> list[str]:
    """Name what stays when a stack is deleted: its type, and what it is called there.

    The versions of functions are not named, because they go with their functions, nor are the policies of buckets.
    """
    found = template.get("Resources")
    parts = found if isinstance(found, dict) else {}
    return [
        f"{name}  {value['Type']}  {resources.get(name, 'not made yet')}"
        for name, value in sorted(parts.items())
        if isinstance(value, dict)
        and is_kept(value.get("DeletionPolicy"))
        and value.get("Type") not in ("AWS::Lambda::Version", "AWS::S3::BucketPolicy")
    ]


def _explained(text: str, failures: list[Event]) -> str:
    lines = [f"  {event.name}: {event.reason or event.status}" for event in failures[:5]]
    return "\n".join([text, *lines])
