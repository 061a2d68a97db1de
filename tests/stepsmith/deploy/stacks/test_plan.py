import json
from typing import Any, cast

import pytest

from stepsmith.deploy.errors import DeploymentError
from stepsmith.deploy.options import Options
from stepsmith.deploy.stacks.definition_diff import definition_difference
from stepsmith.deploy.stacks.plan import make_plan
from stepsmith.deploy.template.assembly import template_text
from tests.stepsmith.deploy.applications import template_of


def copy_of(template: Any) -> Any:
    return json.loads(template_text(template))


def machine(**states: Any) -> Any:
    return {"StartAt": next(iter(states)), "States": states}


def test_a_new_stack_adds_everything_and_says_its_rights_in_words() -> None:
    plan = make_plan("shop", None, template_of("delayed_vending"))

    assert not plan.exists
    assert {change.kind for change in plan.changes} == {"add"}
    lines = "\n".join(plan.lines())
    assert "+ DelayedVendingMachine  AWS::StepFunctions::StateMachine  added" in lines
    assert "+ state 'Wait 90 seconds' (Wait)" in lines
    assert "because state 'Void payment' calls lambda:invoke" in lines


def test_the_same_template_is_up_to_date() -> None:
    template = template_of("delayed_vending")

    plan = make_plan("shop", copy_of(template), template)

    assert plan.is_empty
    assert plan.lines() == ["stack shop is up to date"]


def test_a_property_is_shown_before_and_after() -> None:
    before = template_of("delayed_vending")
    after = template_of("delayed_vending", options=Options(retention=7))

    plan = make_plan("shop", before, after)

    assert {change.kind for change in plan.changes} == {"change"}
    assert "      RetentionInDays: 30 becomes 7" in plan.lines()


def test_a_table_whose_key_changes_is_replaced_and_the_old_one_stays() -> None:
    before = template_of("shopping_cart")
    after = copy_of(before)
    after["Resources"]["CartsTable"]["Properties"]["KeySchema"] = [{"AttributeName": "id", "KeyType": "HASH"}]

    (change,) = make_plan("shop", before, after).changes

    assert (change.kind, change.name, change.kept) == ("replace", "CartsTable", True)


def test_a_machine_that_would_turn_express_is_refused() -> None:
    express = template_of("power_tuning", options=Options(express=frozenset(["power_tuning"])))

    with pytest.raises(DeploymentError, match="is STANDARD and cannot turn to EXPRESS"):
        make_plan("shop", template_of("power_tuning"), express)


def test_what_goes_is_first_and_what_stays_of_it_is_said() -> None:
    plan = make_plan("shop", template_of("delayed_vending", "shopping_cart"), template_of("delayed_vending"))

    assert plan.changes[0].kind == "remove"
    lines = "\n".join(plan.lines())
    assert "- CartsTable  AWS::DynamoDB::Table  removed (the real thing stays)" in lines
    assert "- ShoppingCartMachine  AWS::StepFunctions::StateMachine  removed\n" in lines


def test_a_right_that_is_lost_is_said() -> None:
    before = template_of("delayed_vending")
    after = copy_of(before)
    reasons = after["Resources"]["DelayedVendingMachineRole"]["Metadata"]["Reasons"]
    gone = reasons[:2]
    after["Resources"]["DelayedVendingMachineRole"]["Metadata"]["Reasons"] = reasons[2:]

    plan = make_plan("shop", before, after)

    assert plan.rights["DelayedVendingMachineRole"] == (f"- {gone[0]}, {gone[1].strip()}",)


def test_versions_go_with_their_function_and_stay_with_it() -> None:
    old, kept, gone = (
        {
            "Type": "AWS::Lambda::Version",
            "DeletionPolicy": "Retain",
            "Properties": {"FunctionName": {"Ref": name}},
        }
        for name in ("F", "F", "G")
    )
    functions = {name: {"Type": "AWS::Lambda::Function", "Properties": {}} for name in ("F", "G")}
    before = {"Resources": {**functions, "FVersion1": kept, "GVersion1": gone}}
    after = {"Resources": {"F": functions["F"], "FVersion2": old}}

    plan = make_plan("shop", cast("Any", before), cast("Any", after))

    assert {change.name: change.kept for change in plan.changes if change.kind == "remove"} == {
        "FVersion1": True,
        "G": False,
        "GVersion1": False,
    }


def test_what_a_state_is_given_is_compared_inside() -> None:
    def calling(name: str) -> Any:
        return machine(T={"Type": "Task", "Arguments": {"Payload": {"name": name, "by": 1}}, "End": True})

    assert definition_difference(calling("{% $a %}"), calling("{% $b %}")) == [
        "~ state 'T': Arguments.Payload.name: '{% $a %}' becomes '{% $b %}'"
    ]


def test_states_that_come_go_and_turn_elsewhere_are_named() -> None:
    before = machine(A={"Type": "Pass", "Next": "B"}, B={"Type": "Wait", "Seconds": 5, "End": True})
    after = machine(
        A={"Type": "Pass", "Next": "C"},
        B={"Type": "Wait", "Seconds": 9, "End": True},
        C={"Type": "Pass", "Next": "B"},
    )

    assert definition_difference(before, after) == [
        "~ state 'A': Next 'B' becomes 'C'",
        "~ state 'B': Seconds 5 becomes 9",
        "+ state 'C' (Pass)",
    ]
    assert "- state 'C' (Pass)" in definition_difference(after, before)


def test_retries_and_states_inside_others_are_compared() -> None:
    def parallel(attempts: int) -> Any:
        inner = {"Type": "Task", "Retry": [{"ErrorEquals": ["E"], "MaxAttempts": attempts}], "End": True}
        return machine(P={"Type": "Parallel", "Branches": [machine(T=inner)], "End": True})

    assert definition_difference(parallel(1), parallel(5)) == [
        "~ state 'P / T': retries change: E 1 times becomes E 5 times"
    ]
