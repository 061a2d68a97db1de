import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.stub import Stubber

from stepsmith.deploy.errors import DeploymentError
from stepsmith.deploy.options import Options
from stepsmith.deploy.stacks.deployer import Deployer, kept_resources
from stepsmith.integrations.clients.account import AwsAccount, AwsFailure
from tests.stepsmith.deploy.accounts import (
    FaultyCloudFormation,
    finish_as_aws_would,
    moto_account,
    put_package,
    refused,
)
from tests.stepsmith.deploy.applications import PACKAGE, template_of

pytestmark = pytest.mark.slow


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsAccount]:
    with moto_account(monkeypatch) as account:
        yield account


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def deployer(account: AwsAccount, said: list[str]) -> Deployer:
    return Deployer(account, "shop", say=said.append, sleep=lambda seconds: None)


def deploy(deployer: Deployer, template: Any, *, confirm: bool = False) -> dict[str, str]:
    return deployer.deploy(deployer.plan(template), template, [], lambda surprises: confirm)


def faulty(deployer: Deployer, status: str | None, *then: Any) -> FaultyCloudFormation:
    fake = FaultyCloudFormation(status, list(then))
    deployer.account._clients["cloudformation"] = fake
    return fake


def test_what_is_deployed_is_there_and_can_be_found(deployer: Deployer, account: AwsAccount) -> None:
    put_package(deployer)

    resources = deploy(deployer, template_of("delayed_vending"))

    machine = account.client("stepfunctions").describe_state_machine(
        stateMachineArn=resources["DelayedVendingMachine"]
    )
    assert machine["name"] == "shop-delayed_vending"
    function = account.client("lambda").get_function(FunctionName=resources["VendingVoidPaymentFunction"])
    assert function["Configuration"]["Handler"] == "stepsmith.deploy.handler.handle"
    assert (
        function["Configuration"]["Environment"]["Variables"]["STEPSMITH_TASK"]
        == "tasks.vending:void_payment"
    )


def test_a_role_on_the_account_allows_what_was_derived(deployer: Deployer, account: AwsAccount) -> None:
    put_package(deployer)

    resources = deploy(deployer, template_of("delayed_vending"))

    policy = account.client("iam").get_role_policy(
        RoleName=resources["DelayedVendingMachineRole"], PolicyName="derived"
    )
    # moto gives the document as text
    text = str(policy["PolicyDocument"])
    assert "lambda:InvokeFunction" in text
    assert f"function:{resources['VendingVoidPaymentFunction']}" in text


def test_a_second_deployment_of_the_same_changes_nothing(deployer: Deployer, said: list[str]) -> None:
    put_package(deployer)
    template = template_of("delayed_vending")
    first = deploy(deployer, template)
    finish_as_aws_would(deployer)
    said.clear()

    assert deployer.plan(template).is_empty
    assert deploy(deployer, template) == first
    assert said == ["CloudFormation finds nothing to change"]


def test_what_a_stand_in_leaves_out_is_done_at_once_and_not_called_changed_by_hand(
    deployer: Deployer, account: AwsAccount, said: list[str]
) -> None:
    for service in ("cloudformation", "events", "iam", "lambda", "logs", "s3", "stepfunctions", "sts"):
        account.client(service)
    account.endpoint_url = "http://127.0.0.1:5000"
    put_package(deployer)
    template = template_of("delayed_vending")

    ids = deploy(deployer, template)

    machine = account.client("stepfunctions").describe_state_machine(
        stateMachineArn=ids["DelayedVendingMachine"]
    )
    assert machine["loggingConfiguration"]["level"] == "ERROR"
    assert any(line.startswith("put back DelayedVendingMachineRole") for line in said)
    # the one thing that moto does not keep
    drift = deployer.plan(template).drift
    assert {line for each in drift for line in each.lines} == {
        'TracingConfig is {"Mode": "PassThrough"}, not {"Mode": "Active"}'
    }
    assert said[-1] == "what http://127.0.0.1:5000 does not keep is said to be changed by hand"


def test_an_update_is_planned_and_carried_out(deployer: Deployer, said: list[str]) -> None:
    put_package(deployer)
    deploy(deployer, template_of("delayed_vending"))

    deploy(deployer, template_of("delayed_vending", options=Options(retention=7)))

    assert deployer.stack.status() == "UPDATE_COMPLETE"
    assert any(line.startswith("UPDATE_COMPLETE") for line in said)
    finish_as_aws_would(deployer)
    assert deployer.plan(template_of("delayed_vending", options=Options(retention=7))).is_empty


