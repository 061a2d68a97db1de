import json
import re
from functools import cache
from typing import Any

import pytest

from stepsmith.deploy.errors import DeploymentError
from stepsmith.deploy.handoff.module import FORMATS, Files, module_files
from stepsmith.deploy.handoff.terraform.converters import CONVERTERS
from stepsmith.deploy.handoff.terraform.expressions import KINDS, Expressions, plain, quoted, snake
from stepsmith.expressions.types import Json
from tests.stepsmith.deploy.applications import project_template
from tests.stepsmith.deploy.settings.test_choices import options
from tests.stepsmith.deploy.template.test_assembly import answering, packing, rendered


@cache
def templates() -> tuple[dict[str, Json], dict[str, Json]]:
    return project_template(), rendered(packing, answering, options=options())


@cache
def modules(tool: str) -> tuple[Files, Files]:
    first, second = (module_files(tool, template, "shop") for template in templates())
    return first, second


def resources(template: Any) -> dict[str, Any]:
    return template["Resources"]


@pytest.mark.parametrize("tool", FORMATS)
def test_a_module_is_the_same_each_time_and_leaves_the_template_alone(tool: str) -> None:
    before = json.dumps(templates())

    again = module_files(tool, templates()[0], "shop")

    assert again == modules(tool)[0]
    assert json.dumps(templates()) == before


def test_sam_has_functions_and_machines_in_its_short_forms_and_everything_else_as_it_was() -> None:
    short = {
        "AWS::Lambda::Function": "AWS::Serverless::Function",
        "AWS::StepFunctions::StateMachine": "AWS::Serverless::StateMachine",
    }
    for template, files in zip(templates(), modules("sam"), strict=True):
        sam = json.loads(files["template.json"])
        parameters = {name: each for name, each in template["Parameters"].items() if name != "PackageBucket"}  # type: ignore[union-attr]
        assert (sam["Transform"], sam.get("Parameters", {})) == ("AWS::Serverless-2016-10-31", parameters)
        assert "PackageBucket" not in files["template.json"]
        for name, before in resources(template).items():
            after = sam["Resources"][name]
            if before["Type"] not in short:
                assert after == before
                continue
            assert after["Type"] == short[before["Type"]]
            old, new = before["Properties"], after["Properties"]
            assert new.get("Tags", {}) == {tag["Key"]: tag["Value"] for tag in old.get("Tags", [])}
            if before["Type"] == "AWS::Lambda::Function":
                assert new.pop("CodeUri") == old["Code"]["S3Key"]
                assert new.pop("Tracing") == old["TracingConfig"]["Mode"]
                same(new, old, but=("Code", "Tags", "TracingConfig"))
            else:
                assert files[new["DefinitionUri"]] == old["DefinitionString"]
                assert new["DefinitionSubstitutions"] == old["DefinitionSubstitutions"]
                assert (new["Role"], new["Type"]) == (old["RoleArn"], old["StateMachineType"])
                assert (new["Logging"], new["Tracing"]) == (
                    old["LoggingConfiguration"],
                    old["TracingConfiguration"],
                )
                assert new.get("Name") == old.get("StateMachineName")
        assert 'stack_name = "shop"' in files["samconfig.toml"]


def same(after: dict[str, Any], before: dict[str, Any], *, but: tuple[str, ...]) -> None:
    left = {name: value for name, value in before.items() if name not in but}
    assert {name: value for name, value in after.items() if name not in but} == left


def test_the_cdk_has_the_package_of_each_function() -> None:
    for template, files in zip(templates(), modules("cdk"), strict=True):
        assert json.loads(files["template.json"]) == template
        found: dict[str, Any] = {}
        for name in ("app.py", "project_stack.py"):
            compile(files[name], name, "exec")
        packages = re.search(r"^PACKAGES = (\{.*?^\})", files["project_stack.py"], re.S | re.M)
        assert packages is not None
        found = json.loads(packages[1].replace(",\n}", "\n}"))
        assert found == {
            name: part["Properties"]["Code"]["S3Key"]
            for name, part in resources(template).items()
            if part["Type"] == "AWS::Lambda::Function"
        }
        assert 'ProjectStack(app, "shop")' in files["app.py"]


def test_every_reference_of_the_terraform_module_leads_to_something_in_it() -> None:
    for files in modules("terraform"):
        found = json.loads(files["main.tf.json"])
        variables = json.loads(files["variables.tf.json"])["variable"]
        text = files["main.tf.json"] + files["outputs.tf.json"]

        references = set(re.findall(r"(?<![\w.])(data\.)?(aws_\w+)\.(\w+)\.\w+", text))

        assert len(references) > 50
        for data, kind, name in references:
            assert name in (found["data"] if data else found["resource"])[kind], (kind, name)
        assert set(re.findall(r"\bvar\.(\w+)", text)) <= set(variables)
        assert not re.search(r"\$\{AWS::|Fn::|\"Ref\"", text)


