"""Tables, queues, topics and buckets as resources of Terraform."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stepsmith.authoring.tasks.provisions import FIFO
from stepsmith.deploy.handoff.parts import Properties
from stepsmith.deploy.handoff.terraform.expressions import snake
from stepsmith.deploy.handoff.terraform.part import Arguments, Converted, Part, one, present


def table(part: Part) -> Converted:
    """Give a table."""
    keys = {key["KeyType"]: key["AttributeName"] for key in part.each("KeySchema")}
    indexes = [
        {
            "name": index["IndexName"],
            "projection_type": index["Projection"]["ProjectionType"],
            **_keys({key["KeyType"]: key["AttributeName"] for key in index["KeySchema"]}),
        }
        for index in part.each("GlobalSecondaryIndexes")
    ]
    lives = part.of("TimeToLiveSpecification")
    return one(
        part,
        "AWS::DynamoDB::Table",
        name=part.own_name,
        billing_mode=part.of("BillingMode"),
        **_keys(keys),
        attribute=[
            {"name": each["AttributeName"], "type": each["AttributeType"]}
            for each in part.each("AttributeDefinitions")
        ],
        global_secondary_index=indexes or None,
        point_in_time_recovery={"enabled": True},
        server_side_encryption=present(
            {"enabled": True, "kms_key_arn": part.of("SSESpecification", "KMSMasterKeyId")}
        ),
        ttl=None
        if lives is None
        else {"enabled": lives["Enabled"], "attribute_name": lives["AttributeName"]},
        stream_enabled=None if part.of("StreamSpecification") is None else True,
        stream_view_type=part.of("StreamSpecification", "StreamViewType"),
        deletion_protection_enabled=True,
        **part.tags,
    )


def _keys(keys: Mapping[str, str]) -> Arguments:
    return present({"hash_key": keys["HASH"], "range_key": keys.get("RANGE")})


def queue(part: Part) -> Converted:
    """Give a queue."""
    redriven = part.properties.get("RedrivePolicy")
    return one(
        part,
        "AWS::SQS::Queue",
        name=part.own_name + _fifo(part, "FifoQueue"),
        fifo_queue=part.of("FifoQueue"),
        message_retention_seconds=part.of("MessageRetentionPeriod"),
        sqs_managed_sse_enabled=part.of("SqsManagedSseEnabled"),
        kms_master_key_id=part.of("KmsMasterKeyId"),
        kms_data_key_reuse_period_seconds=part.of("KmsDataKeyReusePeriodSeconds"),
        visibility_timeout_seconds=part.of("VisibilityTimeout"),
        redrive_policy=None if redriven is None else part.expressions.json(redriven),
        **part.tags,
    )


def _fifo(part: Part, property: str) -> str:
    """Give the ending that the name of a FIFO queue or topic must have."""
    return FIFO if part.of(property) else ""


def queue_policy(part: Part) -> Converted:
    """Give the policy of each of some queues."""
    found: dict[tuple[str, str], Arguments] = {}
    for queue in part.properties["Queues"]:
        name = queue["Ref"]
        found["aws_sqs_queue_policy", f"{part.local}_{snake(name)}"] = {
            "queue_url": part.expressions.of(queue),
            "policy": part.expressions.json(
                _narrowed(part.properties["PolicyDocument"], {"Fn::GetAtt": [name, "Arn"]})
            ),
        }
    return Converted(found)


def topic(part: Part) -> Converted:
    """Give a topic."""
    return one(
        part,
        "AWS::SNS::Topic",
        name=part.own_name + _fifo(part, "FifoTopic"),
        fifo_topic=part.of("FifoTopic"),
        display_name=part.of("DisplayName"),
        kms_master_key_id=part.of("KmsMasterKeyId"),
        **part.tags,
    )


def topic_policy(part: Part) -> Converted:
    """Give the policy of each of some topics."""
    found: dict[tuple[str, str], Arguments] = {}
    for topic in part.properties["Topics"]:
        found["aws_sns_topic_policy", f"{part.local}_{snake(topic['Ref'])}"] = {
            "arn": part.expressions.of(topic),
            "policy": part.expressions.json(_narrowed(part.properties["PolicyDocument"], topic)),
        }
    return Converted(found)


def _narrowed(document: Any, arn: Any) -> Any:
    """Give a policy that several share for one of them: another's ARN is refused in it."""
    statements = [
        {**each, "Resource": arn} if isinstance(each["Resource"], list) else each
        for each in document["Statement"]
    ]
    return {**document, "Statement": statements}


