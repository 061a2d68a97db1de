import json
from typing import Any

import pytest

from stepsmith.deploy.errors import DeploymentError
from stepsmith.deploy.options import FunctionChoice, Network, Options
from stepsmith.deploy.settings.choices import options_of
from stepsmith.deploy.settings.model import Settings
from stepsmith.deploy.template.assembly import template_text
from stepsmith.deploy.template.preflight import check_template
from tests.stepsmith.deploy.applications import template_of
from tests.stepsmith.deploy.template.test_assembly import EVERYTHING, answering, packing, rendered
from tests.stepsmith.deploy.template_requests import requests, validation_errors

KEY = "arn:aws:kms:eu-west-1:123456789012:key/0123-4567"
ALL = {
    "express": ["answering"],
    "linear": 20,
    "minutes": 9,
    "alarms": ["slow"],
    "failed-executions": False,
    "memory": 256,
    "environment": {
        "LEVEL": "info",
        "KEY": {"ssm": "/shop/key", "version": 3},
        "TOKEN": {"secret": "shop", "key": "t"},
    },
    "reserved-concurrency": 9,
    "tasks": {"pack": {"memory": 1024, "environment": {"LEVEL": "debug"}}},
    "permissions-boundary": "arn:aws:iam::123456789012:policy/bound",
    "role-path": "/shop/",
    "vpc": {"subnets": ["subnet-12345678"], "security-groups": ["sg-12345678"]},
    "kms-key": KEY,
    "retention": 90,
    "log-level": "ALL",
    "runtime": "python3.12",
    "sender": "shop@mail.example.org",
    "domain": "shop.example.org",
}


def options(**more: Any) -> Options:
    return options_of(Settings.model_validate({**ALL, **more}))


def resources(**more: Any) -> dict[str, Any]:
    template: Any = rendered(packing, answering, options=options(**more))
    check_template(template)
    return template["Resources"]


def test_functions_have_what_a_stage_says_of_them() -> None:
    found = resources()
    name = next(name for name in found if name.endswith("PackFunction"))

    pack = found[name]["Properties"]

    assert (pack["MemorySize"], pack["Runtime"], pack["ReservedConcurrentExecutions"]) == (
        1024,
        "python3.12",
        9,
    )
    variables = pack["Environment"]["Variables"]
    assert variables["LEVEL"] == "debug"
    assert variables["KEY"] == "{{resolve:ssm:/shop/key:3}}"
    assert variables["TOKEN"] == "{{resolve:secretsmanager:shop:SecretString:t}}"
    assert pack["VpcConfig"] == {"SubnetIds": ["subnet-12345678"], "SecurityGroupIds": ["sg-12345678"]}
    weigh = next(each for name, each in found.items() if name.endswith("WeighFunction"))["Properties"]
    assert (weigh["MemorySize"], weigh["Environment"]["Variables"]["LEVEL"]) == (256, "info")


def test_a_task_can_be_named_with_its_module() -> None:
    of_pack = {"tests.stepsmith.deploy.template.test_assembly.pack": {"memory": 2048}}

    found = resources(tasks=of_pack)

    assert (
        next(each for name, each in found.items() if name.endswith("PackFunction"))["Properties"][
            "MemorySize"
        ]
        == 2048
    )


def test_roles_have_path_and_boundary_and_may_use_the_key() -> None:
    roles = [each["Properties"] for each in resources().values() if each["Type"] == "AWS::IAM::Role"]

    assert len(roles) > 10
    assert {role["Path"] for role in roles} == {"/shop/"}
    assert all(
        role["PermissionsBoundary"] == {"Fn::Sub": "arn:${AWS::Partition}:iam::123456789012:policy/bound"}
        for role in roles
    )
    with_key = {
        role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Service"]
        for role in roles
        if "kms:Decrypt" in json.dumps(role)
    }
    assert with_key == {f"{each}.amazonaws.com" for each in ("lambda", "states", "pipes", "scheduler")}


