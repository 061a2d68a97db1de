import json
from typing import Any

import pytest

from stepsmith.deploy.application import pascal
from stepsmith.deploy.errors import DeploymentError
from stepsmith.deploy.options import Options
from stepsmith.deploy.template.failures import TOLD
from stepsmith.deploy.template.partitions import portable
from stepsmith.deploy.template.preflight import check_template
from stepsmith.events.patterns import compile_pattern
from tests.stepsmith.deploy.applications import template_of
from workflows.power_tuning import power_tuning

TOPIC = "arn:aws:sns:eu-west-1:123456789012:alarms"


def resources(*names: str, **options: Any) -> dict[str, Any]:
    template: Any = template_of(*names, options=Options(**options))
    check_template(template)
    return template["Resources"]


def test_executions_that_end_badly_are_kept_in_one_queue_of_the_stack() -> None:
    found = resources("delayed_vending", "vending_pass")

    patterns = [
        found[f"DelayedVending{kind}"]["Properties"]["EventPattern"] for kind in ("Failures", "Unfinished")
    ]
    (target,) = found["DelayedVendingFailures"]["Properties"]["Targets"]
    sources = found["FailedExecutionsPolicy"]["Properties"]["PolicyDocument"]["Statement"][0]["Condition"]
    assert [each["detail"]["status"] for each in patterns] == [["FAILED"], ["TIMED_OUT", "ABORTED"]]
    assert all(each["detail"]["stateMachineArn"] == [{"Ref": "DelayedVendingMachine"}] for each in patterns)
    assert target["Arn"] == {"Fn::GetAtt": ["FailedExecutions", "Arn"]}
    assert sources == {
        "ArnEquals": {
            "aws:SourceArn": [
                {"Fn::GetAtt": [f"{name}{kind}", "Arn"]}
                for name, kind in (
                    *(("DelayedVendingEnded", "Failures"), ("DelayedVendingEnded", "Unfinished")),
                    *(("DelayedVending", "Failures"), ("DelayedVending", "Unfinished")),
                    *(("VendingPassEnded", "Failures"), ("VendingPassEnded", "Unfinished")),
                    *(("VendingPass", "Failures"), ("VendingPass", "Unfinished")),
                )
            ]
        }
    }


def test_a_message_says_where_to_look_and_nothing_personal() -> None:
    (target,) = resources("delayed_vending")["DelayedVendingFailures"]["Properties"]["Targets"]
    event = {name: f"the {name}" for name in TOLD} | {"input": "secret", "cause": "secret", "output": None}

    text = target["InputTransformer"]["InputTemplate"]
    for name, path in target["InputTransformer"]["InputPathsMap"].items():
        text = text.replace(f"<{name}>", json.dumps(event[path.removeprefix("$.detail.")]))

    assert json.loads(text) == {name: f"the {name}" for name in TOLD}


def test_express_executions_are_not_waited_for() -> None:
    found = resources("power_tuning", "vending_pass", express=frozenset(["power_tuning"]))

    assert found["PowerTuningFailures"]["Type"] == "AWS::Logs::MetricFilter"
    assert "PowerTuningUnfinished" not in found
    assert found["VendingPassFailures"]["Type"] == "AWS::Events::Rule"


def test_the_queue_can_be_left_out() -> None:
    found = resources("delayed_vending", keep_failures=False)

    assert not [name for name in found if "Unfinished" in name or "FailedExecutions" in name]
    assert "Targets" not in found["DelayedVendingFailures"]["Properties"]
    assert found["DelayedVendingFailedAlarm"]["Properties"]["Dimensions"][0]["Name"] == "RuleName"


def event(machine: str, status: str, **more: Any) -> Any:
    """What EventBridge hears of the end of an execution."""
    detail = {"status": status, "stateMachineArn": f"arn:{machine}", "cause": "why", **more}
    return {
        "source": "aws.states",
        "detail-type": "Step Functions Execution Status Change",
        "detail": detail,
    }


