"""The rule that starts what a workflow names as `ended`."""

from typing import Any

import pytest

from stepsmith.deploy.application import Application
from stepsmith.deploy.errors import DeploymentError
from stepsmith.deploy.options import Options
from stepsmith.deploy.template.assembly import render_template
from stepsmith.deploy.template.preflight import check_template
from tests.stepsmith.deploy.applications import PACKAGE
from tests.stepsmith.ended_workflows import ask_another, hold_on


def resources(*workflows: Any, **options: Any) -> dict[str, Any]:
    template: Any = render_template(Application(workflows), lambda task: PACKAGE, Options(**options))
    check_template(template)
    return template["Resources"]


def test_what_ends_the_records_of_a_workflow_is_deployed_with_it() -> None:
    found = resources(ask_another)

    assert {"AskAnotherMachine", "HoldOnMachine", "LetGoOfItMachine"} <= set(found)
    assert "HoldOnEnded" in found
    assert {"AskAnotherEnded", "LetGoOfItEnded"}.isdisjoint(found)


def test_it_hears_of_the_executions_of_this_stacks_own_machine_only() -> None:
    rule = resources(hold_on)["HoldOnEnded"]["Properties"]

    assert rule["EventPattern"] == {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {
            "status": ["FAILED", "TIMED_OUT", "ABORTED"],
            "stateMachineArn": [{"Ref": "HoldOnMachine"}],
        },
    }


def test_it_is_started_with_what_the_event_says_and_kept_where_that_fails() -> None:
    found = resources(hold_on)

    [target] = found["HoldOnEnded"]["Properties"]["Targets"]
    assert target["Arn"] == {"Ref": "LetGoOfItMachineAlias"}
    assert target["InputTransformer"] == {
        "InputPathsMap": {"detail": "$.detail"},
        "InputTemplate": '{"detail": <detail>}',
    }
    assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": ["HoldOnEndedDeadLetters", "Arn"]}}
    assert {"HoldOnEndedRole", "HoldOnEndedDeadLettersPolicy", "HoldOnEndedDeadLettersAlarm"} <= set(found)


def test_an_express_machine_cannot_have_one() -> None:
    with pytest.raises(DeploymentError, match="hold_on has ended=let_go_of_it and cannot be Express"):
        resources(hold_on, express=frozenset(["hold_on"]))