def bucket(part: Part) -> Converted:
    """Give a bucket, whose settings are resources of their own."""
    bucket, encryption = (
        f"${{aws_s3_bucket.{part.local}.id}}",
        part.of("BucketEncryption", "ServerSideEncryptionConfiguration"),
    )
    by_default = encryption[0]["ServerSideEncryptionByDefault"]
    rule = {
        "apply_server_side_encryption_by_default": present(
            {
                "sse_algorithm": by_default["SSEAlgorithm"],
                "kms_master_key_id": by_default.get("KMSMasterKeyID"),
            }
        ),
        "bucket_key_enabled": encryption[0].get("BucketKeyEnabled", False),
    }
    closed = {snake(name): value for name, value in part.of("PublicAccessBlockConfiguration").items()}
    prefix = part.name.removesuffix("Bucket").lower()[:20]
    found: dict[tuple[str, str], Arguments] = {
        ("aws_s3_bucket", part.local): {
            "bucket_prefix": f"${{lower(substr(var.stack, 0, 14))}}-{prefix}-",
            **part.tags,
        },
        ("aws_s3_bucket_public_access_block", part.local): {"bucket": bucket, **closed},
        ("aws_s3_bucket_server_side_encryption_configuration", part.local): {"bucket": bucket, "rule": rule},
    }
    if part.of("VersioningConfiguration") is not None:
        status = {"status": part.of("VersioningConfiguration", "Status")}
        found["aws_s3_bucket_versioning", part.local] = {"bucket": bucket, "versioning_configuration": status}
    if part.of("LifecycleConfiguration") is not None:
        rules = [_lifecycle(each) for each in part.each("LifecycleConfiguration", "Rules")]
        found["aws_s3_bucket_lifecycle_configuration", part.local] = {"bucket": bucket, "rule": rules}
    if part.of("NotificationConfiguration") is not None:
        found["aws_s3_bucket_notification", part.local] = {"bucket": bucket, "eventbridge": True}
    return Converted(found)


def _lifecycle(rule: Properties) -> Arguments:
    versions, uploads = rule.get("NoncurrentVersionExpiration"), rule.get("AbortIncompleteMultipartUpload")
    return present(
        {
            "id": rule["Id"],
            "status": rule["Status"],
            "filter": {},
            "noncurrent_version_expiration": None
            if versions is None
            else {"noncurrent_days": versions["NoncurrentDays"]},
            "expiration": {"expired_object_delete_marker": True}
            if rule.get("ExpiredObjectDeleteMarker")
            else None,
            "abort_incomplete_multipart_upload": None
            if uploads is None
            else {"days_after_initiation": uploads["DaysAfterInitiation"]},
        }
    )


def bucket_policy(part: Part) -> Converted:
    """Give the policy of a bucket."""
    return one(part, "AWS::S3::BucketPolicy", bucket=part.of("Bucket"), policy=part.json("PolicyDocument"))


def stream(part: Part) -> Converted:
    """Give a stream of records."""
    return one(
        part,
        "AWS::Kinesis::Stream",
        name=part.own_name,
        stream_mode_details={"stream_mode": part.of("StreamModeDetails", "StreamMode")},
        encryption_type=part.of("StreamEncryption", "EncryptionType"),
        kms_key_id=part.of("StreamEncryption", "KeyId"),
        **part.tags,
    )


def subscription(part: Part) -> Converted:
    """Give what a topic sends its messages to."""
    wanted = part.properties.get("FilterPolicy")
    return one(
        part,
        "AWS::SNS::Subscription",
        topic_arn=part.of("TopicArn"),
        protocol=part.of("Protocol"),
        endpoint=part.of("Endpoint"),
        raw_message_delivery=part.of("RawMessageDelivery"),
        filter_policy=None if wanted is None else part.expressions.json(wanted),
        filter_policy_scope=part.of("FilterPolicyScope"),
    )
