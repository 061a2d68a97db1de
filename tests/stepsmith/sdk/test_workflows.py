"""Our workflows as the SDK's, against a Step Functions that lives in this process."""

import copy
import json
import re
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from stepsmith import task, workflow
from stepsmith.asl import render, to_json
from stepsmith.diagnostics import InvalidDefinition
from stepsmith.errors import InvalidInput
from stepsmith.integrations import ClientRegistry
from stepsmith.sdk import from_sdk, input_model, to_graph, to_sdk
from stepsmith.service import load
from stepsmith.states import Pass, StateMachine, Wait
from tests.stepsmith.sdk.environment import ROLE, SDK

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:charge"
DEFINITIONS = Path(__file__).parents[3] / "definitions"
WORKFLOWS = sorted(path.name.removesuffix(".asl.json") for path in DEFINITIONS.iterdir())


@task
def charge(cents: int) -> str:
    return f"paid {cents}"


@workflow
def payment(cents: int) -> str:
    return charge(cents)


@pytest.fixture
def client() -> Any:
    return ClientRegistry.local().client("stepfunctions")


def payment_in_the_sdk(client: Any, **settings: Any) -> Any:
    return to_sdk(payment, role=ROLE, client=client, substitutions={"charge": FUNCTION}, **settings)


def stored(client: Any, arn: str) -> Any:
    return json.loads(client.describe_state_machine(stateMachineArn=arn)["definition"])


@pytest.mark.slow
def test_it_creates_the_state_machine_under_our_name(client: Any) -> None:
    arn = payment_in_the_sdk(client, tags={"team": "shop"}).create()

    found = client.describe_state_machine(stateMachineArn=arn)
    assert (found["name"], found["roleArn"]) == ("payment", ROLE)
    assert client.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "team", "value": "shop"}]
    assert "${charge}" not in found["definition"]
    assert to_json(load(found["definition"]).definition) == to_json(payment.definition).replace(
        "${charge}", FUNCTION
    )


@pytest.mark.slow
def test_creating_it_again_finds_the_one_that_is_there(client: Any) -> None:
    arn = payment_in_the_sdk(client).create()

    assert payment_in_the_sdk(client).create() == arn


@pytest.mark.slow
def test_it_updates_to_another_workflow_of_ours(client: Any) -> None:
    created = payment_in_the_sdk(client)
    arn = created.create()
    changed = StateMachine("changed", Pass("Only").output({"nothing": True}))

    created.update(definition=to_graph(changed))

    assert stored(client, arn) == render(changed.definition)


@pytest.mark.slow
def test_it_executes_and_lists_its_executions(client: Any) -> None:
    created = payment_in_the_sdk(client)
    created.create()

    execution = created.execute(name="first", inputs=payment.input_of(5))

    assert execution.get_input() == {"cents": 5}
    assert [one.execution_arn for one in created.list_executions()] == [execution.execution_arn]
    assert execution.list_events()[0]["type"] == "ExecutionStarted"
    execution.stop()
    assert execution.describe()["status"] == "ABORTED"


@pytest.mark.slow
def test_the_sdk_attaches_to_it_and_lists_it(client: Any) -> None:
    arn = payment_in_the_sdk(client, name="payment-two").create()

    attached = SDK.workflow.Workflow.attach(arn, client=client)

    assert attached.name == "payment-two"
    assert render(from_sdk(attached).definition) == stored(client, arn)
    assert [one["name"] for one in SDK.workflow.Workflow.list_workflows(client=client)] == ["payment-two"]


@pytest.mark.slow
def test_it_is_deleted(client: Any) -> None:
    created = payment_in_the_sdk(client)
    created.create()

    created.delete()

    assert SDK.workflow.Workflow.list_workflows(client=client) == []


@pytest.mark.slow
def test_it_gives_a_template(client: Any) -> None:
    template = payment_in_the_sdk(client).get_cloudformation_template()

    assert "StateMachineName: payment" in template
    assert FUNCTION in template


@pytest.mark.slow
def test_it_takes_any_input(client: Any) -> None:
    assert input_model(payment_in_the_sdk(client)) is None


@pytest.mark.slow
@pytest.mark.parametrize("name", WORKFLOWS)
def test_each_workflow_of_the_project_comes_back_as_it_went(name: str, client: Any) -> None:
    ours = getattr(import_module(f"workflows.{name}"), name)
    found = re.findall(r"\$\{(\w+)\}", to_json(ours.definition))

    theirs = to_sdk(ours, role=ROLE, client=client, substitutions={name: f"${{{name}}}" for name in found})

    assert to_json(from_sdk(theirs).definition) == to_json(ours.definition)
    assert from_sdk(theirs).name == name


def test_machines_and_explicit_states_go_the_same_way() -> None:
    states = StateMachine("settle", Wait("Settle", seconds=5), timeout=timedelta(minutes=1))

    assert to_graph(states).to_dict() == render(states.definition)  # type: ignore[attr-defined] # the SDK has no types
    assert to_graph(load(states.to_json())).to_dict() == render(states.definition)  # type: ignore[attr-defined] # as above


def test_its_definition_can_be_printed_and_copied() -> None:
    graph: Any = to_graph(StateMachine("settle", Wait("Settle", seconds=5)))

    assert repr(graph) == "<definition with the states Settle>"
    assert copy.deepcopy(graph).to_dict() == graph.to_dict()
    assert json.loads(str(graph)) == graph.to_dict()
    assert not hasattr(graph, "no_such_field")


def test_a_placeholder_that_nothing_stands_for_is_named() -> None:
    with pytest.raises(InvalidInput) as caught:
        to_sdk(payment, role=ROLE)

    assert str(caught.value) == (
        "the definition of payment has ${charge}, which nothing stands for: give substitutions={'charge': ...}"
    )


def test_a_substitution_for_nothing_is_named() -> None:
    with pytest.raises(InvalidInput, match=r"substitutions has 'chrage'; .* of payment has no \$\{chrage\}"):
        to_graph(payment, substitutions={"charge": FUNCTION, "chrage": FUNCTION})


def test_substitutions_that_aws_would_refuse_are_refused() -> None:
    quoted = {"Type": "Pass", "Output": "{% '${a}' %}", "End": True}
    machine = load({"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": quoted}})

    with pytest.raises(InvalidDefinition, match="/States/A/Output"):
        to_graph(machine, substitutions={"a": "it's"})


def test_a_role_that_is_no_arn_is_named() -> None:
    with pytest.raises(InvalidInput, match="role is 'admin'; it is the ARN of a role"):
        to_sdk(payment, role="admin")


def test_an_express_machine_is_refused_for_the_sdk_creates_none() -> None:
    express = load({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}, type="EXPRESS", name="quick")

    with pytest.raises(InvalidInput, match="quick is an express machine; the SDK creates standard ones only"):
        to_graph(express)
