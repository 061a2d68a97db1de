"""What was changed by hand is found and put back: on moto, and where moto has nothing, on what answers as AWS does."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from stepsmith import task, workflow
from stepsmith.deploy.application import Application
from stepsmith.deploy.errors import DeploymentError
from stepsmith.deploy.stacks.deployer import Deployer
from stepsmith.deploy.stacks.drift import find_drift
from stepsmith.deploy.template.assembly import render_template
from stepsmith.integrations.clients.account import AwsAccount
from stepsmith.resources import Bucket
from stepsmith.triggers import S3Upload
from tests.stepsmith.deploy.accounts import finish_as_aws_would, moto_account, put_package
from tests.stepsmith.deploy.applications import PACKAGE
from tests.stepsmith.service.answered import answered_account

pytestmark = pytest.mark.slow


@task(environment={"SHOP": "1"})
def weigh(key: str) -> int:
    """Weigh an object."""
    return len(key)


@workflow(triggers=[S3Upload(bucket=Bucket("goods"), input={"key": "$.detail.object.key"})])
def weighing(key: str) -> int:
    """Weigh what is uploaded."""
    return weigh(key)


def template() -> Any:
    """What is deployed; moto knows no aliases, so the rule starts the state machine itself."""
    made: Any = render_template(Application((weighing,)), lambda task: PACKAGE)
    for name in ("WeighingUpload1", "WeighingUpload1Role"):
        text = json.dumps(made["Resources"][name])
        made["Resources"][name] = json.loads(text.replace("WeighingMachineAlias", "WeighingMachine"))
    return made


TEMPLATE = template()


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployer]:
    with moto_account(monkeypatch) as account:
        deployer = Deployer(account, "shop", say=lambda text: None, sleep=lambda seconds: None)
        put_package(deployer)
        deployer.deploy(deployer.plan(TEMPLATE), TEMPLATE, [], lambda surprises: False)
        finish_as_aws_would(deployer)
        yield deployer


def changed_definition(account: AwsAccount, ids: dict[str, str]) -> None:
    client = account.client("stepfunctions")
    text = client.describe_state_machine(stateMachineArn=ids["WeighingMachine"])["definition"]
    definition = json.loads(text)
    definition["States"]["Weigh"]["TimeoutSeconds"] = 7
    client.update_state_machine(stateMachineArn=ids["WeighingMachine"], definition=json.dumps(definition))


def silenced_machine(account: AwsAccount, ids: dict[str, str]) -> None:
    account.client("stepfunctions").update_state_machine(
        stateMachineArn=ids["WeighingMachine"],
        loggingConfiguration={"level": "OFF"},
        tracingConfiguration={"enabled": False},
    )


def other_role(account: AwsAccount, ids: dict[str, str]) -> None:
    account.client("stepfunctions").update_state_machine(
        stateMachineArn=ids["WeighingMachine"], roleArn="arn:aws:iam::123456789012:role/admin"
    )


def lost_tag(account: AwsAccount, ids: dict[str, str]) -> None:
    account.client("stepfunctions").untag_resource(
        resourceArn=ids["WeighingMachine"], tagKeys=["stepsmith:workflow"]
    )


def more_memory(account: AwsAccount, ids: dict[str, str]) -> None:
    account.client("lambda").update_function_configuration(
        FunctionName=ids[FUNCTION], MemorySize=1024, Environment={"Variables": {"SHOP": "2"}}
    )


def more_rights(account: AwsAccount, ids: dict[str, str]) -> None:
    iam, role = account.client("iam"), ids["WeighingMachineRole"]
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    }
    iam.put_role_policy(RoleName=role, PolicyName="derived", PolicyDocument=json.dumps(document))
    iam.put_role_policy(RoleName=role, PolicyName="mine", PolicyDocument=json.dumps(document))
    policy = iam.create_policy(PolicyName="all", PolicyDocument=json.dumps(document))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=role, PolicyArn=policy)


def open_role(account: AwsAccount, ids: dict[str, str]) -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    account.client("iam").update_assume_role_policy(
        RoleName=ids["WeighingMachineRole"], PolicyDocument=document
    )


def longer_logs(account: AwsAccount, ids: dict[str, str]) -> None:
    account.client("logs").put_retention_policy(logGroupName=ids["WeighingMachineLogs"], retentionInDays=3653)


def disabled_rule(account: AwsAccount, ids: dict[str, str]) -> None:
    account.client("events").disable_rule(Name=ids["WeighingUpload1"])


FUNCTION = next(name for name in TEMPLATE["Resources"] if name.endswith("WeighFunction"))
BY_HAND: dict[Callable[[AwsAccount, dict[str, str]], None], tuple[str, list[str]]] = {
    changed_definition: ("WeighingMachine", ["~ state 'Weigh': TimeoutSeconds nothing becomes 7"]),
    silenced_machine: ("WeighingMachine", ["loggingConfiguration is", "tracingConfiguration is"]),
    other_role: ("WeighingMachine", ['roleArn is "arn:aws:iam::123456789012:role/admin", not "arn:']),
    lost_tag: ("WeighingMachine", ["tag stepsmith:workflow is None, not 'weighing'"]),
    more_memory: (FUNCTION, ['Environment is {"Variables": {"SHOP": "2"}}', "MemorySize is 1024, not 128"]),
    more_rights: (
        "WeighingMachineRole",
        [
            "has the policy all besides",
            "has the inline policy mine besides",
            "policy derived allows other things than the template says",
        ],
    ),
    open_role: ("WeighingMachineRole", ["others may take it on than the template says"]),
    longer_logs: ("WeighingMachineLogs", ["RetentionInDays is 3653, not 30"]),
    disabled_rule: ("WeighingUpload1", ['State is "DISABLED", not "ENABLED"']),
}


@pytest.mark.parametrize("change", BY_HAND, ids=lambda change: change.__name__)
def test_what_was_changed_by_hand_is_said_and_put_back(
    deployed: Deployer, change: Callable[[AwsAccount, dict[str, str]], None]
) -> None:
    name, expected = BY_HAND[change]
    change(deployed.account, deployed.stack.resources())

    plan = deployed.plan(TEMPLATE)
    deployed.deploy(plan, TEMPLATE, [], lambda surprises: False)

    (drift,) = plan.drift
    assert drift.name == name
    assert [line[: len(start)] for line, start in zip(drift.lines, expected, strict=True)] == expected
    assert plan.lines()[2] == "Changed by hand, and put back"
    assert plan.summary() == "1 put back"
    assert deployed.plan(TEMPLATE).is_empty


def test_what_is_as_it_was_deployed_has_no_drift(deployed: Deployer) -> None:
    assert deployed.plan(TEMPLATE).lines() == ["stack shop is up to date"]


def test_what_was_deleted_by_hand_is_said(deployed: Deployer) -> None:
    ids = deployed.stack.resources()
    deployed.account.client("lambda").delete_function(FunctionName=ids[FUNCTION])

    plan = deployed.plan(TEMPLATE)

    assert [(drift.name, drift.lines) for drift in plan.drift] == [(FUNCTION, ("is gone",))]
    with pytest.raises(DeploymentError, match=f"{FUNCTION} was deleted by hand, .* deploy again"):
        deployed.deploy(plan, TEMPLATE, [], lambda surprises: False)


def test_what_may_not_be_looked_at_is_said_and_not_compared(
    deployed: Deployer, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    deployed._say = said.append
    iam = deployed.account.client("iam")

    def refuse(**_: Any) -> None:
        raise iam.exceptions.ClientError(
            {"Error": {"Code": "AccessDenied", "Message": "not for you"}}, "GetRole"
        )

    monkeypatch.setattr(iam, "get_role", refuse)

    assert deployed.plan(TEMPLATE).is_empty
    assert any("WeighingMachineRole is not compared" in line and "not for you" in line for line in said)


def test_an_alias_that_was_moved_by_hand_is_said_and_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = "arn:aws:states:eu-west-1:123456789012:stateMachine:shop-weighing"
    routes = [{"stateMachineVersionArn": f"{machine}:1", "weight": 100}]

    def answer(name: str, given: dict[str, Any]) -> dict[str, Any]:
        if name == "UpdateStateMachineAlias":
            routes[:] = given["routingConfiguration"]
            return {"updateDate": 1}
        assert (name, given) == ("DescribeStateMachineAlias", {"stateMachineAliasArn": f"{machine}:live"})
        return {"routingConfiguration": routes}

    account = answered_account(answer, monkeypatch)
    account.__dict__["id"] = "123456789012"
    ids = {"WeighingMachineAlias": f"{machine}:live", "WeighingMachineVersion": f"{machine}:2"}

    (drift,) = find_drift(account, "shop", TEMPLATE, ids, say=print)
    assert drift.put_back is not None
    drift.put_back()

    assert drift.lines == ("leads to version 1 (100 %), not to version 2, as after a rollback",)
    assert find_drift(account, "shop", TEMPLATE, ids, say=print) == []
