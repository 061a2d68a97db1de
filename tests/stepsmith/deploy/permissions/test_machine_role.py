import json
from typing import Any

import pytest

from stepsmith.asl import parse
from stepsmith.asl.integrations import ACTIONS
from stepsmith.asl.model import StateMachine
from stepsmith.authoring.tasks.provisions import Policy, allow
from stepsmith.deploy.errors import PermissionUnknown
from stepsmith.deploy.permissions.grants import EVENT_RULES
from stepsmith.deploy.permissions.machine_role import check_policies, derive
from stepsmith.deploy.permissions.sdk_grants import WITHOUT_RESOURCES
from stepsmith.deploy.permissions.statements import Place, Statement, trust_document
from stepsmith.diagnostics import InvalidDefinition
from tests.shared_data import SHARED, needs_shared
from tests.stepsmith.deploy.applications import WORKFLOWS
from tests.stepsmith.deploy.write_golden import GOLDEN, machine_text, tasks_text, triggers_text

HERE = Place("aws", "eu-west-1", "123456789012")
OBJECTS: dict[str, Any] = {
    "Item": {},
    "Key": {},
    "Entries": [{"Detail": {}, "DetailType": "d", "Source": "s"}],
}
RENEW = "review and write anew with: python -m tests.stepsmith.deploy.write_golden"


def machine(resource: str, arguments: dict[str, Any] | None = None, **fields: Any) -> StateMachine:
    state = {"Type": "Task", "Resource": resource, "Parameters": arguments or {}, "End": True, **fields}
    return parse(json.dumps({"StartAt": "T", "States": {"T": state}}))


def integration(action: str, **arguments: Any) -> StateMachine:
    return machine(f"arn:aws:states:::{action}", arguments)


def derived(definition: StateMachine, *policies: Policy) -> list[Statement]:
    return derive(definition, name="m", place=HERE, policies=policies)


def derived_or_refused(definition: StateMachine) -> tuple[list[Statement], str | None]:
    try:
        return derived(definition), None
    except PermissionUnknown as refusal:
        return [], str(refusal)


def pairs(definition: StateMachine, *policies: Policy) -> set[tuple[str, str]]:
    return {
        (action, resource)
        for each in derived(definition, *policies)
        for action in each.actions
        for resource in each.resources
    }


def test_a_function_is_invoked_with_its_versions() -> None:
    arn = "arn:aws:lambda:us-east-1:123456789012:function:resize"

    found = pairs(machine(arn))

    assert found == {("lambda:InvokeFunction", arn), ("lambda:InvokeFunction", f"{arn}:*")}


def test_a_version_that_is_named_is_the_only_one() -> None:
    arn = "arn:aws:lambda:us-east-1:123456789012:function:resize:7"

    found = pairs(integration("lambda:invoke", FunctionName=arn))

    assert found == {("lambda:InvokeFunction", arn)}


def test_a_table_is_narrowed_to_its_name() -> None:
    found = pairs(integration("dynamodb:putItem", TableName="orders", Item={}))

    assert found == {("dynamodb:PutItem", "arn:aws:dynamodb:eu-west-1:123456789012:table/orders")}


@pytest.mark.parametrize("name", ["*", "or?ers", "orders/*", "a b", "${!x}", ""])
def test_a_name_that_could_mean_more_than_one_thing_is_refused(name: str) -> None:
    with pytest.raises(PermissionUnknown, match="state 'T': TableName"):
        derived(integration("dynamodb:putItem", TableName=name, Item={}))


def test_a_name_that_comes_from_the_input_is_refused_with_what_to_say() -> None:
    definition = machine("arn:aws:states:::lambda:invoke", {"FunctionName.$": "$.fn"})

    with pytest.raises(PermissionUnknown) as refusal:
        derived(definition)

    assert str(refusal.value) == (
        "state 'T': FunctionName is made at run time, so lambda:InvokeFunction would be needed on everything; "
        'say on what: policies=[allow("lambda:InvokeFunction", on=ARN)]'
    )


def test_what_is_said_in_so_many_words_is_not_derived() -> None:
    definition = machine("arn:aws:states:::lambda:invoke", {"FunctionName.$": "$.fn"})
    said = allow("lambda:InvokeFunction", on="arn:aws:lambda:eu-west-1:123456789012:function:f")

    assert derived(definition, said) == []


@pytest.mark.parametrize(
    "action",
    [
        "iam:createUser",
        "iam:putRolePolicy",
        "sts:getFederationToken",
        "lambda:addPermission",
        "s3:putBucketPolicy",
    ],
)
def test_a_call_that_no_table_has_is_refused(action: str) -> None:
    with pytest.raises(PermissionUnknown, match="is not known here"):
        derived(integration(f"aws-sdk:{action}", UserName="x", Bucket="b"))


def test_a_service_without_resources_gets_a_star_and_the_objects_it_reads() -> None:
    picture = {"S3Object": {"Bucket": "uploads", "Name.$": "$.k"}}

    found = pairs(integration("aws-sdk:rekognition:detectLabels", Image=picture))

    assert found == {("rekognition:DetectLabels", "*"), ("s3:GetObject", "arn:aws:s3:::uploads/*")}