def test_what_was_deployed_can_be_destroyed(deployer: Deployer, account: AwsAccount) -> None:
    put_package(deployer)
    deploy(deployer, template_of("delayed_vending"))

    deployer.destroy()

    assert deployer.stack.status() is None
    assert account.client("stepfunctions").list_state_machines()["stateMachines"] == []
    with pytest.raises(DeploymentError, match="there is no stack shop"):
        deployer.destroy()


def test_the_bucket_is_private_and_made_once(
    deployer: Deployer, account: AwsAccount, said: list[str]
) -> None:
    deployer.make_bucket()
    deployer.make_bucket()

    block = account.client("s3").get_public_access_block(Bucket=deployer.bucket)
    assert all(block["PublicAccessBlockConfiguration"].values())
    assert said == ["made bucket stepsmith-123456789012-eu-west-1"]


def test_without_rights_on_the_bucket_it_is_said_which_is_needed(deployer: Deployer) -> None:
    with Stubber(deployer.account.client("s3")) as s3:
        s3.add_client_error("head_bucket", "403", "Forbidden", 403)

        with pytest.raises(DeploymentError, match="or these credentials lack s3:ListBucket on it"):
            deployer.make_bucket()


def test_a_package_that_is_there_is_not_built_again(deployer: Deployer) -> None:
    put_package(deployer)

    class Uploaded:
        key = PACKAGE

    assert deployer.upload_package(Uploaded()) is False  # type: ignore[arg-type]


def test_a_failed_creation_is_told_with_its_reason(deployer: Deployer) -> None:
    failure = {
        "LogicalResourceId": "CartsTable",
        "ResourceType": "AWS::DynamoDB::Table",
        "ResourceStatus": "CREATE_FAILED",
        "ResourceStatusReason": "carts already exists",
    }
    faulty(
        deployer,
        None,
        ("CREATE_IN_PROGRESS", []),
        ("ROLLBACK_IN_PROGRESS", [failure]),
        ("ROLLBACK_COMPLETE", []),
    )

    with pytest.raises(DeploymentError) as error:
        deploy(deployer, template_of("delayed_vending"))

    assert "could not be created (ROLLBACK_COMPLETE); remove it: stepsmith destroy --stack shop" in str(
        error.value
    )
    assert "CartsTable: carts already exists" in str(error.value)


def test_a_stack_that_is_gone_while_it_is_watched_is_gone(deployer: Deployer) -> None:
    faulty(deployer, "CREATE_COMPLETE", ("DELETE_IN_PROGRESS", []), (None, []))

    deployer.destroy()

    assert deployer.stack.status() is None


def test_a_failed_update_that_was_undone_says_that_all_is_as_it_was(deployer: Deployer) -> None:
    fake = faulty(deployer, "CREATE_COMPLETE", ("UPDATE_IN_PROGRESS", []), ("UPDATE_ROLLBACK_COMPLETE", []))
    fake.template = '{"Description": "stepsmith: x"}'

    with pytest.raises(DeploymentError, match="failed and was undone: all is as it was"):
        deploy(deployer, template_of("delayed_vending"))


def test_an_update_that_could_not_be_undone_says_that_it_is_half_done(deployer: Deployer) -> None:
    fake = faulty(deployer, "CREATE_COMPLETE", ("UPDATE_IN_PROGRESS", []), ("UPDATE_ROLLBACK_FAILED", []))
    fake.template = '{"Description": "stepsmith: x"}'

    with pytest.raises(DeploymentError, match="UPDATE_ROLLBACK_FAILED: the change is half done"):
        deploy(deployer, template_of("delayed_vending"))
    with pytest.raises(DeploymentError, match="continue-update-rollback"):
        deployer.plan(template_of("delayed_vending"))


