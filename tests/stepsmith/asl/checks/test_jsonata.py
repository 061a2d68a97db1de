from typing import Any

import pytest

from stepsmith.asl import check
from stepsmith.expressions.jsonata import compile
from tests.stepsmith.asl.machines import map_state, one_state, task


def errors(state: Any) -> list[tuple[str, str]]:
    found = check(one_state(state, QueryLanguage="JSONata"))
    return [(finding.rule, str(finding)) for finding in found if finding.severity == "ERROR"]


def output(value: Any) -> Any:
    return {"Type": "Pass", "Output": value, "End": True}


@pytest.mark.parametrize(
    "value",
    [
        None,
        1,
        "text",
        "{% 1 %}",
        "{%1%}",
        " {% 1 %} ",
        "$a",
        {"a": ["{% $states.input.x %}", "$$"]},
        "{% $now() %}",
    ],
)
def test_values_that_aws_accepts_have_no_error(value: Any) -> None:
    assert errors(output(value)) == []


def test_an_expression_that_does_not_parse_is_named_with_its_place() -> None:
    ((rule, text),) = errors(output({"a": ["{% (1 + %}"]}))

    assert rule == "jsonata-syntax"
    assert text.startswith("INVALID_JSONATA_EXPRESSION: ")
    assert text.endswith(" at /States/A/Output/a[0]")


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("order.total", "Reference to 'order' at the top level is not supported."),
        ("$", "Reference to '$' at the top level is not supported."),
        ("$states.input.items[$$.n = 1]", "Reference to '$$' is not supported."),
    ],
)
def test_there_is_no_document_at_the_top_level(expression: str, message: str) -> None:
    assert errors(output({"v": f"{{% {expression} %}}"})) == [
        ("jsonata-scope", f"UNSUPPORTED_JSONATA_EXPRESSION: {message} at /States/A/Output/v")
    ]


@pytest.mark.parametrize("value", ["{% 1", "{% 1 % }", "1 %}"])
def test_an_expression_has_both_delimiters(value: str) -> None:
    assert [rule for rule, _ in errors(output(value))] == ["jsonata-delimiters"]


RESULT = "{% $states.result %}"
ERROR = "{% $states.errorOutput %}"
WITH_CATCH = {
    "Catch": [{"ErrorEquals": ["E"], "Next": "Z", "Output": ERROR, "Assign": {"e": ERROR}}],
    "Next": "Z",
}


@pytest.mark.parametrize(
    "state",
    [
        task(Output=RESULT, Assign={"v": RESULT}),
        task(**WITH_CATCH),
        {**map_state(Output=RESULT)},
    ],
)
def test_the_result_is_there_after_the_work_and_the_error_output_in_catch(state: Any) -> None:
    assert errors(state) == []


@pytest.mark.parametrize(
    ("state", "name", "place"),
    [
        (output(RESULT), "result", "Output"),
        (task(Arguments={"a": RESULT}), "result", "Arguments/a"),
        (task(Output=ERROR), "errorOutput", "Output"),
        ({"Type": "Wait", "Seconds": RESULT, "End": True}, "result", "Seconds"),
        (map_state(Items=RESULT), "result", "Items"),
    ],
)
def test_the_result_is_nowhere_else(state: Any, name: str, place: str) -> None:
    assert errors(state) == [
        (
            "jsonata-scope",
            f"UNSUPPORTED_JSONATA_EXPRESSION: Field '$states.{name}' does not exist. at /States/A/{place}",
        )
    ]


@pytest.mark.parametrize(
    "state",
    [
        task(
            TimeoutSeconds="{% 5 %}",
            HeartbeatSeconds="{% 3 %}",
            Credentials={"RoleArn": "{% $states.input.r %}"},
        ),
        {"Type": "Wait", "Seconds": "{% 5 %}", "End": True},
        {"Type": "Wait", "Timestamp": "{% $now() %}", "End": True},
        {"Type": "Fail", "Error": "{% 'E' %}", "Cause": "text"},
        map_state(
            MaxConcurrency="{% 1 %}", ToleratedFailureCount="{% 1 %}", ToleratedFailurePercentage="{% 1 %}"
        ),
        map_state(ItemSelector={"a": "{% $states.context.Map.Item.Value %}"}),
    ],
)
def test_expressions_stand_where_the_language_takes_them(state: Any) -> None:
    assert errors(state) == []


def test_expressions_do_not_stand_in_retry() -> None:
    found = errors(task(Retry=[{"ErrorEquals": ["E"], "IntervalSeconds": "{% 1 %}"}]))

    assert [rule for rule, _ in found] == ["number-type"]


def test_a_state_inside_inherits_the_language_of_the_machine_and_not_of_the_state_around_it() -> None:
    around = map_state({"StartAt": "I", "States": {"I": output(1)}}, QueryLanguage="JSONata")

    found = check(one_state(around))

    assert [finding.rule for finding in found] == ["wrong-language-field"]


@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Wait", "Seconds": "5", "End": True},
        task(TimeoutSeconds="5"),
        map_state(Items="$states.input"),
        map_state(Items="{% $states.input"),
        {"Type": "Choice", "Choices": [{"Condition": "true", "Next": "Z"}], "Default": "Z"},
    ],
)
def test_a_text_where_an_expression_has_to_be_is_refused_in_the_words_of_aws(state: Any) -> None:
    ((_, found),) = errors(state)

    assert found.startswith(
        "SCHEMA_VALIDATION_FAILED: JSONata string must start with {% and end with %} at /States/A/"
    )


def test_expressions_are_looked_through_once_and_not_compiled() -> None:
    output = {f"k{number}": f"{{% $states.input.a + {number}.5 %}}" for number in range(200)}
    before = compile.cache_info().misses

    found = check(one_state({"Type": "Pass", "Output": output, "End": True}, QueryLanguage="JSONata"))

    assert found == ()
    assert compile.cache_info().misses == before
