"""Expressions that only read a name are read without the evaluator, and give what it gives."""

from typing import Any

import pytest

from stepsmith.expressions import jsonata
from stepsmith.expressions.types import UNDEFINED
from tests.stepsmith.engine.playing import LAMBDA, play

VALUES: list[Any] = [
    None, True, 0, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 5.0, 0.1, 1e300, "", "é", [], [[]], [1], [[1]],
    [{"a": 1}], [{"a": 1}, {"a": [2]}, {}], {}, {"a": None}, {"a": 2.0}, {"a": [3]}, {"a": {"b": 2**70}},
    {"a": {"b": [4, [5]]}}, {"a": [{"b": 6}, {"b": 7}]}, {"a": [[{"b": 8}]]}, {"a b": 9}, {"é": 10},
]  # fmt: skip
INPUTS = [
    "$states.input", "$states.input.a", "$states.input.a.b", "$states.input.`a b`", "$states.input.é",
    "$states.input[0]", "$states.input[]", "$states.input.a[]", "$states.input.a[0]", "$states.input.a{b: 1}",
    "$states.input{a: 1}", "$states.input^(a)", "$states.input.a#$i", "$states.input.$x",
]  # fmt: skip


def passed(expression: str, input: Any) -> Any:
    """Run a Pass state whose output is an expression; gives the output, or nothing where it fails."""
    state = {"Type": "Pass", "Output": f"{{% {expression} %}}", "End": True}
    run = play({"QueryLanguage": "JSONata", "StartAt": "P", "States": {"P": state}}, input)
    return run.output if run.status == "SUCCEEDED" else UNDEFINED


def evaluated(expression: str, **states: Any) -> Any:
    """Evaluate an expression without an engine; gives nothing where it fails."""
    try:
        return jsonata.compile(expression).run(states, {})
    except jsonata.JsonataError:
        return UNDEFINED


def written(value: Any) -> str:
    return f"{type(value).__name__} {value!r}"


@pytest.mark.parametrize("expression", INPUTS)
def test_reading_the_input_gives_what_the_evaluator_gives(expression: str) -> None:
    found = {written(value): written(passed(expression, value)) for value in VALUES}

    assert found == {written(value): written(evaluated(expression, input=value)) for value in VALUES}


@pytest.mark.parametrize("expression", ["$states.result", "$states.result.a", "$states.result.a.b"])
def test_reading_a_result_gives_what_the_evaluator_gives(expression: str) -> None:
    def given(value: Any) -> Any:
        state = {"Type": "Task", "Resource": LAMBDA, "Output": f"{{% {expression} %}}", "End": True}
        run = play(
            {"QueryLanguage": "JSONata", "StartAt": "T", "States": {"T": state}}, {}, lambda payload: value
        )
        return run.output if run.status == "SUCCEEDED" else UNDEFINED

    found = {written(value): written(given(value)) for value in VALUES}

    assert found == {written(value): written(evaluated(expression, result=value)) for value in VALUES}


def test_what_is_not_there_fails_in_the_words_of_the_service() -> None:
    state = {"Type": "Pass", "Output": "{% $states.input.a %}", "End": True}

    run = play({"QueryLanguage": "JSONata", "StartAt": "P", "States": {"P": state}}, {"b": 1})

    assert run.error == "States.QueryEvaluationError"
    assert (
        "The JSONata expression '$states.input.a' specified for the field 'Output' returned nothing"
        in str(run.cause)
    )
