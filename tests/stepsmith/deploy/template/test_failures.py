import json
from typing import Any

import pytest

from stepsmith.deploy.errors import DeploymentError
from stepsmith.deploy.options import Options
from stepsmith.deploy.template.failures import TOLD
from stepsmith.deploy.template.partitions import portable
from stepsmith.deploy.template.preflight import check_template
from tests.stepsmith.deploy.applications import template_of

TOPIC = "arn:aws:sns:eu-west-1:123456789012:alarms"


def resources(*names: str, **options: Any) -> dict[str, Any]:
    template: Any = template_of(*names, options=Options(**options))
    check_template(template)
    return template["Resources"]


def test_executions_that_end_badly_are_kept_in_one_queue_of_the_stack() -> None:
    found = resources("delayed_vending", "vending_pass")

    pattern = found["DelayedVendingFailures"]["Properties"]["EventPattern"]
    (target,) = found["DelayedVendingFailures"]["Properties"]["Targets"]
    sources = found["FailedExecutionsPolicy"]["Properties"]["PolicyDocument"]["Statement"][0]["Condition"]
    assert pattern["detail"]["status"] == ["FAILED", "TIMED_OUT", "ABORTED"]
    assert pattern["detail"]["stateMachineArn"] == [{"Ref": "DelayedVendingMachine"}]
    assert target["Arn"] == {"Fn::GetAtt": ["FailedExecutions", "Arn"]}
    assert sources == {
        "ArnEquals": {
            "aws:SourceArn": [
                {"Fn::GetAtt": [f"{name}Failures", "Arn"]}
                for name in ("DelayedVendingEnded", "DelayedVending", "VendingPassEnded", "VendingPass")
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

    assert "PowerTuningFailures" not in found
    assert "VendingPassFailures" in found


def test_the_queue_can_be_left_out() -> None:
    found = resources("delayed_vending", keep_failures=False)

    assert not [name for name in found if "Failures" in name or "FailedExecutions" in name]


def test_alarms_tell_a_topic() -> None:
    found = resources("image_recognition", notify=TOPIC)

    alarms = [each for each in found.values() if each["Type"] == "AWS::CloudWatch::Alarm"]
    assert len(alarms) == 8  # three for each of two machines, and one for what starts each
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
