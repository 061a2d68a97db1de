"""What each optimised integration needs.

Source: "How Step Functions generates IAM policies for integrated services" in the developer guide, narrowed to the
resources that the arguments name. A `?` in a template is a name that the service gives while it runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from stepsmith.deploy.permissions.calls import Call, Unclear
from stepsmith.deploy.permissions.statements import Statement
from stepsmith.expressions.types import Json

NO_RESOURCE: Final = "*"


@dataclass(frozen=True, slots=True)
class Grant:
    """Actions on resources that templates name; with `sync`, only for `.sync` calls."""

    actions: str
    on: tuple[str, ...]
    sync: bool = False


def _grant(actions: str, *on: str) -> Grant:
    return Grant(actions, on)


def _sync(actions: str, *on: str) -> Grant:
    return Grant(actions, on, sync=True)


_EMR_CLUSTER: Final = "elasticmapreduce:cluster/{ClusterId?}"
_SERVERLESS: Final = "emr-serverless:/applications/{ApplicationId?}"
_CONTAINERS: Final = "emr-containers:/virtualclusters/{VirtualClusterId?}"
_JOB_RUNS: Final = "emr-containers:/virtualclusters/{VirtualClusterId?}/jobruns/*"
_MODEL: Final = "sagemaker:model/{ModelName?}"

GRANTS: Final[Mapping[str, tuple[Grant, ...]]] = {
    "athena:startQueryExecution": (
        _grant("athena:StartQueryExecution", "athena:workgroup/{WorkGroup=primary}"),
        _sync("athena:GetQueryExecution athena:StopQueryExecution", "athena:workgroup/{WorkGroup=primary}"),
    ),
    "athena:stopQueryExecution": (_grant("athena:StopQueryExecution", "athena:workgroup/*"),),
    "athena:getQueryExecution": (_grant("athena:GetQueryExecution", "athena:workgroup/*"),),
    "athena:getQueryResults": (_grant("athena:GetQueryResults", "athena:workgroup/*"),),
    "batch:submitJob": (
        _grant("batch:SubmitJob", "batch:job-definition/{JobDefinition}", "batch:job-queue/{JobQueue}"),
        _sync("batch:DescribeJobs", NO_RESOURCE),
        _sync("batch:TerminateJob", "batch:job/*"),
    ),
    "codebuild:startBuild": (
        _grant("codebuild:StartBuild", "codebuild:project/{ProjectName}"),
        _sync("codebuild:StopBuild codebuild:BatchGetBuilds", "codebuild:project/{ProjectName}"),
    ),
    "codebuild:stopBuild": (_grant("codebuild:StopBuild", "codebuild:project/*"),),
    "codebuild:batchDeleteBuilds": (_grant("codebuild:BatchDeleteBuilds", "codebuild:project/*"),),
    "codebuild:batchGetReports": (_grant("codebuild:BatchGetReports", "codebuild:report-group/*"),),
    "codebuild:startBuildBatch": (
        _grant("codebuild:StartBuildBatch", "codebuild:project/{ProjectName}"),
        _sync("codebuild:StopBuildBatch codebuild:BatchGetBuildBatches", "codebuild:project/{ProjectName}"),
    ),
    "codebuild:stopBuildBatch": (_grant("codebuild:StopBuildBatch", "codebuild:project/*"),),
    "codebuild:retryBuildBatch": (
        _grant("codebuild:RetryBuildBatch", "codebuild:project/*"),
        _sync("codebuild:StopBuildBatch codebuild:BatchGetBuildBatches", "codebuild:project/*"),
    ),
    "codebuild:deleteBuildBatch": (_grant("codebuild:DeleteBuildBatch", "codebuild:project/*"),),
    "databrew:startJobRun": (
        _grant("databrew:StartJobRun", "databrew:job/{Name}"),
        _sync("databrew:ListJobRuns databrew:StopJobRun", "databrew:job/{Name}"),
    ),
    "dynamodb:getItem": (_grant("dynamodb:GetItem", "dynamodb:table/{TableName}"),),
    "dynamodb:putItem": (_grant("dynamodb:PutItem", "dynamodb:table/{TableName}"),),
    "dynamodb:updateItem": (_grant("dynamodb:UpdateItem", "dynamodb:table/{TableName}"),),
    "dynamodb:deleteItem": (_grant("dynamodb:DeleteItem", "dynamodb:table/{TableName}"),),
    "ecs:runTask": (
        _grant("ecs:RunTask", "ecs:task-definition/{TaskDefinition}"),
        _sync("ecs:StopTask ecs:DescribeTasks", "ecs:task/*"),
    ),
    "eks:createCluster": (
        _grant("eks:CreateCluster", NO_RESOURCE),
        _sync("eks:DescribeCluster eks:DeleteCluster", "eks:cluster/{Name?}"),
    ),
    "eks:deleteCluster": (
        _grant("eks:DeleteCluster", "eks:cluster/{Name}"),
        _sync("eks:DescribeCluster", "eks:cluster/{Name}"),
    ),
    "eks:createNodegroup": (
        _grant("eks:CreateNodegroup", "eks:cluster/{ClusterName}"),
        _sync("eks:DescribeNodegroup eks:DeleteNodegroup", "eks:nodegroup/{ClusterName}/*/*"),
    ),
    "eks:deleteNodegroup": (
        _grant("eks:DeleteNodegroup", "eks:nodegroup/{ClusterName}/*/*"),
        _sync("eks:DescribeNodegroup", "eks:nodegroup/{ClusterName}/*/*"),
    ),
    "eks:createFargateProfile": (
        _grant("eks:CreateFargateProfile", "eks:cluster/{ClusterName}"),
        _sync("eks:DescribeFargateProfile eks:DeleteFargateProfile", "eks:fargateprofile/{ClusterName}/*/*"),
    ),
    "eks:deleteFargateProfile": (
        _grant("eks:DeleteFargateProfile", "eks:fargateprofile/{ClusterName}/*/*"),
        _sync("eks:DescribeFargateProfile", "eks:fargateprofile/{ClusterName}/*/*"),
    ),
    # the Kubernetes API has access rules of its own; the role is mapped in the cluster
    "eks:call": (),
    "eks:runJob": (),
    "elasticmapreduce:createCluster": (
        _grant("elasticmapreduce:RunJobFlow", NO_RESOURCE),
        _sync(
            "elasticmapreduce:DescribeCluster elasticmapreduce:TerminateJobFlows",
            "elasticmapreduce:cluster/*",
        ),
    ),
    "elasticmapreduce:terminateCluster": (
        _grant("elasticmapreduce:TerminateJobFlows", _EMR_CLUSTER),
        _sync("elasticmapreduce:DescribeCluster", _EMR_CLUSTER),
    ),
    "elasticmapreduce:addStep": (
        _grant("elasticmapreduce:AddJobFlowSteps", _EMR_CLUSTER),
        _sync("elasticmapreduce:DescribeStep elasticmapreduce:CancelSteps", _EMR_CLUSTER),
    ),
    "elasticmapreduce:cancelStep": (_grant("elasticmapreduce:CancelSteps", _EMR_CLUSTER),),
    "elasticmapreduce:setClusterTerminationProtection": (
        _grant("elasticmapreduce:SetTerminationProtection", _EMR_CLUSTER),
    ),
    "elasticmapreduce:modifyInstanceFleetByName": (
        _grant("elasticmapreduce:ModifyInstanceFleet elasticmapreduce:ListInstanceFleets", _EMR_CLUSTER),
    ),
    "elasticmapreduce:modifyInstanceGroupByName": (
        _grant("elasticmapreduce:ModifyInstanceGroups elasticmapreduce:ListInstanceGroups", _EMR_CLUSTER),
    ),
    "emr-containers:createVirtualCluster": (_grant("emr-containers:CreateVirtualCluster", NO_RESOURCE),),
    "emr-containers:deleteVirtualCluster": (
        _grant("emr-containers:DeleteVirtualCluster", _CONTAINERS),
        _sync("emr-containers:DescribeVirtualCluster", _CONTAINERS),
    ),
    "emr-containers:startJobRun": (
        _grant("emr-containers:StartJobRun", _CONTAINERS),
        _sync("emr-containers:DescribeJobRun emr-containers:CancelJobRun", _JOB_RUNS),
    ),
    "emr-serverless:createApplication": (
        _grant("emr-serverless:CreateApplication", NO_RESOURCE),
        _sync(
            "emr-serverless:GetApplication emr-serverless:DeleteApplication", "emr-serverless:/applications/*"
        ),
    ),
    "emr-serverless:startApplication": (
        _grant("emr-serverless:StartApplication", _SERVERLESS),
        _sync("emr-serverless:GetApplication emr-serverless:StopApplication", _SERVERLESS),
    ),
    "emr-serverless:stopApplication": (
        _grant("emr-serverless:StopApplication", _SERVERLESS),
        _sync("emr-serverless:GetApplication", _SERVERLESS),
    ),
    "emr-serverless:deleteApplication": (
        _grant("emr-serverless:DeleteApplication", _SERVERLESS),
        _sync("emr-serverless:GetApplication", _SERVERLESS),
    ),
    "emr-serverless:startJobRun": (
        _grant("emr-serverless:StartJobRun", _SERVERLESS),
        _sync(
            "emr-serverless:GetJobRun emr-serverless:CancelJobRun",
            "emr-serverless:/applications/{ApplicationId?}/jobruns/*",
        ),
    ),
    "emr-serverless:cancelJobRun": (
        _grant("emr-serverless:CancelJobRun", "emr-serverless:/applications/{ApplicationId?}/jobruns/*"),
        _sync("emr-serverless:GetJobRun", "emr-serverless:/applications/{ApplicationId?}/jobruns/*"),
    ),
    "glue:startJobRun": (
        _grant("glue:StartJobRun", "glue:job/{JobName}"),
        _sync("glue:GetJobRun glue:GetJobRuns glue:BatchStopJobRun", "glue:job/{JobName}"),
    ),
    "mediaconvert:createJob": (
        _grant("mediaconvert:CreateJob", "mediaconvert:queues/{Queue=Default}"),
        _sync("mediaconvert:GetJob mediaconvert:CancelJob", "mediaconvert:jobs/*"),
    ),
    "sagemaker:createTrainingJob": (
        _grant("sagemaker:CreateTrainingJob sagemaker:AddTags", "sagemaker:training-job/{TrainingJobName?}"),
        _sync(
            "sagemaker:DescribeTrainingJob sagemaker:StopTrainingJob",
            "sagemaker:training-job/{TrainingJobName?}",
        ),
    ),
    "sagemaker:createTransformJob": (
        _grant(
            "sagemaker:CreateTransformJob sagemaker:AddTags", "sagemaker:transform-job/{TransformJobName?}"
        ),
        _sync(
            "sagemaker:DescribeTransformJob sagemaker:StopTransformJob",
            "sagemaker:transform-job/{TransformJobName?}",
        ),
    ),
    "sagemaker:createHyperParameterTuningJob": (
        _grant(
            "sagemaker:CreateHyperParameterTuningJob sagemaker:AddTags",
            "sagemaker:hyper-parameter-tuning-job/{HyperParameterTuningJobName?}",
        ),
        _sync(
            "sagemaker:DescribeHyperParameterTuningJob sagemaker:StopHyperParameterTuningJob",
            "sagemaker:hyper-parameter-tuning-job/{HyperParameterTuningJobName?}",
        ),
    ),
    "sagemaker:createLabelingJob": (
        _grant("sagemaker:CreateLabelingJob sagemaker:AddTags", "sagemaker:labeling-job/{LabelingJobName?}"),
        _sync(
            "sagemaker:DescribeLabelingJob sagemaker:StopLabelingJob",
            "sagemaker:labeling-job/{LabelingJobName?}",
        ),
    ),
    "sagemaker:createProcessingJob": (
        _grant(
            "sagemaker:CreateProcessingJob sagemaker:AddTags", "sagemaker:processing-job/{ProcessingJobName?}"
        ),
        _sync(
            "sagemaker:DescribeProcessingJob sagemaker:StopProcessingJob",
            "sagemaker:processing-job/{ProcessingJobName?}",
        ),
    ),
    "sagemaker:createEndpoint": (
        _grant(
            "sagemaker:CreateEndpoint sagemaker:AddTags",
            "sagemaker:endpoint/{EndpointName?}",
            "sagemaker:endpoint-config/*",
        ),
    ),
    "sagemaker:createEndpointConfig": (
        _grant(
            "sagemaker:CreateEndpointConfig sagemaker:AddTags",
            "sagemaker:endpoint-config/{EndpointConfigName?}",
        ),
    ),
    "sagemaker:createModel": (_grant("sagemaker:CreateModel sagemaker:AddTags", _MODEL),),
    "sagemaker:updateEndpoint": (
        _grant(
            "sagemaker:UpdateEndpoint", "sagemaker:endpoint/{EndpointName?}", "sagemaker:endpoint-config/*"
        ),
    ),
}
"""`service:action` -> what it needs, where a table can say it."""

EVENT_RULES: Final[Mapping[str, str]] = {
    "states:startExecution": "StepFunctionsGetEventsForStepFunctionsExecutionRule",
    "batch:submitJob": "StepFunctionsGetEventsForBatchJobsRule",
    "codebuild:startBuild": "StepFunctionsGetEventForCodeBuildStartBuildRule",
    "codebuild:startBuildBatch": "StepFunctionsGetEventForCodeBuildStartBuildBatchRule",
    "codebuild:retryBuildBatch": "StepFunctionsGetEventForCodeBuildRetryBuildBatchRule",
    "ecs:runTask": "StepFunctionsGetEventsForECSTaskRule",
    "elasticmapreduce:createCluster": "StepFunctionsGetEventForEMRRunJobFlowRule",
    "elasticmapreduce:addStep": "StepFunctionsGetEventForEMRAddJobFlowStepsRule",
    "elasticmapreduce:terminateCluster": "StepFunctionsGetEventForEMRTerminateJobFlowsRule",
    "emr-serverless:createApplication": "StepFunctionsGetEventsForEMRServerlessApplicationRule",
    "emr-serverless:startApplication": "StepFunctionsGetEventsForEMRServerlessApplicationRule",
    "emr-serverless:stopApplication": "StepFunctionsGetEventsForEMRServerlessApplicationRule",
    "emr-serverless:deleteApplication": "StepFunctionsGetEventsForEMRServerlessApplicationRule",
    "emr-serverless:startJobRun": "StepFunctionsGetEventsForEMRServerlessJobRule",
    "emr-serverless:cancelJobRun": "StepFunctionsGetEventsForEMRServerlessJobRule",
    "mediaconvert:createJob": "StepFunctionsGetEventsForMediaConvertJobRule",
    "sagemaker:createTrainingJob": "StepFunctionsGetEventsForSageMakerTrainingJobsRule",
    "sagemaker:createTransformJob": "StepFunctionsGetEventsForSageMakerTransformJobsRule",
    "sagemaker:createHyperParameterTuningJob": "StepFunctionsGetEventsForSageMakerTuningJobsRule",
    "sagemaker:createLabelingJob": "StepFunctionsGetEventsForSageMakerLabelingJobsRule",
    "sagemaker:createProcessingJob": "StepFunctionsGetEventsForSageMakerProcessingJobsRule",
}
"""The rule by which Step Functions hears of the end of a job."""

PASSED_ROLES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "sagemaker:createTrainingJob": (("RoleArn", "sagemaker.amazonaws.com"),),
    "sagemaker:createProcessingJob": (("RoleArn", "sagemaker.amazonaws.com"),),
    "sagemaker:createLabelingJob": (("RoleArn", "sagemaker.amazonaws.com"),),
    "sagemaker:createModel": (("ExecutionRoleArn", "sagemaker.amazonaws.com"),),
    "eks:createCluster": (("RoleArn", "eks.amazonaws.com"),),
    "eks:createNodegroup": (("NodeRole", "eks.amazonaws.com"),),
    "eks:createFargateProfile": (("PodExecutionRoleArn", "eks-fargate-pods.amazonaws.com"),),
    "mediaconvert:createJob": (("Role", "mediaconvert.amazonaws.com"),),
    "emr-serverless:startJobRun": (("ExecutionRoleArn", "emr-serverless.amazonaws.com"),),
    "bedrock:createModelCustomizationJob": (("RoleArn", "bedrock.amazonaws.com"),),
}
"""The arguments whose role is passed on, and to whom."""

DEMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "ecs:runTask": ("iam:PassRole", "the roles of the task definition are passed on"),
    "athena:startQueryExecution": (
        "s3:PutObject",
        "a query reads and writes in S3 with the rights of this role",
    ),
    "elasticmapreduce:createCluster": ("iam:PassRole", "the roles of the cluster are passed on"),
    "sagemaker:createHyperParameterTuningJob": ("iam:PassRole", "the role of the training jobs is passed on"),
}
"""What an integration needs besides and no definition tells: it has to be said in policies."""


def from_table(call: Call) -> list[Statement] | None:
    """Give what the table says about a call; None where it says nothing. Raises Unclear."""
    grants = GRANTS.get(call.name)
    if grants is None:
        return None
    return [
        call.allow(grant.actions, *(one if one == NO_RESOURCE else call.arn(one) for one in grant.on))
        for grant in grants
        if call.waits or not grant.sync
    ]


def besides(call: Call) -> list[Statement]:
    """Give the events rule of a `.sync` call and the roles that a call passes on. Raises Unclear."""
    found: list[Statement] = []
    if call.waits and call.name in EVENT_RULES:
        rule = call.place.arn("events", f"rule/{EVENT_RULES[call.name]}")
        why = f"state {call.state!r} waits for the end of {call.name}"
        found.append(call.allow("events:PutTargets events:PutRule events:DescribeRule", rule, why=why))
    for argument, service in PASSED_ROLES.get(call.name, ()):
        role = call.text(argument)
        if role is None:
            raise Unclear(f"{argument} is not given")
        arn = role if role.startswith(("arn:", "${")) else call.place.role(role)
        condition: dict[str, Json] = {"StringEquals": {"iam:PassedToService": service}}
        why = f"state {call.state!r} passes this role to {service}"
        found.append(call.allow("iam:PassRole", arn, why=why, condition=condition))
    return found
