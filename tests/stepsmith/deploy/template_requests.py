"""A template as the calls that create its resources, so that the service models can check them."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

PSEUDO = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
    "AWS::StackName": "shop",
    "AWS::URLSuffix": "amazonaws.com",
}
ARNS = {
    "AWS::IAM::Role": "arn:aws:iam::123456789012:role/{0}",
    "AWS::Lambda::Function": "arn:aws:lambda:eu-west-1:123456789012:function:{0}",
    "AWS::Lambda::Version": "arn:aws:lambda:eu-west-1:123456789012:function:{0}:1",
    "AWS::Logs::LogGroup": "arn:aws:logs:eu-west-1:123456789012:log-group:{0}:*",
    "AWS::DynamoDB::Table": "arn:aws:dynamodb:eu-west-1:123456789012:table/{0}",
    "AWS::SQS::Queue": "arn:aws:sqs:eu-west-1:123456789012:{0}",
    "AWS::Kinesis::Stream": "arn:aws:kinesis:eu-west-1:123456789012:stream/{0}",
    "AWS::SNS::Topic": "arn:aws:sns:eu-west-1:123456789012:{0}",
    "AWS::S3::Bucket": "arn:aws:s3:::{0}",
    "AWS::StepFunctions::StateMachine": "arn:aws:states:eu-west-1:123456789012:stateMachine:{0}",
    "AWS::StepFunctions::StateMachineVersion": "arn:aws:states:eu-west-1:123456789012:stateMachine:{0}:1",
    "AWS::StepFunctions::StateMachineAlias": "arn:aws:states:eu-west-1:123456789012:stateMachine:{0}:live",
    "AWS::Events::Rule": "arn:aws:events:eu-west-1:123456789012:rule/{0}",
}
BY_ARN = ("AWS::Lambda::Version", "AWS::SNS::Topic", "AWS::StepFunctions::")
HOLE = re.compile(r"\$\{([^}]+)\}")


class Evaluator:
    """Gives values of a template's intrinsic functions."""

    def __init__(self, template: dict[str, Any], *, partition: str = "aws") -> None:
        self.resources: dict[str, Any] = template["Resources"]
        given = {
            name: each["Default"]
            for name, each in template.get("Parameters", {}).items()
            if "Default" in each
        }
        self.pseudo = {**PSEUDO, **given, "AWS::Partition": partition}

    def value(self, value: Any) -> Any:
        match value:
            case {"Ref": name, **rest} if not rest:
                return self.ref(name)
            case {"Fn::GetAtt": [name, attribute], **rest} if not rest:
                return self.attribute(name, attribute)
            case {"Fn::Sub": text, **rest} if not rest:
                return HOLE.sub(lambda hole: self.hole(hole[1]), text)
            case dict():
                return {key: self.value(inner) for key, inner in value.items()}
            case list():
                return [self.value(inner) for inner in value]
            case _:
                return value

    def hole(self, name: str) -> str:
        name, _, attribute = name.partition(".")
        return self.attribute(name, attribute) if attribute else self.ref(name)

    def ref(self, name: str) -> str:
        if name in self.pseudo:
            return self.pseudo[name]
        if name == "PackageBucket":
            return "stepsmith-123456789012-eu-west-1"
        kind = self.resources[name]["Type"]
        return ARNS[kind].format(name) if kind.startswith(BY_ARN) else name

    def attribute(self, name: str, attribute: str) -> str:
        kind = self.resources[name]["Type"]
        if attribute == "Arn":
            return ARNS[kind].format(name)
        return "INITIAL" if attribute == "StateMachineRevisionId" else name

    def definition(self, name: str) -> dict[str, Any]:
        """The definition of a state machine with its placeholders filled."""
        properties = self.resources[name]["Properties"]
        values = self.value(properties.get("DefinitionSubstitutions", {}))
        return json.loads(HOLE.sub(lambda hole: values[hole[1]], properties["DefinitionString"]))


def requests(template: dict[str, Any]) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Resource, service, operation and arguments of the calls that create what a template has."""
    evaluator = Evaluator(template)
    for name, resource in template["Resources"].items():
        properties = evaluator.value(resource["Properties"])
        for service, operation, arguments in _calls(resource["Type"], name, properties):
            if resource["Type"] == "AWS::StepFunctions::StateMachine":
                arguments["definition"] = json.dumps(evaluator.definition(name))
            yield name, service, operation, arguments


def validation_errors(service: str, operation: str, arguments: dict[str, Any]) -> str:
    """What botocore's model of a service says against a call."""
    shape = _model(service).operation_model(operation).input_shape
    assert shape is not None
    return ParamValidator().validate(arguments, shape).generate_report()


