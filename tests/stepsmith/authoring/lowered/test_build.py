"""Explicit states as plain data to the model, in both query languages."""

from typing import Any

import pytest

from stepsmith.asl import check, render, to_json
from stepsmith.asl.model import ProcessorConfig, ReaderConfig, Retrier, WriterConfig
from stepsmith.authoring.explicit.reference import expression_of
from stepsmith.authoring.lowered import graph
from stepsmith.authoring.lowered.build import build
from stepsmith.authoring.source.diagnostics import DefinitionError
from stepsmith.expressions.typed import tree
from stepsmith.expressions.typed.static_types import ANY, ErrorType
from stepsmith.expressions.typed.tree import Span
from stepsmith.references import context, state_input, variable

x: Any = variable("x", int)
label: Any = variable("label", str)
BUCKET = expression_of({"Bucket": "b", "Key": "k"})
ERROR = tree.State(part="errorOutput", type=ErrorType())
RESULT = tree.State(part="result", type=ANY)


def states(*made: graph.State, **options: Any) -> dict[str, Any]:
    built = build(graph.Scope(states=made), **options)
    assert check(to_json(built.machine)) == ()
    return render(built.machine)["States"]  # type: ignore[return-value]  # a definition is an object


def distributed() -> graph.Map:
    return graph.Map(
        name="Each",
        processor=graph.Scope(states=(graph.Pass(name="Row"),), comment="One batch"),
        config=ProcessorConfig(mode="DISTRIBUTED", execution_type="STANDARD"),
        item_selector=expression_of({"row": context.map.value, "x": x}),
        max_concurrency=expression_of(x),
        tolerated_failure_count=expression_of(3),
        label="Rows",
        item_reader=graph.ItemReader(
            resource="arn:aws:states:::s3:getObject", arguments=BUCKET, config=ReaderConfig(input_type="JSON")
        ),
        item_batcher=graph.ItemBatcher(
            max_items=expression_of(10), max_bytes=expression_of(1000), batch_input=expression_of({"x": x})
        ),
        result_writer=graph.ResultWriter(
            resource="arn:aws:states:::s3:putObject",
            arguments=expression_of({"Bucket": "b", "Prefix": "p"}),
            config=WriterConfig(transformation="COMPACT", output_type="JSON"),
        ),
    )


def test_a_distributed_map_has_a_reader_a_batcher_and_a_writer() -> None:
    start = graph.Pass(name="Start", assign={"x": expression_of(1)}, next="Each")

    each = states(start, distributed())["Each"]

    assert each["ItemReader"] == {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "JSON"},
        "Arguments": {"Bucket": "b", "Key": "k"},
    }
    assert each["ItemBatcher"] == {
        "MaxItemsPerBatch": 10,
        "MaxInputBytesPerBatch": 1000,
        "BatchInput": {"x": "{% $x %}"},
    }
    assert each["ItemSelector"] == {"row": "{% $states.context.Map.Item.Value %}", "x": "{% $x %}"}
    assert each["ResultWriter"]["WriterConfig"] == {"Transformation": "COMPACT", "OutputType": "JSON"}
    assert (each["MaxConcurrency"], each["ToleratedFailureCount"], each["Label"]) == ("{% $x %}", 3, "Rows")


def test_jsonpath_says_the_same_with_parameters_and_paths() -> None:
    start = graph.Pass(name="Start", assign={"x": expression_of(1)}, next="Each")

    each = states(start, distributed(), query_language="JSONPath")["Each"]

    assert each["ItemReader"]["Parameters"] == {"Bucket": "b", "Key": "k"}
    assert each["ItemBatcher"]["BatchInput"] == {"x.$": "$x"}
    assert each["ItemSelector"] == {"row.$": "$$.Map.Item.Value", "x.$": "$x"}
    assert (each["MaxConcurrencyPath"], each["ToleratedFailureCount"]) == ("$x", 3)


def call(**fields: Any) -> graph.Task:
    given: dict[str, Any] = {
        "name": "Call",
        "resource": "arn:aws:states:::sqs:sendMessage",
        "arguments": expression_of({"QueueUrl": "u", "MessageBody": state_input("body", str)}),
        **fields,
    }
    return graph.Task(**given)


