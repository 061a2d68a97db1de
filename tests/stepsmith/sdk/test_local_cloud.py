"""The hello world of the stepfunctions SDK, unchanged, at our own Step Functions: in process and over HTTP."""

from __future__ import annotations

from collections.abc import Generator
from importlib.util import find_spec
from typing import Any

import pytest

from stepsmith.cloud.local import LocalCloud
from stepsmith.service.clock import WallClock
from tests.stepsmith.sdk.environment import ROLE, SDK

steps, workflow = SDK.steps, SDK.workflow

pytestmark = pytest.mark.slow


@pytest.fixture(params=["in process", "server"])
def client(request: pytest.FixtureRequest) -> Generator[Any]:
    if request.param == "in process":
        with LocalCloud(clock=WallClock(), is_served=True) as cloud:
            yield cloud.client("stepfunctions")
        return
    if find_spec("httptools") is None:
        pytest.skip("the extra `server` is not installed here")
    from tests.stepsmith.server.servers import serving

    with serving() as server:
        yield server.client()


def hello(client: Any) -> Any:
    """Make the workflow of the SDK's notebook: two Pass states in parallel, a wait, a choice, an end."""
    hello_world = steps.Parallel("HelloWorld")
    hello_world.add_branch(steps.Pass(state_id="Hello", result="Hello"))
    hello_world.add_branch(steps.Pass(state_id="World", result="World"))
    chosen = steps.Choice("Is this Hello World example?")
    end = steps.Succeed("Yes")
    chosen.add_choice(
        rule=steps.choice_rule.ChoiceRule.BooleanEquals(variable="$.IsHelloWorldExample", value=True),
        next_step=steps.Chain([steps.Wait(state_id="Wait a moment", seconds=0), hello_world, end]),
    )
    chosen.default_choice(next_step=steps.Fail("No", cause="Not Hello World"))
    start = steps.Pass("Pass", result=None)
    return workflow.Workflow("hello", steps.Chain([start, chosen]), ROLE, client=client)


def test_the_hello_world_is_created_executed_and_listed(client: Any) -> None:
    made = hello(client)
    made.create()

    execution = made.execute(inputs={"IsHelloWorldExample": True})

    assert execution.get_output(wait=True) == ["Hello", "World"]
    assert execution.list_events()[-1]["type"] == "ExecutionSucceeded"
    assert [each.execution_arn for each in made.list_executions()] == [execution.execution_arn]
    assert [each["name"] for each in workflow.Workflow.list_workflows(client=client)] == ["hello"]


def test_a_workflow_that_is_there_is_found_by_the_name_in_the_refusal(client: Any) -> None:
    arn = hello(client).create()
    again = workflow.Workflow("hello", steps.Chain([steps.Succeed("Other")]), ROLE, client=client)

    assert again.create() == arn
