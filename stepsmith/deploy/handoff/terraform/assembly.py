"""A module for Terraform: the resources of a template as those of the provider `aws`, in Terraform's JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from stepsmith.deploy.handoff.parts import pretty, resources_of
from stepsmith.deploy.handoff.terraform.converters import CONVERTERS
from stepsmith.deploy.handoff.terraform.expressions import Expressions, kind_of, plain, snake
from stepsmith.deploy.handoff.terraform.part import Converted, Part
from stepsmith.expressions.types import Json

VERSIONS: Final[Mapping[str, Any]] = {
    "required_version": ">= 1.5",
    "required_providers": {"aws": {"source": "hashicorp/aws", "version": ">= 5.100"}},
}
_IGNORED: Final = frozenset(("AWS::Lambda::Version", "AWS::StepFunctions::StateMachineVersion"))
"""What `publish` makes of a function or a state machine, and is no resource of its own."""


def terraform_module(template: Mapping[str, Json], stack: str) -> dict[str, str]:
    """Give the files of a module: resources, variables, outputs, and a definition for each state machine.

    Raises DeploymentError for a resource that has no form there.
    """
    resources = resources_of(template)
    expressions = Expressions(resources)
    files: dict[str, str] = {}
    found: dict[str, dict[str, Any]] = {}
    for name, (kind, properties) in resources.items():
        if kind in _IGNORED:
            continue
        kind_of(kind)
        converted: Converted = CONVERTERS[kind](Part(name, properties, expressions))
        for (type_, local), arguments in converted.resources.items():
            found.setdefault(type_, {})[local] = arguments
        files |= converted.files
    variables: dict[str, Any] = {
        "stack": {
            "type": "string",
            "default": plain(stack),
            "description": "What names of resources begin with",
        }
    }
    for name, given in _object(template["Parameters"]).items():
        if name != "PackageBucket":
            about = {"type": "string", "description": plain(str(_object(given).get("Description", name)))}
            default = _object(given).get("Default")
            variables[snake(name)] = about if default is None else {**about, "default": plain(str(default))}
    outputs = {
        snake(name): {
            "value": expressions.of(_object(given)["Value"]),
            "description": plain(str(_object(given)["Description"])),
        }
        for name, given in _object(template["Outputs"]).items()
    }
    return {
        **files,
        "main.tf.json": pretty({"resource": found, "data": DATA}),
        "variables.tf.json": pretty({"variable": variables}),
        "outputs.tf.json": pretty({"output": outputs}),
        "versions.tf.json": pretty({"terraform": VERSIONS}),
    }


DATA: Final[Mapping[str, Any]] = {
    "aws_caller_identity": {"current": {}},
    "aws_partition": {"current": {}},
    "aws_region": {"current": {}},
}


def _object(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value)
