"""The SDK's workflows as machines: run, checked, drawn, and refused where they cannot be said."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.asl import to_json
from stepsmith.diagnostics import InvalidDefinition
from stepsmith.errors import InvalidInput
from stepsmith.sdk import definition_of, from_sdk
from stepsmith.views.graphs.mermaid import to_mermaid
from tests.stepsmith.sdk.environment import ROLE, SDK

steps, workflow = SDK.steps, SDK.workflow
StepInput, ExecutionInput = SDK.inputs.StepInput, SDK.inputs.ExecutionInput

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


class NoClient:
    """Enough of a client for a Workflow that is never created."""

    class _client_config:
        user_agent = ""


def sdk_workflow(definition: Any, **settings: Any) -> Any:
    return workflow.Workflow("orders", definition, ROLE, client=NoClient(), **settings)


def charging() -> Any:
    charge = steps.Task(
        "Charge",
        resource="arn:aws:lambda:eu-west-1:123456789012:function:charge",
        retry=steps.Retry(error_equals=["Busy"], interval_seconds=30, max_attempts=2),
        catch=steps.Catch(error_equals=["Refused"], next_step=steps.Fail("Give up", error="NoMoney")),
    )
    return steps.Chain([charge, steps.Wait("Settle", seconds=3600), steps.Succeed("Paid")])


def test_a_chain_runs_here_with_retries_waits_and_catches() -> None:
    answers = iter([RuntimeError("busy"), {"paid": 5}])

    class Busy(Exception): ...

    def charge(order: object) -> object:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise Busy
        return answer

    execution = from_sdk(charging()).run({"cents": 5}, tasks={"charge": charge})

    assert execution.output == {"paid": 5}
    assert execution.path == ["Charge", "Settle", "Paid"]
    assert execution.elapsed.total_seconds() == 3630


def test_a_workflow_keeps_its_name_comment_timeout_and_version() -> None:
    source = sdk_workflow(charging(), timeout_seconds=60, comment="orders of the day", version="1.0")

    machine = from_sdk(source)

    assert machine.name == "orders"
    assert machine.definition.comment == "orders of the day"
    assert machine.definition.timeout_seconds == 60
    assert machine.definition.version == "1.0"


def test_a_name_can_be_given() -> None:
    assert from_sdk(sdk_workflow(charging()), name="other").name == "other"


@pytest.mark.parametrize(
    "wrap",
    [
        lambda chain: chain,
        steps.Graph,
        lambda chain: steps.FrozenGraph(steps.Graph(chain).to_dict()),
        lambda chain: steps.FrozenGraph.from_json(steps.Graph(chain).to_json()),
        lambda chain: sdk_workflow(chain),
        lambda chain: sdk_workflow(steps.Graph(chain)),
    ],
    ids=["Chain", "Graph", "FrozenGraph", "FrozenGraph.from_json", "Workflow", "Workflow of a Graph"],
)
def test_whatever_holds_the_steps_gives_the_same_machine(wrap: Any) -> None:
    assert to_json(from_sdk(wrap(charging())).definition) == to_json(from_sdk(charging()).definition)


def test_a_pipeline_gives_its_workflow() -> None:
    class Pipeline(SDK.template.pipeline.common.WorkflowTemplate):
        pass

    pipeline = Pipeline("bucket", sdk_workflow(charging()), ROLE, None)

    assert from_sdk(pipeline).name == "orders"


def test_a_machine_of_the_sdk_can_be_drawn() -> None:
    drawn = to_mermaid(from_sdk(charging()).definition)

    assert "Charge" in drawn
    assert "Give up" in drawn


def test_what_aws_would_refuse_is_told_with_its_place() -> None:
    loose = steps.Chain([steps.Pass("A", input_path="no path"), steps.Choice("Nothing to choose")])

    with pytest.raises(InvalidDefinition) as caught:
        from_sdk(loose)

    assert {"/States/A/InputPath", "/States/Nothing to choose/Choices"} <= {
        finding.pointer for finding in caught.value.findings
    }


def test_what_aws_would_refuse_can_still_be_had_as_json() -> None:
    assert definition_of(steps.Pass("A", input_path="no path"))["StartAt"] == "A"


def test_a_loop_back_is_an_ordinary_transition() -> None:
    poll, done = steps.Pass("Poll", result={"ready": True}), steps.Choice("Ready?")
    poll.next(done)
    done.add_choice(steps.ChoiceRule.BooleanEquals("$.ready", False), poll)
    done.default_choice(steps.Succeed("Done"))

    assert from_sdk(poll).run({}).path == ["Poll", "Ready?", "Done"]


@given(json_values)
def test_a_literal_result_is_what_it_was(value: Any) -> None:
    assert from_sdk(steps.Pass("A", result={"value": value})).run({}).output == {"value": value}


# ---- placeholders


def test_placeholders_are_paths_into_the_input_of_the_execution_and_of_the_step() -> None:
    given_input = ExecutionInput(schema={"order": {"id": str}})
    first = steps.Pass("First", result={"total": 3}, output_schema={"total": int})
    second = steps.Pass(
        "Second", parameters={"id": given_input["order"]["id"], "sum": {"is": first.output()["total"]}}
    )

    execution = from_sdk(steps.Chain([first, second])).run({"order": {"id": "o1"}})

    assert execution.output == {"id": "o1", "sum": {"is": 3}}


def test_a_placeholder_in_a_list_which_the_sdk_cannot_write_is_an_array() -> None:
    given_input = ExecutionInput(schema={"name": str})
    chain = steps.Pass("A", parameters={"command": ["echo", given_input["name"], 3, True, None]})

    with pytest.raises(TypeError, match="not JSON serializable"):
        steps.Graph(chain).to_json()

    assert definition_of(chain)["States"] == {
        "A": {
            "Type": "Pass",
            "Parameters": {
                "command.$": "States.Array('echo', $$.Execution.Input['name'], 3, true, null)",
            },
            "End": True,
        }
    }
    assert from_sdk(chain).run({"name": "you"}).output == {"command": ["echo", "you", 3, True, None]}


class Slot:
    """Where a placeholder goes in a list."""

    def __repr__(self) -> str:
        return "<slot>"


def filled(value: Any, with_what: Any) -> Any:
    if isinstance(value, list):
        return [filled(item, with_what) for item in value]
    return with_what if isinstance(value, Slot) else value


@given(
    st.lists(
        st.recursive(st.builds(Slot) | json_values, lambda inner: st.lists(inner, max_size=3), max_leaves=4),
        max_size=4,
    ),
    json_values,
)
def test_a_list_with_placeholders_has_at_run_time_what_it_says(items: list[Any], given_value: Any) -> None:
    placeholder = ExecutionInput()["x"]
    step = steps.Pass("A", parameters={"list": [*filled(items, placeholder), placeholder]})

    execution = from_sdk(step).run({"x": given_value})

    assert execution.output == {"list": [*filled(items, given_value), given_value]}


def test_an_object_with_a_placeholder_beside_a_placeholder_is_refused_with_the_way_out() -> None:
    name = ExecutionInput(schema={"name": str})["name"]
    step = steps.Pass("A", parameters={"list": [name, {"inner": [{"of": name}]}]})

    with pytest.raises(InvalidInput) as caught:
        from_sdk(step)

    assert str(caught.value) == (
        "/States/A/Parameters/list/1 is an object with a placeholder, in a list with other placeholders, "
        "which no path can say: make the object in a Pass state before"
    )


def test_objects_with_placeholders_in_a_list_are_templates() -> None:
    name = ExecutionInput(schema={"name": str})["name"]
    step = steps.Pass("A", parameters={"list": [{"of": name}, [{"deep": name}], "text"]})

    assert from_sdk(step).run({"name": "you"}).output == {"list": [{"of": "you"}, [{"deep": "you"}], "text"]}


def test_a_placeholder_in_a_field_that_takes_a_path_is_the_path() -> None:
    total = StepInput(schema={"total": int, "limit": int, "seconds": int})
    choice = steps.Choice("C", input_path=ExecutionInput()["order"])
    choice.add_choice(
        steps.ChoiceRule.NumericLessThanPath(total["total"], total["limit"]),
        steps.Wait("W", seconds_path=total["seconds"]),
    )
    choice.default_choice(steps.Fail("Too much", error="TooMuch"))

    execution = from_sdk(choice).run({"order": {"total": 1, "limit": 2, "seconds": 9}})

    assert execution.path == ["C", "W"]
    assert execution.elapsed.total_seconds() == 9


def test_a_placeholder_where_no_path_is_possible_is_refused_with_its_place() -> None:
    step = steps.Pass("A", result={"now": ExecutionInput()["when"]})

    with pytest.raises(InvalidInput) as caught:
        from_sdk(step)

    assert str(caught.value) == (
        "/States/A/Result/now is the placeholder $$.Execution.Input['when'], and no path is possible there: "
        "give it to a member of `parameters`, or to the field's `_path` form where it has one"
    )


# ---- what cannot be said


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"when": {1, 2}}, "/States/A/Parameters/when is set, which is not JSON"),
        ({"b": [b"bytes"]}, "/States/A/Parameters/b/0 is bytes, which is not JSON"),
        ({"o": {3: "three"}}, "/States/A/Parameters/o has the key 3; keys are texts"),
    ],
)
def test_what_is_not_json_is_named_with_its_place(parameters: Any, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        from_sdk(steps.Pass("A", parameters=parameters))

    assert str(caught.value) == message


def test_a_definition_that_holds_itself_is_refused() -> None:
    endless: dict[str, Any] = {"StartAt": "A"}
    endless["States"] = endless

    with pytest.raises(InvalidInput, match="contains itself"):
        from_sdk(steps.FrozenGraph(endless))


def test_steps_that_hold_themselves_are_refused() -> None:
    state = steps.Map("M")
    state.attach_iterator(state)

    with pytest.raises(InvalidInput, match="contain themselves"):
        from_sdk(state)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (steps.Chain([]), "the SDK cannot put the steps together: The chain is empty"),
        (steps.Map("M"), "the SDK cannot put the steps together: Expected branch to be a State or a Chain"),
        (
            steps.Chain([steps.Pass("A"), steps.Pass("A")]),
            "the SDK cannot put the steps together: Each state in a",
        ),
    ],
    ids=["empty chain", "map of nothing", "same name twice"],
)
def test_steps_that_the_sdk_refuses_are_refused_in_its_words(source: object, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        from_sdk(source)

    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("source", [None, {}, "{}", object(), steps.Retry(error_equals=["A"])])
def test_what_is_not_a_workflow_of_the_sdk_is_refused(source: object) -> None:
    with pytest.raises(
        InvalidInput, match="is not a Workflow, Graph, Chain or step of the stepfunctions SDK"
    ):
        from_sdk(source)


def test_a_frozen_graph_that_cannot_be_printed_or_copied_is_taken() -> None:
    frozen = steps.FrozenGraph(steps.Graph(charging()).to_dict())

    with pytest.raises(RecursionError):
        repr(frozen)
    with pytest.raises(RecursionError):
        copy.deepcopy(frozen)

    assert from_sdk(frozen).definition.start_at == "Charge"
