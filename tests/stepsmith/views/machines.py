"""State machines and histories that the tests of the views draw."""

from typing import Any

from stepsmith.asl import parse

ORDER = parse(
    {
        "StartAt": "Big?",
        "States": {
            "Big?": {
                "Type": "Choice",
                "Choices": [
                    {"Variable": "$.total", "NumericGreaterThan": 100, "Next": "Both"},
                    {"Not": {"Variable": "$.note", "IsPresent": True}, "Next": "Hold"},
                ],
                "Default": "Hold",
            },
            "Both": {
                "Type": "Parallel",
                "Branches": [
                    {"StartAt": "Charge", "States": {"Charge": {"Type": "Pass", "End": True}}},
                    {
                        "StartAt": "Each line",
                        "States": {
                            "Each line": {
                                "Type": "Map",
                                "ItemProcessor": {
                                    "StartAt": "Reserve",
                                    "States": {"Reserve": {"Type": "Pass", "End": True}},
                                },
                                "End": True,
                            }
                        },
                    },
                ],
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Refused"}],
                "Next": "Hold",
            },
            "Hold": {"Type": "Wait", "Seconds": 90, "Next": "Ship"},
            "Ship": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Parameters": {"FunctionName": "${ship}"},
                "End": True,
            },
            "Refused": {"Type": "Fail", "Error": "Refused"},
        },
    }
)

HOSTILE = parse(
    {
        "StartAt": '<script>alert("x")</script>',
        "States": {
            '<script>alert("x")</script>': {
                "Type": "Fail",
                "Error": '"><img src=x onerror=y>',
                "Cause": "]]>",
            }
        },
    }
)


def event(number: int, previous: int, at: float, kind: str, **details: Any) -> dict[str, Any]:
    """A history event in AWS's shape; the details object's name follows from the type."""
    key = kind[0].lower() + kind[1:] + "EventDetails"
    if kind.endswith("StateEntered"):
        key = "stateEnteredEventDetails"
    if kind.endswith("StateExited"):
        key = "stateExitedEventDetails"
    return {
        "id": number,
        "previousEventId": previous,
        "timestamp": at,
        "type": kind,
        **({key: details} if details else {}),
    }


RETRIED = [
    event(1, 0, 0, "ExecutionStarted", input="{}"),
    event(2, 0, 0, "WaitStateEntered", name="Hold"),
    event(3, 2, 90, "WaitStateExited", name="Hold"),
    event(4, 3, 90, "TaskStateEntered", name="Ship"),
    event(5, 4, 90, "TaskScheduled", resource="invoke"),
    event(6, 5, 90, "TaskStarted", resource="invoke"),
    event(7, 6, 91, "TaskFailed", error="Late", cause="no carrier"),
    event(8, 7, 93, "TaskScheduled", resource="invoke"),
    event(9, 8, 93, "TaskStarted", resource="invoke"),
    event(10, 9, 94, "TaskSucceeded", output="1"),
    event(11, 10, 94, "TaskStateExited", name="Ship"),
    event(12, 11, 94, "ExecutionSucceeded", output="1"),
]

REFUSED = [
    event(1, 0, 0, "ExecutionStarted", input="{}"),
    event(2, 0, 0, "TaskStateEntered", name="Ship"),
    event(3, 2, 0, "TaskScheduled", resource="invoke"),
    event(4, 3, 1, "TaskFailed", error="Refused", cause="<b>no</b>"),
    event(5, 4, 1, "ExecutionFailed", error="Refused", cause="<b>no</b>"),
]

COUNTED = [
    event(1, 0, 0, "ExecutionStarted", input="{}"),
    event(2, 0, 0, "MapStateEntered", name="Each line"),
    event(3, 2, 0, "MapStateStarted", length=2),
    event(4, 3, 0, "MapIterationStarted", name="Each line", index=0),
    event(5, 3, 0, "MapIterationStarted", name="Each line", index=1),
    event(6, 4, 0, "PassStateEntered", name="Reserve"),
    event(7, 6, 0, "PassStateExited", name="Reserve"),
    event(8, 7, 0, "MapIterationSucceeded", name="Each line", index=0),
]