def test_a_job_that_is_waited_for_needs_the_rule_by_which_its_end_is_heard() -> None:
    child = "arn:aws:states:eu-west-1:123456789012:stateMachine:child"

    found = pairs(integration("states:startExecution.sync:2", StateMachineArn=child, Input={}))

    rule = "arn:aws:events:eu-west-1:123456789012:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"
    executions = "arn:aws:states:eu-west-1:123456789012:execution:child:*"
    assert found == {
        ("states:StartExecution", child),
        ("states:DescribeExecution", executions),
        ("states:StopExecution", executions),
        ("events:PutTargets", rule),
        ("events:PutRule", rule),
        ("events:DescribeRule", rule),
    }


def test_a_role_is_passed_to_one_service_only() -> None:
    role = "arn:aws:iam::123456789012:role/train"

    found = derived(integration("sagemaker:createTrainingJob", TrainingJobName="j", RoleArn=role))

    passing = next(each for each in found if each.actions == ("iam:PassRole",))
    assert passing.resources == (role,)
    assert passing.condition == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}


def test_an_http_task_may_call_its_endpoint_by_its_method() -> None:
    connection = "arn:aws:events:eu-west-1:123456789012:connection/c/1"
    found = derived(
        integration(
            "http:invoke",
            ApiEndpoint="https://api.example.com/x",
            Method="GET",
            Authentication={"ConnectionArn": connection},
        )
    )

    calling = next(each for each in found if each.actions == ("states:InvokeHTTPEndpoint",))
    assert calling.resources == ("arn:aws:states:eu-west-1:123456789012:stateMachine:m",)
    assert calling.condition == {
        "StringEquals": {"states:HTTPEndpoint": "https://api.example.com/x", "states:HTTPMethod": "GET"}
    }
    assert any(each.resources == (connection,) for each in found)


def test_an_activity_needs_no_right() -> None:
    assert derived(machine("arn:aws:states:eu-west-1:123456789012:activity:pick")) == []


def test_other_credentials_need_only_the_right_to_take_that_role() -> None:
    role = "arn:aws:iam::999999999999:role/there"
    definition = machine(
        "arn:aws:states:::dynamodb:getItem", {"TableName": "t", "Key": {}}, Credentials={"RoleArn": role}
    )

    assert pairs(definition) == {("sts:AssumeRole", role)}