@cache
def _model(service: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(service)


def _calls(kind: str, name: str, p: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    tags = p.pop("Tags", [])
    match kind:
        case "AWS::Lambda::Function":
            reserved, key = p.pop("ReservedConcurrentExecutions", None), p.pop("KmsKeyArn", None)
            keyed = {} if key is None else {"KMSKeyArn": key}
            yield "lambda", "CreateFunction", {"FunctionName": name, **p, **keyed}
            if reserved is not None:
                concurrency = {"FunctionName": name, "ReservedConcurrentExecutions": reserved}
                yield "lambda", "PutFunctionConcurrency", concurrency
        case "AWS::Lambda::Version":
            yield "lambda", "PublishVersion", p
        case "AWS::IAM::Role":
            document = json.dumps(p["AssumeRolePolicyDocument"])
            yield (
                "iam",
                "CreateRole",
                {"RoleName": name[:64], "AssumeRolePolicyDocument": document, "Tags": tags},
            )
            for policy in p.get("Policies", []):
                text = json.dumps(policy["PolicyDocument"])
                yield (
                    "iam",
                    "PutRolePolicy",
                    {"RoleName": name, "PolicyName": policy["PolicyName"], "PolicyDocument": text},
                )
        case "AWS::Logs::LogGroup":
            yield "logs", "CreateLogGroup", {"logGroupName": p["LogGroupName"]}
            days = p["RetentionInDays"]
            yield "logs", "PutRetentionPolicy", {"logGroupName": p["LogGroupName"], "retentionInDays": days}
        case "AWS::DynamoDB::Table":
            p.pop("PointInTimeRecoverySpecification")
            lives = p.pop("TimeToLiveSpecification", None)
            encryption = p.pop("SSESpecification")
            if "StreamSpecification" in p:
                p["StreamSpecification"] = {"StreamEnabled": True, **p["StreamSpecification"]}
            encryption = {"Enabled": encryption.pop("SSEEnabled"), **encryption}
            yield "dynamodb", "CreateTable", {"TableName": name, **p, "SSESpecification": encryption}
            if lives is not None:
                yield "dynamodb", "UpdateTimeToLive", {"TableName": name, "TimeToLiveSpecification": lives}
        case "AWS::SQS::Queue":
            yield "sqs", "CreateQueue", {"QueueName": p.get("QueueName", name)}
        case "AWS::SNS::Topic":
            yield "sns", "CreateTopic", {"Name": name, "Attributes": {"DisplayName": p["DisplayName"]}}
        case "AWS::SNS::Subscription":
            subscribed = {"RawMessageDelivery": "true"}
            p.pop("RawMessageDelivery")
            yield "sns", "Subscribe", {**p, "Attributes": subscribed}
        case "AWS::Kinesis::Stream":
            mode = {"StreamName": name, "StreamModeDetails": p["StreamModeDetails"]}
            yield "kinesis", "CreateStream", mode
        case "AWS::S3::Bucket":
            yield "s3", "CreateBucket", {"Bucket": name.lower()}
        case "AWS::StepFunctions::StateMachine":
            logging = p["LoggingConfiguration"]
            (group,) = logging["Destinations"]
            yield (
                "stepfunctions",
                "CreateStateMachine",
                {
                    "name": p.get("StateMachineName", name),
                    "definition": "",
                    "roleArn": p["RoleArn"],
                    "type": p["StateMachineType"],
                    "loggingConfiguration": {
                        "level": logging["Level"],
                        "includeExecutionData": logging["IncludeExecutionData"],
                        "destinations": [
                            {
                                "cloudWatchLogsLogGroup": {
                                    "logGroupArn": group["CloudWatchLogsLogGroup"]["LogGroupArn"]
                                }
                            }
                        ],
                    },
                    "tracingConfiguration": {"enabled": p["TracingConfiguration"]["Enabled"]},
                    "tags": [{"key": each["Key"], "value": each["Value"]} for each in tags],
                },
            )
        case "AWS::Events::Rule":
            pattern = json.dumps(p["EventPattern"])
            yield "events", "PutRule", {"Name": name, "EventPattern": pattern, "State": p["State"]}
            if "Targets" in p:
                yield "events", "PutTargets", {"Rule": name, "Targets": p["Targets"]}
        case "AWS::Scheduler::Schedule":
            yield "scheduler", "CreateSchedule", {"Name": name, **p}
        case "AWS::ApiGatewayV2::Api" | "AWS::ApiGatewayV2::Stage":
            yield "apigatewayv2", f"Create{kind.rpartition(':')[2]}", {**p, "Tags": tags or {}}
        case "AWS::ApiGatewayV2::Route" | "AWS::ApiGatewayV2::Integration":
            yield "apigatewayv2", f"Create{kind.rpartition(':')[2]}", p
        case "AWS::Lambda::EventSourceMapping":
            yield "lambda", "CreateEventSourceMapping", p
        case "AWS::Lambda::Permission":
            yield "lambda", "AddPermission", {"StatementId": name, **p}
        case "AWS::Pipes::Pipe":
            yield "pipes", "CreatePipe", {"Name": name, **p}
        case "AWS::CloudWatch::Dashboard":
            yield "cloudwatch", "PutDashboard", p
        case "AWS::Logs::MetricFilter":
            renamed = [
                {key[:1].lower() + key[1:]: value for key, value in each.items()}
                for each in p["MetricTransformations"]
            ]
            given = {
                "filterName": name,
                "logGroupName": p["LogGroupName"],
                "filterPattern": p["FilterPattern"],
            }
            yield "logs", "PutMetricFilter", {**given, "metricTransformations": renamed}
        case "AWS::Logs::QueryDefinition":
            query = {"name": p["Name"], "queryString": p["QueryString"], "logGroupNames": p["LogGroupNames"]}
            yield "logs", "PutQueryDefinition", query
        case "AWS::CloudWatch::Alarm":
            yield "cloudwatch", "PutMetricAlarm", {"AlarmName": name, **p}
        case _:
            return
