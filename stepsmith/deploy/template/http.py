"""Requests that start executions: one HTTP API for each stack, with a route for each trigger."""

from __future__ import annotations

from typing import Final

from stepsmith.authoring.workflows.triggers import HttpRequest
from stepsmith.deploy.application import AnyWorkflow, Application, pascal
from stepsmith.deploy.errors import DeploymentError
from stepsmith.deploy.options import Options
from stepsmith.deploy.permissions.statements import Statement
from stepsmith.deploy.template.functions import log_group
from stepsmith.deploy.template.roles import role
from stepsmith.expressions.types import Json

API: Final = "Api"
_LOGGED: Final = "$context.requestId $context.identity.caller $context.routeKey $context.status"


def api_resources(application: Application, options: Options) -> dict[str, Json]:
    """Give the API of a stack; nothing where no request starts anything.

    Raises DeploymentError for a path that two triggers have.
    """
    paths = [
        trigger.path
        for workflow in application.workflows.values()
        for trigger in workflow.triggers
        if isinstance(trigger, HttpRequest)
    ]
    for path in paths:
        if paths.count(path) > 1:
            raise DeploymentError(f"two triggers are started by POST {path}")
    if not paths:
        return {}
    logs: Json = {"DestinationArn": {"Fn::GetAtt": [f"{API}Logs", "Arn"]}, "Format": _LOGGED}
    tags: dict[str, Json] = {"Tags": dict(sorted(options.tags.items()))} if options.tags else {}
    return {
        API: {
            "Type": "AWS::ApiGatewayV2::Api",
            "Properties": {"Name": {"Ref": "AWS::StackName"}, "ProtocolType": "HTTP", **tags},
        },
        f"{API}Stage": {
            "Type": "AWS::ApiGatewayV2::Stage",
            "Properties": {
                "ApiId": {"Ref": API},
                "StageName": "$default",
                "AutoDeploy": True,
                "AccessLogSettings": logs,
                **tags,
            },
        },
        f"{API}Logs": log_group("/aws/vendedlogs/apigateway/${AWS::StackName}", options),
    }


def route_resources(
    name: str, workflow: AnyWorkflow, trigger: HttpRequest, options: Options
) -> dict[str, Json]:
    """Give the resources of one trigger. An Express workflow answers with its output, others with the execution."""
    action = "StartSyncExecution" if workflow.name in options.express else "StartExecution"
    alias = f"{pascal(workflow.name)}MachineAlias"
    statement = Statement((f"states:{action}",), (f"${{{alias}}}",), f"the request starts {workflow.name}")
    return {
        # API Gateway takes the role of an integration on without a source account
        f"{name}Role": role("apigateway.amazonaws.com", [statement], options, conditions=False),
        f"{name}Integration": {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {
                "ApiId": {"Ref": API},
                "IntegrationType": "AWS_PROXY",
                "IntegrationSubtype": f"StepFunctions-{action}",
                "CredentialsArn": {"Fn::GetAtt": [f"{name}Role", "Arn"]},
                "PayloadFormatVersion": "1.0",
                "RequestParameters": {"StateMachineArn": {"Ref": alias}, "Input": "$request.body"},
            },
        },
        name: {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {
                "ApiId": {"Ref": API},
                "RouteKey": f"POST {trigger.path}",
                "AuthorizationType": "AWS_IAM",
                "Target": {"Fn::Sub": f"integrations/${{{name}Integration}}"},
            },
        },
    }