def test_a_distributed_map_reads_writes_and_starts_itself() -> None:
    inner = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
    state = {
        "Type": "Map",
        "ItemProcessor": {**inner, "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}},
        "ItemReader": {
            "Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": {"InputType": "JSON"},
            "Parameters": {"Bucket": "in", "Key": "items.json"},
        },
        "ResultWriter": {
            "Resource": "arn:aws:states:::s3:putObject",
            "Parameters": {"Bucket": "out", "Prefix": "results"},
        },
        "End": True,
    }
    definition = parse(json.dumps({"StartAt": "M", "States": {"M": state}}))

    found = pairs(definition)

    assert ("s3:GetObject", "arn:aws:s3:::in/items.json") in found
    assert ("s3:PutObject", "arn:aws:s3:::out/results/*") in found
    assert ("states:StartExecution", "arn:aws:states:eu-west-1:123456789012:stateMachine:m") in found
    executions = "arn:aws:states:eu-west-1:123456789012:execution:m"
    for action in ("DescribeExecution", "StopExecution"):
        assert {(f"states:{action}", f"{executions}:*"), (f"states:{action}", f"{executions}/*:*")} <= found
    assert {where for action, where in found if action == "states:RedriveExecution"} == {f"{executions}/*:*"}


@pytest.mark.parametrize(("service", "member"), [("ses", "Source"), ("sesv2", "FromEmailAddress")])
def test_mail_is_sent_by_an_address_that_is_verified_itself_or_by_its_domain(
    service: str, member: str
) -> None:
    definition = integration(f"aws-sdk:{service}:sendEmail", **{member: "shop@example.com"})

    assert pairs(definition) == {
        ("ses:SendEmail", "arn:aws:ses:eu-west-1:123456789012:identity/shop@example.com"),
        ("ses:SendEmail", "arn:aws:ses:eu-west-1:123456789012:identity/example.com"),
    }


@pytest.mark.parametrize("action", ["bedrock:invokeModel", "aws-sdk:bedrockruntime:converse"])
def test_a_model_is_invoked_in_its_region_and_behind_a_profile_in_any(action: str) -> None:
    plain = pairs(integration(action, ModelId="amazon.nova-lite-v1:0"))
    profile = pairs(integration(action, ModelId="eu.amazon.nova-lite-v1:0"))

    assert plain == {
        ("bedrock:InvokeModel", "arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0")
    }
    assert profile == {
        (
            "bedrock:InvokeModel",
            "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.amazon.nova-lite-v1:0",
        ),
        ("bedrock:InvokeModel", "arn:aws:bedrock:*::foundation-model/amazon.nova-lite-v1:0"),
    }


@pytest.mark.parametrize(
    ("call", "action"),
    [
        ("cognitoidentityprovider:adminGetUser", "cognito-idp:AdminGetUser"),
        ("bedrockagentruntime:retrieve", "bedrock:Retrieve"),
        ("sfn:listExecutions", "states:ListExecutions"),
        ("cloudwatch:describeAlarms", "cloudwatch:DescribeAlarms"),
        ("emr:describeCluster", "elasticmapreduce:DescribeCluster"),
    ],
)
def test_what_has_to_be_said_is_named_as_iam_names_it(call: str, action: str) -> None:
    definition = integration(f"aws-sdk:{call}")

    with pytest.raises(PermissionUnknown, match=f'allow."{action}", on=ARN'):
        derived(definition)
    assert derived(definition, allow(action, on="arn:aws:x:eu-west-1:123456789012:y")) == []


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_every_optimised_integration_is_derived_or_refused_by_name(action: str) -> None:
    needed: dict[str, Any] = {name: OBJECTS.get(name, "x") for name in ACTIONS[action].required}
    for pattern in ("", *sorted(ACTIONS[action].patterns)):
        definition = machine(f"arn:aws:states:::{action}{'.' if pattern else ''}{pattern}", needed)
        found, refused = derived_or_refused(definition)

        assert refused is None or "state 'T'" in refused
        assert all("*" not in action for each in found for action in each.actions)


def test_rules_belong_to_integrations_that_wait() -> None:
    assert all("sync" in ACTIONS[action].patterns for action in EVENT_RULES)


def test_a_policy_on_everything_is_refused_where_there_are_resources() -> None:
    with pytest.raises(PermissionUnknown, match=r"s3:GetObject is allowed on \*, and has resources"):
        check_policies("task t", [allow("s3:GetObject", on="*")])


@pytest.mark.parametrize("action", ["*", "s3:*", "s3:Get*", "s3"])
def test_a_wildcard_is_no_action(action: str) -> None:
    with pytest.raises(ValueError, match="is no IAM action"):
        allow(action, on="arn:aws:s3:::b/*")


def test_a_role_is_for_this_account_only() -> None:
    trust: Any = trust_document("states.amazonaws.com", HERE, HERE.arn("states", "stateMachine:*"))

    (statement,) = trust["Statement"]
    assert statement["Principal"] == {"Service": "states.amazonaws.com"}
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": "123456789012"}
    assert statement["Condition"]["ArnLike"]["aws:SourceArn"].endswith(":stateMachine:*")


@pytest.mark.parametrize("name", sorted(WORKFLOWS))
def test_the_rights_of_each_machine_are_those_that_were_reviewed(name: str) -> None:
    assert machine_text(name) == (GOLDEN / f"{name}.txt").read_text("utf-8"), RENEW


@needs_shared
def test_no_published_definition_gets_more_than_its_resources() -> None:
    for path in sorted((SHARED / "corpus" / "valid").glob("*.json")):
        try:
            found = derived(parse(path.read_bytes()))
        except (PermissionUnknown, InvalidDefinition):
            continue
        for each in found:
            assert all("*" not in action for action in each.actions), path.name
            if "*" in each.resources:
                assert set(each.actions) <= WITHOUT_RESOURCES, path.name


def test_the_rights_of_each_task_are_those_that_were_reviewed() -> None:
    assert tasks_text() == (GOLDEN / "tasks.txt").read_text("utf-8"), RENEW


def test_the_rights_of_each_kind_of_trigger_are_those_that_were_reviewed() -> None:
    assert triggers_text() == (GOLDEN / "triggers.txt").read_text("utf-8"), RENEW


def hostile_definitions() -> list[Any]:
    if not SHARED.is_dir():
        return []
    index = json.loads((SHARED / "badinput" / "index.json").read_text("utf-8"))
    return [entry for entry in index["entries"] if entry["surface"] == "iam"]


@needs_shared
@pytest.mark.parametrize("entry", hostile_definitions(), ids=lambda entry: entry["id"])
def test_a_hostile_definition_gets_no_more_than_it_must(entry: dict[str, Any]) -> None:
    definition = parse((SHARED / "badinput" / entry["payload"]["file"]).read_bytes())
    expected = entry["expect"]

    found, refused = derived_or_refused(definition)

    assert (refused is not None) == (expected["outcome"] == "refuse-policy")
    policy = expected.get("policy", {})
    actions = {action for each in found for action in each.actions}
    resources = {resource for each in found for resource in each.resources}
    assert set(policy.get("must_allow", ())) <= actions
    assert {action for each in found if "*" in each.resources for action in each.actions} <= set(
        policy.get("resource_star_only_for", ())
    )
    for action, arns in policy.get("allow_exactly", ()):
        assert {each.resources for each in found if action in each.actions} == {tuple(arns)}
    if "s3_resource" in policy:
        assert policy["s3_resource"] in resources
    if "events_rule" in policy:
        assert any(resource.endswith(policy["events_rule"]) for resource in resources)
