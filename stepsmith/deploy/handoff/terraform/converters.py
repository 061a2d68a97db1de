"""What makes resources of Terraform of each type of resource."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from stepsmith.deploy.handoff.terraform.data import (
    bucket,
    bucket_policy,
    queue,
    queue_policy,
    stream,
    subscription,
    table,
    topic,
    topic_policy,
)
from stepsmith.deploy.handoff.terraform.functions import alias, function, log_group, machine, permission, role
from stepsmith.deploy.handoff.terraform.part import Converted, Part
from stepsmith.deploy.handoff.terraform.triggers import api, integration, pipe, route, rule, schedule, stage
from stepsmith.deploy.handoff.terraform.watching import alarm, dashboard, metric_filter, query

CONVERTERS: Final[Mapping[str, Callable[[Part], Converted]]] = {
    "AWS::ApiGatewayV2::Api": api,
    "AWS::ApiGatewayV2::Integration": integration,
    "AWS::ApiGatewayV2::Route": route,
    "AWS::ApiGatewayV2::Stage": stage,
    "AWS::CloudWatch::Alarm": alarm,
    "AWS::CloudWatch::Dashboard": dashboard,
    "AWS::DynamoDB::Table": table,
    "AWS::Events::Rule": rule,
    "AWS::IAM::Role": role,
    "AWS::Kinesis::Stream": stream,
    "AWS::Lambda::Function": function,
    "AWS::Lambda::Permission": permission,
    "AWS::Logs::LogGroup": log_group,
    "AWS::Logs::MetricFilter": metric_filter,
    "AWS::Logs::QueryDefinition": query,
    "AWS::Pipes::Pipe": pipe,
    "AWS::S3::Bucket": bucket,
    "AWS::S3::BucketPolicy": bucket_policy,
    "AWS::SNS::Subscription": subscription,
    "AWS::SNS::Topic": topic,
    "AWS::SNS::TopicPolicy": topic_policy,
    "AWS::SQS::Queue": queue,
    "AWS::SQS::QueuePolicy": queue_policy,
    "AWS::Scheduler::Schedule": schedule,
    "AWS::StepFunctions::StateMachine": machine,
    "AWS::StepFunctions::StateMachineAlias": alias,
}
"""Type in a template -> what makes resources of Terraform of it."""
