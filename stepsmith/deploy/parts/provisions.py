"""Tables, queues, topics and buckets; what holds data stays when the stack goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from stepsmith.authoring.provisions import Bucket, Provision, Queue, Table, Topic, creation
from stepsmith.deploy.application import Options, provision_name
from stepsmith.expressions.types import Json

KEPT = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
_INDEXED = ("dynamodb:Query", "dynamodb:Scan")
_ON_BUCKETS = ("s3:ListBucket", "s3:GetBucketLocation", "s3:ListBucketVersions")


def provision_resource(provision: Provision, options: Options) -> dict[str, Json]:
    """Give the resource of something that tasks name."""
    match provision:
        case Table():
            made = cast("dict[str, Json]", creation(provision))
            properties: dict[str, Json] = {
                **made,
                "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
                "SSESpecification": {"SSEEnabled": True},
            }
            return _resource("AWS::DynamoDB::Table", properties, options, kept=True)
        case Queue():
            properties = {"QueueName": provision.name, "SqsManagedSseEnabled": True}
            return _resource("AWS::SQS::Queue", properties, options, kept=True)
        case Topic():
            return _resource("AWS::SNS::Topic", {"TopicName": provision.name}, options)
        case Bucket():
            return _resource("AWS::S3::Bucket", _bucket(provision), options, kept=True)


def arns_of(provision: Provision, actions: Sequence[str]) -> tuple[str, ...]:
    """Give the ARNs that actions on something are allowed on."""
    arn = f"${{{provision_name(provision)}.Arn}}"
    match provision:
        case Table(indexes=indexes):
            indexed = bool(indexes) and any(action in _INDEXED for action in actions)
            return (arn, f"{arn}/index/*") if indexed else (arn,)
        case Bucket():
            inside = any(action not in _ON_BUCKETS for action in actions)
            whole = any(action in _ON_BUCKETS for action in actions)
            return (*([arn] if whole else []), *([f"{arn}/*"] if inside else []))
        case Topic():
            return (f"${{{provision_name(provision)}}}",)
        case Queue():
            return (arn,)


def bucket_name(bucket: Bucket) -> str:
    """Give the name of a bucket, as Fn::Sub text."""
    return f"${{AWS::StackName}}-{bucket.name}-${{AWS::AccountId}}-${{AWS::Region}}"


def _bucket(bucket: Bucket) -> dict[str, Json]:
    closed = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    return {
        "BucketName": {"Fn::Sub": bucket_name(bucket)},
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [
                {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
            ]
        },
        "NotificationConfiguration": {"EventBridgeConfiguration": {"EventBridgeEnabled": True}},
        "PublicAccessBlockConfiguration": dict.fromkeys(closed, True),
    }


def _resource(
    kind: str, properties: dict[str, Json], options: Options, *, kept: bool = False
) -> dict[str, Json]:
    if options.tags:
        properties["Tags"] = [{"Key": name, "Value": value} for name, value in sorted(options.tags.items())]
    stays: dict[str, Json] = dict(KEPT) if kept else {}
    return {"Type": kind, **stays, "Properties": properties}
