"""The cheapest and the dearest way through definitions, counted by hand."""

from typing import Any

import pytest

from stepsmith.asl import parse
from stepsmith.deploy.costs.demand import Demand
from stepsmith.deploy.costs.ways import ITEMS, ways

INVOKE = "arn:aws:states:::lambda:invoke"


def call(name: str, next: str | None = None, **members: Any) -> dict[str, Any]:
    given = {"FunctionName": name, "Payload": {}}
    return {"Type": "Task", "Resource": INVOKE, "Arguments": given, **after(next), **members}


def after(next: str | None) -> dict[str, Any]:
    return {"End": True} if next is None else {"Next": next}


def choice(*next: str) -> dict[str, Any]:
    rules = [{"Condition": "{% $states.input.x %}", "Next": each} for each in next[1:]]
    return {"Type": "Choice", "Choices": rules, "Default": next[0]}


def through(**states: Any) -> tuple[Demand, Demand]:
    definition = {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states}
    return ways(parse(definition), lambda demand: demand.transitions + 100 * sum(demand.functions.values()))


def test_a_straight_line_has_one_way_and_a_start() -> None:
    least, most = through(A=call("f", "B"), B={"Type": "Pass", "End": True})

    assert least == most == Demand(3, {"f": 1})


def test_of_two_branches_the_dearer_and_the_cheaper_one_are_found() -> None:
    least, most = through(
        A=choice("B", "C"),
        B={"Type": "Pass", "Next": "D"},
        C=call("f", "E"),
        E=call("f", "D"),
        D={"Type": "Succeed"},
    )

    assert least == Demand(4)
    assert most == Demand(5, {"f": 2})


def test_the_states_of_a_loop_are_taken_once_at_most_and_not_at_all_at_least() -> None:
    least, most = through(
        Head=choice("End", "Body"),
        Body=call("f", "Again"),
        Again=choice("Head", "Body"),
        End={"Type": "Succeed"},
    )

    assert least == Demand(3)
    assert most == Demand(5, {"f": 1})


def test_a_way_that_fails_is_left_out_unless_there_is_no_other() -> None:
    failing: dict[str, Any] = {"Type": "Fail", "Error": "No"}

    least, most = through(A=choice("Bad", "B"), Bad=failing, B=call("f"))
    only, _ = through(A={"Type": "Pass", "Next": "Bad"}, Bad=failing)

    assert least == most == Demand(3, {"f": 1})
    assert only == Demand(3)


def test_what_is_caught_and_retried_is_left_out() -> None:
    caught = {"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B"}], "Retry": [{"ErrorEquals": ["E"]}]}

    _, most = through(A=call("f", **caught), B=call("g"))

    assert most == Demand(2, {"f": 1})


def test_all_branches_are_taken_and_a_map_has_so_many_items() -> None:
    branches = [{"StartAt": each, "States": {each: call(each)}} for each in ("f", "g")]
    processor = {"StartAt": "Inner", "States": {"Inner": call("h")}}

    least, most = through(
        P={"Type": "Parallel", "Branches": branches, "Next": "M"},
        M={"Type": "Map", "ItemProcessor": processor, "End": True},
    )

    assert least == most == Demand(1 + 1 + 2 + 1 + ITEMS, {"f": 1, "g": 1, "h": ITEMS})


@pytest.mark.parametrize(
    ("type", "expected"),
    [
        ("STANDARD", Demand(2 + 2 * ITEMS, {"h": ITEMS})),
        ("EXPRESS", Demand(2, {"h": ITEMS}, express=ITEMS)),
    ],
)
def test_children_of_a_distributed_map_pay_as_their_type_does(type: str, expected: Demand) -> None:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": type}
    processor = {"ProcessorConfig": config, "StartAt": "Inner", "States": {"Inner": call("h")}}

    _, most = through(M={"Type": "Map", "ItemProcessor": processor, "End": True})

    assert most == expected


@pytest.mark.parametrize(
    ("resource", "given", "asked"),
    [
        ("dynamodb:putItem", {"TableName": "t", "Item": {}}, {"dynamodb:PutItem": 1}),
        ("aws-sdk:dynamodb:putItem", {"TableName": "t", "Item": {}}, {"dynamodb:PutItem": 1}),
        ("aws-sdk:sfn:startExecution", {"StateMachineArn": "m"}, {"states:StartExecution": 1}),
        ("sqs:sendMessage", {"QueueUrl": "q", "MessageBody": "m"}, {"sqs:SendMessage": 1}),
    ],
)
def test_a_state_that_calls_a_service_sends_one_request(
    resource: str, given: dict[str, Any], asked: dict[str, float]
) -> None:
    state = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Arguments": given, "End": True}

    least, _ = through(A=state)

    assert least == Demand(2, {}, asked)


def test_a_worker_of_an_activity_is_nothing_that_aws_charges_for() -> None:
    activity = "arn:aws:states:us-east-1:123456789012:activity:work"

    least, _ = through(A={"Type": "Task", "Resource": activity, "End": True})

    assert least == Demand(2)


@pytest.mark.parametrize("name", ["f", "${f}", "arn:aws:lambda:us-east-1:123456789012:function:f:live"])
def test_a_function_is_known_however_it_is_named(name: str) -> None:
    least, _ = through(A=call(name))

    assert least.functions == {"f": 1}


def test_a_function_that_is_the_resource_of_a_state_is_known() -> None:
    least, _ = through(
        A={"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f", "End": True}
    )

    assert least.functions == {"f": 1}


def test_a_thousand_choices_one_after_the_other_have_ways() -> None:
    states: dict[str, Any] = {}
    for number in range(1000):
        states[f"C{number}"] = choice(f"C{number + 1}", f"T{number}")
        states[f"T{number}"] = call("f", f"C{number + 1}")
    states["C1000"] = {"Type": "Succeed"}

    least, most = through(**states)

    assert (least.transitions, least.functions) == (1002, {})
    assert (most.transitions, most.functions) == (2002, {"f": 1000})
