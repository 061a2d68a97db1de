"""`.sync`: how a started job is asked about until it ends, and which of its states is which outcome."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from stepsmith.expressions.types import Json
from stepsmith.frozen import frozen
from stepsmith.integrations.clients.registry import ClientRegistry
from stepsmith.integrations.failures import TaskError, compact
from stepsmith.integrations.services.aws_sdk import (
    boto_arguments,
    call_operation,
    find_operation,
    sdk_services,
)
from stepsmith.integrations.services.sdk_values import to_json

if TYPE_CHECKING:
    from botocore.model import OperationModel


@frozen
class Job:
    """How one kind of job is watched."""

    service: str
    """The service's name in AWS SDK integrations."""
    describe: str
    identifiers: Mapping[str, str]
    """Parameters of the describing call, each from a path in the parameters or the answer of the starting call."""
    result: str
    """The path of the job in the description; empty for all of it."""
    status: str
    succeeded: tuple[str, ...]
    failed: tuple[str, ...]
    cancel: str | None = None
    cancel_identifiers: Mapping[str, str] | None = None
    wrapper: str = ""
    """The one member that holds the result, where AWS wraps it."""


def _sagemaker(kind: str, name: str, *, cancel: str | None) -> Job:
    return Job(
        "sagemaker",
        f"describe{kind}",
        {name: name},
        "",
        f"{kind}Status" if kind != "HyperParameterTuningJob" else "HyperParameterTuningJobStatus",
        ("Completed",),
        ("Failed", "Stopped"),
        cancel,
        {name: name},
    )


JOBS: Mapping[str, Job] = {
    "athena:startQueryExecution": Job(
        "athena",
        "getQueryExecution",
        {"QueryExecutionId": "QueryExecutionId"},
        "",
        "QueryExecution.Status.State",
        ("SUCCEEDED",),
        ("FAILED", "CANCELLED"),
        "stopQueryExecution",
        {"QueryExecutionId": "QueryExecutionId"},
    ),
    "batch:submitJob": Job(
        "batch",
        "describeJobs",
        {"Jobs.0": "JobId"},
        "Jobs.0",
        "Status",
        ("SUCCEEDED",),
        ("FAILED",),
        "terminateJob",
        {"JobId": "JobId"},
    ),
    "codebuild:startBuild": Job(
        "codebuild",
        "batchGetBuilds",
        {"Ids.0": "Build.Id"},
        "Builds.0",
        "BuildStatus",
        ("SUCCEEDED",),
        ("FAILED", "FAULT", "TIMED_OUT", "STOPPED"),
        "stopBuild",
        {"Id": "Build.Id"},
        "Build",
    ),
    "databrew:startJobRun": Job(
        "databrew",
        "describeJobRun",
        {"Name": "Name", "RunId": "RunId"},
        "",
        "State",
        ("SUCCEEDED",),
        ("FAILED", "STOPPED", "TIMEOUT"),
        "stopJobRun",
        {"Name": "Name", "RunId": "RunId"},
    ),
    "ecs:runTask": Job(
        "ecs",
        "describeTasks",
        {"Cluster": "Cluster", "Tasks.0": "Tasks.0.TaskArn"},
        "Tasks.0",
        "LastStatus",
        ("STOPPED",),
        (),
        "stopTask",
        {"Cluster": "Cluster", "Task": "Tasks.0.TaskArn"},
    ),
    "glue:startJobRun": Job(
        "glue",
        "getJobRun",
        {"JobName": "JobName", "RunId": "JobRunId"},
        "JobRun",
        "JobRunState",
        ("SUCCEEDED",),
        ("FAILED", "TIMEOUT", "STOPPED", "ERROR", "EXPIRED"),
    ),
    "sagemaker:createTrainingJob": _sagemaker("TrainingJob", "TrainingJobName", cancel="stopTrainingJob"),
    "sagemaker:createTransformJob": _sagemaker("TransformJob", "TransformJobName", cancel="stopTransformJob"),
    "sagemaker:createProcessingJob": _sagemaker(
        "ProcessingJob", "ProcessingJobName", cancel="stopProcessingJob"
    ),
    "sagemaker:createHyperParameterTuningJob": _sagemaker(
        "HyperParameterTuningJob", "HyperParameterTuningJobName", cancel="stopHyperParameterTuningJob"
    ),
    "states:startExecution": Job(
        "sfn",
        "describeExecution",
        {"ExecutionArn": "ExecutionArn"},
        "",
        "Status",
        ("SUCCEEDED",),
        ("FAILED", "TIMED_OUT", "ABORTED"),
        "stopExecution",
        {"ExecutionArn": "ExecutionArn"},
    ),
}


@frozen
class StartedJob:
    """A job that was started and is asked about until it ends."""

    job: Job
    parameters: Json
    answer: Json
    """What the starting call answered."""


def poll(clients: ClientRegistry, started: StartedJob) -> Json | None:
    """Return the description of a job that ended well, or None while it runs.

    Raises TaskError(States.TaskFailed) with the description as cause when the job failed.
    """
    job = started.job
    described = _call(clients, job, job.describe, job.identifiers, started)
    result = _at(described, job.result) if job.result else described
    status = str(_at(result, job.status))
    if status in job.failed or (status in job.succeeded and _container_failed(result)):
        raise TaskError("States.TaskFailed", compact(result))
    if status not in job.succeeded:
        return None
    return {job.wrapper: result} if job.wrapper else result


def cancel(clients: ClientRegistry, started: StartedJob) -> None:
    """Ask the service to stop the job, as AWS does when the task is aborted; failures are AWS's to ignore."""
    job = started.job
    if job.cancel is None:
        return
    try:
        _call(clients, job, job.cancel, job.cancel_identifiers or {}, started)
    except TaskError:
        return


def _call(
    clients: ClientRegistry, job: Job, action: str, identifiers: Mapping[str, str], started: StartedJob
) -> Json:
    service = sdk_services()[job.service]
    client = clients.client(service.client)
    operation = cast("OperationModel", find_operation(client.meta.service_model, action))
    parameters: dict[str, Json] = {}
    for name, path in identifiers.items():
        value = _at(started.answer, path)
        value = _at(started.parameters, path) if value is None else value
        member, _, in_list = name.partition(".")
        if value is not None:
            parameters[member] = [value] if in_list else value
    if action == "terminateJob":
        parameters["Reason"] = "the task that waited for this job was aborted"
    answer = call_operation(client, operation, boto_arguments(operation, parameters, "optimised"), service)
    return to_json(answer, operation.output_shape, "optimised")


def _at(value: Json, path: str) -> Json:
    for name in path.split("."):
        if isinstance(value, list) and name.isdigit():
            value = value[int(name)] if int(name) < len(value) else None
        elif isinstance(value, dict):
            value = value.get(name)
        else:
            return None
    return value


def _container_failed(result: Json) -> bool:
    """Say whether a container of a stopped ECS task failed: AWS then fails the task."""
    containers = _at(result, "Containers")
    if not isinstance(containers, list):
        return False
    return any(_at(each, "ExitCode") not in (0, None) for each in containers)