def test_the_key_encrypts_everything_that_is_kept() -> None:
    found = {name: each for name, each in resources().items() if each["Type"] != "AWS::IAM::Role"}

    keyed = {each["Type"] for each in found.values() if "0123-4567" in json.dumps(each["Properties"])}

    assert keyed == {
        "AWS::DynamoDB::Table",
        "AWS::Kinesis::Stream",
        "AWS::Lambda::Function",
        "AWS::Logs::LogGroup",
        "AWS::S3::Bucket",
        "AWS::SNS::Topic",
        "AWS::SQS::Queue",
    }
    table: Any = template_of("delayed_vending", "vending_pass", options=Options(kms_key=KEY))
    assert all(
        each["Properties"]["SSESpecification"]["SSEType"] == "KMS"
        for each in table["Resources"].values()
        if each["Type"] == "AWS::DynamoDB::Table"
    )


def test_logs_are_as_loud_and_as_old_as_a_stage_says_and_never_hold_data() -> None:
    found = resources()
    logging = found["PackingMachine"]["Properties"]["LoggingConfiguration"]

    assert (logging["Level"], logging["IncludeExecutionData"]) == ("ALL", False)
    assert found["PackingMachineLogs"]["Properties"]["RetentionInDays"] == 90


def test_the_service_models_accept_a_template_with_every_setting() -> None:
    template: Any = rendered(packing, answering, options=options())

    for name, service, operation, arguments in requests(json.loads(template_text(template))):
        assert validation_errors(service, operation, arguments) == "", (name, operation)


def test_another_variable_is_another_version() -> None:
    def versions(level: str) -> set[str]:
        return {name for name in resources(environment={"LEVEL": level}) if "PackVersion" in name}

    changed: Any = {"tasks": {}}
    assert resources(**changed).keys() != resources(**changed, environment={"LEVEL": "other"}).keys()
    assert versions("info") == versions("warning")  # the task has one of its own


def test_sender_and_domain_are_what_a_stage_says_and_rights_follow_them() -> None:
    given: Any = template_of("customer_onboarding", options=options(express=[], tasks={}))
    usual: Any = template_of("customer_onboarding")

    defaults = {name: each.get("Default") for name, each in given["Parameters"].items()}
    assert defaults == {
        "PackageBucket": None,
        "LinkBase": "https://shop.example.org",
        "Sender": "shop@mail.example.org",
        "SenderDomain": "mail.example.org",
    }
    assert usual["Parameters"]["Sender"]["Default"] == "welcome@example.com"
    verify = given["Resources"]["OnboardingVerificationVerifyEmailFunction"]["Properties"]
    assert verify["Environment"]["Variables"]["LINK_BASE"] == {"Ref": "LinkBase"}
    assert "identity/${SenderDomain}" in json.dumps(
        given["Resources"]["OnboardingVerificationVerifyEmailRole"]
    )
    check_template(given)


def test_a_parameter_is_named_once_for_each_stage() -> None:
    assert options(parameters={"link-base": "https://elsewhere.example"}).parameters == {
        "sender": "shop@mail.example.org",
        "sender-domain": "mail.example.org",
        "link-base": "https://elsewhere.example",
    }


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: FunctionChoice(memory=64), "memory is 64; it is 128 to 10240 MB"),
        (lambda: FunctionChoice(environment={"AWS_REGION": "x"}), "'AWS_REGION' is no environment variable"),
        (lambda: FunctionChoice(reserved_concurrency=-1), "a concurrency of -1 cannot be reserved"),
        (lambda: Options(runtime="nodejs22"), "'nodejs22' is no runtime; there are python3.11"),
        (lambda: Options(kms_key="alias/shop"), "'alias/shop' is no ARN of a KMS key; an alias is none"),
        (lambda: Options(role_path="shop"), "'shop' is no path of roles such as '/shop/'"),
        (lambda: Options(permissions_boundary="bound"), "'bound' is no ARN of a policy"),
        (lambda: Network(subnets=(), security_groups=("sg-12345678",)), "a VPC needs a subnet at least"),
        (lambda: Network(subnets=("subnet-1",), security_groups=()), "'subnet-1' is no id of a subnet"),
    ],
)
def test_a_choice_that_aws_would_refuse_is_refused(make: Any, message: str) -> None:
    with pytest.raises(DeploymentError) as error:
        make()
    assert message in str(error.value)


def test_every_option_has_a_setting() -> None:
    usual, chosen = Options(), options(notify="arn:aws:sns:eu-west-1:123456789012:news", tags={"a": "b"})

    same = [name for name in Options.__slots__ if getattr(usual, name) == getattr(chosen, name)]

    assert same == ["alias"]
    assert EVERYTHING.express == chosen.express
