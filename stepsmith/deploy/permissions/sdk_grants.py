"""What AWS SDK integrations need: only calls whose resources are known here; everything else has to be said.

Source: the Service Authorization Reference. A call that could widen somebody's rights is not in these tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, cast

from stepsmith.deploy.errors import PermissionUnknown
from stepsmith.deploy.permissions.calls import Call, Unclear
from stepsmith.deploy.permissions.service_grants import (
    as_arguments,
    bucket_arn,
    executions_of,
    function_arns,
    invoke_model,
    object_arn,
    queue_arn,
)
from stepsmith.deploy.permissions.statements import Statement
from stepsmith.expressions.types import Json
from stepsmith.integrations.services.models import signing_name

_WITHOUT_RESOURCES: Final = """
rekognition:DetectLabels rekognition:DetectFaces rekognition:DetectText rekognition:DetectModerationLabels
rekognition:RecognizeCelebrities rekognition:CompareFaces rekognition:DetectProtectiveEquipment
comprehend:DetectSentiment comprehend:DetectEntities comprehend:DetectKeyPhrases comprehend:DetectSyntax
comprehend:DetectDominantLanguage comprehend:DetectPiiEntities comprehend:BatchDetectSentiment
textract:DetectDocumentText textract:AnalyzeDocument textract:AnalyzeExpense textract:AnalyzeID
translate:TranslateText polly:SynthesizeSpeech polly:DescribeVoices transcribe:StartTranscriptionJob
cloudwatch:PutMetricData cloudwatch:GetMetricData sts:GetCallerIdentity sqs:ListQueues sns:ListTopics
dynamodb:ListTables s3:ListAllMyBuckets lambda:ListFunctions states:ListStateMachines ec2:DescribeInstances
ec2:DescribeImages ec2:DescribeRegions ec2:DescribeVolumes ec2:DescribeSnapshots pricing:GetProducts
logs:DescribeLogGroups tag:GetResources batch:DescribeJobs eks:CreateCluster elasticmapreduce:RunJobFlow
emr-containers:CreateVirtualCluster emr-serverless:CreateApplication xray:PutTraceSegments
xray:PutTelemetryRecords xray:GetSamplingRules xray:GetSamplingTargets logs:CreateLogDelivery
logs:GetLogDelivery logs:UpdateLogDelivery logs:DeleteLogDelivery logs:ListLogDeliveries logs:PutResourcePolicy
logs:DescribeResourcePolicies sns:Publish
"""

WITHOUT_RESOURCES: Final = frozenset(_WITHOUT_RESOURCES.split())
"""The actions that may be allowed on `*`: the services have no resources for them (sns:Publish for phone numbers)."""

_DYNAMODB: Final = {
    "GetItem": "GetItem", "PutItem": "PutItem", "UpdateItem": "UpdateItem", "DeleteItem": "DeleteItem",
    "Query": "Query", "Scan": "Scan", "DescribeTable": "DescribeTable",
}  # fmt: skip
_OBJECTS: Final = {
    "GetObject": "s3:GetObject", "HeadObject": "s3:GetObject", "PutObject": "s3:PutObject",
    "DeleteObject": "s3:DeleteObject", "GetObjectTagging": "s3:GetObjectTagging",
    "PutObjectTagging": "s3:PutObjectTagging", "GetObjectAttributes": "s3:GetObject s3:GetObjectAttributes",
    "RestoreObject": "s3:RestoreObject",
}  # fmt: skip
_BUCKETS: Final = {
    "ListObjectsV2": "s3:ListBucket", "ListObjects": "s3:ListBucket", "HeadBucket": "s3:ListBucket",
    "GetBucketLocation": "s3:GetBucketLocation",
}  # fmt: skip
_ONE_ARGUMENT: Final[Mapping[str, str]] = {
    "sfn:DescribeStateMachine": "states:DescribeStateMachine states:stateMachine:{StateMachineArn}",
    "sfn:StartSyncExecution": "states:StartSyncExecution states:stateMachine:{StateMachineArn}",
    "sfn:DescribeExecution": "states:DescribeExecution states:execution:{ExecutionArn}",
    "sfn:StopExecution": "states:StopExecution states:execution:{ExecutionArn}",
    "secretsmanager:GetSecretValue": "secretsmanager:GetSecretValue secretsmanager:secret:{SecretId}-*",
    "sns:Publish": "sns:Publish sns:{TopicArn}",
    "kinesis:PutRecord": "kinesis:PutRecord kinesis:stream/{StreamName}",
    "kinesis:PutRecords": "kinesis:PutRecords kinesis:stream/{StreamName}",
    "firehose:PutRecord": "firehose:PutRecord firehose:deliverystream/{DeliveryStreamName}",
    "sagemakerruntime:InvokeEndpoint": "sagemaker:InvokeEndpoint sagemaker:endpoint/{EndpointName}",
    "glue:GetJobRun": "glue:GetJobRun glue:job/{JobName}",
    "eventbridge:EnableRule": "events:EnableRule events:rule/{Name}",
    "eventbridge:DisableRule": "events:DisableRule events:rule/{Name}",
}
"""`service:Action` -> the IAM action, and a template of its resource."""

_PREFIXES: Final = {"cloudwatch": "cloudwatch", "iotdataplane": "iot"}
"""The services whose actions begin otherwise than their requests are signed."""


def from_sdk(call: Call, service: str, action: str) -> list[Statement]:
    """Give what an SDK call needs.

    Raises Unclear for a resource made at run time, and PermissionUnknown for a call that no table here has.
    """
    operation, iam = action[0].upper() + action[1:], iam_action(service, action)
    found = _SERVICES.get(service, _nothing)(call, operation)
    if found is None and f"{service}:{operation}" in _ONE_ARGUMENT:
        allowed, _, template = _ONE_ARGUMENT[f"{service}:{operation}"].partition(" ")
        found = [call.allow(allowed, call.arn(template))]
    if found is None and iam in WITHOUT_RESOURCES:
        why = f"state {call.state!r} calls {call.name}, and the service has no resources for it"
        found = [call.allow(iam, "*", why=why)]
    if found is None:
        raise PermissionUnknown(
            f"state {call.state!r}: what {call.name} needs is not known here; say it: "
            f'policies=[allow("{iam}", on=ARN)]'
        )
    return [*found, *_pictures(call)]


def iam_action(service: str, action: str) -> str:
    """Give the IAM action of an SDK call: `bedrock:InvokeModel` for `bedrockruntime:invokeModel`."""
    prefix = _PREFIXES.get(service) or signing_name(service) or service
    whole = f"{prefix}:{action[0].upper()}{action[1:]}"
    return "lambda:InvokeFunction" if whole == "lambda:Invoke" else whole


def _nothing(call: Call, operation: str) -> list[Statement] | None:
    return None


def _dynamodb(call: Call, operation: str) -> list[Statement] | None:
    if operation not in _DYNAMODB:
        return None
    table = call.arn("dynamodb:table/{TableName}")
    index = call.member("IndexName") if operation in ("Query", "Scan") else None
    where = [table] if index is None else [table, f"{table}/index/{call.checked('IndexName', index)}"]
    return [call.allow(f"dynamodb:{_DYNAMODB[operation]}", *where)]


def _s3(call: Call, operation: str) -> list[Statement] | None:
    arguments = as_arguments(call.arguments)
    if operation in _OBJECTS:
        return [call.allow(_OBJECTS[operation], object_arn(call, arguments, "Bucket", "Key"))]
    if operation in _BUCKETS:
        return [call.allow(_BUCKETS[operation], bucket_arn(call, arguments))]
    return None


def _lambda(call: Call, operation: str) -> list[Statement] | None:
    if operation != "Invoke":
        return None
    return [call.allow("lambda:InvokeFunction", *function_arns(call, call.text("FunctionName")))]


def _sqs(call: Call, operation: str) -> list[Statement] | None:
    actions = {"SendMessageBatch": "SendMessage", "DeleteMessageBatch": "DeleteMessage"}
    if operation not in ("SendMessage", "ReceiveMessage", "DeleteMessage", "GetQueueAttributes", *actions):
        return None
    return [call.allow(f"sqs:{actions.get(operation, operation)}", queue_arn(call, call.text("QueueUrl")))]


def _ssm(call: Call, operation: str) -> list[Statement] | None:
    if operation not in ("GetParameter", "PutParameter"):
        return None
    name = call.text("Name")
    if name is None:
        raise Unclear("Name is not given")
    parameter = call.place.arn("ssm", f"parameter/{name.removeprefix('/')}")
    return [call.allow(f"ssm:{operation}", name if name.startswith(("arn:", "${")) else parameter)]


def _sfn(call: Call, operation: str) -> list[Statement] | None:
    if operation in ("SendTaskSuccess", "SendTaskFailure", "SendTaskHeartbeat"):
        machine = call.place.arn("states", "stateMachine:*")
        why = f"state {call.state!r} answers a task, whose token names its machine only at run time"
        return [call.allow(f"states:{operation}", machine, why=why)]
    if operation != "StartExecution":
        return None
    machine = call.text("StateMachineArn")
    if machine is None:
        raise Unclear("StateMachineArn is not given")
    found = [call.allow("states:StartExecution", machine)]
    return (
        found
        if not call.waits
        else [*found, call.allow("states:DescribeExecution", executions_of(call, machine))]
    )


def _bedrock(call: Call, operation: str) -> list[Statement] | None:
    return [invoke_model(call, call.text("ModelId"))] if operation in ("Converse", "InvokeModel") else None


def _pictures(call: Call) -> list[Statement]:
    """Allow reading the objects that a call names as `S3Object`: the service reads them with the caller's rights."""
    found: list[Statement] = []
    for picture in _s3_objects(call.arguments):
        where = object_arn(call, picture, "Bucket", "Name")
        found.append(call.allow("s3:GetObject", where, why=f"state {call.state!r} has {call.name} read it"))
    return found


def _s3_objects(value: Json) -> Iterator[dict[str, Json]]:
    match value:
        case dict():
            for name, inner in value.items():
                if name == "S3Object" and isinstance(inner, dict):
                    yield inner
                else:
                    yield from _s3_objects(inner)
        case list():
            for inner in cast("list[Json]", value):
                yield from _s3_objects(inner)
        case _:
            return


def _mail(member: str) -> Callable[[Call, str], list[Statement] | None]:
    def granted(call: Call, operation: str) -> list[Statement] | None:
        if operation != "SendEmail":
            return None
        address = call.arn(f"ses:identity/{{{member}}}")
        before, _, identity = address.partition("identity/")
        # what is verified may be the address or its whole domain
        return [call.allow("ses:SendEmail", address, f"{before}identity/{identity.rpartition('@')[2]}")]

    return granted


_SERVICES: Final[Mapping[str, Callable[[Call, str], list[Statement] | None]]] = {
    "bedrockruntime": _bedrock,
    "dynamodb": _dynamodb,
    "s3": _s3,
    "lambda": _lambda,
    "sqs": _sqs,
    "ses": _mail("Source"),
    "sesv2": _mail("FromEmailAddress"),
    "sfn": _sfn,
    "ssm": _ssm,
}