def test_everything_of_a_template_is_in_the_terraform_module() -> None:
    published = ("AWS::Lambda::Version", "AWS::StepFunctions::StateMachineVersion")
    for template, files in zip(templates(), modules("terraform"), strict=True):
        made = json.loads(files["main.tf.json"])["resource"]
        for name, part in resources(template).items():
            if part["Type"] not in published:
                names = made[KINDS[part["Type"]]]
                assert any(each == snake(name) or each.startswith(f"{snake(name)}_") for each in names), name
        assert all(each["publish"] for each in made["aws_lambda_function"].values())
        assert len(made["aws_iam_role_policy"]) == len(made["aws_iam_role"])


def test_terraform_fills_each_placeholder_of_a_definition_and_nothing_else() -> None:
    for template, files in zip(templates(), modules("terraform"), strict=True):
        machines = json.loads(files["main.tf.json"])["resource"]["aws_sfn_state_machine"]
        for name, part in resources(template).items():
            if part["Type"] != "AWS::StepFunctions::StateMachine":
                continue
            given = part["Properties"]["DefinitionSubstitutions"]
            text = files[f"definitions/{name}.asl.json"]
            assert set(re.findall(r"(?<!\$)\$\{(\w+)\}", text)) <= set(given)
            assert not re.search(r"(?<!%)%\{", text)
            values = machines[snake(name)]["definition"]
            assert all(f"{each} = " in values for each in given)
            assert text.replace("%%{", "%{").replace("$${", "${") == part["Properties"]["DefinitionString"]


def test_names_in_terraform_are_as_short_as_aws_wants_them_and_differ() -> None:
    for files in modules("terraform"):
        for kind, made in json.loads(files["main.tf.json"])["resource"].items():
            names = [
                each.get("name") or each.get("function_name") or each.get("alarm_name")
                for each in made.values()
            ]
            own = [name for name in names if name and name.startswith("${substr(var.stack, 0, 23)}-")]
            assert all(len(name.partition("}-")[2]) <= 40 for name in own)
            assert len(own) == len(set(own)), kind


def test_a_resource_that_terraform_has_no_form_for_is_refused() -> None:
    template: Any = {
        "Resources": {"Pages": {"Type": "AWS::CloudFront::Distribution"}},
        "Parameters": {},
        "Outputs": {},
    }

    with pytest.raises(DeploymentError, match="AWS::CloudFront::Distribution has no form for Terraform here"):
        module_files("terraform", template, "shop")


def test_what_has_a_type_has_a_form() -> None:
    published = {"AWS::Lambda::Version", "AWS::StepFunctions::StateMachineVersion"}

    assert set(KINDS) - published == set(CONVERTERS)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a ${b} %{c}", "a $${b} %%{c}"),
        ({"Ref": "Orders"}, "${aws_sqs_queue.orders.url}"),
        ({"Fn::GetAtt": ["Orders", "Arn"]}, "${aws_sqs_queue.orders.arn}"),
        (
            {"Fn::Sub": "${AWS::StackName}-%{x}-${Orders.Arn}-${!y}"},
            "${var.stack}-%%{x}-${aws_sqs_queue.orders.arn}-$${y}",
        ),
        ({"Ref": "Take1"}, "${aws_lambda_function.take.qualified_arn}"),
        ({"Ref": "Sender"}, "${var.sender}"),
        (
            [True, 5, None, {"a": {"Ref": "AWS::Region"}}],
            [True, 5, None, {"a": "${data.aws_region.current.id}"}],
        ),
    ],
)
def test_what_a_template_refers_to_is_an_expression(value: Any, expected: Any) -> None:
    found = Expressions(
        {
            "Orders": ("AWS::SQS::Queue", {}),
            "Take": ("AWS::Lambda::Function", {}),
            "Take1": ("AWS::Lambda::Version", {"FunctionName": {"Ref": "Take"}}),
        }
    )

    assert found.of(value) == expected


def test_json_inside_of_terraform_is_made_there() -> None:
    found = Expressions({"Orders": ("AWS::SQS::Queue", {})})

    text = found.json({"Resource": {"Fn::Sub": '${Orders.Arn}/"*"'}, "on": [True, None, 1, "${x}"]})

    assert text == (
        '${jsonencode({"Resource" = "${aws_sqs_queue.orders.arn}/\\"*\\"", "on" = [true, null, 1, "$${x}"]})}'
    )
    assert quoted(plain('a\n"b"\\')) == '"a\\n\\"b\\"\\\\"'
