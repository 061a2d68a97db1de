"""What a template says by Ref, Fn::GetAtt and Fn::Sub, as expressions of Terraform."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, cast

from stepsmith.deploy.errors import DeploymentError
from stepsmith.deploy.handoff.parts import Properties

_HOLE: Final = re.compile(r"\$\{([^}!]+)\}")
_WORDS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_OPENING: Final = re.compile(r"[$%]\{")

KINDS: Final[Mapping[str, str]] = {
    "AWS::ApiGatewayV2::Api": "aws_apigatewayv2_api",
    "AWS::ApiGatewayV2::Integration": "aws_apigatewayv2_integration",
    "AWS::ApiGatewayV2::Route": "aws_apigatewayv2_route",
    "AWS::ApiGatewayV2::Stage": "aws_apigatewayv2_stage",
    "AWS::CloudWatch::Alarm": "aws_cloudwatch_metric_alarm",
    "AWS::CloudWatch::Dashboard": "aws_cloudwatch_dashboard",
    "AWS::DynamoDB::Table": "aws_dynamodb_table",
    "AWS::Events::Rule": "aws_cloudwatch_event_rule",
    "AWS::IAM::Role": "aws_iam_role",
    "AWS::Kinesis::Stream": "aws_kinesis_stream",
    "AWS::Lambda::Function": "aws_lambda_function",
    "AWS::Lambda::Permission": "aws_lambda_permission",
    "AWS::Lambda::Version": "aws_lambda_function",
    "AWS::Logs::LogGroup": "aws_cloudwatch_log_group",
    "AWS::Logs::MetricFilter": "aws_cloudwatch_log_metric_filter",
    "AWS::Logs::QueryDefinition": "aws_cloudwatch_query_definition",
    "AWS::Pipes::Pipe": "aws_pipes_pipe",
    "AWS::S3::Bucket": "aws_s3_bucket",
    "AWS::S3::BucketPolicy": "aws_s3_bucket_policy",
    "AWS::SNS::Subscription": "aws_sns_topic_subscription",
    "AWS::SNS::Topic": "aws_sns_topic",
    "AWS::SNS::TopicPolicy": "aws_sns_topic_policy",
    "AWS::SQS::Queue": "aws_sqs_queue",
    "AWS::SQS::QueuePolicy": "aws_sqs_queue_policy",
    "AWS::Scheduler::Schedule": "aws_scheduler_schedule",
    "AWS::StepFunctions::StateMachine": "aws_sfn_state_machine",
    "AWS::StepFunctions::StateMachineAlias": "aws_sfn_alias",
    "AWS::StepFunctions::StateMachineVersion": "aws_sfn_state_machine",
}
"""Type in a template -> type of the provider."""

_REFS: Final[Mapping[str, str]] = {
    "AWS::CloudWatch::Alarm": "alarm_name",
    "AWS::Events::Rule": "name",
    "AWS::DynamoDB::Table": "name",
    "AWS::IAM::Role": "name",
    "AWS::Kinesis::Stream": "name",
    "AWS::Lambda::Function": "function_name",
    "AWS::Lambda::Version": "qualified_arn",
    "AWS::Logs::LogGroup": "name",
    "AWS::S3::Bucket": "bucket",
    "AWS::SNS::Topic": "arn",
    "AWS::SQS::Queue": "url",
    "AWS::StepFunctions::StateMachine": "arn",
    "AWS::StepFunctions::StateMachineAlias": "arn",
    "AWS::StepFunctions::StateMachineVersion": "state_machine_version_arn",
}
"""Type -> the attribute that a Ref gives; `id` for others."""
_ATTRIBUTES: Final[Mapping[str, str]] = {
    "Arn": "arn",
    "ApiEndpoint": "api_endpoint",
    "Name": "name",
    "QueueName": "name",
    "StreamArn": "stream_arn",
}
_PSEUDO: Final[Mapping[str, str]] = {
    "AWS::AccountId": "data.aws_caller_identity.current.account_id",
    "AWS::Partition": "data.aws_partition.current.partition",
    "AWS::Region": "data.aws_region.current.id",
    "AWS::StackName": "var.stack",
}


def snake(name: str) -> str:
    """Give a name as Terraform writes it."""
    return _WORDS.sub("_", name.replace("DynamoDB", "Dynamodb")).lower()


class Expressions:
    """The expressions of one template."""

    def __init__(self, resources: Mapping[str, tuple[str, Properties]]) -> None:
        self._resources = resources

    def of(self, value: Any) -> Any:
        """Give a value with its references as `${...}`, and its text so that it stays text."""
        match value:
            case {"Ref": str(name), **rest} if not rest:
                return f"${{{self._ref(name)}}}"
            case {"Fn::GetAtt": [str(name), str(attribute)], **rest} if not rest:
                return f"${{{self._attribute(name, attribute)}}}"
            case {"Fn::Sub": str(text), **rest} if not rest:
                return self.filled(text)
            case str():
                return plain(value)
            case dict():
                return {key: self.of(inner) for key, inner in cast("Properties", value).items()}
            case list():
                return [self.of(inner) for inner in cast("list[Any]", value)]
            case _:
                return value

    def filled(self, text: str) -> str:
        """Give the text of Fn::Sub as a template of Terraform."""
        found: list[str] = []
        end = 0
        for hole in _HOLE.finditer(text):
            found.append(plain(text[end : hole.start()].replace("${!", "${")))
            found.append(f"${{{self.address(hole[1])}}}")
            end = hole.end()
        return "".join([*found, plain(text[end:].replace("${!", "${"))])

    def address(self, hole: str) -> str:
        """Give what a hole of Fn::Sub stands for."""
        name, _, attribute = hole.partition(".")
        return self._attribute(name, attribute) if attribute else self._ref(name)

    def json(self, value: Any) -> str:
        """Give JSON as text that Terraform makes of an expression, with references in it."""
        return f"${{jsonencode({self.literal(value)})}}"

    def resource(self, name: str) -> str:
        """Give the address of a resource."""
        kind, properties = self._resources[name]
        if kind in ("AWS::Lambda::Version", "AWS::StepFunctions::StateMachineVersion"):
            member = "FunctionName" if kind == "AWS::Lambda::Version" else "StateMachineArn"
            name = str(properties[member]["Ref"])
        return f"{kind_of(kind)}.{snake(name)}"

    def _ref(self, name: str) -> str:
        if name in _PSEUDO:
            return _PSEUDO[name]
        if name not in self._resources:
            return f"var.{snake(name)}"
        return f"{self.resource(name)}.{_REFS.get(self._resources[name][0], 'id')}"

    def _attribute(self, name: str, attribute: str) -> str:
        if attribute not in _ATTRIBUTES:
            raise DeploymentError(f"Terraform has no form for {name}.{attribute}")
        return f"{self.resource(name)}.{_ATTRIBUTES[attribute]}"

    def literal(self, value: Any) -> str:
        """Give a value as an expression of Terraform's own language."""
        match value:
            case {"Ref": str(name), **rest} if not rest:
                return self._ref(name)
            case {"Fn::GetAtt": [str(name), str(attribute)], **rest} if not rest:
                return self._attribute(name, attribute)
            case {"Fn::Sub": str(text), **rest} if not rest:
                return quoted(self.filled(text))
            case str():
                return quoted(plain(value))
            case dict():
                members = cast("Properties", value).items()
                return (
                    "{" + ", ".join(f"{quoted(key)} = {self.literal(inner)}" for key, inner in members) + "}"
                )
            case list():
                return "[" + ", ".join(self.literal(inner) for inner in cast("list[Any]", value)) + "]"
            case bool():
                return "true" if value else "false"
            case None:
                return "null"
            case _:
                return str(value)


def plain(text: str) -> str:
    """Give text so that Terraform finds nothing in it."""
    return _OPENING.sub(lambda found: found[0][0] + found[0], text)


def quoted(text: str) -> str:
    """Give text, with expressions in it, between quotes of Terraform's language."""
    found: list[str] = []
    end = 0
    for hole in re.finditer(r"(?<!\$)\$\{[^}]*\}", text):
        found += [_escaped(text[end : hole.start()]), hole[0]]
        end = hole.end()
    return '"' + "".join([*found, _escaped(text[end:])]) + '"'


def kind_of(kind: str) -> str:
    """Give the provider's type for one of templates. Raises DeploymentError where it is not known here."""
    if kind not in KINDS:
        raise DeploymentError(
            f"{kind} has no form for Terraform here; SAM and the CDK take what CloudFormation takes"
        )
    return KINDS[kind]


def _escaped(text: str) -> str:
    for sign, escape in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        text = text.replace(sign, escape)
    return text