def test_a_change_that_an_interrupted_call_began_is_waited_for(deployer: Deployer, said: list[str]) -> None:
    fake = faulty(deployer, "CREATE_IN_PROGRESS", ("CREATE_IN_PROGRESS", []), ("CREATE_COMPLETE", []))
    fake.template = '{"Description": "stepsmith: x"}'
    fake._moving = True

    plan = deployer.plan(template_of("delayed_vending"))

    assert plan.exists
    assert said[0] == "stack shop is CREATE_IN_PROGRESS; waiting for that first"
    assert said[-1] == "stack shop is CREATE_COMPLETE"


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (
            "ROLLBACK_COMPLETE",
            "could not be created earlier; remove it first: stepsmith destroy --stack shop",
        ),
        ("ROLLBACK_FAILED", "could not be created earlier; remove it first: stepsmith destroy --stack shop"),
        ("CREATE_FAILED", "could not be created earlier; remove it first: stepsmith destroy --stack shop"),
        ("UPDATE_ROLLBACK_FAILED", "aws cloudformation continue-update-rollback --stack-name shop"),
        ("DELETE_FAILED", "it could not be deleted; go on: stepsmith destroy --stack shop"),
        ("UPDATE_FAILED", "shop is UPDATE_FAILED and cannot be updated"),
    ],
)
def test_a_stack_that_cannot_be_updated_says_what_works_next(
    deployer: Deployer, status: str, message: str
) -> None:
    faulty(deployer, status)

    with pytest.raises(DeploymentError, match=message):
        deployer.plan(template_of("delayed_vending"))


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED"])
def test_a_stack_in_any_state_can_be_destroyed(deployer: Deployer, status: str) -> None:
    fake = faulty(deployer, status, ("DELETE_IN_PROGRESS", []), ("DELETE_COMPLETE", []))

    deployer.destroy()

    assert fake.calls == ["delete stack"]


def test_an_empty_stack_that_an_interrupted_call_left_is_filled(deployer: Deployer) -> None:
    fake = faulty(deployer, "REVIEW_IN_PROGRESS", ("CREATE_IN_PROGRESS", []), ("CREATE_COMPLETE", []))

    deploy(deployer, template_of("delayed_vending"))

    assert fake.calls == ["create CREATE", "execute"]


def test_a_deployment_that_is_interrupted_before_it_begins_leaves_nothing(deployer: Deployer) -> None:
    fake = faulty(deployer, None)
    fake.failing["DescribeChangeSet"] = KeyboardInterrupt()

    with pytest.raises(KeyboardInterrupt):
        deploy(deployer, template_of("delayed_vending"))

    assert fake.calls == ["create CREATE", "delete change set", "delete stack"]
    assert not deployer.begun


def test_a_deployment_that_is_interrupted_at_a_question_leaves_no_change_set(deployer: Deployer) -> None:
    fake = faulty(deployer, "CREATE_COMPLETE")
    fake.template = '{"Description": "stepsmith: x"}'
    fake.failing["Pages"] = KeyboardInterrupt()

    with pytest.raises(KeyboardInterrupt):
        deploy(deployer, template_of("delayed_vending"))

    assert fake.calls == ["create UPDATE", "delete change set"]


def test_a_deployment_that_is_interrupted_while_aws_works_says_so(deployer: Deployer) -> None:
    fake = faulty(deployer, None)
    deployer.stack.follow = stop_looking  # type: ignore[method-assign]

    with pytest.raises(KeyboardInterrupt):
        deploy(deployer, template_of("delayed_vending"))

    assert deployer.begun
    assert fake.calls == ["create CREATE", "execute"]


def stop_looking(*_: Any, **__: Any) -> Any:
    raise KeyboardInterrupt


