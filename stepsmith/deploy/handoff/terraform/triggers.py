"""Rules, schedules, pipes and the HTTP API as resources of Terraform."""

from __future__ import annotations

from typing import Any, cast

from stepsmith.deploy.handoff.parts import Properties
from stepsmith.deploy.handoff.terraform.expressions import snake
from stepsmith.deploy.handoff.terraform.part import Arguments, Converted, Part, one, present


def rule(part: Part) -> Converted:
    """Give a rule with its targets."""
    found: dict[tuple[str, str], Arguments] = {
        ("aws_cloudwatch_event_rule", part.local): present(
            {
                "name": part.own_name,
                "description": part.of("Description"),
                "event_pattern": part.json("EventPattern"),
                "state": part.of("State"),
                **part.tags,
            }
        )
    }
    for target in part.properties.get("Targets", []):
        of = part.expressions.of
        transformer, letters, retries = (
            target.get(name) for name in ("InputTransformer", "DeadLetterConfig", "RetryPolicy")
        )
        found["aws_cloudwatch_event_target", f"{part.local}_{snake(target['Id'])}"] = present(
            {
                "rule": f"${{aws_cloudwatch_event_rule.{part.local}.name}}",
                "target_id": target["Id"],
                "arn": of(target["Arn"]),
                "role_arn": of(target.get("RoleArn")),
                "input_transformer": None
                if transformer is None
                else present(
                    {
                        "input_paths": of(transformer.get("InputPathsMap")),
                        "input_template": of(transformer["InputTemplate"]),
                    }
                ),
                "dead_letter_config": None if letters is None else {"arn": of(letters["Arn"])},
                "retry_policy": None if retries is None else _retries(retries),
            }
        )
    return Converted(found)


def _retries(retries: Properties) -> Arguments:
    return {
        "maximum_event_age_in_seconds": retries["MaximumEventAgeInSeconds"],
        "maximum_retry_attempts": retries["MaximumRetryAttempts"],
    }


def schedule(part: Part) -> Converted:
    """Give a schedule."""
    target = part.of("Target")
    return one(
        part,
        "AWS::Scheduler::Schedule",
        name=part.own_name,
        description=part.of("Description"),
        schedule_expression=part.of("ScheduleExpression"),
        schedule_expression_timezone=part.of("ScheduleExpressionTimezone"),
        state=part.of("State"),
        flexible_time_window={"mode": part.of("FlexibleTimeWindow", "Mode")},
        target={
            "arn": target["Arn"],
            "role_arn": target["RoleArn"],
            "input": target["Input"],
            "dead_letter_config": {"arn": target["DeadLetterConfig"]["Arn"]},
            "retry_policy": _retries(target["RetryPolicy"]),
        },
    )


def _snake(value: Any) -> Any:
    """Give settings whose names are those of templates, written as Terraform does."""
    if isinstance(value, dict):
        return {snake(name): _snake(inner) for name, inner in cast("Properties", value).items()}
    return value


def pipe(part: Part) -> Converted:
    """Give a pipe."""
    source = part.of("SourceParameters")
    filters = source.pop("FilterCriteria", {}).get("Filters", [])
    parameters = _snake(source)
    if filters:
        parameters["filter_criteria"] = {"filter": [{"pattern": each["Pattern"]} for each in filters]}
    invocation = part.of("TargetParameters", "StepFunctionStateMachineParameters", "InvocationType")
    return one(
        part,
        "AWS::Pipes::Pipe",
        name=part.own_name,
        description=part.of("Description"),
        desired_state=part.of("DesiredState"),
        role_arn=part.of("RoleArn"),
        source=part.of("Source"),
        source_parameters=parameters,
        target=part.of("Target"),
        target_parameters={"step_function_state_machine_parameters": {"invocation_type": invocation}},
        **part.tags,
    )


def api(part: Part) -> Converted:
    """Give an HTTP API."""
    return one(
        part,
        "AWS::ApiGatewayV2::Api",
        name=part.of("Name"),
        protocol_type=part.of("ProtocolType"),
        **part.tags,
    )


def stage(part: Part) -> Converted:
    """Give its stage."""
    logs = part.of("AccessLogSettings")
    return one(
        part,
        "AWS::ApiGatewayV2::Stage",
        api_id=part.of("ApiId"),
        name=part.of("StageName"),
        auto_deploy=part.of("AutoDeploy"),
        access_log_settings={"destination_arn": logs["DestinationArn"], "format": logs["Format"]},
        **part.tags,
    )


def integration(part: Part) -> Converted:
    """Give what a route leads to."""
    return one(
        part,
        "AWS::ApiGatewayV2::Integration",
        api_id=part.of("ApiId"),
        integration_type=part.of("IntegrationType"),
        integration_subtype=part.of("IntegrationSubtype"),
        integration_method=part.of("IntegrationMethod"),
        integration_uri=_invoked(part),
        credentials_arn=part.of("CredentialsArn"),
        payload_format_version=part.of("PayloadFormatVersion"),
        request_parameters=part.of("RequestParameters"),
    )


def _invoked(part: Part) -> str | None:
    """Give the address by which an API calls a version of a function, which is another one than its ARN there."""
    uri = part.properties.get("IntegrationUri")
    return None if uri is None else f"${{{part.expressions.resource(uri['Ref'])}.qualified_invoke_arn}}"


def route(part: Part) -> Converted:
    """Give a route."""
    return one(
        part,
        "AWS::ApiGatewayV2::Route",
        api_id=part.of("ApiId"),
        route_key=part.of("RouteKey"),
        authorization_type=part.of("AuthorizationType"),
        target=part.of("Target"),
    )
