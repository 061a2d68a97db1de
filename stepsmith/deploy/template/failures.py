"""Executions that end badly: rules that tell a fault from a refusal, the queue that keeps them, and their alarms.

Step Functions counts a declined card like a crash. EventBridge hears the name of the error, so a rule lets refusals by;
CloudWatch counts how often each rule has fitted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from stepsmith.deploy.application import AnyWorkflow, pascal
from stepsmith.deploy.options import Options
from stepsmith.deploy.template.alarms import OWN_NAMESPACE, alarm, dead_letters, queue_policy
from stepsmith.deploy.template.functions import tags
from stepsmith.expressions.types import Json

QUEUE: Final = "FailedExecutions"
STATUSES: Final[list[Json]] = ["FAILED", "TIMED_OUT", "ABORTED"]
TOLD: Final = ("executionArn", "stateMachineArn", "name", "status", "startDate", "stopDate")
"""What a message says. Input, error and cause are not in it: they may be personal, and DescribeExecution has them."""


def failure_resources(workflows: Mapping[str, AnyWorkflow], options: Options) -> dict[str, Json]:
    """Give what counts the faults of each workflow and, unless it is not wanted, the queue that keeps them.

    Express executions are not in the queue: EventBridge hears nothing of them, and their log tells of faults.
    """
    found: dict[str, Json] = {}
    told: list[str] = []
    for workflow in workflows.values():
        name = pascal(workflow.name)
        if workflow.name in options.express:
            found[f"{name}Failures"] = _log_filter(workflow)
            continue
        found[f"{name}Failures"] = _rule(
            "hears of faults, not of refusals,", _faults(workflow), workflow, options
        )
        told.append(f"{name}Failures")
        if options.keep_failures:
            ended: dict[str, Json] = {"status": ["TIMED_OUT", "ABORTED"]}
            found[f"{name}Unfinished"] = _rule("keeps unfinished executions", ended, workflow, options)
            told.append(f"{name}Unfinished")
    if not options.keep_failures or not told:
        return found
    policy = queue_policy(QUEUE, [{"Fn::GetAtt": [name, "Arn"]} for name in sorted(told)])
    return {**found, QUEUE: dead_letters(options), f"{QUEUE}Policy": policy}


def machine_alarms(workflow: AnyWorkflow, options: Options) -> dict[str, Json]:
    """Give the alarms of one state machine: for faults, executions that time out, and such as are throttled."""
    name = pascal(workflow.name)
    of_machine: dict[str, Json] = {"StateMachineArn": {"Ref": f"{name}Machine"}}
    namespace, metric = cast("Json", "AWS/Events"), "TriggeredRules"
    dimensions: dict[str, Json] = {"RuleName": {"Ref": f"{name}Failures"}}
    if workflow.name in options.express:
        namespace, metric, dimensions = OWN_NAMESPACE, f"{name}Faults", {}
    return {
        f"{name}FailedAlarm": alarm(
            f"{workflow.name}: executions fail", namespace, metric, dimensions, options
        ),
        f"{name}TimedOutAlarm": alarm(
            f"{workflow.name}: executions time out", "AWS/States", "ExecutionsTimedOut", of_machine, options
        ),
        f"{name}ThrottledAlarm": alarm(
            f"{workflow.name}: executions are throttled",
            "AWS/States",
            "ExecutionThrottled",
            of_machine,
            options,
        ),
    }


def _faults(workflow: AnyWorkflow) -> dict[str, Json]:
    if not workflow.refusals:
        return {"status": ["FAILED"]}
    # an execution that fails without a name has null, which is another one, or none
    others: list[Json] = [{"anything-but": list(workflow.refusals)}, {"exists": False}]
    return {"status": ["FAILED"], "$or": [{"error": [other]} for other in others]}


def _rule(about: str, detail: dict[str, Json], workflow: AnyWorkflow, options: Options) -> Json:
    template = ", ".join(f'"{name}": <{name}>' for name in TOLD)
    target: Json = {
        "Id": "FailedExecutions",
        "Arn": {"Fn::GetAtt": [QUEUE, "Arn"]},
        "InputTransformer": {
            "InputPathsMap": {name: f"$.detail.{name}" for name in TOLD},
            "InputTemplate": "{" + template + "}",
        },
    }
    properties: dict[str, Json] = {
        "Description": f"{about} of {workflow.name}",
        "EventPattern": {
            "source": ["aws.states"],
            "detail-type": ["Step Functions Execution Status Change"],
            "detail": {**detail, "stateMachineArn": [{"Ref": f"{pascal(workflow.name)}Machine"}]},
        },
        "State": "ENABLED",
    }
    if options.tags:
        properties["Tags"] = tags(options)
    if options.keep_failures:
        properties["Targets"] = [target]
    return {"Type": "AWS::Events::Rule", "Properties": properties}


def _log_filter(workflow: AnyWorkflow) -> Json:
    """Give what counts the faults of an Express workflow in its log."""
    name = pascal(workflow.name)
    others = " && ".join(f'($.details.error != "{error}")' for error in workflow.refusals)
    fault = f" && (($.details.error NOT EXISTS) || ({others}))" if others else ""
    transformation: Json = {
        "MetricNamespace": OWN_NAMESPACE,
        "MetricName": f"{name}Faults",
        "MetricValue": "1",
        "DefaultValue": 0,
    }
    return {
        "Type": "AWS::Logs::MetricFilter",
        "Properties": {
            "LogGroupName": {"Ref": f"{name}MachineLogs"},
            "FilterPattern": f'{{ ($.type = "ExecutionFailed"){fault} }}',
            "MetricTransformations": [transformation],
        },
    }