def test_losing_sight_of_a_deployment_is_not_taken_for_its_failure(
    deployer: Deployer, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = faulty(deployer, None)
    execute = fake.execute_change_set

    def executed(**given: Any) -> None:
        execute(**given)
        fake.failing["DescribeStacks"] = refused("ExpiredToken", "The token is expired")

    monkeypatch.setattr(fake, "execute_change_set", executed)

    with pytest.raises(DeploymentError) as error:
        deploy(deployer, template_of("delayed_vending"))

    assert "The token is expired" in str(error.value)
    assert "What AWS has begun goes on: call again to watch stack shop" in str(error.value)


@pytest.mark.parametrize(
    ("operation", "failure"),
    [
        (
            "CreateChangeSet",
            refused("ValidationError", "Stack:shop is in UPDATE_IN_PROGRESS state and can not be updated."),
        ),
        ("ExecuteChangeSet", refused("InvalidChangeSetStatus", "cannot be executed: OBSOLETE")),
    ],
)
def test_of_two_deployers_at_once_one_is_told_of_the_other(
    deployer: Deployer, operation: str, failure: Exception
) -> None:
    fake = faulty(deployer, "CREATE_COMPLETE")
    fake.template = '{"Description": "stepsmith: x"}'
    fake.failing[operation] = failure

    with pytest.raises(DeploymentError, match="somebody else is deploying to shop; call again"):
        deploy(deployer, template_of("delayed_vending"))


def test_a_stack_of_somebody_else_is_left_alone(deployer: Deployer) -> None:
    faulty(deployer, "CREATE_COMPLETE").template = '{"Description": "something else"}'

    with pytest.raises(DeploymentError, match="was not made by stepsmith"):
        deployer.plan(template_of("delayed_vending"))


def test_a_replacement_that_the_plan_did_not_say_is_asked_for(deployer: Deployer) -> None:
    fake = faulty(deployer, "CREATE_COMPLETE")
    fake.template = '{"Description": "stepsmith: x"}'
    fake.changes = [
        {"ResourceChange": {"LogicalResourceId": "CartsTable", "Action": "Modify", "Replacement": "True"}}
    ]

    with pytest.raises(DeploymentError, match="stopped; nothing was changed"):
        deploy(deployer, template_of("delayed_vending"), confirm=False)
    assert fake.calls == ["create UPDATE", "delete change set"]


def test_a_template_that_cloudformation_refuses_changes_nothing(deployer: Deployer) -> None:
    fake = faulty(deployer, None)
    fake.reason = "Template error: something"

    with pytest.raises(DeploymentError, match="refuses the template: Template error: something"):
        deploy(deployer, template_of("delayed_vending"))
    assert "execute" not in fake.calls


def test_a_name_too_long_for_a_state_machine_is_refused_before_anything_is_asked(
    account: AwsAccount,
) -> None:
    deployer = Deployer(account, "s" * 40, say=print)
    template = {"Description": f"stepsmith: ordering, {'w' * 40}", "Resources": {}}

    with pytest.raises(DeploymentError, match="has 81 characters, and a state machine's name has 80"):
        deployer.plan(template)


def test_a_deletion_that_stops_half_way_is_told(deployer: Deployer) -> None:
    faulty(deployer, "CREATE_COMPLETE", ("DELETE_IN_PROGRESS", []), ("DELETE_FAILED", []))

    with pytest.raises(DeploymentError, match=r"DELETE_FAILED and still there; repair .* or leave it behind"):
        deployer.destroy()


def test_what_could_not_be_deleted_is_left_behind_if_asked_for(deployer: Deployer) -> None:
    fake = faulty(deployer, "DELETE_FAILED", ("DELETE_IN_PROGRESS", []), ("DELETE_COMPLETE", []))

    deployer.destroy(keep=["WeighRole"])

    assert fake.given["DeleteStack"] == {"StackName": "arn:shop", "RetainResources": ["WeighRole"]}


def test_nothing_is_left_behind_without_need(deployer: Deployer) -> None:
    faulty(deployer, "CREATE_COMPLETE")

    with pytest.raises(DeploymentError, match="can be kept only once a deletion has failed"):
        deployer.destroy(keep=["WeighRole"])


def test_what_stays_is_what_holds_data() -> None:
    template = template_of("shopping_cart", "image_recognition")
    kept = kept_resources(template, {"CartsTable": "shop-CartsTable-1"})

    assert "CartsTable  AWS::DynamoDB::Table  shop-CartsTable-1" in kept
    assert "PhotographsBucket  AWS::S3::Bucket  not made yet" in kept
    assert not [line for line in kept if "Lambda" in line]


def test_without_a_region_it_is_said_how_to_name_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")

    with pytest.raises(AwsFailure, match="no region is configured"):
        _ = AwsAccount().region


def test_a_template_too_large_for_a_call_goes_by_way_of_the_bucket(
    deployer: Deployer, said: list[str]
) -> None:
    put_package(deployer)

    resources = deploy(deployer, template_of("shopping_cart", "vending_pass"))

    assert resources["CartsTable"].startswith("shop-CartsTable-")
    assert any(line.startswith("uploaded template: templates/") for line in said)


def test_the_bucket_of_packages_is_closed_versioned_and_reached_with_tls_only(deployer: Deployer) -> None:
    deployer.make_bucket()

    s3, bucket = deployer.account.client("s3"), {"Bucket": deployer.bucket}
    assert s3.get_bucket_versioning(**bucket)["Status"] == "Enabled"
    assert all(s3.get_public_access_block(**bucket)["PublicAccessBlockConfiguration"].values())
    (statement,) = json.loads(s3.get_bucket_policy(**bucket)["Policy"])["Statement"]
    assert (statement["Effect"], statement["Condition"]) == (
        "Deny",
        {"Bool": {"aws:SecureTransport": "false"}},
    )
    assert statement["Resource"][1] == f"arn:aws:s3:::{deployer.bucket}/*"


def test_a_parameter_is_sent_with_what_the_stage_says(deployer: Deployer) -> None:
    template: Any = {"Parameters": {"PackageBucket": {}, "Sender": {"Default": "a@b.example"}}}

    assert deployer._parameters(template) == {"PackageBucket": deployer.bucket, "Sender": "a@b.example"}
