"""Functions, roles, logs and state machines as resources of Terraform."""

from __future__ import annotations

from stepsmith.deploy.handoff.parts import package_of
from stepsmith.deploy.handoff.terraform.expressions import plain
from stepsmith.deploy.handoff.terraform.part import Arguments, Converted, Part, one, present


def function(part: Part) -> Converted:
    """Give a function, published."""
    package = f"${{path.module}}/{package_of(part.properties)}"
    network = part.of("VpcConfig")
    return one(
        part,
        "AWS::Lambda::Function",
        function_name=part.own_name,
        filename=package,
        source_code_hash=f'${{filebase64sha256("{package}")}}',
        publish=True,
        description=part.of("Description"),
        handler=part.of("Handler"),
        runtime=part.of("Runtime"),
        architectures=part.of("Architectures"),
        memory_size=part.of("MemorySize"),
        timeout=part.of("Timeout"),
        role=part.of("Role"),
        kms_key_arn=part.of("KmsKeyArn"),
        reserved_concurrent_executions=part.of("ReservedConcurrentExecutions"),
        environment={"variables": part.of("Environment", "Variables")},
        logging_config={
            "log_format": part.of("LoggingConfig", "LogFormat"),
            "log_group": part.of("LoggingConfig", "LogGroup"),
        },
        tracing_config={"mode": part.of("TracingConfig", "Mode")},
        ephemeral_storage=None
        if part.of("EphemeralStorage") is None
        else {"size": part.of("EphemeralStorage", "Size")},
        vpc_config=None
        if network is None
        else {"subnet_ids": network["SubnetIds"], "security_group_ids": network["SecurityGroupIds"]},
        **part.tags,
    )


def permission(part: Part) -> Converted:
    """Give the permission to call a version of a function."""
    version = part.properties["FunctionName"]["Ref"]
    function = part.expressions.resource(version)
    return one(
        part,
        "AWS::Lambda::Permission",
        action=part.of("Action"),
        function_name=f"${{{function}.function_name}}",
        qualifier=f"${{{function}.version}}",
        principal=part.of("Principal"),
        source_arn=part.of("SourceArn"),
    )


def role(part: Part) -> Converted:
    """Give a role with its policy."""
    role = present(
        {
            "name": part.own_name,
            "assume_role_policy": part.json("AssumeRolePolicyDocument"),
            "path": part.of("Path"),
            "permissions_boundary": part.of("PermissionsBoundary"),
            **part.tags,
        }
    )
    found: dict[tuple[str, str], Arguments] = {("aws_iam_role", part.local): role}
    for policy in part.properties.get("Policies", []):
        found["aws_iam_role_policy", part.local] = {
            "name": policy["PolicyName"],
            "role": f"${{aws_iam_role.{part.local}.id}}",
            "policy": part.expressions.json(policy["PolicyDocument"]),
        }
    return Converted(found)


def log_group(part: Part) -> Converted:
    """Give a log group."""
    return one(
        part,
        "AWS::Logs::LogGroup",
        name=part.of("LogGroupName"),
        retention_in_days=part.of("RetentionInDays"),
        kms_key_id=part.of("KmsKeyId"),
        **part.tags,
    )


def machine(part: Part) -> Converted:
    """Give a state machine, published, with its definition in a file."""
    text, values = part.properties["DefinitionString"], part.properties.get("DefinitionSubstitutions", {})
    path = f"definitions/{part.name}.asl.json"
    text = plain(text)
    for name in values:
        text = text.replace(f"$${{{name}}}", f"${{{name}}}")
    filled = ", ".join(
        f"{name} = {part.expressions.literal(value)}" for name, value in sorted(values.items())
    )
    logging = part.properties["LoggingConfiguration"]
    (destination,) = logging["Destinations"]
    group = destination["CloudWatchLogsLogGroup"]["LogGroupArn"]["Fn::GetAtt"][0]
    name = part.of("StateMachineName")
    arguments = {
        "name": part.own_name if name is None else name,
        "type": part.of("StateMachineType"),
        "definition": f'${{templatefile("${{path.module}}/{path}", {{{filled}}})}}',
        "role_arn": part.of("RoleArn"),
        "publish": True,
        "logging_configuration": {
            "level": logging["Level"],
            "include_execution_data": logging["IncludeExecutionData"],
            "log_destination": f"${{{part.expressions.resource(group)}.arn}}:*",
        },
        "tracing_configuration": {"enabled": part.of("TracingConfiguration", "Enabled")},
        **part.tags,
    }
    return Converted({("aws_sfn_state_machine", part.local): arguments}, {path: text})


def alias(part: Part) -> Converted:
    """Give an alias, which leads to the newest version."""
    version = part.of("DeploymentPreference", "StateMachineVersionArn")
    routing = {"state_machine_version_arn": version, "weight": 100}
    return one(
        part, "AWS::StepFunctions::StateMachineAlias", name=part.of("Name"), routing_configuration=routing
    )
