from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.asl.filling import TooLarge, substitute
from stepsmith.asl.placeholders import PLACEHOLDER, Placeholder, placeholders
from stepsmith.errors import InvalidInput

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)


def fill(definition: Any, largest: int = 10_000, **values: Any) -> Any:
    return substitute(definition, values, largest=largest)[0]


def state(**fields: Any) -> dict[str, Any]:
    return {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "r", "End": True, **fields}}}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("${A}", ["A"]),
        ("x${A}y${B.Arn}", ["A", "B.Arn"]),
        ("arn:${AWS::Partition}:s3:::${bucket-name}", ["AWS::Partition", "bucket-name"]),
        ("{% $x ~> ${Function} %}", ["Function"]),
        ("$${A}", ["A"]),
        ("${aws_lambda_function.x.arn}", ["aws_lambda_function.x.arn"]),
        ("${}", []),
        ("${!A}", []),
        ("${A", []),
        ("$A}", []),
        ("{% ${a: b} %}", []),
        ("{% ${'a': b} %}", []),
        ("${ A }", []),
        ("${é}", []),
    ],
)
def test_a_placeholder_is_a_name_in_braces_behind_a_dollar(text: str, names: list[str]) -> None:
    assert [found[1] for found in PLACEHOLDER.finditer(text)] == names


def test_placeholders_are_found_in_values_and_in_names_of_fields() -> None:
    found = list(placeholders({"a": ["${A}", {"${K}.$": "$.x", "n": 1}], "b": "c${A}"}))

    assert found == [
        Placeholder("A", ("a", 0), "${A}"),
        Placeholder("K", ("a", 1, "${K}.$"), "${K}.$"),
        Placeholder("A", ("b",), "c${A}"),
    ]


def test_values_stand_in_values_and_in_names_of_fields() -> None:
    definition = state(Parameters={"${K}": "a ${V} b ${V}", "list": ["${V}", 1, None]})

    filled, used = substitute(definition, {"K": "key", "V": "v"}, largest=10_000)

    assert filled == state(Parameters={"key": "a v b v", "list": ["v", 1, None]})
    assert used == {"K", "V"}


@given(TEXTS, TEXTS)
def test_a_value_never_leaves_its_string(value: str, around: str) -> None:
    definition = state(Parameters={"p": f"{around}${{V}}", "q": 1})

    filled = fill(json.loads(json.dumps(definition)), largest=10_000, V=value)

    assert filled == state(Parameters={"p": f"{around}${{V}}".replace("${V}", value), "q": 1})


def test_placeholders_in_values_stay_as_they_are() -> None:
    assert fill(["${A}${B}"], A="${B}", B="${A}") == ["${B}${A}"]


@pytest.mark.parametrize(
    ("field", "value", "stands"),
    [
        ("TimeoutSeconds", "60", 60),
        ("TimeoutSeconds", 60, 60),
        ("TimeoutSeconds", "{% $t %}", "{% $t %}"),
        ("TimeoutSeconds", "soon", "soon"),
        ("TimeoutSeconds", "true", "true"),
        ("TimeoutSeconds", "", ""),
        ("End", "true", True),
        ("End", False, False),
        ("End", "1", "1"),
        ("Comment", "60", "60"),
        ("Comment", 60, "60"),
        ("Comment", True, "true"),
        ("InputPath", "null", "null"),
    ],
)
def test_where_the_language_has_a_number_or_a_boolean_a_value_is_one(
    field: str, value: Any, stands: Any
) -> None:
    assert fill(state(**{field: "${V}"}), V=value)["States"]["A"][field] == stands


def test_data_of_the_definition_stays_text() -> None:
    data = {"TimeoutSeconds": "${N}", "States": {"A": {"End": "${N}"}}}

    filled = fill(state(Parameters=data, TimeoutSeconds="${N}", HeartbeatSeconds="1${N}"), N=5)

    assert filled == state(
        Parameters={"TimeoutSeconds": "5", "States": {"A": {"End": "5"}}},
        TimeoutSeconds=5,
        HeartbeatSeconds="15",
    )


@pytest.mark.parametrize("name", ["NumericEquals", "NumericGreaterThanEquals"])
def test_operands_of_rules_are_numbers_however_deep_they_are(name: str) -> None:
    def choice(operand: Any) -> Any:
        test = {"Variable": "$.x", name: operand}
        rules = [{"And": [test, {"Not": test}], "Next": "B"}, {**test, "Next": "B"}]
        return {
            "StartAt": "A",
            "States": {"A": {"Type": "Choice", "Choices": rules}, "B": {"Type": "Succeed"}},
        }

    assert fill(choice("${N}"), N="1.5") == choice(1.5)


def test_retriers_batches_and_inner_states_have_numbers_too() -> None:
    def nested(number: Any) -> Any:
        retry = [{"ErrorEquals": ["E"], "MaxAttempts": number, "BackoffRate": number}]
        inner = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": number, "End": True}}}
        mapped = {
            "Type": "Map",
            "MaxConcurrency": number,
            "ItemProcessor": inner,
            "Retry": retry,
            "End": True,
        }
        batched = {**mapped, "ItemBatcher": {"MaxItemsPerBatch": number}}
        branches = [{"StartAt": "M", "States": {"M": batched}}]
        return {
            "StartAt": "P",
            "TimeoutSeconds": number,
            "States": {"P": {"Type": "Parallel", "Branches": branches, "End": True}},
        }

    assert fill(nested("${N}"), N="3") == nested(3)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([1], "the value of ${V} is a list; texts, numbers, true and false can stand in text"),
        (None, "the value of ${V} is a NoneType"),
        ("\ud800", "the value of ${V} holds half of a surrogate pair"),
        (float("nan"), "the value of ${V} holds a number that no double holds"),
        (10**400, "the value of ${V} holds a number that no double holds"),
    ],
)
def test_a_value_that_no_text_stands_for_is_refused(value: Any, message: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        fill(state(), V=value)

    assert str(refused.value).startswith(message)


def test_two_fields_that_become_one_are_refused() -> None:
    with pytest.raises(InvalidInput, match="two fields 'a' of one object, at /States/A/Parameters"):
        fill(state(Parameters={"${K}": 1, "a": 2}), K="a")


def test_values_cannot_make_a_definition_of_any_size() -> None:
    with pytest.raises(TooLarge):
        fill(["${V}" * 1000] * 100, largest=1_000_000, V="x" * 100_000)
