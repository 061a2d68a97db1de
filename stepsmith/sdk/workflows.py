"""Our workflows as the SDK's, which create, update, execute, attach and list them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Protocol, TypeAlias, cast

from stepsmith.asl import LARGEST, parse, render
from stepsmith.asl.filling import substitute
from stepsmith.asl.placeholders import placeholders
from stepsmith.authoring.machines.machine import StateMachine
from stepsmith.authoring.workflows.workflow import Workflow
from stepsmith.errors import InvalidInput
from stepsmith.expressions.types import Json
from stepsmith.sdk.importing import import_sdk
from stepsmith.service import Machine

Source: TypeAlias = Workflow[..., Any] | StateMachine | Machine
"""What can be handed to the SDK."""


class SdkExecution(Protocol):
    """An execution as the SDK has it, in short."""

    execution_arn: str
    start_date: datetime

    def describe(self) -> dict[str, Any]:
        """Ask for what DescribeExecution says."""
        ...

    def list_events(self, max_items: int = ..., reverse_order: bool = ..., html: bool = ...) -> Any:
        """Ask for its history."""
        ...

    def get_input(self) -> Json:
        """Give its input."""
        ...

    def get_output(self, wait: bool = ...) -> Json:
        """Give its output; None for one that failed."""
        ...

    def stop(self, cause: str | None = ..., error: str | None = ...) -> dict[str, Any]:
        """Stop it."""
        ...


class SdkWorkflow(Protocol):
    """A workflow as the SDK has it, in short."""

    name: str
    role: str
    tags: list[dict[str, str]]
    state_machine_arn: str | None

    def create(self) -> str:
        """Create the state machine and give its ARN; that of the one which is there already, if there is one."""
        ...

    def update(self, definition: object = ..., role: str | None = ...) -> str:
        """Update the state machine and give its ARN; `to_graph` makes the definition."""
        ...

    def execute(self, name: str | None = ..., inputs: Any = ...) -> SdkExecution:
        """Start an execution."""
        ...

    def list_executions(self, max_items: int = ..., status_filter: Any = ..., html: bool = ...) -> Any:
        """List its executions."""
        ...

    def get_cloudformation_template(self, description: str | None = ...) -> str:
        """Give a template with the state machine alone, as YAML."""
        ...

    def delete(self) -> None:
        """Delete the state machine."""
        ...


def to_sdk(
    workflow: Source,
    *,
    role: str,
    client: object | None = None,
    name: str | None = None,
    tags: Mapping[str, str] | None = None,
    substitutions: Mapping[str, str] | None = None,
) -> SdkWorkflow:
    """Give a workflow, state machine or machine as a `stepfunctions.workflow.Workflow`.

    `role` is the ARN of the role it runs with, `client` a boto3 client of Step Functions, by default a new one.
    `substitutions` says what stands for each `${placeholder}`, such as the ARN of a task's function. Raises
    MissingPackage without the SDK, InvalidInput for a placeholder that nothing stands for and for an express machine,
    and InvalidDefinition for substitutions that AWS would refuse.
    """
    if not role.startswith("arn:"):
        raise InvalidInput(f"role is {role!r}; it is the ARN of a role")
    graph = to_graph(workflow, substitutions=substitutions)
    pairs = [{"key": key, "value": value} for key, value in (tags or {}).items()]
    return import_sdk().workflow.Workflow(
        name=name or workflow.name, definition=graph, role=role, tags=pairs, client=client
    )


def to_graph(workflow: Source, *, substitutions: Mapping[str, str] | None = None) -> object:
    """Give the definition as a Graph of the SDK, as its `Workflow` and its `update` take it; raises as to_sdk does."""
    if isinstance(workflow, Machine) and workflow.type == "EXPRESS":
        raise InvalidInput(f"{workflow.name} is an express machine; the SDK creates standard ones only")
    definition = _filled(workflow.name, render(workflow.definition), substitutions or {})
    if substitutions:
        parse(definition)
    return _graph_class(import_sdk().steps.FrozenGraph)(definition)


@cache
def _graph_class(frozen_graph: Any) -> Any:
    class DefinitionGraph(frozen_graph):
        """A definition that is there already; unlike FrozenGraph it can be printed and copied."""

        def __init__(self, definition: dict[str, Json]) -> None:
            frozen_graph.__init__(self, definition)
            self.fields: dict[str, object] = {}

        def __getattr__(self, name: str) -> Any:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

        def __repr__(self) -> str:
            states = cast("Sequence[str]", list(self.definition["States"]))
            return f"<definition with the states {', '.join(states)}>"

    return DefinitionGraph


def _filled(name: str, definition: dict[str, Json], substitutions: Mapping[str, str]) -> dict[str, Json]:
    filled, used = substitute(definition, substitutions, largest=LARGEST)
    seen = {each.name for each in placeholders(definition)}
    missing, unknown = sorted(seen - used), sorted(set(substitutions) - used)
    if missing:
        raise InvalidInput(
            f"the definition of {name} has ${{{missing[0]}}}, which nothing stands for: "
            f"give substitutions={{{', '.join(f'{one!r}: ...' for one in missing)}}}"
        )
    if unknown:
        raise InvalidInput(
            f"substitutions has {unknown[0]!r}; the definition of {name} has no ${{{unknown[0]}}}"
        )
    return cast("dict[str, Json]", filled)
