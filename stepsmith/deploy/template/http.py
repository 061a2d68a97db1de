"""The HTTP API of a stack: a route for each request that starts executions, and for each HTTP function."""

from __future__ import annotations

from typing import Any, Final

from stepsmith.authoring.functions.http_function import ALLOWED, HttpFunction
from stepsmith.authoring.workflows.triggers import HttpRequest
from stepsmith.deploy.application import AnyWorkflow, Application, logical_name, pascal
from stepsmith.deploy.errors import DeploymentError
from stepsmith.deploy.options import Options
from stepsmith.deploy.permissions.statements import Place, Statement, substituted
from stepsmith.deploy.template.functions import log_group
from stepsmith.deploy.template.roles import role
from stepsmith.expressions.types import Json

API: Final = "Api"
_LOGGED: Final = "$context.requestId $context.identity.caller $context.routeKey $context.status"


def api_resources(application: Application, options: Options) -> dict[str, Json]:
    """Give the API of a stack; nothing where no request starts anything or is answered.

    Raises DeploymentError for a route that two have.
    """
    routes = [
        f"POST {trigger.path}"
        for workflow in application.workflows.values()
        for trigger in workflow.triggers
        if isinstance(trigger, HttpRequest)
    ]
    routes += [each.route for each in application.http_functions]
    for each in routes:
        if routes.count(each) > 1:
            raise DeploymentError(f"two triggers or functions answer {each}")
    if not routes:
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
    integration: dict[str, Json] = {
        "IntegrationSubtype": f"StepFunctions-{action}",
        "CredentialsArn": {"Fn::GetAtt": [f"{name}Role", "Arn"]},
        "PayloadFormatVersion": "1.0",
        "RequestParameters": {"StateMachineArn": {"Ref": alias}, "Input": "$request.body"},
    }
    return {
        # API Gateway takes the role of an integration on without a source account
        f"{name}Role": role("apigateway.amazonaws.com", [statement], options, conditions=False),
        f"{name}Integration": _integration(integration),
        name: _route(f"POST {trigger.path}", f"{name}Integration", is_signed=True),
    }


def function_routes(application: Application, versions: dict[str, str]) -> dict[str, Json]:
    """Give the routes of the HTTP functions; `versions` has the logical names of their versions by their own.

    A path that is asked for by another method is answered with 405 by the first function that is there.
    """
    found: dict[str, Json] = {}
    allowed = methods_of(application)
    for function in application.http_functions:
        name = logical_name(function)
        version = versions[name]
        found |= _function_route(name, version, function, function.route)
        methods = allowed.pop(function.path, [])
        if methods:
            found |= _other_methods(name, version, function, methods)
    return found


def methods_of(application: Application) -> dict[str, list[str]]:
    """Give the methods that each path of an HTTP function has, a request that starts executions included."""
    found = {each.path: set[str]() for each in application.http_functions}
    for each in application.http_functions:
        found[each.path].add(each.method)
    for workflow in application.workflows.values():
        for trigger in workflow.triggers:
            if isinstance(trigger, HttpRequest) and trigger.path in found:
                found[trigger.path].add("POST")
    return {path: sorted(methods) for path, methods in found.items()}


def _function_route(name: str, version: str, function: HttpFunction[..., Any], route: str) -> dict[str, Json]:
    return {
        f"{name}Permission": _permission(version, function),
        f"{name}Integration": _integration(_of_function(version)),
        f"{name}Route": _route(route, f"{name}Integration", is_signed=function.access == "iam"),
    }


def _other_methods(
    name: str, version: str, function: HttpFunction[..., Any], methods: list[str]
) -> dict[str, Json]:
    told: dict[str, Json] = {f"overwrite:header.{ALLOWED}": ", ".join(methods)}
    integration: dict[str, Json] = {**_of_function(version), "RequestParameters": told}
    route = f"ANY {function.path}"
    return {
        f"{name}OtherMethodsIntegration": _integration(integration),
        f"{name}OtherMethodsRoute": _route(
            route, f"{name}OtherMethodsIntegration", is_signed=function.access == "iam"
        ),
    }


def _of_function(version: str) -> dict[str, Json]:
    return {"IntegrationMethod": "POST", "IntegrationUri": {"Ref": version}, "PayloadFormatVersion": "2.0"}


def _permission(version: str, function: HttpFunction[..., Any]) -> Json:
    """Let the API call a function, for its path only."""
    source = Place().arn("execute-api", f"${{{API}}}/*/*{function.path}")
    return {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "Action": "lambda:InvokeFunction",
            "FunctionName": {"Ref": version},
            "Principal": "apigateway.amazonaws.com",
            "SourceArn": substituted(_any_parameter(source)),
        },
    }


def _any_parameter(arn: str) -> str:
    """Put `*` for parameters such as `{id}`, which Fn::Sub leaves alone."""
    return "/".join("*" if part.startswith("{") else part for part in arn.split("/"))


def _integration(properties: dict[str, Json]) -> Json:
    return {
        "Type": "AWS::ApiGatewayV2::Integration",
        "Properties": {"ApiId": {"Ref": API}, "IntegrationType": "AWS_PROXY", **properties},
    }


def _route(route: str, integration: str, *, is_signed: bool) -> Json:
    return {
        "Type": "AWS::ApiGatewayV2::Route",
        "Properties": {
            "ApiId": {"Ref": API},
            "RouteKey": route,
            "AuthorizationType": "AWS_IAM" if is_signed else "NONE",
            "Target": {"Fn::Sub": f"integrations/${{{integration}}}"},
        },
    }
