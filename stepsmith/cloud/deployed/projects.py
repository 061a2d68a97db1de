"""The workflows of a project in a cloud: state machines under their names, tasks as Lambda functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from stepsmith.asl import to_json
from stepsmith.authoring.calls.clients import using_clients
from stepsmith.authoring.functions.batch_function import BatchFunction
from stepsmith.authoring.workflows.starting import named_in
from stepsmith.cloud.actions.resources import Execution
from stepsmith.cloud.deployed.resources import AnyFunction, make, make_resources
from stepsmith.cloud.deployed.starters import Starters
from stepsmith.cloud.place import Place
from stepsmith.cloud.services import Caller, ServiceError
from stepsmith.engine.values.payload import text_of
from stepsmith.expressions.types import Json
from stepsmith.integrations.lambda_functions import as_function
from stepsmith.service.executions.started import Ending, ending_input, ending_name
from stepsmith.service.machines.workflow_runs import workflow_machine

if TYPE_CHECKING:
    from stepsmith.authoring.workflows.workflow import Workflow

_UNSUCCESSFUL = frozenset({"FAILED", "TIMED_OUT", "ABORTED"})


class Endings:
    """Starts, for workflows that name one, the workflow that ends the records of an execution which did not succeed."""

    def __init__(self, cloud: Place) -> None:
        self._cloud = cloud
        self._endings: dict[str, Ending] = {}

    def put(self, machine: str, ending: Ending | None) -> None:
        """Let the executions of a machine end like this."""
        if ending is None:
            self._endings.pop(machine, None)
        else:
            self._endings[machine] = ending

    def heard(self, execution: Execution, caller: Caller) -> None:
        """Take notice of an execution that has begun or ended."""
        ending = self._endings.get(execution.machine.arn)
        if ending is None or execution.run.status not in _UNSUCCESSFUL:
            return
        request = {
            "stateMachineArn": caller.arn("states", f"stateMachine:{ending.machine.name}"),
            "name": ending_name(execution.run),
            "input": text_of(ending_input(ending, execution.run)),
        }
        self._cloud.step_functions.call("StartExecution", request, caller)


def deploy(
    cloud: Place, starters: Starters, endings: Endings, named: Mapping[str, Workflow[..., Any]]
) -> dict[str, str]:
    """Create or update the state machines of workflows, let their tasks answer and their triggers start them.

    `named` holds workflows by name, those too that others start or that end their records. The tables, queues, topics
    and buckets that they name are made, too. Gives ARNs by the names of workflows. Raises StepsmithError of the service
    for a name that something else has.
    """
    tasks: dict[str, object] = {}
    for workflow in named.values():
        tasks |= workflow.tasks
    cloud.means.define(tasks)
    for name, task in tasks.items():
        cloud.functions.define(name, _handler(cloud, name, task), caller=cloud.caller)
    arns = {name: cloud.caller.arn("states", f"stateMachine:{name}") for name in named}
    for name, workflow in named.items():
        _put(cloud, name, _filled(to_json(workflow.definition), arns))
        endings.put(arns[name], workflow_machine(workflow).ending)
    make_resources(cloud, named.values())
    for name, workflow in named.items():
        starters.connect(workflow, arns[name])
    return arns


def _filled(definition: str, arns: Mapping[str, str]) -> str:
    """Name the state machines that a definition starts; names of functions are found as they are."""
    for name, arn in arns.items():
        definition = definition.replace(f'"${{{name}}}"', f'"{arn}"')
    return definition


def _put(cloud: Place, name: str, definition: str) -> None:
    caller = cloud.caller
    role = f"arn:aws:iam::{caller.account}:role/{name}"
    request = {"name": name, "definition": definition, "roleArn": role}
    try:
        cloud.step_functions.call("CreateStateMachine", request, caller)
    except ServiceError as error:
        if error.code != "StateMachineAlreadyExists":
            raise
        arn = caller.arn("states", f"stateMachine:{name}")
        update = {"stateMachineArn": arn, "definition": definition}
        cloud.step_functions.call("UpdateStateMachine", update, caller)


def put_functions(cloud: Place, starters: Starters, functions: Iterable[AnyFunction]) -> None:
    """Put functions that no workflow calls into a cloud, with what they declare."""
    for function in functions:
        for provision in dict.fromkeys(named_in(function.deployment.policies)):
            make(cloud, provision)
        name = function.function_name
        cloud.functions.define(name, _handler(cloud, name, function), caller=cloud.caller)
        if isinstance(function, BatchFunction):
            starters.read(function)


def _handler(cloud: Place, name: str, task: object) -> Callable[[Json, object], Json]:
    """Return what Lambda calls: the task, with clients of this cloud."""
    function, clients = as_function(name, task), cloud.registry(cloud.caller)

    def handle(event: Json, context: object) -> Json:
        with using_clients(clients):
            return function.call(event)

    return handle
