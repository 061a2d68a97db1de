"""Actions of the AWS SDK, where whoever checks knows them."""

from typing import Any

import pytest

from stepsmith.asl import check
from stepsmith.asl.services import ServiceModel
from stepsmith.diagnostics import Finding
from stepsmith.expressions.types import Json
from tests.stepsmith.asl.machines import one_state


def model(*operations: str, stream: str = "") -> ServiceModel:
    shapes: Json = {
        "Nothing": {"type": "structure", "members": {}},
        "Events": {"type": "structure", "eventstream": True, "members": {}},
        "Streaming": {"type": "structure", "members": {"Events": {"shape": "Events"}}},
    }
    answers: Json = {
        name: {"output": {"shape": "Streaming" if name == stream else "Nothing"}} for name in operations
    }
    return ServiceModel({"metadata": {}, "operations": answers, "shapes": shapes})


KNOWN = {
    "s3": model("GetObject", "PutObject", "FollowObject", stream="FollowObject"),
    "rds": model("DescribeDBInstances"),
}


def call(action: str) -> dict[str, Any]:
    return {"Type": "Task", "Resource": f"arn:aws:states:::aws-sdk:{action}", "Parameters": {}, "End": True}


def found(state: dict[str, Any]) -> tuple[Finding, ...]:
    return check(one_state(state), services=KNOWN.get)


def test_an_unknown_action_is_refused_as_aws_does_and_with_the_nearest_one() -> None:
    (finding,) = found(call("s3:getObjct"))

    assert (finding.severity, finding.rule, finding.pointer) == ("ERROR", "resource", "/States/A/Resource")
    assert finding.message == (
        "The resource provided arn:aws:states:::aws-sdk:s3:getObjct is not recognized. The value is not a valid "
        "resource ARN, or the resource is not available in this region. The service s3 has no action 'getObjct' "
        "that is known here; did you mean 'getObject'?"
    )


def test_an_action_that_resembles_none_is_refused_without_a_guess() -> None:
    assert found(call("s3:teleport"))[0].message.endswith("has no action 'teleport' that is known here")


@pytest.mark.parametrize(
    "action",
    ["s3:getObject", "s3:putObject.waitForTaskToken", "rds:describeDbInstances", "ec2:whatever"],
    ids=["known", "with a token", "in the case of Java", "of a service whose actions are not known"],
)
def test_what_is_known_or_cannot_be_known_is_accepted(action: str) -> None:
    assert found(call(action)) == ()


def test_an_action_that_speaks_in_a_stream_of_events_is_refused() -> None:
    (finding,) = found(call("s3:followObject"))

    assert finding.message.startswith(
        "The resource provided arn:aws:states:::aws-sdk:s3:followObject is not recog"
    )
    assert finding.message.endswith("speaks in a stream of events, which Step Functions does not")


@pytest.mark.parametrize("action", ["sts:assumeRole", "kinesis:subscribeToShard", "cloudsearchdomain:search"])
def test_what_step_functions_does_not_call_is_refused_without_knowing_the_service(action: str) -> None:
    (finding,) = check(one_state(call(action)))

    assert (finding.rule, finding.pointer) == ("resource", "/States/A/Resource")


def test_without_a_list_of_actions_none_is_looked_at() -> None:
    assert check(one_state(call("s3:teleport"))) == ()


def test_actions_are_looked_at_however_deep_they_are() -> None:
    branch = {"StartAt": "B", "States": {"B": call("s3:teleport")}}
    states = {"A": {"Type": "Parallel", "Branches": [branch], "End": True}}
    machine = {
        "StartAt": "M",
        "States": {
            "M": {
                "Type": "Map",
                "ItemProcessor": {"StartAt": "A", "States": states},
                "End": True,
            }
        },
    }

    assert [finding.pointer for finding in check(machine, services=KNOWN.get)] == [
        "/States/M/ItemProcessor/States/A/Branches[0]/States/B/Resource"
    ]


def test_of_many_unknown_actions_only_the_first_have_a_guess() -> None:
    states = {f"S{n}": {**call(f"s3:getObjec{n}"), "Next": f"S{n + 1}"} for n in range(100)}
    for state in states.values():
        del state["End"]
    machine = {"StartAt": "S0", "States": {**states, "S100": {"Type": "Succeed"}}}

    hints = ["did you mean" in finding.message for finding in check(machine, services=KNOWN.get)]

    assert hints == [True] * 50 + [False] * 50
