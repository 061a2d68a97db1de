"""Tables, queues, topics and buckets; what holds data stays when the stack goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, cast

from stepsmith.authoring.tasks.provisions import Bucket, Provision, Queue, Stream, Table, Topic, creation
from stepsmith.deploy.application import provision_name
from stepsmith.deploy.options import Options
from stepsmith.expressions.types import Json

KEPT = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}
"""What was made stays; what a creation that failed has made does not."""
LONGEST_RETENTION = 1_209_600
"""The seconds that a message may stay in a queue: 14 days."""
_FORGETTING: Final[tuple[Mapping[str, Json], ...]] = (
    {
        "Id": "ReplacedVersions",
        "Status": "Enabled",
        "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
        "ExpiredObjectDeleteMarker": True,
    },
    {
        "Id": "UnfinishedUploads",
        "Status": "Enabled",
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    },
)
_INDEXED = ("dynamodb:Query", "dynamodb:Scan")
_ON_BUCKETS = ("s3:ListBucket", "s3:GetBucketLocation", "s3:ListBucketVersions")


def provision_resource(
    provision: Provision, options: Options, besides: Mapping[str, Json] | None = None
) -> dict[str, Json]:
    """Give the resource of something that tasks name.

    It has no name of its own: CloudFormation makes one, so that stacks of one project live beside each other, a stack
    can come back after what it kept, and what cannot be changed in place can be replaced.
    """
    match provision:
        case Table():
            made = cast("dict[str, Json]", creation(provision))
            del made["TableName"]
            if provision.stream is not None:
                made["StreamSpecification"] = {"StreamViewType": provision.stream}
            properties: dict[str, Json] = {
                **made,
                "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
                "SSESpecification": _table_encryption(options),
            }
            if provision.expires is not None:
                expiry: Json = {"AttributeName": provision.expires, "Enabled": True}
                properties["TimeToLiveSpecification"] = expiry
            return _resource("AWS::DynamoDB::Table", properties, options, kept=True)
        case Queue():
            properties = {
                **fifo_queue(is_fifo=provision.is_fifo),
                "MessageRetentionPeriod": LONGEST_RETENTION,
                **queue_encryption(options),
                **(besides or {}),
            }
            return _resource("AWS::SQS::Queue", properties, options, kept=True)
        case Topic():
            return _resource("AWS::SNS::Topic", _topic(provision, options), options)
        case Stream():
            return _resource("AWS::Kinesis::Stream", _stream(options), options, kept=True)
        case Bucket():
            return _resource("AWS::S3::Bucket", _bucket(options), options, kept=True)


def arn_of(provision: Provision) -> str:
    """Give the ARN of something provided, as Fn::Sub text."""
    name = provision_name(provision)
    # the Ref of a topic is its ARN
    return f"${{{name}}}" if isinstance(provision, Topic) else f"${{{name}.Arn}}"


def arns_of(provision: Provision, actions: Sequence[str]) -> tuple[str, ...]:
    """Give the ARNs that actions on something are allowed on."""
    arn = arn_of(provision)
    match provision:
        case Table(indexes=indexes):
            indexed = bool(indexes) and any(action in _INDEXED for action in actions)
            return (arn, f"{arn}/index/*") if indexed else (arn,)
        case Bucket():
            inside = any(action not in _ON_BUCKETS for action in actions)
            whole = any(action in _ON_BUCKETS for action in actions)
            return (*([arn] if whole else []), *([f"{arn}/*"] if inside else []))
        case Topic() | Queue() | Stream():
            return (arn,)


def queue_encryption(options: Options) -> dict[str, Json]:
    """Give how a queue is encrypted: with the stage's key, or else one that SQS keeps."""
    if options.kms_key is None:
        return {"SqsManagedSseEnabled": True}
    return {"KmsMasterKeyId": options.kms_key, "KmsDataKeyReusePeriodSeconds": 3600}


def fifo_queue(*, is_fifo: bool) -> dict[str, Json]:
    """Give the property that makes a queue a FIFO queue; CloudFormation gives it a name that ends as it must."""
    return {"FifoQueue": True} if is_fifo else {}


def _topic(topic: Topic, options: Options) -> dict[str, Json]:
    # a FIFO topic has no name by CloudFormation, which knows nothing of the ending
    fifo: dict[str, Json] = {"FifoTopic": True, "TopicName": {"Fn::Sub": f"${{AWS::StackName}}-{topic.name}"}}
    return {"DisplayName": topic.name, **(fifo if topic.is_fifo else {}), **_topic_encryption(options)}


def _topic_encryption(options: Options) -> dict[str, Json]:
    # with the key of SNS tasks can publish, and services such as EventBridge cannot
    return {"KmsMasterKeyId": options.kms_key or "alias/aws/sns"}


def _stream(options: Options) -> dict[str, Json]:
    return {
        "StreamModeDetails": {"StreamMode": "ON_DEMAND"},
        "StreamEncryption": {"EncryptionType": "KMS", "KeyId": options.kms_key or "alias/aws/kinesis"},
    }


def _table_encryption(options: Options) -> dict[str, Json]:
    if options.kms_key is None:
        return {"SSEEnabled": True}
    return {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": options.kms_key}


def _bucket(options: Options) -> dict[str, Json]:
    encryption: Json = {"SSEAlgorithm": "AES256"}
    if options.kms_key is not None:
        encryption = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": options.kms_key}
    closed = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    return {
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [
                {"ServerSideEncryptionByDefault": encryption, "BucketKeyEnabled": options.kms_key is not None}
            ]
        },
        "LifecycleConfiguration": {"Rules": [dict(rule) for rule in _FORGETTING]},
        "NotificationConfiguration": {"EventBridgeConfiguration": {"EventBridgeEnabled": True}},
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "PublicAccessBlockConfiguration": dict.fromkeys(closed, True),
        "VersioningConfiguration": {"Status": "Enabled"},
    }


def _resource(
    kind: str, properties: dict[str, Json], options: Options, *, kept: bool = False
) -> dict[str, Json]:
    if options.tags:
        properties["Tags"] = [{"Key": name, "Value": value} for name, value in sorted(options.tags.items())]
    stays: dict[str, Json] = dict(KEPT) if kept else {}
    return {"Type": kind, **stays, "Properties": properties}