def raises_alarm(workflow: str, status: str, **more: Any) -> bool:
    name = pascal(workflow)
    found = resources(workflow)
    pattern = found[f"{name}Failures"]["Properties"]["EventPattern"]
    pattern["detail"]["stateMachineArn"] = [f"arn:{name}Machine"]
    alarm = found[f"{name}FailedAlarm"]["Properties"]
    assert alarm["Dimensions"] == [{"Name": "RuleName", "Value": {"Ref": f"{name}Failures"}}]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Events", "TriggeredRules")
    return compile_pattern(json.dumps(pattern))(event(f"{name}Machine", status, **more))


@pytest.mark.parametrize(
    ("workflow", "error"),
    [
        ("shopping_cart", "PaymentDeclined"),
        ("shopping_cart", "OutOfStock"),
        ("image_recognition", "Unsupported"),
        ("image_recognition", "Corrupt"),
        ("vending_pass", "InvalidInput"),
    ],
)
def test_what_a_workflow_refuses_as_it_should_raises_no_alarm(workflow: str, error: str) -> None:
    assert not raises_alarm(workflow, "FAILED", error=error)


@pytest.mark.parametrize(
    "error",
    ["CompensationFailed", "States.Timeout", "Lambda.Unknown", "KeyError", "States.Runtime", "", None],
)
def test_a_fault_raises_an_alarm(error: str | None) -> None:
    assert raises_alarm("shopping_cart", "FAILED", error=error)
    assert raises_alarm("image_recognition_ended", "FAILED", error=error)


def test_a_failure_without_a_name_is_a_fault() -> None:
    assert raises_alarm("shopping_cart", "FAILED")


@pytest.mark.parametrize("status", ["RUNNING", "SUCCEEDED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"])
def test_other_ends_are_not_counted_as_failures(status: str) -> None:
    assert not raises_alarm("shopping_cart", status, error=None)


def test_the_log_of_an_express_workflow_tells_faults_from_refusals() -> None:
    found = resources("power_tuning", express=frozenset(["power_tuning"]))
    properties = found["PowerTuningFailures"]["Properties"]

    # a refusal stands for the errors below it that have been imported, which are others in each test run
    told = " && ".join(f'($.details.error != "{name}")' for name in power_tuning.refusals)
    assert {"Conflict", "InvalidInput", "NotFound", "Rejected"} <= set(power_tuning.refusals)
    assert properties["FilterPattern"] == (
        f'{{ ($.type = "ExecutionFailed") && (($.details.error NOT EXISTS) || ({told})) }}'
    )
    (counted,) = properties["MetricTransformations"]
    alarm = found["PowerTuningFailedAlarm"]["Properties"]
    assert (alarm["Namespace"], alarm["MetricName"]) == (counted["MetricNamespace"], counted["MetricName"])


def test_alarms_tell_a_topic() -> None:
    found = resources("image_recognition", notify=TOPIC)

    alarms = [each for each in found.values() if each["Type"] == "AWS::CloudWatch::Alarm"]
    # three for each of two machines, one for what starts each, one for faults of functions, two for throttled ones
    assert len(alarms) == 11
    assert all(alarm["Properties"]["AlarmActions"] == [portable(TOPIC)] for alarm in alarms)
    assert "AlarmActions" not in resources("image_recognition")["ImageRecognitionFailedAlarm"]["Properties"]


def test_what_a_trigger_could_not_start_raises_an_alarm() -> None:
    alarm = resources("image_recognition")["ImageRecognitionUpload1DeadLettersAlarm"]["Properties"]

    assert alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
    assert alarm["Dimensions"] == [
        {
            "Name": "QueueName",
            "Value": {"Fn::GetAtt": ["ImageRecognitionUpload1DeadLetters", "QueueName"]},
        }
    ]


@pytest.mark.parametrize("topic", ["", "alarms", "arn:aws:sqs:eu-west-1:123456789012:alarms"])
def test_something_that_is_no_topic_is_refused(topic: str) -> None:
    with pytest.raises(DeploymentError, match="is no ARN of an SNS topic"):
        Options(notify=topic)
