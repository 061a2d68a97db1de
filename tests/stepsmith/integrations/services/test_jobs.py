from __future__ import annotations

import json
import threading
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from stepsmith.engine.ports import Answer, CancelTask, TaskFailed, TaskSubmitted, TaskSucceeded
from stepsmith.expressions.types import Json
from stepsmith.integrations import ClientRegistry, Dispatcher
from tests.stepsmith.integrations.calls import answers, start_task


def stubbed(service: str) -> tuple[Any, Stubber]:
    client = boto3.client(  # type: ignore[call-overload]  # any service
        service, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    stubber = Stubber(client)
    stubber.activate()
    return client, stubber


def run(service: str, client: Any, action: str, parameters: Json) -> list[Answer]:
    clients = ClientRegistry.local({service: client})
    return answers(Dispatcher(clients), start_task(f"arn:aws:states:::{action}.sync", parameters))


def glue_run(state: str) -> dict[str, Any]:
    return {"JobRun": {"Id": "jr_1", "JobName": "etl", "JobRunState": state}}


def test_a_job_is_asked_about_until_it_has_succeeded() -> None:
    client, stubber = stubbed("glue")
    stubber.add_response("start_job_run", {"JobRunId": "jr_1"}, {"JobName": "etl"})
    for state in ("STARTING", "RUNNING", "SUCCEEDED"):
        stubber.add_response("get_job_run", glue_run(state), {"JobName": "etl", "RunId": "jr_1"})

    submitted, done = run("glue", client, "glue:startJobRun", {"JobName": "etl"})

    assert isinstance(submitted, TaskSubmitted)
    assert isinstance(done, TaskSucceeded)
    assert done.output == {"Id": "jr_1", "JobName": "etl", "JobRunState": "SUCCEEDED"}
    stubber.assert_no_pending_responses()


def test_a_failed_job_fails_the_task_with_its_description() -> None:
    client, stubber = stubbed("glue")
    stubber.add_response("start_job_run", {"JobRunId": "jr_1"})
    stubber.add_response("get_job_run", glue_run("FAILED"))

    _, failed = run("glue", client, "glue:startJobRun", {"JobName": "etl"})

    assert isinstance(failed, TaskFailed)
    assert failed.error == "States.TaskFailed"
    assert json.loads(failed.cause or "")["JobRunState"] == "FAILED"


def test_a_build_is_wrapped_as_the_service_does() -> None:
    client, stubber = stubbed("codebuild")
    stubber.add_response("start_build", {"build": {"id": "b:1"}}, {"projectName": "p"})
    stubber.add_response(
        "batch_get_builds", {"builds": [{"id": "b:1", "buildStatus": "SUCCEEDED"}]}, {"ids": ["b:1"]}
    )

    _, done = run("codebuild", client, "codebuild:startBuild", {"ProjectName": "p"})

    assert isinstance(done, TaskSucceeded)
    assert done.output == {"Build": {"Id": "b:1", "BuildStatus": "SUCCEEDED"}}


@pytest.mark.parametrize(("exit_code", "kind"), [(0, TaskSucceeded), (1, TaskFailed)])
def test_a_stopped_container_task_is_judged_by_its_exit_codes(exit_code: int, kind: type[Answer]) -> None:
    arn = "arn:aws:ecs:us-east-1:123456789012:task/c/1"
    client, stubber = stubbed("ecs")
    stubber.add_response("run_task", {"tasks": [{"taskArn": arn}], "failures": []})
    stopped = {"taskArn": arn, "lastStatus": "STOPPED", "containers": [{"exitCode": exit_code}]}
    stubber.add_response("describe_tasks", {"tasks": [stopped]}, {"cluster": "c", "tasks": [arn]})

    _, done = run("ecs", client, "ecs:runTask", {"Cluster": "c", "TaskDefinition": "t"})

    assert isinstance(done, kind)


def test_a_cancelled_task_stops_its_job() -> None:
    client, stubber = stubbed("athena")
    stubber.add_response("start_query_execution", {"QueryExecutionId": "q"})
    running = {"QueryExecution": {"QueryExecutionId": "q", "Status": {"State": "RUNNING"}}}
    stubber.add_response("get_query_execution", running)
    stubber.add_response("stop_query_execution", {}, {"QueryExecutionId": "q"})
    registry = ClientRegistry(lambda *_: client, region="us-east-1", local=False)
    dispatcher = Dispatcher(registry, poll_seconds=60)
    submitted = threading.Event()
    task = start_task("arn:aws:states:::athena:startQueryExecution.sync", {"QueryString": "select 1"})
    found: list[Answer] = []

    def post(answer: Answer) -> None:
        found.append(answer)
        submitted.set()

    thread = threading.Thread(target=dispatcher.start, args=(task, post))
    thread.start()
    assert submitted.wait(5)
    while thread.is_alive():
        dispatcher.cancel(CancelTask(id=task.id))
        thread.join(0.01)

    assert [type(answer) for answer in found] == [TaskSubmitted]
    stubber.assert_no_pending_responses()


def test_a_job_that_has_no_end_here_says_so() -> None:
    client, stubber = stubbed("eks")
    stubber.add_response("delete_cluster", {"cluster": {"name": "c"}}, {"name": "c"})

    found = run("eks", client, "eks:deleteCluster", {"Name": "c"})

    assert isinstance(found[-1], TaskFailed)
    assert "eks:deleteCluster.sync cannot be called from here" in (found[-1].cause or "")
