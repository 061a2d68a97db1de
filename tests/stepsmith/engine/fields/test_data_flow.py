from typing import Any

import pytest

from tests.stepsmith.engine.playing import LAMBDA, details, one, play, task


def echo(payload: Any) -> Any:
    return payload


def test_input_goes_through_a_pass_state_unchanged() -> None:
    run = play(one({"Type": "Pass"}), {"a": [1, 2.0, None]})

    assert run.output == {"a": [1, 2.0, None]}


def test_a_task_sees_parameters_and_its_result_is_selected_and_placed() -> None:
    state = task(
        InputPath="$.order",
        Parameters={"id.$": "$.id", "kind": "order"},
        ResultSelector={"total.$": "$.sum"},
        ResultPath="$.result",
        OutputPath="$.result.total",
    )
    seen: list[Any] = []

    run = play(
        one(state), {"order": {"id": 7}}, lambda payload: seen.append(payload) or {"sum": 12, "rest": 1}
    )

    assert seen == [{"id": 7, "kind": "order"}]
    assert run.output == 12


def test_null_paths_discard() -> None:
    assert play(one({"Type": "Pass", "InputPath": None}), {"a": 1}).output == {}
    assert play(one({"Type": "Pass", "OutputPath": None}), {"a": 1}).output == {}
    assert play(one({"Type": "Pass", "Result": 2, "ResultPath": None}), {"a": 1}).output == {"a": 1}


def test_a_literal_result_is_never_evaluated() -> None:
    run = play(one({"Type": "Pass", "Result": {"x.$": "$.nowhere"}}), {})

    assert run.output == {"x.$": "$.nowhere"}


def test_placing_a_result_leaves_the_input_alone() -> None:
    given = {"deep": {"a": 1}}

    run = play(one({"Type": "Pass", "Result": 2, "ResultPath": "$.deep.b"}), given)

    assert run.output == {"deep": {"a": 1, "b": 2}}
    assert given == {"deep": {"a": 1}}


@pytest.mark.parametrize(
    ("field", "cause"),
    [
        ({"InputPath": "$.x"}, "Invalid path '$.x' : No results for path: $['x']"),
        (
            {"Parameters": {"v.$": "$.x"}},
            "The JSONPath '$.x' specified for the field 'v.$' could not be found in the input '{\"a\":1}'",
        ),
    ],
)
def test_a_path_that_leads_nowhere_fails_the_state_with_the_place(field: dict[str, Any], cause: str) -> None:
    run = play(one({"Type": "Pass", **field}), {"a": 1})

    assert (run.status, run.error) == ("FAILED", "States.Runtime")
    assert (
        run.cause == f"An error occurred while executing the state 'S' (entered at the event id #2). {cause}"
    )


def test_jsonata_output_and_variables_come_from_one_snapshot() -> None:
    machine = one(
        {"Type": "Pass", "Assign": {"n": "{% $states.input.n + 1 %}"}, "Next": "T"},
        language="JSONata",
        T={
            "Type": "Pass",
            "Assign": {"n": "{% $n + 1 %}", "before": "{% $n %}"},
            "Output": {"sees": "{% $n %}"},
            "Next": "U",
        },
        U={"Type": "Pass", "Output": {"n": "{% $n %}", "before": "{% $before %}"}, "End": True},
    )

    run = play(machine, {"n": 1})

    assert run.output == {"n": 3, "before": 2}
    assert details(run, "PassStateExited")[1]["assignedVariables"] == {"n": "3", "before": "2"}
    assert details(run, "PassStateExited")[1]["output"] == '{"sees":2}'


def test_whole_states_object_has_input_result_and_context() -> None:
    state = {"Type": "Task", "Resource": LAMBDA, "Output": "{% $states %}"}

    run = play(one(state, language="JSONata"), {"a": 1}, echo)

    assert isinstance(run.output, dict)
    assert list(run.output) == ["input", "context", "result"]


def test_variables_cross_from_jsonpath_to_jsonata() -> None:
    machine = one(
        {"Type": "Pass", "Assign": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "T"},
        T={"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $n * 2 %}", "End": True},
    )

    assert play(machine, {"n": 4}).output == 10


def test_undefined_expression_is_recorded_before_the_execution_fails() -> None:
    run = play(one({"Type": "Pass", "Output": {"v": "{% $nothing %}"}}, language="JSONata"), {})

    assert run.error == "States.QueryEvaluationError"
    assert details(run, "EvaluationFailed") == [
        {"state": "S", "error": run.error, "cause": run.cause, "location": "Output/v"}
    ]


def test_the_first_event_keeps_the_spacing_of_the_caller() -> None:
    run = play(one({"Type": "Pass"}), {"a": 1}, input_text='{ "a" : 1 }')

    assert details(run, "ExecutionStarted")[0]["input"] == '{ "a" : 1 }'
    assert details(run, "PassStateEntered")[0]["input"] == '{ "a" : 1 }'
    assert details(run, "PassStateExited")[0]["output"] == '{"a":1}'


def test_a_succeed_state_shapes_its_output() -> None:
    by_path = play(one({"Type": "Succeed", "InputPath": "$.a", "OutputPath": "$.b"}), {"a": {"b": 1}})
    by_query = play(
        one({"Type": "Succeed", "Output": "{% $states.input.a.b %}"}, language="JSONata"), {"a": {"b": 1}}
    )

    assert by_path.output == by_query.output == 1


def test_a_fail_state_takes_its_texts_from_the_data() -> None:
    by_path = one({"Type": "Fail", "ErrorPath": "$.e", "CausePath": "States.Format('{}!', $.c)"})
    by_query = one({"Type": "Fail", "Error": "{% $states.input.e %}", "Cause": "{% 1 %}"}, language="JSONata")

    run, failed = play(by_path, {"e": "E", "c": "c"}), play(by_query, {"e": "E"})

    assert (run.error, run.cause) == ("E", "c!")
    assert failed.error == "States.QueryEvaluationError"
    assert "Expected 'string', but was 'number' for value: 1" in (failed.cause or "")
