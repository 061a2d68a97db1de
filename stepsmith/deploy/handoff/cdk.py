"""An app for the AWS CDK in Python: the template as typed constructs, and packages as assets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from stepsmith.deploy.handoff.parts import package_of, pretty, resources_of
from stepsmith.expressions.types import Json


def cdk_module(template: Mapping[str, Json], stack: str) -> dict[str, str]:
    """Give `app.py`, `project_stack.py` with what it includes, and the files that `cdk` wants beside them."""
    functions = {
        name: package_of(properties)
        for name, (kind, properties) in resources_of(template).items()
        if kind == "AWS::Lambda::Function"
    }
    packages = "".join(
        f"    {json.dumps(name)}: {json.dumps(path)},\n" for name, path in sorted(functions.items())
    )
    return {
        "template.json": pretty(template),
        "project_stack.py": STACK.format(packages=packages),
        "app.py": APP.format(stack=json.dumps(stack)),
        "cdk.json": pretty({"app": "python app.py"}),
        "requirements.txt": "aws-cdk-lib>=2.200,<3\nconstructs>=10,<11\n",
    }


APP: Final = '''\
"""The app: one stack, which another app can have among its own."""

import aws_cdk as cdk
from project_stack import ProjectStack

app = cdk.App()
ProjectStack(app, {stack})
app.synth()
'''

STACK: Final = '''\
"""The project as a stack: its resources are constructs, by the names of the template."""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_lambda, aws_s3_assets, aws_stepfunctions, cloudformation_include
from constructs import Construct

HERE = Path(__file__).parent
PACKAGES = {{
{packages}}}
"""Function -> its package."""


class ProjectStack(cdk.Stack):
    """Functions, roles, state machines and triggers of the project."""

    def __init__(self, scope: Construct, name: str, **options: object) -> None:
        super().__init__(scope, name, **options)
        self.included = cloudformation_include.CfnInclude(
            self, "Project", template_file=str(HERE / "template.json"), parameters={{"PackageBucket": "assets"}}
        )
        assets: dict[str, aws_s3_assets.Asset] = {{}}
        for function, path in PACKAGES.items():
            if path not in assets:
                assets[path] = aws_s3_assets.Asset(self, path.replace("/", "-"), path=str(HERE / path))
            self.function(function).code = aws_lambda.CfnFunction.CodeProperty(
                s3_bucket=assets[path].s3_bucket_name, s3_key=assets[path].s3_object_key
            )

    def function(self, name: str) -> aws_lambda.CfnFunction:
        """Give the function of a task by its logical name."""
        return self.included.get_resource(name)

    def machine(self, name: str) -> aws_stepfunctions.CfnStateMachine:
        """Give the state machine of a workflow by its logical name."""
        return self.included.get_resource(name)
'''
