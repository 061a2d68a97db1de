"""The SDK's executions as ours, and its pictures replaced, against a Step Functions that lives in this process."""

from typing import Any

import pytest

from stepsmith.errors import InvalidInput
from stepsmith.integrations import ClientRegistry
from stepsmith.sdk import execution_from_sdk, from_sdk, replace_widgets
from stepsmith.service import AwsExecution, Machine
from tests.stepsmith.sdk.environment import ROLE, SDK, WIDGETS

steps, workflow = SDK.steps, SDK.workflow


@pytest.fixture
def created() -> Any:
    """A workflow whose only state has the name that moto's histories have."""
    client = ClientRegistry.local().client("stepfunctions")
    made = workflow.Workflow("orders", steps.Chain([steps.Pass("A State")]), ROLE, client=client)
    made.create()
    return made


@pytest.fixture
def replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind, name in WIDGETS:
        monkeypatch.setattr(kind, name, getattr(kind, name))  # put back afterwards
    replace_widgets()


@pytest.mark.slow
def test_an_execution_of_theirs_is_one_of_ours(created: Any) -> None:
    theirs = created.execute(name="first", inputs={"cents": 5})

    ours = execution_from_sdk(theirs)

    assert (ours.arn, ours.name, ours.machine_name) == (theirs.execution_arn, "first", "orders")
    assert ours.input == {"cents": 5}
    assert ours.path == ["A State"]
    assert ours.definition == from_sdk(created).definition


@pytest.mark.slow
def test_an_execution_of_theirs_shows_graph_timeline_and_events_without_scripts(created: Any) -> None:
    shown = execution_from_sdk(created.execute())._repr_mimebundle_()["text/html"]

    assert shown.count("<svg") == 2
    assert "PassStateEntered" in shown
    assert "<script" not in shown


@pytest.mark.slow
def test_listed_executions_are_taken_too(created: Any) -> None:
    created.execute(name="first")

    assert [execution_from_sdk(one).name for one in created.list_executions()] == ["first"]


@pytest.mark.parametrize(
    "source", [None, "arn:aws:states:us-east-1:123456789012:execution:m:e", steps.Pass("A")]
)
def test_what_is_no_execution_of_the_sdk_is_refused(source: object) -> None:
    with pytest.raises(InvalidInput, match="is not an Execution of the stepfunctions SDK"):
        execution_from_sdk(source)


@pytest.mark.slow
def test_nothing_of_the_sdk_is_replaced_before_it_is_asked_for(created: Any) -> None:
    assert "require" in created.render_graph().data
    with pytest.raises(TypeError, match="not bool"):
        created.execute().list_events(html=True)


@pytest.mark.slow
@pytest.mark.usefixtures("replaced")
def test_their_graph_is_then_a_machine_that_draws_itself(created: Any) -> None:
    drawn = created.render_graph(portrait=True)

    assert isinstance(drawn, Machine)
    assert drawn.name == "orders"
    assert drawn._repr_mimebundle_()["image/svg+xml"].count("<svg") == 1


@pytest.mark.slow
@pytest.mark.usefixtures("replaced")
def test_their_progress_and_their_table_of_events_are_then_an_execution_that_shows_itself(
    created: Any,
) -> None:
    execution = created.execute(name="first")

    for shown in (execution.render_progress(), execution.list_events(html=True)):
        assert isinstance(shown, AwsExecution)
        assert shown.name == "first"


@pytest.mark.slow
@pytest.mark.usefixtures("replaced")
def test_their_list_of_events_stays_a_list_however_often_pictures_are_replaced(created: Any) -> None:
    replace_widgets()
    execution = created.execute()

    assert [event["id"] for event in execution.list_events()] == [1, 2, 3, 4]
    assert len(execution.list_events(max_items=1, reverse_order=True)) == 1
