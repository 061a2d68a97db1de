"""Nothing that a stack has is read or written without TLS: policies of buckets, queues and topics that refuse it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from stepsmith.expressions.types import Json

_QUEUES = "QueuesPolicy"
_TOPICS = "TopicsPolicy"


def with_tls_only(resources: Mapping[str, Json]) -> dict[str, Json]:
    """Give resources with policies that refuse calls without TLS.

    A queue has one policy at most, so those that have one get a statement more, and the others share one.
    """
    found = dict(resources)
    named = {name for name, part in resources.items() if _type(part) == "AWS::SQS::QueuePolicy"}
    having: set[str] = set()
    for name in named:
        queues = _queues_of(resources[name])
        having.update(queues)
        found[name] = _with_statement(resources[name], _refusal("sqs:*", _arns(queues)))
    queues = sorted(name for name, part in resources.items() if _type(part) == "AWS::SQS::Queue")
    others = [name for name in queues if name not in having]
    if others:
        properties: dict[str, Json] = {
            "Queues": [{"Ref": name} for name in others],
            "PolicyDocument": _document(_refusal("sqs:*", _arns(others))),
        }
        found[_QUEUES] = {"Type": "AWS::SQS::QueuePolicy", "Properties": properties}
    topics = sorted(name for name, part in resources.items() if _type(part) == "AWS::SNS::Topic")
    if topics:
        arns: list[Json] = [{"Ref": name} for name in topics]
        properties = {"Topics": arns, "PolicyDocument": _document(_refusal("sns:Publish", arns))}
        found[_TOPICS] = {"Type": "AWS::SNS::TopicPolicy", "Properties": properties}
    for name, part in resources.items():
        if _type(part) == "AWS::S3::Bucket":
            found[f"{name}Policy"] = _of_bucket(name, resources.get(f"{name}Policy"))
    return found


def _of_bucket(name: str, policy: Json) -> Json:
    """Give the policy of a bucket; one that it has already gets a statement more."""
    arns: list[Json] = [{"Fn::GetAtt": [name, "Arn"]}, {"Fn::Sub": f"${{{name}.Arn}}/*"}]
    if policy is not None:
        return _with_statement(policy, _refusal("s3:*", arns))
    return {
        "Type": "AWS::S3::BucketPolicy",
        # the bucket stays when the stack goes, and stays closed
        "DeletionPolicy": "RetainExceptOnCreate",
        "UpdateReplacePolicy": "Retain",
        "Properties": {"Bucket": {"Ref": name}, "PolicyDocument": _document(_refusal("s3:*", arns))},
    }


def _refusal(action: str, arns: list[Json]) -> Json:
    return {
        "Sid": "OnlyWithTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": arns,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def _document(statement: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": [statement]}


def _with_statement(policy: Json, statement: Json) -> Json:
    part = cast("dict[str, dict[str, dict[str, list[Json]]]]", policy)
    document = part["Properties"]["PolicyDocument"]
    whole: dict[str, Json] = {**document, "Statement": [*document["Statement"], statement]}
    return cast("Json", {**part, "Properties": {**part["Properties"], "PolicyDocument": whole}})


def _queues_of(policy: Json) -> list[str]:
    part = cast("dict[str, dict[str, list[dict[str, str]]]]", policy)
    return [queue["Ref"] for queue in part["Properties"]["Queues"]]


def _arns(queues: list[str]) -> list[Json]:
    return [{"Fn::GetAtt": [name, "Arn"]} for name in queues]


def _type(part: Json) -> Json:
    return part.get("Type") if isinstance(part, dict) else None
