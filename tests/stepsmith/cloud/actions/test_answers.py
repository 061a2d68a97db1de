"""Who answers tasks: workers of activities, and whoever has a task token."""

from __future__ import annotations

import json
from typing import Any

from tests.stepsmith.cloud.actions.services import Here, here, invoke, one

LAMBDA = "arn:aws:states:::lambda:invoke.waitForTaskToken"


def waiting(sfn: Here, tokens: list[str], **more: Any) -> str:
    """Start an execution that waits for a token, which a function has been given."""
    parameters = {"FunctionName": "take", "Payload": {"token.$": "$$.Task.Token"}}
    state = {"Type": "Task", "Resource": LAMBDA, "Parameters": parameters, **more}
    execution = sfn.start(sfn.create(one(state)))
    sfn.service.turn()
    assert len(tokens) == 1
    return execution


def test_a_token_takes_one_answer() -> None:
    tokens: list[str] = []
    sfn = here(take=lambda payload: tokens.append(payload["token"]))
    execution = waiting(sfn, tokens)

    sfn("SendTaskHeartbeat", taskToken=tokens[0])
    sfn("SendTaskSuccess", taskToken=tokens[0], output='{"ok":true}')
    sfn.service.turn()

    assert sfn("DescribeExecution", executionArn=execution)["output"] == '{"ok":true}'
    assert sfn.refused("SendTaskSuccess", taskToken=tokens[0], output="1")[0] == "TaskTimedOut"
    assert sfn.refused("SendTaskSuccess", taskToken="none", output="1") == (
        "InvalidToken", "Invalid Token: 'Invalid token'"
    )  # fmt: skip


def test_an_answer_that_is_no_json_changes_nothing() -> None:
    tokens: list[str] = []
    sfn = here(take=lambda payload: tokens.append(payload["token"]))
    execution = waiting(sfn, tokens)

    assert sfn.refused("SendTaskSuccess", taskToken=tokens[0], output="{")[0] == "InvalidOutput"

    sfn("SendTaskFailure", taskToken=tokens[0], error="Broken", cause="it is")
    sfn.service.turn()
    found = sfn("DescribeExecution", executionArn=execution)
    assert (found["error"], found["cause"]) == ("Broken", "it is")


def test_an_answer_after_the_timeout_is_too_late() -> None:
    tokens: list[str] = []
    sfn = here(take=lambda payload: tokens.append(payload["token"]))
    execution = waiting(sfn, tokens, TimeoutSeconds=60)

    sfn.advance(60)

    assert sfn.status(execution) == "FAILED"
    assert sfn.refused("SendTaskSuccess", taskToken=tokens[0], output="1")[0] == "TaskTimedOut"


def test_a_worker_gets_the_oldest_task_and_its_name_is_in_the_history() -> None:
    sfn = here()
    activity = sfn("CreateActivity", name="work")["activityArn"]
    machine = sfn.create(one({"Type": "Task", "Resource": activity}))
    executions = [sfn.start(machine, {"n": n}) for n in range(2)]

    first, second = (sfn("GetActivityTask", activityArn=activity, workerName="w") for _ in range(2))

    assert [json.loads(each["input"]) for each in (first, second)] == [{"n": 0}, {"n": 1}]
    assert sfn("GetActivityTask", activityArn=activity) == {}
    sfn("SendTaskSuccess", taskToken=first["taskToken"], output='"done"')
    sfn.service.turn()
    assert [sfn.status(each) for each in executions] == ["SUCCEEDED", "RUNNING"]
    events = sfn("GetExecutionHistory", executionArn=executions[0])["events"]
    started = next(each for each in events if each["type"] == "ActivityStarted")
    assert started["activityStartedEventDetails"] == {"workerName": "w"}


def test_a_task_for_an_activity_that_is_not_there_fails() -> None:
    sfn = here()
    activity = sfn("CreateActivity", name="work")["activityArn"]
    machine = sfn.create(one({"Type": "Task", "Resource": activity}))
    sfn("DeleteActivity", activityArn=activity)

    found = sfn.run(machine)

    assert found["error"] == "States.Runtime"
    assert found["cause"].endswith(f"The activity {activity} does not exist.")


def test_tags_are_added_replaced_and_taken_away() -> None:
    sfn = here()
    activity = sfn("CreateActivity", name="work", tags=[{"key": "a", "value": "1"}])["activityArn"]

    sfn("TagResource", resourceArn=activity, tags=[{"key": "a", "value": "2"}, {"key": "b", "value": ""}])
    sfn("UntagResource", resourceArn=activity, tagKeys=["b", "c"])

    assert sfn("ListTagsForResource", resourceArn=activity) == {"tags": [{"key": "a", "value": "2"}]}
    many = [{"key": str(n), "value": ""} for n in range(50)]
    assert sfn.refused("TagResource", resourceArn=activity, tags=many)[0] == "TooManyTags"
    gone = activity.replace("work", "none")
    assert sfn.refused("ListTagsForResource", resourceArn=gone) == (
        "ResourceNotFound",
        f"Resource not found: '{gone}'",
    )


def test_map_runs_are_described_with_their_children_and_changed_while_they_run() -> None:
    sfn = here(work=lambda item: item)
    each = {
        "Type": "Map", "Label": "L", "MaxConcurrency": 2, "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": "W", "States": {
                "W": {"Type": "Wait", "Seconds": 10, "Next": "C"},
                "C": {**invoke("work"), "End": True},
            },
        },
    }  # fmt: skip
    execution = sfn.start(sfn.create(one(each)), [1, 2, 3, 4])
    sfn.service.turn()
    map_run = sfn("ListMapRuns", executionArn=execution)["mapRuns"][0]["mapRunArn"]
    running = sfn("ListExecutions", mapRunArn=map_run, statusFilter="RUNNING")["executions"]

    sfn("UpdateMapRun", mapRunArn=map_run, maxConcurrency=4)
    sfn.service.turn()
    all_running = sfn("DescribeMapRun", mapRunArn=map_run)
    sfn.advance(10)

    assert len(running) == 2
    assert (all_running["maxConcurrency"], all_running["executionCounts"]["running"]) == (4, 4)
    ended = sfn("DescribeMapRun", mapRunArn=map_run)
    assert (ended["status"], ended["itemCounts"]["succeeded"], ended["itemCounts"]["resultsWritten"]) == (
        "SUCCEEDED", 4, 4
    )  # fmt: skip
    children = sfn("ListExecutions", mapRunArn=map_run)["executions"]
    assert [child["itemCount"] for child in children] == [1, 1, 1, 1]
    child = sfn("DescribeExecution", executionArn=children[0]["executionArn"])
    assert (child["mapRunArn"], child["output"]) == (map_run, "4")
    code, _ = sfn.refused("UpdateMapRun", mapRunArn=map_run, maxConcurrency=1)
    assert code == "ValidationException"
