"""Deployed state machines of an account: found by the workflow's name and the stack's, and started."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from stepsmith.errors import InvalidInput, NotFound
from stepsmith.expressions.types import Json
from stepsmith.integrations.clients.account import AwsAccount, AwsFailure, aws_failures
from stepsmith.service.executions.declared import NOTHING_DECLARED, Declared, as_it_is, declared_by
from stepsmith.service.executions.search import Found, Search
from stepsmith.service.personal import workflow_marks
from stepsmith.service.remote.execution import AwsExecution

if TYPE_CHECKING:
    from stepsmith.authoring.workflows.workflow import Workflow

ALIAS = "live"
"""The alias that deployment gives each state machine; started where it is there."""
WORKFLOW_TAG = "stepsmith:workflow"
"""The tag by which deployment says which workflow a state machine is."""
_NO_ALIAS = ("ResourceNotFound", "StateMachineDoesNotExist", "UnknownOperationException")


class AwsBackend:
    """The state machines of an account, as somewhere to run workflows."""

    def __init__(self, account: AwsAccount, *, stack: str | None = None) -> None:
        self.account = account
        self.stack = stack
        self._types: dict[str, str] = {}

    def start(
        self, workflow: Workflow[..., Any], input: Mapping[str, Json], *, name: str | None = None
    ) -> AwsExecution[Any]:
        """Start an execution of a deployed workflow; one of an Express state machine has ended when it is given.

        Raises NotFound where it is not deployed.
        """
        machine = self.machine_arn(workflow.name)
        if self.is_express(machine):
            ended = self.run_express(machine, json.dumps(input), name=name)
            arn = str(ended["executionArn"])
        else:
            ended, arn = None, self.start_machine(machine, json.dumps(input), name=name)
        return AwsExecution(self.account, arn, declared_by(workflow), ended=ended, fresh=True)

    def start_machine(self, arn: str, input: str, *, name: str | None = None) -> str:
        """Start an execution of a state machine, by its alias where it has ours, and give the execution's ARN."""
        given = {} if name is None else {"name": name}
        with aws_failures("starting an execution"):
            started = self._client.start_execution(stateMachineArn=self._aliased(arn), input=input, **given)
        return str(started["executionArn"])

    def run_express(self, arn: str, input: str, *, name: str | None = None) -> dict[str, Any]:
        """Run an execution of an Express state machine to its end, and give what AWS says about it."""
        given = {} if name is None else {"name": name}
        with aws_failures("running an execution"):
            return cast(
                "dict[str, Any]",
                self._client.start_sync_execution(stateMachineArn=self._aliased(arn), input=input, **given),
            )

    def is_express(self, arn: str) -> bool:
        """Say whether a state machine is an Express one."""
        if arn in self._types:
            return self._types[arn] == "EXPRESS"
        with aws_failures("looking at the state machine"):
            return self._client.describe_state_machine(stateMachineArn=arn)["type"] == "EXPRESS"

    def execution(
        self,
        arn: str,
        *,
        workflow: Workflow[..., Any] | None = None,
        fresh: bool = False,
        ended: dict[str, Any] | None = None,
    ) -> AwsExecution[Json]:
        """Give an execution by its ARN; of a workflow that is known, what is personal in it is known too.

        A fresh one is one that AWS may not know for another moment; `ended` is what AWS said at its end. Raises
        InvalidInput for text that is no such ARN, and for an execution in another region.
        """
        parts = arn.split(":")
        if len(parts) < 8 or parts[5] not in ("execution", "express"):
            raise InvalidInput(f"{arn!r} is no ARN of an execution")
        self._check_region(arn)
        declared = (
            NOTHING_DECLARED
            if workflow is None
            else Declared[Json](convert=as_it_is, errors={}, spans={}, marks=lambda: workflow_marks(workflow))
        )
        return AwsExecution(self.account, arn, declared, fresh=fresh, ended=ended)

    def executions(self, machine: str, *, status: str | None = None, most: int = 20) -> list[dict[str, Any]]:
        """Give the executions of a state machine as ListExecutions has them, newest first."""
        given = {} if status is None else {"statusFilter": status}
        pages = self._client.get_paginator("list_executions")
        with aws_failures("listing the executions"):
            found = pages.paginate(stateMachineArn=machine, PaginationConfig={"MaxItems": most}, **given)
            return [each for page in found for each in page["executions"]]

    def search(self, machine: str, search: Search) -> Iterator[Found]:
        """Give the executions of a state machine that a search means, newest first, as they are asked for.

        Raises InvalidInput for an Express state machine, of whose executions Step Functions keeps no list.
        """
        if self.is_express(machine):
            raise InvalidInput(
                f"{machine.rpartition(':')[2]} is an Express state machine: Step Functions keeps no list of its "
                "executions, they are in its log group"
            )
        given = {"statusFilter": search.statuses[0]} if len(search.statuses) == 1 else {}
        pages = self._client.get_paginator("list_executions")
        with aws_failures("listing the executions"):
            for page in pages.paginate(stateMachineArn=machine, **given):
                for each in page["executions"]:
                    started = each["startDate"].timestamp()
                    if search.since is not None and started < search.since:
                        return  # the newest come first
                    if search.fits_list(each["name"], each["status"], started):
                        found = self._looked_at(each, search)
                        if found is not None:
                            yield found

    def _looked_at(self, listed: Mapping[str, Any], search: Search) -> Found | None:
        error: str | None = None
        if search.asks_each:
            details = self._client.describe_execution(executionArn=listed["executionArn"])
            error = details.get("error")
            if not search.fits_details(cast("Json", json.loads(details.get("input") or "null")), error):
                return None
        stopped = listed.get("stopDate")
        return Found(
            arn=listed["executionArn"],
            name=listed["name"],
            status=listed["status"],
            started=listed["startDate"].timestamp(),
            stopped=None if stopped is None else stopped.timestamp(),
            error=error,
        )

    def machine_arn(self, name: str) -> str:
        """Give the ARN of a deployed workflow's state machine, or an ARN back.

        Without a stack, that is the one state machine called so, or the one that some stack has of a workflow of this
        name. Raises NotFound where there is none, and InvalidInput where several stacks have one.
        """
        if name.startswith("arn:"):
            self._check_region(name)
            return name
        machines = self._machines()
        if self.stack is not None:
            if f"{self.stack}-{name}" in machines:
                return machines[f"{self.stack}-{name}"]
            raise NotFound(f"{name} is not deployed in stack {self.stack}{self._elsewhere(name, machines)}")
        if name in machines:
            return machines[name]
        found = self._stacks_with(name, machines)
        if not found:
            raise NotFound(
                f"{name} is not deployed in {self.account.region}; deploy it with: stepsmith deploy {name}"
            )
        if len(found) > 1:
            raise InvalidInput(f"{name} is deployed in the stacks {', '.join(found)}; name one with --stack")
        return machines[f"{found[0]}-{name}"]

    def _machines(self) -> dict[str, str]:
        with aws_failures("listing the state machines"):
            pages = self._client.get_paginator("list_state_machines").paginate(
                PaginationConfig={"PageSize": 1000}
            )
            found = [each for page in pages for each in page["stateMachines"]]
        self._types = {each["stateMachineArn"]: each["type"] for each in found}
        return {each["name"]: each["stateMachineArn"] for each in found}

    def _elsewhere(self, name: str, machines: Mapping[str, str]) -> str:
        """Say where else a workflow is deployed, or how to deploy it."""
        others = self._stacks_with(name, machines)
        if others:
            return f", but in {', '.join(others)}; name it with --stack"
        return f" in {self.account.region}; deploy it with: stepsmith deploy {name} --stack {self.stack}"

    def _stacks_with(self, name: str, machines: Mapping[str, str]) -> list[str]:
        """Give the stacks that have a workflow of this name, as the tags of their state machines say."""
        return [
            each.removesuffix(f"-{name}")
            for each, arn in sorted(machines.items())
            if each.endswith(f"-{name}") and self._workflow_of(arn) == name
        ]

    def _workflow_of(self, machine: str) -> str | None:
        with aws_failures("reading tags"):
            tags = self._client.list_tags_for_resource(resourceArn=machine)["tags"]
        return next((each["value"] for each in tags if each["key"] == WORKFLOW_TAG), None)

    def _check_region(self, arn: str) -> None:
        region = arn.split(":")[3] if arn.count(":") > 3 else ""
        if self.account.endpoint_url is None and region not in ("", self.account.region):
            raise InvalidInput(
                f"{arn} is in {region}, and this call goes to {self.account.region}; say --region {region}"
            )

    def _aliased(self, arn: str) -> str:
        alias = f"{arn}:{ALIAS}"
        if len(arn.split(":")) != 7:
            return arn
        try:
            with aws_failures("looking for the alias"):
                self._client.describe_state_machine_alias(stateMachineAliasArn=alias)
        except AwsFailure as failure:
            if failure.code not in _NO_ALIAS:
                raise
            return arn  # deployed by others, or an endpoint that knows no aliases
        return alias

    @property
    def _client(self) -> Any:
        return self.account.client("stepfunctions")


def aws(
    *,
    region: str | None = None,
    profile: str | None = None,
    endpoint_url: str | None = None,
    stack: str | None = None,
) -> AwsBackend:
    """Return AWS as the place to run deployed workflows: `workflow.start(..., backend=aws(region="eu-west-1"))`."""
    return AwsBackend(AwsAccount(region, profile, endpoint_url), stack=stack)