def test_a_task_has_a_retry_and_catchers() -> None:
    task = call(
        retry=(Retrier(error_equals=("A",)),),
        catch=(graph.Catcher(errors=("States.ALL",), next="Caught", assign={"e": ERROR}, output=ERROR),),
        next="Caught",
    )

    found = states(task, graph.Pass(name="Caught"))["Call"]

    assert found["Retry"] == [{"ErrorEquals": ["A"]}]
    assert found["Catch"] == [
        {
            "ErrorEquals": ["States.ALL"],
            "Assign": {"e": "{% $states.errorOutput %}"},
            "Output": "{% $states.errorOutput %}",
            "Next": "Caught",
        }
    ]


def test_jsonpath_selects_from_the_result() -> None:
    id_ = tree.Field(value=RESULT, name="MessageId", type=ANY)
    made = tree.ObjectOf(entries=((expression_of("id"), id_),), type=ANY)
    task = call(
        output=made,
        assign={"message": id_},
        timeout_seconds=expression_of(state_input("limit", int)),
        catch=(graph.Catcher(errors=("States.ALL",), next="Caught", assign={"e": ERROR}),),
        next="Caught",
    )

    found = states(task, graph.Pass(name="Caught"), query_language="JSONPath")["Call"]

    assert found["Parameters"] == {"QueueUrl": "u", "MessageBody.$": "$.body"}
    assert found["ResultSelector"] == {"id.$": "$.MessageId"}
    assert found["Assign"] == {"message.$": "$.MessageId"}
    assert found["TimeoutSecondsPath"] == "$.limit"
    assert found["Catch"] == [{"ErrorEquals": ["States.ALL"], "Assign": {"e.$": "$"}, "Next": "Caught"}]


@pytest.mark.parametrize(
    "state",
    [
        call(catch=(graph.Catcher(errors=("E",), next="Call", output=expression_of(1)),)),
        call(output=expression_of(1)),
        call(arguments=expression_of(label)),
        graph.Choice(
            name="C",
            rules=(graph.ChoiceRule(condition=expression_of(x > 1), next="C", output=expression_of(1)),),
        ),
    ],
)
def test_what_jsonpath_has_no_field_for_is_refused(state: graph.State) -> None:
    with pytest.raises(DefinitionError, match="W320"):
        build(graph.Scope(states=(state,)), query_language="JSONPath")


def test_a_rule_and_a_choice_have_values_of_their_own() -> None:
    rule = graph.ChoiceRule(
        condition=expression_of(x > 1), next="Done", assign={"x": expression_of(2)}, output=expression_of(3)
    )
    choice = graph.Choice(name="Which?", rules=(rule,), next="Done", output=expression_of(4))
    start = graph.Pass(name="Start", assign={"x": expression_of(1)}, next="Which?")

    found = states(start, choice, graph.Succeed(name="Done"))["Which?"]

    assert found["Choices"] == [
        {"Condition": "{% $x > 1 %}", "Assign": {"x": 2}, "Output": "{% 3 %}", "Next": "Done"},
    ]
    assert (found["Output"], found["Default"]) == ("{% 4 %}", "Done")


def test_raw_fields_lie_over_what_is_rendered() -> None:
    task = call(raw={"TimeoutSeconds": 7, "Comment": "Raw"}, timeout_seconds=expression_of(5))

    found = states(task)["Call"]

    assert (found["TimeoutSeconds"], found["Comment"]) == (7, "Raw")


def test_the_transitions_of_raw_states_count() -> None:
    raw = graph.RawState(
        name="Raw",
        definition={
            "Type": "Choice",
            "Choices": [{"Condition": "{% true %}", "Next": "A"}],
        },
        next="B",
    )

    found = states(raw, graph.Pass(name="A"), graph.Succeed(name="B"))

    assert found["Raw"]["Default"] == "B"


def test_a_scope_can_start_elsewhere_than_with_its_first_state() -> None:
    scope = graph.Scope(
        states=(graph.Succeed(name="Done"), graph.Pass(name="Go", next="Done")), start_at="Go"
    )

    machine = build(scope, comment="Backwards", timeout_seconds=9).machine

    assert (machine.start_at, machine.comment, machine.timeout_seconds) == ("Go", "Backwards", 9)


def test_places_are_known_by_name_at_any_depth() -> None:
    place = Span("a.py", 1, 2, 3, 4)
    branch = graph.Scope(states=(graph.Pass(name="Inner", span=place),))

    built = build(graph.Scope(states=(graph.Parallel(name="Both", branches=(branch,)),)))

    assert built.spans == {"Inner": place}


def test_a_scope_without_states_is_refused() -> None:
    with pytest.raises(DefinitionError, match="W302 a scope has no states"):
        build(graph.Scope(states=()))
