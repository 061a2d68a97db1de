from typing import Any

import pytest

from stepsmith.asl import check, variable_references
from tests.stepsmith.asl.machines import map_state, one_state, task


def found(definition: Any, severity: str = "ERROR") -> list[str]:
    return [str(finding) for finding in check(definition) if finding.severity == severity]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "states",
            "RESERVED_VARIABLE_NAME: Cannot assign to reserved variable '$states'. at /States/A/Assign",
        ),
        (
            "a.b",
            "INVALID_VARIABLE_NAME: Invalid variable name 'a.b': the variable name contains invalid characters. "
            "at /States/A/Assign",
        ),
        (
            "a b",
            "INVALID_VARIABLE_NAME: Invalid variable name 'a b': the variable name contains invalid characters. "
            "at /States/A/Assign",
        ),
        (
            "1a",
            "INVALID_VARIABLE_NAME: Invalid variable name '1a': the variable name contains invalid characters. "
            "at /States/A/Assign",
        ),
        (
            "",
            "INVALID_VARIABLE_NAME: Invalid variable name '': the variable name is empty. at /States/A/Assign",
        ),
    ],
)
def test_a_variable_has_a_name_that_can_be_read(name: str, text: str) -> None:
    assert found(one_state({"Type": "Pass", "Assign": {name: 1}, "End": True}, QueryLanguage="JSONata")) == [
        text
    ]
    assert found(one_state({"Type": "Pass", "Assign": {f"{name}.$": "$"}, "End": True})) == [text]


def test_a_name_has_80_characters_at_most() -> None:
    assert found(one_state({"Type": "Pass", "Assign": {"v" * 80: 1, "größe": 2}, "End": True})) == []
    assert found(one_state({"Type": "Pass", "Assign": {"v" * 81: 1}, "End": True}))


def nested(inner: Any, config: dict[str, Any] | None = None, **outer: Any) -> dict[str, Any]:
    processor = {**(config or {}), "StartAt": "I", "States": {"I": {"Type": "Pass", "End": True, **inner}}}
    first = {"Type": "Pass", "Assign": {"v": 1}, "Next": "A"}
    return {"StartAt": "S", "States": {"S": first, "A": map_state(processor, **outer)}}


def test_an_inner_scope_does_not_assign_what_an_outer_one_has() -> None:
    assert found(nested({"Assign": {"v.$": "$"}})) == [
        "DUPLICATE_VARIABLE_NAME: Cannot assign to the variable '$v' of an outer scope. "
        "at /States/A/ItemProcessor/States/I/Assign/v.$"
    ]


def test_a_child_workflow_has_variables_of_its_own() -> None:
    distributed = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}

    assert found(nested({"Assign": {"v": 1}}, distributed)) == []


def test_what_is_assigned_after_a_scope_does_not_bind_it() -> None:
    branch = {"StartAt": "B", "States": {"B": {"Type": "Pass", "Assign": {"v": 1}, "End": True}}}
    catch = [{"ErrorEquals": ["States.ALL"], "Assign": {"v": 2}, "Next": "Z"}]

    assert found(one_state({"Type": "Parallel", "Branches": [branch], "Catch": catch, "Next": "Z"})) == []


def test_siblings_may_share_a_name() -> None:
    branches = [
        {"StartAt": name, "States": {name: {"Type": "Pass", "Assign": {"v": 1}, "End": True}}}
        for name in ("B", "C")
    ]

    assert found(one_state({"Type": "Parallel", "Branches": branches, "End": True})) == []


def test_a_variable_that_nobody_assigns_is_a_warning() -> None:
    text = "POSSIBLY_UNDEFINED_VARIABLE: The variable '$w' is never assigned. at "

    assert found(one_state({"Type": "Pass", "InputPath": "$w.a", "End": True}), "WARNING") == [
        text + "/States/A/InputPath"
    ]
    assert found(nested({"Parameters": {"a.$": "States.Format('{}{}', $v, $w)"}}), "WARNING") == [
        text + "/States/A/ItemProcessor/States/I/Parameters/a.$"
    ]
    jsonata = one_state(
        {"Type": "Pass", "Output": {"a": "{% $w & $sum([1]) %}"}, "End": True}, QueryLanguage="JSONata"
    )
    assert found(jsonata, "WARNING") == [text + "/States/A/Output/a"]


def test_the_variables_that_states_read_are_listed_as_describe_state_machine_lists_them() -> None:
    definition = nested(
        {"Parameters": {"q.$": "$v", "literal": "$x"}},
        ItemsPath="$list",
        ItemSelector={"a.$": "States.Format('{}', States.Array($b, $a.x))", "c": "$c"},
    )
    definition["States"]["A"] |= {"Catch": [{"ErrorEquals": ["E"], "Next": "F"}]}
    definition["States"]["F"] = {"Type": "Fail", "CausePath": "$cause", "ErrorPath": "$error"}

    assert variable_references(definition) == {"A": ["a", "b", "list"], "I": ["v"], "F": ["cause", "error"]}


def test_the_variables_of_expressions_are_listed() -> None:
    definition = one_state(
        task(
            Arguments={"a": "{% $x + $y.z %}"},
            Assign={"n": "{% ($local := $x; $local) %}"},
            Output="$literal",
        ),
        QueryLanguage="JSONata",
    )

    assert variable_references(definition) == {"A": ["x", "y"]}


def test_a_machine_without_variables_has_no_references() -> None:
    assert variable_references(one_state({"Type": "Pass", "Parameters": {"a": "$v"}, "End": True})) == {}
